//! `phin doctor`: the settings, the data folder, the model and the machine in; what is wrong with
//! each and how to repair it out. Changes nothing.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::clock as wall_clock;
use super::data_dir::socket_of;
use super::model_args::load_model;
use super::plain::{self, Plain};
use crate::config::{Config, ModelChoice};
use crate::model::registry::ModelRegistry;
use crate::store::{Examined, StoreError, examine};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin doctor
  phin doctor --data-dir /var/lib/phin --config /etc/phin.toml

Ends with 0 if all is well, with 1 if something wants mending. While a server runs, it holds the store: then store and journal are not compared,
for its start did that.")]
pub(super) struct Args {
    /// Folder of the store [default: the one of the settings]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// File of settings
    #[arg(long, value_name = "FILE", env = "PHIN_CONFIG")]
    config: Option<PathBuf>,
}

/// What a look found: a sentence if all is well, else what is wrong and what to do.
type Look = Result<String, String>;

/// Prints what each look found.
///
/// # Errors
/// Something needs mending.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let mut looks: Vec<(&str, Look)> = Vec::new();
    #[derive(serde::Serialize)]
    struct Flags {
        #[serde(skip_serializing_if = "Option::is_none")]
        data_dir: Option<PathBuf>,
    }
    let flags = Flags {
        data_dir: args.data_dir.clone(),
    };
    let config = Config::gather(args.config.as_deref(), &flags);
    let (data, model) = match &config {
        Ok(config) => (config.data_dir.clone(), config.model.clone()),
        Err(_) => (
            args.data_dir.unwrap_or_else(|| PathBuf::from("data")),
            ModelChoice::Live,
        ),
    };
    looks.push(("settings", settings(config)));
    looks.push(("data folder", folder(&data)));
    looks.push(("free room", room(&data)));
    looks.push(("store and journal", store(&data)));
    looks.push(("model", live_model(&data, &model)));
    looks.push(("clock", clock(&data)));
    looks.push(("open files", open_files()));
    let mut wrong = 0;
    for (what, look) in looks {
        match look {
            Ok(well) => println!("well  {what}: {}", Plain(well)),
            Err(what_to_do) => {
                wrong += 1;
                println!("MEND  {what}: {}", Plain(what_to_do));
            }
        }
    }
    match wrong {
        0 => Ok(()),
        1 => anyhow::bail!("one thing wants mending"),
        many => anyhow::bail!("{many} things want mending"),
    }
}

fn settings(config: Result<Config, crate::config::ConfigError>) -> Look {
    config
        .map(|config| format!("they can be read; the server listens on {}", config.listen))
        .map_err(|error| error.to_string())
}

fn folder(data: &Path) -> Look {
    let found = std::fs::metadata(data).map_err(|error| {
        format!(
            "{} cannot be used: {error}; `phin serve` makes one, or say --data-dir",
            data.display()
        )
    })?;
    if !found.is_dir() {
        return Err(format!("{} is no folder; say --data-dir", data.display()));
    }
    tempfile::tempfile_in(data).map_err(|error| {
        format!(
            "nothing can be written to {}: {error}; let the user that runs phin own it",
            data.display()
        )
    })?;
    let mode = found.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(format!(
            "others than its owner may read {0} (mode {mode:o}), where comments and addresses lie: chmod 700 {0}",
            data.display()
        ));
    }
    Ok(format!("{} can be written to", data.display()))
}

/// Less than this, and a day of labels or a retrain may not find room.
const LEAST_ROOM: u64 = 512 << 20;

fn room(data: &Path) -> Look {
    let found = rustix::fs::statvfs(data)
        .map_err(|error| format!("the disk does not say how much room there is: {error}"))?;
    match found.f_bavail * found.f_frsize {
        free if free < LEAST_ROOM => Err(format!(
            "only {} MB are free where {} lies: make room, for labels are refused when it is full",
            free >> 20,
            data.display()
        )),
        free => Ok(format!("{} MB", free >> 20)),
    }
}

fn store(data: &Path) -> Look {
    if std::os::unix::net::UnixStream::connect(socket_of(data)).is_ok() {
        return Ok("a server is running, which compared them when it started; stop it to compare them again".into());
    }
    if !data.join("store").exists() && !data.join("journal").exists() {
        return Ok("there are none yet; `phin serve` makes them".into());
    }
    let found = examine(data).map_err(|error| match error {
        StoreError::Locked(_) => format!("{error} (it does not answer)"),
        other => other.to_string(),
    })?;
    judge(data, found)
}

fn judge(data: &Path, found: Examined) -> Look {
    let data = data.display();
    let Examined {
        labels,
        journal_is_whole,
        not_in_store,
        unwritten,
        not_in_journal,
    } = found;
    match (not_in_store, journal_is_whole) {
        (0, true) if not_in_journal == 0 => Ok(match unwritten {
            0 => format!("both hold the same {labels} labels"),
            last => format!(
                "after a hard stop the store lacks the last {last} labels; the next start puts them in"
            ),
        }),
        (0, _) => Err(format!(
            "the journal is damaged or lacks {not_in_journal} rows; the store is whole. The next start of `phin serve --data-dir {data}` writes the journal anew; look at the disk"
        )),
        (lost, true) => Err(format!(
            "the store lacks {lost} rows that the journal has. The next start of `phin serve --data-dir {data}` puts them back; look at the disk, for checks, counts and lists have no second copy"
        )),
        (lost, false) => Err(format!(
            "both are damaged, and the store lacks {lost} rows that can be read: phin salvage --data-dir {data} --into {data}.salvaged"
        )),
    }
}

fn live_model(data: &Path, choice: &ModelChoice) -> Look {
    let shelf = ModelRegistry::of(data);
    let loaded = match choice {
        ModelChoice::Live => shelf
            .live()
            .and_then(|id| shelf.load(&id))
            .map_err(anyhow::Error::from),
        other => load_model(other),
    };
    loaded.map(|model| model.card.id).map_err(|error| {
        format!(
            "it cannot be used: {}; phin serve --model shipped starts without it",
            plain::causes(&error)
        )
    })
}

fn clock(data: &Path) -> Look {
    let now = SystemTime::now();
    // Nothing in the folder can be from the future.
    let newest = ["store/db", "words.keys"]
        .iter()
        .filter_map(|file| std::fs::metadata(data.join(file)).ok()?.modified().ok())
        .max();
    match newest.and_then(|newest| newest.duration_since(now).ok()) {
        Some(ahead) if ahead.as_secs() > 60 => Err(format!(
            "it is {} s behind what was written last: set it right, for words are kept and lists end by it",
            ahead.as_secs()
        )),
        _ => Ok(crate::clock::show(wall_clock::now())),
    }
}

/// A blog's worth of connections beside the store's files.
const LEAST_FILES: u64 = 1_024;

fn open_files() -> Look {
    let limits = std::fs::read_to_string("/proc/self/limits");
    let limits = limits.map_err(|error| format!("the limits cannot be read: {error}"))?;
    let line = limits
        .lines()
        .find(|line| line.starts_with("Max open files"));
    let hard = line.and_then(|line| line.split_whitespace().nth(4));
    match hard.map(str::parse::<u64>) {
        Some(Ok(hard)) if hard < LEAST_FILES => Err(format!(
            "at most {hard} may be open at once: give it {LEAST_FILES} or more (LimitNOFILE= of systemd, ulimit -n)"
        )),
        _ => Ok(format!("{} at most", hard.unwrap_or("not limited"))),
    }
}
