//! `phin serve`: settings in, a running server out. The one function where all rooms meet; what they do
//! is theirs.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use serde::Serialize;
use tokio::net::{TcpListener, UnixListener};

use super::clock::now;
use super::data_dir::{make_files_private, socket_of};
use super::model_args::load_model;
use super::runtime::runtime;
use super::{descriptors, listen, log};
use crate::blocking::{WorkFailed, run_blocking};
use crate::config::{Config, ModelChoice};
use crate::http::webhook::{WebhookClient, keep_delivering};
use crate::http::{self, App, Load, Metrics, RateLimit};
use crate::model::registry::ModelRegistry;
use crate::moderation::{ClockGuard, Moderation, Options, Reach, Retrained, Vouch, Watch};
use crate::store::{Store, guarded};

#[derive(Debug, clap::Args, Serialize)]
#[command(after_help = "Examples:
  phin serve
  phin serve --listen 0.0.0.0:8080 --data-dir /var/lib/phin
  phin serve --listen localhost:8080
  PHIN_BOOTSTRAP_KEY=123456789abc phin serve

Every setting of the file can be given in the environment as PHIN_<NAME>; see docs/ARCHITECTURE.md.")]
pub(super) struct Args {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// Folder of the store [default: data]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// `live` for the one promoted last, else `shipped`; or a folder, or `none` to begin knowing nothing [default: live]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    /// File of settings
    #[arg(long, value_name = "FILE", env = "PHIN_CONFIG")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// Print a file of settings with all defaults, and stop
    #[arg(long)]
    #[serde(skip)]
    example_config: bool,
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    if args.example_config {
        print!("{}", crate::config::EXAMPLE);
        return Ok(());
    }
    let config = Config::gather(args.config.as_deref(), &args)?;
    make_files_private();
    log::begin(&config.log)?;
    for name in &config.ignored {
        tracing::warn!("{name} in the environment is no setting of phin and is ignored");
    }
    runtime()?.block_on(serve(config))
}

async fn serve(config: Config) -> anyhow::Result<()> {
    let shelf = ModelRegistry::of(&config.data_dir);
    let model = match &config.model {
        ModelChoice::Live => {
            let id = shelf.live()?;
            shelf.load(&id).with_context(|| {
                format!("the live model {id} cannot be used; phin serve --model shipped starts without it")
            })?
        }
        other => load_model(other)?,
    };
    // The port first: a second server is told so before it waits for the store.
    let listener = listen::on(&config.listen).await?;
    let address = listener.local_addr()?;
    let metrics = listen_for_metrics(config.metrics_listen).await?;
    let connections = descriptors::connections(config.max_connections)?;
    let store = Store::open(&config.data_dir, config.cache_bytes)?;
    let options = Options {
        campaign_bytes: config.campaign_bytes,
        campaign_windows: config.campaign_windows,
        corrections: config.corrections,
        audits: config.audits,
        shelf: Some(shelf),
        retention: Some(config.retention),
        most_sites: config.max_sites_per_key,
    };
    let moderation = guarded(&config.data_dir, || {
        Moderation::open(model, store, now, options, |_| {})
    })?;
    if config.retention.days == 0 && config.corrections.window_hours > 0 {
        tracing::info!(
            "retention_days = 0: no verdict is corrected later, for nothing is kept to correct it by"
        );
    }
    let moderation = Arc::new(moderation);
    let key = first_key(&moderation, config.bootstrap_key).await?;
    let app = App {
        moderation: Arc::clone(&moderation),
        metrics: Arc::new(Metrics::default()),
        policy: config.policy,
        rate_limit: config
            .max_requests_per_second
            .map(|most| Arc::new(RateLimit::new(most, http::monotonic))),
        load: Load::new(config.policy.max_body_bytes),
    };
    end_if_beyond_help(&moderation, config.longest_write)?;
    let socket = socket_of(&config.data_dir);
    // We hold the store's lock, so a socket that lies here is nobody's.
    let _ = std::fs::remove_file(&socket);
    let admin = UnixListener::bind(&socket)
        .with_context(|| format!("cannot make the operator's socket {}", socket.display()))?;
    restrict(&socket)?;
    let admin = tokio::spawn(http::serve_admin(admin, app.clone()));
    let metrics = metrics.map(|listener| tokio::spawn(http::serve_metrics(listener, app.clone())));
    let guard = moderation.privacy.clock_guard(http::monotonic())?;
    let sweeper = tokio::spawn(keep_sweeping(Arc::clone(&moderation), guard));
    let retrainer = tokio::spawn(keep_retraining(
        Arc::clone(&moderation),
        config.retrain_days,
    ));
    let watcher = tokio::spawn(keep_watching(Arc::clone(&moderation)));
    let corrections = Corrections::begin(&moderation, config.corrections.reach)?;
    // Last before serving: whoever hears it may ask us to stop at once.
    greet(&moderation, address, key.as_deref());
    http::serve(listener, app, connections, asked_to_stop()).await;
    admin.abort();
    metrics.inspect(|task| task.abort());
    sweeper.abort();
    retrainer.abort();
    watcher.abort();
    tracing::info!("stopping: writing down what is still open");
    let closing = Arc::clone(&moderation);
    run_blocking("close the store", move || closing.close()).await?;
    corrections.end().await;
    let _ = std::fs::remove_file(&socket);
    Ok(())
}

