//! `phin export` and `phin import`: a store in, everything known as JSON Lines out; and the way
//! back, also from another system's history. Judges nothing.

use std::io::{Read, Write};
use std::path::PathBuf;

use anyhow::Context;

use super::admin_client::{AdminClient, path_with};
use super::data_dir::DataDirArgs;
use super::history;
use super::history_args::HistoryArgs;
use super::plain::Plain;
use super::progress::Counter;
use super::snapshot;
use super::source::Source;
use crate::history::Format;
use crate::moderation::Imported;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin export > everything.jsonl
  phin export --data-dir /var/lib/phin | gzip > backup.jsonl.gz
  phin export --site blog.example > theirs.jsonl    # all that this site owns, nothing of others

The export holds comments, addresses and the keys themselves: keep it as safe as the data folder.
That of one site holds no keys; labels that were undone are left out of it. phin import takes either.")]
pub(super) struct ExportArgs {
    /// Only what this site owns: its checks, labels, lists, settings, usage and corrections,
    /// without the secrets of keys
    #[arg(long, value_name = "SITE")]
    site: Option<String>,
    #[command(flatten)]
    data: DataDirArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  phin import everything.jsonl
  zcat backup.jsonl.gz | phin import --data-dir /var/lib/phin
  phin import --dry-run wordpress.sql.gz            # what would be taken, and why not the rest
  phin import wordpress.sql.gz                      # its labels into the store
  phin import --site blog.example disqus.xml.gz
  phin import --site blog.example isso.db --staff an@blog.example
  phin import --site blog.example waline.json
  phin import --site blog.example _data/comments/ --believe-published
  phin import --site blog.example refused/ --all-are spam
  phin import --to labelled.jsonl wordpress.xml     # for phin train and phin evaluate
  phin import --site blog.example --map text=body,author=name,label=status \\
      --spam-values spam,1 --ham-values approved,0 comments.csv

Reads, plain or .gz; the content tells which it is:
  phin's own export
  WordPress: WXR, a dump (mysqldump), SQLite, `wp comment list`, the REST API. WordPress leaves its
    spam folder out of its WXR; a dump has it
  Typecho, Waline: a dump, SQLite, JSON
  Disqus (XML), Isso (SQLite), Comentario, Commento (JSON), Blogger (Atom), Movable Type (text)
  Valine, LeanCloud, Twikoo, Artalk, Cusdis, Remark42, Ghost, GitHub for giscus and utterances (JSON)
  Staticman: the folder with a file for each comment (YAML, JSON, Markdown)
  CSV and TSV, and any JSON. Of JSON it takes the list with the most objects that have a text;
    --map names columns of these objects, `a.b` what is nested in one
Importing the same file again adds nothing. If no label is taken, the command fails and says why.

A pull request of Staticman that was refused is spam that is nowhere else: collect the files of such
branches in a folder, and import it with --all-are spam.

What was published is not ham by itself, for nobody may have looked. It is ham if a person marked
it, if the site's own people wrote it, if somebody acted on the site within 28 days after it or 7
before it (marked spam, threw a comment away, commented as the site's own), or if its author has
two comments that are; but not if it links, signs or reads like spam of the same site. The rest is
doubted and gets no label.")]
pub(super) struct ImportArgs {
    /// What an export wrote, or a folder with a file for each comment; standard input if missing
    /// or `-`
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[command(flatten)]
    history: HistoryArgs,
    #[command(flatten)]
    data: DataDirArgs,
}

/// Writes what is known to standard output.
///
/// # Errors
/// There is no store, or the output cannot be written.
pub(super) fn export(args: ExportArgs) -> anyhow::Result<()> {
    let client = AdminClient::open(&args.data)?;
    let mut output = std::io::stdout().lock();
    let counter = Counter::new("lines exported");
    let path = path_with("/export", &[("site", args.site.clone())]);
    let mut lines = 0;
    client.stream(&path, |piece| {
        let more = piece.iter().filter(|&&b| b == b'\n').count();
        lines += more;
        counter.add(more);
        Ok(output.write_all(piece)?)
    })?;
    output.flush()?;
    counter.finish();
    // The end is a line, too.
    if let Some(site) = args.site.filter(|_| lines <= 1) {
        eprintln!(
            "nothing is known of the site {}; phin sites shows which there are",
            Plain(site)
        );
    }
    Ok(())
}

/// Takes in an export, or the history of another system.
///
/// # Errors
/// The file cannot be read, is of no known format, or is refused; the message says whether anything
/// was imported.
pub(super) fn import(args: ImportArgs) -> anyhow::Result<()> {
    let source = Source::open(args.file.as_deref())?;
    let format = args.history.format(&source)?;
    if format != Format::Phin {
        return history::import(&args.history, &args.data, format, source);
    }
    args.history.refuse_for_own_export()?;
    // A line that no phin wrote is refused before the file is read into memory.
    snapshot::look_through(&source)?;
    let mut bytes = Vec::new();
    source
        .read()?
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {}", source.name))?;
    let path = if args.history.partial {
        "/import?cut_off=take-what-is-there"
    } else {
        "/import"
    };
    let Imported {
        keys,
        checks,
        wordless,
        labels,
        rulings,
        unreadable,
        usage,
        figures,
        waiting,
        portraits,
        changed,
        corrections,
        past_corrections,
        lists,
        evidence,
        sites,
        notes,
        known,
    } = AdminClient::open_or_make(&args.data)?.post_bytes(path, bytes)?;
    eprintln!(
        "imported {keys} keys, {checks} checks, {labels} labels, {rulings} rulings, {usage} counts of usage, {figures} counts of checks, {waiting} checks of the queue, {portraits} portraits of days, {changed} counts of what labels changed, {corrections} corrections, {lists} list entries, {evidence} evidence lists, the settings of {sites} sites and {notes} notes about sites of keys; {known} lines were known already"
    );
    if wordless > 0 {
        eprintln!(
            "of {wordless} checks only hashes and verdicts were kept: their words are older than retention_days"
        );
    }
    if past_corrections > 0 {
        eprintln!(
            "{past_corrections} corrections were left out: they are older than retention_days"
        );
    }
    if unreadable > 0 {
        eprintln!(
            "{unreadable} labels of the file were read by another version of phin: they are kept, and count at the next retrain"
        );
    }
    Ok(())
}
