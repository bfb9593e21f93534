//! `phin forget`: a person in; out what was removed of their comments, names and addresses, or with
//! `--dry-run` what would be. Never reaches backups.

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use crate::comment::SiteId;
use crate::http::ForgetAsked;
use crate::moderation::{Forgetting, Forgotten, Labelled, Listed, Person};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin forget --author-email an@mail.example --dry-run     # what would be removed
  phin forget --author-email an@mail.example
  phin forget --ip 203.0.113.7 --site blog.example
  phin forget --author-name 'Nguyễn Văn An' --undo-labels --lists

All conditions given must hold; for a person with two addresses, ask twice. A name is met letter by letter, marks and all: only upper and lower
case and the spaces between words do not matter. Checks that carry the person's words, name or address are removed whole, and what the store's
files still hold of them becomes unreadable. Labels about them hold hashes alone and go on teaching unless they are undone too. An entry of a
list names one thing alone: --lists removes those that name any of the conditions; look at them with --dry-run first. Not reached: earlier
exports and backups, the platform's own database, and its logs.

Ends with 0 also where nothing was found.")]
pub(super) struct Args {
    #[command(flatten)]
    who: WhoArgs,
    /// Undo the labels about these comments, too
    #[arg(long)]
    undo_labels: bool,
    /// Remove list entries that name the person by any of the conditions, too
    #[arg(long)]
    lists: bool,
    /// Only tell what would be removed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Who.
#[derive(Debug, clap::Args)]
struct WhoArgs {
    /// E-mail address of the author
    #[arg(long, value_name = "ADDRESS")]
    author_email: Option<String>,
    /// Address the comments came from, or a network: 203.0.113.7, 203.0.113.0/24
    #[arg(long, value_name = "ADDRESS")]
    ip: Option<String>,
    /// Whole name of the author, with its marks
    #[arg(long, value_name = "NAME")]
    author_name: Option<String>,
    /// Only on this site
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
}

/// Removes a person, or says what that would remove.
///
/// # Errors
/// There is no store, it cannot be opened, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let WhoArgs {
        author_email,
        ip,
        author_name,
        site,
    } = args.who;
    let asked = ForgetAsked {
        person: Person {
            email: author_email,
            ip,
            name: author_name,
            site: site.map(|site| SiteId::parse(&site)).transpose()?,
        },
        labels: if args.undo_labels {
            Labelled::Undone
        } else {
            Labelled::Stays
        },
        lists: if args.lists {
            Listed::Removed
        } else {
            Listed::Stays
        },
        forgetting: if args.dry_run {
            Forgetting::Told
        } else {
            Forgetting::Done
        },
    };
    let forgotten: Forgotten = AdminClient::open(&args.data)?.post("/forget", &asked)?;
    print!("{}", in_words(&forgotten, &asked));
    Ok(())
}

fn in_words(forgotten: &Forgotten, asked: &ForgetAsked) -> String {
    let did = match asked.forgetting {
        Forgetting::Done => "",
        Forgetting::Told => "would be ",
    };
    let checks: usize = forgotten.checks.values().sum();
    let mut text = format!("{checks} checks {did}removed\n");
    for (site, checks) in &forgotten.checks {
        text += &format!("  {site}  {checks}\n");
    }
    if !forgotten.names.is_empty() {
        text += "signed as\n";
    }
    for name in &forgotten.names {
        text += &format!("  {}\n", name);
    }
    if forgotten.more_names > 0 {
        text += &format!("  and {} names more\n", forgotten.more_names);
    }
    if forgotten.corrections > 0 {
        text += &format!("{} corrections {did}removed\n", forgotten.corrections);
    }
    if forgotten.labels > 0 {
        text += &match (asked.labels, forgotten.undo) {
            (Labelled::Undone, Some(seq)) => format!(
                "{} labels about them undone; phin undo --label-id {seq} takes that back\n",
                forgotten.labels
            ),
            (Labelled::Undone, None) => {
                format!("{} labels about them would be undone\n", forgotten.labels)
            }
            (Labelled::Stays, _) => format!(
                "{} labels about them {} and teach on: they hold hashes, no words{}\n",
                forgotten.labels,
                match asked.forgetting {
                    Forgetting::Done => "stay",
                    Forgetting::Told => "would stay",
                },
                match asked.forgetting {
                    Forgetting::Done => "",
                    // Afterwards it is no longer known which labels they are.
                    Forgetting::Told => " (--undo-labels)",
                }
            ),
        };
    }
    for entry in &forgotten.lists {
        let site = entry
            .site
            .as_ref()
            .map_or("all sites", |site| site.as_str());
        let list = entry.list.as_str();
        text += &match asked.lists {
            Listed::Removed => format!("the entry of {site} {did}removed from the {list} list\n"),
            Listed::Stays => format!(
                "the {list} list of {site} names this {}: the entry stays; --lists removes it\n",
                entry.kind
            ),
        };
    }
    if forgotten.wordless > 0 {
        text += &format!(
            "{} checks hold no words any more: nobody can tell who wrote them\n",
            forgotten.wordless
        );
    }
    text
}