async fn listen_for_metrics(
    address: Option<std::net::SocketAddr>,
) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {address} for figures; is it taken by another program? Set metrics_listen to another")
    })?;
    tracing::info!(address = %listener.local_addr()?, "figures are told at /metrics there");
    Ok(Some(listener))
}

/// The two that work behind the doors: one judges earlier checks again, one tells the sites.
struct Corrections {
    judging: std::thread::JoinHandle<()>,
    telling: tokio::task::JoinHandle<()>,
    stop: tokio::sync::watch::Sender<bool>,
}

impl Corrections {
    fn begin(moderation: &Arc<Moderation>, reach: Reach) -> anyhow::Result<Self> {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let judge = Arc::clone(moderation);
        Ok(Self {
            judging: std::thread::Builder::new()
                .name("corrections".into())
                .spawn(move || judge.corrections.keep_correcting())
                .context("the system lets us start no thread")?,
            telling: tokio::spawn(keep_delivering(
                Arc::clone(moderation),
                WebhookClient::new(reach),
                stopped,
            )),
            stop,
        })
    }

    /// The moderation must be closed before. What a site was being told is given its time; the rest waits on disk.
    async fn end(self) {
        let _ = self.stop.send(true);
        let Self {
            judging, telling, ..
        } = self;
        let ended = run_blocking("end the corrections", move || {
            Ok::<_, WorkFailed>(judging.join())
        });
        let _ = ended.await;
        let _ = tokio::time::timeout(http::PATIENCE, telling).await;
    }
}

/// Told apart from other failures: a supervisor that starts the server again mends it (`EX_TEMPFAIL` of sysexits.h).
const START_AGAIN: i32 = 75;

/// Two threads look at the writers of the store, one of which may itself hang in the store. A process that can write nothing any more ends with a code, for only
/// a new one opens the store anew. Threads of their own: all others may be waiting for the disk.
fn end_if_beyond_help(
    moderation: &Moderation,
    longest_write: std::time::Duration,
) -> anyhow::Result<()> {
    let watch = Arc::new(moderation.watch_writers(longest_write));
    let looks: [(&str, Look); 2] = [("look", Watch::look), ("glance", Watch::glance)];
    for (name, look) in looks {
        let watch = Arc::clone(&watch);
        let started = std::thread::Builder::new().name(name.into()).spawn(move || {
            loop {
                std::thread::sleep(BETWEEN_LOOKS);
                if let Some(why) = look(&watch) {
                    tracing::error!("{why}");
                    eprintln!("phin: {why}. Every label that was thanked for is safe. The server ends with code {START_AGAIN}, so that its supervisor starts it again; without one, start it again yourself");
                    std::process::exit(START_AGAIN);
                }
            }
        });
        started.context("the system lets us start no thread")?;
    }
    Ok(())
}

/// Why the process must end, if it must.
type Look = fn(&Watch) -> Option<String>;

const BETWEEN_LOOKS: std::time::Duration = std::time::Duration::from_secs(1);

/// At the start and once an hour, what is too old goes: words of checks, and list entries that have
/// ended (they decide nothing from their end on). Nothing goes while the clock is in doubt.
async fn keep_sweeping(moderation: Arc<Moderation>, mut guard: ClockGuard) {
    let mut hours = tokio::time::interval(std::time::Duration::from_secs(3_600));
    loop {
        hours.tick().await;
        match moderation.privacy.may_sweep(&mut guard, http::monotonic()) {
            Ok(true) => {
                sweep_lists(&moderation).await;
                sweep_words(&moderation).await;
            }
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "nothing could be swept; tried again in an hour"),
        }
    }
}

