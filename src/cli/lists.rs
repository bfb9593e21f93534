//! `phin lists`: a subcommand in; entries of what is always spam and what never is out. Judges no
//! comment.

use std::path::PathBuf;

use anyhow::{Context, bail, ensure};

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::source::{LARGEST_LISTS, read_whole};
use crate::http::{EntryLine, NewEntryLine, OldEntry};
use crate::moderation::{ExportLine, Imported, Kind, List};

#[derive(Debug, clap::Args)]
#[command(
    subcommand_required = true,
    after_help = "Examples:
  phin lists add --deny --domain casino.example --site blog.example --reason 'casino wave' --expires 30d
  phin lists add --allow --email an@mail.example --site blog.example
  phin lists add --deny --ip 203.0.113.0/24 --expires 2027-01-31
  phin lists add --deny --words 'vay tiền' --words 'cờ bạc'
  phin lists remove --domain casino.example --site blog.example
  phin lists show --site blog.example
  phin lists export > lists.jsonl
  phin lists import lists.jsonl
  phin lists import --deny --domain domains.txt
  phin lists evidence add blocklist.txt

Without --site an entry is for all sites. Who decides where more than one entry meets a comment: an address, e-mail or link before a name,
a name before words; the site's own before those for all sites; then the narrower before the wider, deny before allow (of words: allow before deny).
Words are met as they are read: 'vay tiền' also meets V.a.y t1ền and vay tien. The reason is shown with every verdict."
)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Put entries on a list; one in the same place is replaced
    Add {
        #[command(flatten)]
        list: ListArgs,
        #[command(flatten)]
        what: ValueArgs,
        #[command(flatten)]
        entry: EntryArgs,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Take entries off, whichever list they are on
    Remove {
        #[command(flatten)]
        what: ValueArgs,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Print the entries
    Show {
        /// Only those of this site
        #[arg(long)]
        site: Option<String>,
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Take in what `phin lists export` wrote, or a plain file with one value a line
    Import(ImportArgs),
    /// Write the entries as JSON Lines
    Export {
        #[command(flatten)]
        data: DataDirArgs,
    },
    /// Lists you bring that decide nothing and are learnt: a comment blocklist, a hosts file
    Evidence(super::evidence::Args),
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = false)]
struct ListArgs {
    /// What is met is ham
    #[arg(long)]
    allow: bool,
    /// What is met is spam
    #[arg(long)]
    deny: bool,
}

impl ListArgs {
    fn list(&self) -> List {
        if self.allow { List::Allow } else { List::Deny }
    }
}

#[derive(Debug, clap::Args)]
#[group(required = true)]
struct ValueArgs {
    /// Address or network of the author: 203.0.113.7, 203.0.113.0/24
    #[arg(long, value_name = "ADDRESS")]
    ip: Vec<String>,
    /// E-mail address of the author
    #[arg(long)]
    email: Vec<String>,
    /// Domain of the e-mail address, and all below it
    #[arg(long, value_name = "DOMAIN")]
    email_domain: Vec<String>,
    /// Domain of a link in the text or of the home page, and all below it
    #[arg(long)]
    domain: Vec<String>,
    /// Whole name of the author
    #[arg(long, value_name = "NAME")]
    author: Vec<String>,
    /// Words that stand in a row in the text
    #[arg(long)]
    words: Vec<String>,
}

impl ValueArgs {
    fn values(self) -> impl Iterator<Item = (Kind, String)> {
        let all = [
            (Kind::Ip, self.ip),
            (Kind::Email, self.email),
            (Kind::EmailDomain, self.email_domain),
            (Kind::Domain, self.domain),
            (Kind::Author, self.author),
            (Kind::Words, self.words),
        ];
        all.into_iter()
            .flat_map(|(kind, values)| values.into_iter().map(move |value| (kind, value)))
    }
}

/// Where an entry counts.
#[derive(Debug, clap::Args)]
struct ScopeArgs {
    /// Address of the site's front page; all sites if missing
    #[arg(long)]
    site: Option<String>,
}

#[derive(Debug, clap::Args)]
struct EntryArgs {
    #[command(flatten)]
    scope: ScopeArgs,
    /// Why; shown with every verdict
    #[arg(long, default_value = "")]
    reason: String,
    /// When it ends: a time from now (30d, 12h) or a day (2027-01-31)
    #[arg(long, value_name = "WHEN")]
    expires: Option<String>,
    /// Who makes it
    #[arg(long, default_value = "operator")]
    by: String,
}

impl EntryArgs {
    fn line(&self, list: List, kind: Kind, value: String) -> NewEntryLine {
        NewEntryLine {
            site: self.scope.site.clone(),
            list,
            kind,
            value,
            reason: self.reason.clone(),
            by: Some(self.by.clone()),
            expires: self.expires.clone(),
        }
    }
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The file; standard input if missing or `-`
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    /// The file is plain: each line is ham
    #[arg(long, conflicts_with = "deny", requires = "plain")]
    allow: bool,
    /// The file is plain: each line is spam
    #[arg(long, requires = "plain")]
    deny: bool,
    #[command(flatten)]
    plain: PlainArgs,
    #[command(flatten)]
    entry: EntryArgs,
    #[command(flatten)]
    data: DataDirArgs,
}

#[derive(Debug, clap::Args)]
#[group(id = "plain", multiple = false)]
struct PlainArgs {
    /// Its lines are addresses or networks
    #[arg(long)]
    ip: bool,
    /// Its lines are e-mail addresses
    #[arg(long)]
    email: bool,
    /// Its lines are domains of e-mail addresses
    #[arg(long)]
    email_domain: bool,
    /// Its lines are domains of links and home pages
    #[arg(long)]
    domain: bool,
    /// Its lines are names
    #[arg(long)]
    author: bool,
    /// Its lines are words
    #[arg(long)]
    words: bool,
}

impl PlainArgs {
    fn kind(&self) -> Option<Kind> {
        let all = [
            self.ip,
            self.email,
            self.email_domain,
            self.domain,
            self.author,
            self.words,
        ];
        Kind::ALL
            .into_iter()
            .zip(all)
            .find(|(_, said)| *said)
            .map(|(kind, _)| kind)
    }
}

/// Shows or changes the lists.
///
/// # Errors
/// A file cannot be read, or the server refuses.
pub(super) fn run(args: Args) -> anyhow::Result<()> {
    match args.command {
        Command::Evidence(args) => super::evidence::run(args),
        Command::Add {
            list,
            what,
            entry,
            data,
        } => {
            let lines: Vec<NewEntryLine> = what
                .values()
                .map(|(kind, value)| entry.line(list.list(), kind, value))
                .collect();
            let added: Vec<EntryLine> = AdminClient::open(&data)?.post("/lists", &lines)?;
            for line in added {
                print(&line);
                if line.replaced == Some(true) {
                    eprintln!("it took the place of an earlier entry");
                }
            }
            Ok(())
        }
        Command::Remove { what, scope, data } => {
            let client = AdminClient::open(&data)?;
            for (kind, value) in what.values() {
                let old = OldEntry {
                    site: scope.site.clone(),
                    kind,
                    value,
                };
                let removed: EntryLine = client.post("/lists/remove", &old)?;
                eprintln!("removed: {}", described(&removed));
            }
            Ok(())
        }
        Command::Show { site, data } => {
            let entries: Vec<EntryLine> =
                AdminClient::open(&data)?.get(&path_with("/lists", &[("site", site)]))?;
            entries.iter().for_each(print);
            if entries.is_empty() {
                eprintln!("no entry on any list; phin lists add --help shows how to make one");
            }
            Ok(())
        }
        Command::Import(args) => import(args),
        Command::Export { data } => {
            let lines: Vec<serde_json::Value> = AdminClient::open(&data)?.get_as_is("/lists")?;
            for mut line in lines {
                // The tag of a line of `phin export`, so that either import takes it.
                line["what"] = "list".into();
                println!("{line}");
            }
            Ok(())
        }
    }
}

fn import(args: ImportArgs) -> anyhow::Result<()> {
    let bytes = read_whole(args.file.as_deref(), LARGEST_LISTS)?;
    let Some(kind) = args.plain.kind() else {
        let EntryArgs {
            scope,
            reason,
            expires,
            ..
        } = &args.entry;
        ensure!(
            scope.site.is_none() && reason.is_empty() && expires.is_none(),
            "the entries of an export say themselves what they are for; --site, --reason and --expires go with a plain file and --domain, --ip ..."
        );
        let text =
            std::str::from_utf8(&bytes).context("the file is not UTF-8; nothing was imported")?;
        let lines = ExportLine::parse_all(text)?;
        ensure!(
            lines.iter().all(|line| matches!(line, ExportLine::List(_))),
            "the file holds more than lists; take it in with `phin import`"
        );
        let Imported { lists, known, .. } = AdminClient::open_or_make(&args.data)?
            .post_bytes("/import?cut_off=take-what-is-there", bytes)?;
        eprintln!("imported {lists} entries; of {known} something was said already, which stays");
        return Ok(());
    };
    if !args.allow && !args.deny {
        bail!("say which list the lines are for: --allow or --deny");
    }
    let list = if args.allow { List::Allow } else { List::Deny };
    let text =
        std::str::from_utf8(&bytes).context("the file is not UTF-8; nothing was imported")?;
    let values = text
        .lines()
        .map(str::trim)
        .enumerate()
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let mut lines = Vec::new();
    for (at, value) in values {
        crate::lists::canonical(kind, value)
            .with_context(|| format!("line {}; nothing was imported", at + 1))?;
        lines.push(args.entry.line(list, kind, value.to_owned()));
    }
    let added: Vec<EntryLine> = AdminClient::open_or_make(&args.data)?.post("/lists", &lines)?;
    let replaced = added
        .iter()
        .filter(|line| line.replaced == Some(true))
        .count();
    eprintln!(
        "imported {} entries, {replaced} of them in the place of earlier ones",
        added.len()
    );
    Ok(())
}

fn print(line: &EntryLine) {
    println!("{}", described(line));
}

fn described(line: &EntryLine) -> String {
    let site = line.site.as_deref().unwrap_or("(all sites)");
    let mut text = format!(
        "{site}  {}  {}  {}",
        line.list.as_str(),
        line.kind,
        line.value
    );
    if !line.reason.is_empty() {
        text.push_str(&format!("  ({})", line.reason));
    }
    text.push_str(&format!(
        "  by {} at {}",
        line.by,
        crate::clock::show(line.at)
    ));
    if let Some(end) = line.expires_at {
        text.push_str(&format!(", until {}", crate::clock::show(end)));
    }
    text
}
