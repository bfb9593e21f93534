//! `phin serve`: settings in, a running server out. The one function where all rooms meet; what
//! they do is theirs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use serde::Serialize;
use tokio::net::{TcpListener, UnixListener};

use super::clock::now;
use super::data_dir::{make_files_private, socket_of};
use super::model_args::load_model;
use super::runtime::runtime;
use super::upkeep::{keep_retraining, keep_sweeping, keep_watching};
use super::watchdog::end_if_beyond_help;
use super::{descriptors, first_key, listen, log};
use crate::blocking::{WorkFailed, run_blocking};
use crate::config::{Config, ModelChoice};
use crate::http::webhook::{WebhookClient, keep_delivering};
use crate::http::{self, App, Load, Metrics, RateLimit};
use crate::model::Model;
use crate::model::registry::ModelRegistry;
use crate::moderation::{Moderation, Options, Reach};
use crate::store::{Store, guarded};

#[derive(Debug, clap::Args, Serialize)]
#[command(after_help = "Examples:
  phin serve
  phin serve --listen 0.0.0.0:8080 --data-dir /var/lib/phin
  phin serve --listen localhost:8080
  PHIN_BOOTSTRAP_KEY=123456789abc phin serve

Every setting of the file can be given in the environment as PHIN_<NAME>. phin serve --example-config
prints all settings with their defaults.")]
pub(super) struct Args {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    listen: Option<String>,
    /// Folder of the store [default: data]
    #[arg(long, value_name = "DIR")]
    #[serde(skip_serializing_if = "Option::is_none")]
    data_dir: Option<PathBuf>,
    /// `live` for the one promoted last, else `shipped`; or a folder, or `none` to begin knowing
    /// nothing [default: live]
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

/// Serves until it is asked to stop.
///
/// # Errors
/// A setting is wrong, the store or the model cannot be opened, or nobody can listen on the
/// address.
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
    let model = model_of(&config, &shelf)?;
    // The port first: a second server fails here, before it waits for the store.
    let listener = listen::on(&config.listen).await?;
    let address = listener.local_addr()?;
    let metrics = listen_for_metrics(config.metrics_listen).await?;
    let connections = descriptors::connections(config.max_connections)?;
    let moderation = Arc::new(open(&config, model, shelf)?);
    let key = first_key::make(&moderation, &config.data_dir, config.bootstrap_key).await?;
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
    let mut tasks = vec![tokio::spawn(http::serve_admin(
        listen_for_operator(&socket)?,
        app.clone(),
    ))];
    tasks.extend(metrics.map(|listener| tokio::spawn(http::serve_metrics(listener, app.clone()))));
    let guard = moderation.privacy.clock_guard(http::monotonic())?;
    let shared = || Arc::clone(&moderation);
    tasks.push(tokio::spawn(keep_sweeping(shared(), guard)));
    tasks.push(tokio::spawn(keep_retraining(shared(), config.retrain_days)));
    tasks.push(tokio::spawn(keep_watching(shared())));
    let corrections = Corrections::begin(&moderation, config.corrections.reach)?;
    let stop = asked_to_stop()?;
    // Last before serving: a supervisor that reads it may stop the server at once.
    greet(&moderation, address, &config.data_dir, key.as_deref())?;
    http::serve(listener, app, connections, stop).await;
    tasks.iter().for_each(tokio::task::JoinHandle::abort);
    tracing::info!("stopping: writing to disk what is not there yet");
    let closing = Arc::clone(&moderation);
    run_blocking("close the store", move || closing.close()).await?;
    corrections.end().await;
    let _ = std::fs::remove_file(&socket);
    Ok(())
}

fn model_of(config: &Config, shelf: &ModelRegistry) -> anyhow::Result<Model> {
    match &config.model {
        ModelChoice::Live => {
            let id = shelf.live()?;
            shelf.load(&id).with_context(|| {
                format!("the live model {id} cannot be used; phin serve --model shipped starts without it")
            })
        }
        other => load_model(other),
    }
}

/// The store of the data folder, and what the settings say of it.
fn open(config: &Config, model: Model, shelf: ModelRegistry) -> anyhow::Result<Moderation> {
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
    Ok(moderation)
}

fn listen_for_operator(socket: &Path) -> anyhow::Result<UnixListener> {
    // This process holds the store's lock, so a socket that is left here belongs to no running
    // server.
    let _ = std::fs::remove_file(socket);
    let listener = UnixListener::bind(socket)
        .with_context(|| format!("cannot make the operator's socket {}", socket.display()))?;
    restrict(socket)?;
    Ok(listener)
}

async fn listen_for_metrics(
    address: Option<std::net::SocketAddr>,
) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    let listener = TcpListener::bind(address).await;
    let listener = listener.with_context(|| {
        format!("cannot listen on {address} for metrics; is it taken by another program? Set metrics_listen to another")
    })?;
    tracing::info!(address = %listener.local_addr()?, "metrics are served at /metrics there");
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

    /// The moderation must be closed before. What a site was being told is given its time; the rest
    /// waits on disk.
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

/// Only the owner may speak to the operator's door.
fn restrict(socket: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(std::fs::set_permissions(
        socket,
        std::fs::Permissions::from_mode(0o600),
    )?)
}

/// What a person reads at a start: where the server is, and where its keys are.
fn greet(
    moderation: &Moderation,
    address: std::net::SocketAddr,
    data_dir: &Path,
    new_key: Option<&str>,
) -> anyhow::Result<()> {
    println!(
        "phin is listening on http://{address}\n  model {}, data folder {}",
        moderation.models.model_id(),
        data_dir.display()
    );
    let count = match moderation.accounts.keys()?.len() {
        1 => "1 key".to_owned(),
        many => format!("{many} keys"),
    };
    let secret = match first_key::is_kept(data_dir) {
        true => format!(
            "the first one is in {}",
            first_key::file(data_dir).display()
        ),
        false => "one that is lost is replaced by phin keys renew NAME".to_owned(),
    };
    println!("  {count}: phin keys list prints how they begin; {secret}");
    let Some(key) = new_key else {
        return Ok(());
    };
    println!("\nYour key: {key}\n\nTry it; the answer is true, for this is spam:\n");
    println!(
        "  curl http://{address}/1.1/comment-check -d api_key={key} -d blog=http://blog.example -d user_ip=203.0.113.9 \\\n    --data-urlencode 'comment_content=Vay tiền nhanh trong ngày, không thế chấp, nợ xấu vẫn vay, zalo 0912 000 345'\n"
    );
    println!(
        "Point any Akismet client at http://{address}, or ask with reasons: POST /v1/check. More keys: phin keys create NAME"
    );
    Ok(())
}

/// Resolves at Ctrl-C or SIGTERM, from the call on: before it a signal ends the process at once.
fn asked_to_stop() -> anyhow::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