async fn sweep_lists(moderation: &Arc<Moderation>) {
    let moderation = Arc::clone(moderation);
    match run_blocking("sweep the lists", move || moderation.judging.sweep_lists()).await {
        Ok(0) => {}
        Ok(ended) => tracing::info!(ended, "list entries have ended"),
        Err(error) => tracing::error!(%error, "the lists could not be swept"),
    }
}

/// Once an hour somebody looks whether checks still are what the model was trained for, and what audits say.
async fn keep_watching(moderation: Arc<Moderation>) {
    let mut hours = tokio::time::interval(std::time::Duration::from_secs(3_600));
    loop {
        hours.tick().await;
        if let Err(error) = moderation.monitor.watch().await {
            tracing::error!(%error, "drift and estimates could not be read");
        }
    }
}

/// Every so many days the labels so far are learnt, if the gate lets the model pass. The first time is so many days after the start.
async fn keep_retraining(moderation: Arc<Moderation>, days: Option<std::num::NonZeroU32>) {
    let Some(days) = days else {
        return;
    };
    let pause = std::time::Duration::from_secs(86_400 * u64::from(days.get()));
    loop {
        tokio::time::sleep(pause).await;
        match moderation.models.retrain().await {
            Ok(Retrained::Promoted(done)) => tracing::info!(id = done.id, "retrained"),
            Ok(Retrained::Refused { .. }) => {}
            Err(error) => tracing::error!(%error, "the retrain failed"),
        }
    }
}

/// Checks whose words are taken away in a round; checks wait for none of it.
const CHECKS_A_ROUND: usize = 1_000;

async fn sweep_words(moderation: &Arc<Moderation>) {
    let mut checks = 0;
    loop {
        let moderation = Arc::clone(moderation);
        let round = move || moderation.privacy.sweep_words(CHECKS_A_ROUND);
        match run_blocking("take old words away", round).await {
            Ok(swept) => {
                checks += swept.checks;
                if swept.checks > 0 || swept.days > 0 {
                    tracing::info!(
                        checks,
                        keys_destroyed = swept.days,
                        "words older than retention_days are gone"
                    );
                }
                if swept.more {
                    continue;
                }
            }
            Err(error) => {
                tracing::error!(%error, "words that are too old could not be taken away; tried again in an hour");
            }
        }
        break;
    }
}

/// Only the owner may speak to the operator's door.
fn restrict(socket: &std::path::Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(
        socket,
        std::fs::Permissions::from_mode(0o600),
    )?)
}

/// Makes the first key, or the one that is demanded; says it only when it is new.
async fn first_key(
    moderation: &Moderation,
    demanded: Option<String>,
) -> anyhow::Result<Option<String>> {
    let missing = match &demanded {
        Some(secret) => !moderation.accounts.knows_secret(secret),
        None => moderation.accounts.keys()?.is_empty(),
    };
    if !missing {
        return Ok(None);
    }
    let name = moderation.accounts.free_key_name("first")?;
    let made = moderation.accounts.create_key(&name, demanded)?;
    // Whoever starts the server answers for himself; keys made later are for others until he says so.
    moderation.labels.vouch(&made.key.name, Vouch::For).await?;
    Ok(Some(made.secret))
}

fn greet(moderation: &Moderation, address: std::net::SocketAddr, new_key: Option<&str>) {
    println!(
        "phin listens on http://{address} with model {}",
        moderation.models.model_id()
    );
    if let Some(key) = new_key {
        println!("\nYour key: {key}\n\nTry it; the answer is true, for this is spam:\n");
        println!(
            "  curl http://{address}/1.1/comment-check -d api_key={key} -d blog=http://blog.example -d user_ip=203.0.113.9 \\\n    --data-urlencode 'comment_content=Vay tiền nhanh trong ngày, không thế chấp, nợ xấu vẫn vay, zalo 0912 000 345'\n"
        );
        println!(
            "Point any Akismet client at http://{address}, or ask with reasons: POST /v1/check. More keys: phin keys create NAME"
        );
    }
}

/// Resolves at Ctrl-C or SIGTERM.
async fn asked_to_stop() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}
