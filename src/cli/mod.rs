//! The command line: flags in, one library call, a printed result. Results on stdout, messages on
//! stderr; exit code 0 for done, 1 for failed, 2 for misused. Decides nothing.

mod admin_client;
mod bulk;
mod check;
mod clock;
mod comparison;
mod data_dir;
mod descriptors;
mod doctor;
mod drift;
mod evaluate;
mod evidence;
mod figures;
mod first_key;
mod folder;
mod forget;
mod help;
mod history;
mod history_args;
mod import_report;
mod input_args;
mod keys;
mod label;
mod labelled;
mod labels;
mod listen;
mod lists;
mod log;
mod model_args;
mod models;
mod period_args;
mod plain;
mod progress;
mod queue;
mod recipe;
mod replay;
mod runtime;
mod salvage;
mod selection;
mod serve;
mod site_replay;
mod sites;
mod snapshot;
mod source;
mod train;
mod train_ledger;
mod training;
mod undo;
mod upkeep;
mod watchdog;
mod when;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

/// A learning comment spam filter that speaks Akismet.
#[derive(Debug, Parser)]
#[command(
    name = "phin",
    version,
    about = "A comment spam filter that you run yourself: speaks Akismet, learns from your moderators, explains itself, at home in Vietnamese and English",
    max_term_width = 110
)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

const TUTORIAL: &str = "\
A first walk:

  Start the server. It prints a key and a curl line to try:
      phin serve

  Ask about one comment, without a server:
      phin check --text 'Vay tiền nhanh, không cần thế chấp, zalo 0912 000 345'

  See what waits for a person, decide, and take it back:
      phin queue
      phin label GUID spam
      phin undo --guid GUID

  Bring the comments of your blog along, with what your moderators decided:
      phin import --dry-run wordpress.sql.gz

  See how it does:
      phin figures

Every command explains itself: phin COMMAND --help";

/// Commands in the order of a moderator's day; those of [`help::GROUPS`] are listed apart.
#[derive(Debug, Subcommand)]
enum Command {
    /// Answer checks and labels over HTTP
    Serve(serve::Args),
    /// Judge comments from a file, standard input or the command line
    Check(check::Args),
    /// Say of a check that it is spam or ham
    Label(label::Args),
    /// Show the checks that wait for a person: the unsure, and those drawn for an audit
    Queue(queue::Args),
    /// Take labels back, as if they had never been given
    Undo(undo::Args),
    /// Show what the filter did by day, site and language, and where people disagreed
    Figures(figures::Args),
    /// Show labels: who gave them, when, and where they count
    Labels(labels::Args),
    /// Show and change lists of what is always spam, and of what never is
    Lists(lists::Args),
    /// Make, list and revoke the keys that admit sites
    #[command(subcommand)]
    Keys(keys::Command),
    /// Show and change settings of single sites, and which key owns them
    Sites(sites::Args),
    /// Read what an export wrote, or the history of another system
    Import(bulk::ImportArgs),
    /// Write all keys, checks, labels, lists and settings of sites as JSON Lines
    Export(bulk::ExportArgs),
    /// Remove a person's comments, names and addresses for good
    Forget(forget::Args),
    /// Find what is wrong with the settings, the data folder, the model or the machine
    Doctor(doctor::Args),
    /// Make a new data folder from all that can still be read of a broken one
    Salvage(salvage::Args),
    /// List, compare, promote, retrain and merge models
    #[command(subcommand)]
    Models(models::Command),
    /// Measure a model on labelled comments, or on the published tasks
    Evaluate(evaluate::Args),
    /// Make a model from labelled comments
    Train(train::Args),
    /// Check, then learn, each labelled comment in turn; or judge a site's own history again
    Replay(replay::Args),
}

/// Runs the command line to its exit code.
pub fn run() -> ExitCode {
    let matches = help::arranged(Args::command(), TUTORIAL).get_matches();
    let command = match Args::from_arg_matches(&matches) {
        Ok(args) => args.command,
        Err(error) => error.exit(),
    };
    // sled meets damage with a panic as often as with an error.
    let result = std::panic::catch_unwind(|| dispatch(command)).unwrap_or_else(|panic| {
        let why = crate::store::said_by(panic.as_ref());
        Err(anyhow::anyhow!(
            "it met a fault that it did not expect: {why}. If the data folder may be damaged, ask `phin doctor`; if not, please report this"
        ))
    });
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("phin: {}", plain::message(plain::causes(&error)));
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Serve(args) => serve::run(args),
        Command::Check(args) => check::run(args),
        Command::Label(args) => label::run(args),
        Command::Train(args) => train::run(args),
        Command::Models(command) => models::run(command),
        Command::Evaluate(args) => evaluate::run(args),
        Command::Replay(args) => replay::run(args),
        Command::Keys(command) => keys::run(command),
        Command::Lists(args) => lists::run(args),
        Command::Figures(args) => figures::run(args),
        Command::Queue(args) => queue::run(args),
        Command::Labels(args) => labels::run(args),
        Command::Undo(args) => undo::run(args),
        Command::Forget(args) => forget::run(args),
        Command::Sites(args) => sites::run(args),
        Command::Doctor(args) => doctor::run(args),
        Command::Salvage(args) => salvage::run(args),
        Command::Export(args) => bulk::export(args),
        Command::Import(args) => bulk::import(args),
    }
}

/// `phin check ... | head` ends when head has enough; that is no failure.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        cause
            .downcast_ref::<std::io::Error>()
            .is_some_and(|io| io.kind() == std::io::ErrorKind::BrokenPipe)
    })
}
