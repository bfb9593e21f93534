//! `phin lists evidence`: a list that an operator brings in; what was taken of it out. Such a list
//! never decides: labels teach what it means.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::source::read_whole;
use crate::http::EvidenceName;
use crate::moderation::{EvidenceAdded, EvidenceLine};

#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    after_help = "Examples:
  phin lists evidence add blocklist.txt
  phin lists evidence add --name disposable disposable_email_blocklist.conf
  phin lists evidence add --name ads --skip-unreadable hosts.txt
  phin lists evidence show
  phin lists evidence remove ads

A list decides nothing. A comment that meets one has that as one more feature, and labels teach what it means: nothing before some spam and some ham
was labelled, and nothing where spam and ham meet the list alike. It moves a score a little, and never makes a comment spam by itself.

A line is a host (casino.example, .casino.example, *.casino.example, ||casino.example^, 0.0.0.0 casino.example) or a phrase. A host meets links in the
text, the home page and the e-mail address, and all below it. A phrase meets words as `phin lists add --words` does. Empty lines and comments
(#, !) are passed over. A list has at most 300,000 entries and 16 MiB, and there are at most 16 lists. Add a list again to bring it up to date."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Take in a file with one host or phrase a line; a list of the same name is replaced
    Add {
        /// The file; standard input if `-`
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// What to call the list; clues say it [default: the file's name without its end]
        #[arg(long)]
        name: Option<String>,
        /// Leave lines out that cannot be read, instead of refusing the file
        #[arg(long)]
        skip_unreadable: bool,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print the lists, and how many labelled comments met each
    Show {
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Take a list away; what labels said of it counts again if it comes back
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        data: DataDirArgs,
    },
}

/// Bytes of a file that are read: twice what a list may have, so that the store says in its own
/// words what is too much.
const MOST_READ: usize = 32 << 20;

/// Adds, shows or removes an evidence list.
///
/// # Errors
/// The file cannot be read, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    match args.command {
        Command::Add {
            file,
            name,
            skip_unreadable,
            data,
        } => {
            let name = name
                .or_else(|| name_of(&file))
                .context("say what to call the list: --name")?;
            let bytes = read_whole(Some(&file), MOST_READ)?;
            let unreadable = skip_unreadable.then(|| "leave-out".to_owned());
            let asked = [("name", Some(name)), ("unreadable", unreadable)];
            let path = path_with("/lists/evidence", &asked);
            let added: EvidenceAdded =
                AdminClient::open_or_make(&data)?.post_bytes(&path, bytes)?;
            print(&added);
        }
        Command::Show { data } => {
            let lists: Vec<EvidenceLine> = AdminClient::open(&data)?.get("/lists/evidence")?;
            if lists.is_empty() {
                eprintln!("no evidence list; phin lists evidence add FILE takes one in");
            }
            for list in lists {
                println!(
                    "{}  {} hosts, {} phrases  met by labelled comments: {} spam, {} ham  since {}",
                    list.name,
                    list.hosts,
                    list.phrases,
                    list.spam,
                    list.ham,
                    crate::clock::show(list.at)
                );
            }
        }
        Command::Remove { name, data } => {
            let asked = EvidenceName { name };
            let removed: EvidenceName =
                AdminClient::open(&data)?.post("/lists/evidence/remove", &asked)?;
            eprintln!("removed: {}", removed.name);
        }
    }
    Ok(())
}

/// `hosts` of `lists/Hosts.txt`; none of standard input.
fn name_of(file: &Path) -> Option<String> {
    let stem = file.file_stem()?.to_str()?;
    (stem != "-").then(|| stem.to_lowercase())
}

fn print(added: &EvidenceAdded) {
    println!(
        "{}  {} hosts, {} phrases",
        added.name, added.hosts, added.phrases
    );
    if added.repeated > 0 {
        eprintln!("{} came more than once", added.repeated);
    }
    if added.unreadable > 0 {
        eprintln!(
            "{} lines could not be read and were left out",
            added.unreadable
        );
    }
    if added.replaced {
        eprintln!("it took the place of the list of the same name");
    }
}
