//! `phin import` of another system's history: a file in; its labels into a store or a file of
//! labelled comments, and a report of what was taken, doubted and left, out. Never believes that
//! what was published is ham.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::history_args::HistoryArgs;
use super::import_report::ImportReport;
use super::labelled::{Line, Lines};
use super::plain::{self, Plain};
use super::progress::ByteBar;
use super::source::Source;
use crate::bounded::{self, RECORD};
use crate::comment::SiteId;
use crate::history::trusted::{Gathering, Judgement, Policy, Rule};
use crate::history::{Broken, Damage, Format, History, Input, PastComment, Row};
use crate::moderation::{PastLabel, Taken};
use crate::verdict::Label;

/// Labels sent to the store together.
const BATCH: usize = 500;

/// Bytes of text after which no more labels are sent together.
const BATCH_BYTES: usize = 2 * RECORD;

/// Bytes of the names of all sites of a file; ten thousand have a hundredth.
const MOST_SITES: usize = 32 << 20;

/// Reads a history to its end once for the rule and once for its labels.
///
/// # Errors
/// The file is damaged, names no site where one is needed, or the store refuses its labels.
pub(super) fn import(
    args: &HistoryArgs,
    data: &DataDirArgs,
    format: Format,
    mut source: Source,
) -> anyhow::Result<()> {
    let site = args.site.as_deref().map(SiteId::parse).transpose()?;
    let name = source.name.clone();
    let mut walk = Walk::begin(args, format, &mut source)?;
    let (rule, sites) = walk.gather(args.policy())?;
    // A file of labelled comments needs no site, and neither does a report.
    if site.is_none() && args.to.is_none() && !args.dry_run {
        refuse_odd_sites(&name, &sites)?;
    }
    let mut output = match (&args.to, args.dry_run) {
        (_, true) => Output::Nothing,
        (Some(path), false) => Output::Lines(Lines::create(path)?),
        (None, false) => Output::Store(Box::new(Batch::begin(AdminClient::open_or_make_with(
            data,
            crate::model::Model::shipped,
        )?))),
    };
    let mut doubted = match &args.doubted {
        Some(path) if !args.dry_run => Some(Lines::create(path)?),
        _ => None,
    };
    let mut report = ImportReport::default();
    walk.judge(&rule, &mut report, |past, judgement| {
        // A site that no address can be read from still groups its comments in a file.
        let named = past
            .site
            .as_deref()
            .and_then(|address| SiteId::parse(address).ok());
        let own = site.clone().or(named);
        let group = own.as_ref().map(SiteId::as_str).or(past.site.as_deref());
        match judgement {
            Judgement::Labelled(label, _) => match &mut output {
                Output::Nothing => Ok(()),
                Output::Lines(lines) => lines.write(&Line::of(past, group, Some(label), None)),
                Output::Store(batch) => batch.take(past, own, label),
            },
            Judgement::Doubted(doubt) => match &mut doubted {
                Some(lines) => lines.write(&Line::of(past, group, None, Some(doubt.reason()))),
                None => Ok(()),
            },
            Judgement::Left(_) => Ok(()),
        }
    })?;
    let of_sites = match &site {
        Some(site) => format!(" of {}", Plain(site)),
        None => in_words(&sites),
    };
    eprintln!("{name}: {}{of_sites}", walk.history.title());
    report.print();
    // A file with what was doubted is something, too. Without it no file is written.
    if let Some(why) = report.why_nothing()
        && (args.doubted.is_none() || report.doubted() == 0)
    {
        bail!("{name}: nothing was taken: {why}");
    }
    let taken = output.finish()?;
    if let Some(lines) = doubted {
        lines.finish()?;
    }
    match (taken, &args.to) {
        _ if args.dry_run => {
            if site.is_none() && sites.contains("") {
                eprintln!(
                    "nothing in it says which site its comments were on: import it with --site URL"
                );
            }
            eprintln!("nothing was changed (--dry-run)");
        }
        (Some(taken), _) => tell(taken),
        (None, Some(path)) if path != Path::new("-") => {
            eprintln!("written to {}", plain::path(path));
        }
        (None, _) => {}
    }
    Ok(())
}

/// Each label goes to a site of the store, so every comment must name one.
fn refuse_odd_sites(name: &str, sites: &BTreeSet<String>) -> anyhow::Result<()> {
    if sites.contains("") {
        bail!("{name}: nothing in it says which site its comments were on; say --site URL");
    }
    for address in sites {
        SiteId::parse(address)
            .with_context(|| format!("{name}: it names a site that none can be; say --site URL"))?;
    }
    Ok(())
}

/// The first few sites that have a name.
fn in_words(sites: &BTreeSet<String>) -> String {
    const MOST: usize = 4;
    let named = sites.iter().filter(|site| !site.is_empty());
    let first: Vec<&String> = named.take(MOST).collect();
    match first.is_empty() {
        true => String::new(),
        false if sites.len() > MOST => format!(" of {}, ...", plain::list(first)),
        false => format!(" of {}", plain::list(first)),
    }
}

fn tell(taken: Taken) {
    eprint!(
        "imported {} labels; {} were known already",
        taken.labels, taken.known
    );
    if taken.labels > 0 {
        eprint!(
            "; {} teach their words, for phin would have been wrong or unsure by then; of the other {} it keeps what they name (links, numbers, addresses, people)",
            taken.taught,
            taken.labels - taken.taught
        );
    }
    if taken.turned > 0 {
        eprint!("; {} turn what an earlier import said", taken.turned);
    }
    if taken.outweighed > 0 {
        eprint!(
            "; {} differ from what somebody said in phin, which stands",
            taken.outweighed
        );
    }
    if taken.wordless > 0 {
        eprint!(
            "; {} are older than words are kept: they teach, and only hashes of them stay",
            taken.wordless
        );
    }
    eprintln!();
}

/// A history and the file it is in.
struct Walk<'a> {
    history: History,
    source: &'a mut Source,
    damage: Damage,
}

/// What a format is read from: a database must be a file.
fn input(source: &mut Source, format: Format, bar: &ByteBar) -> Result<Input, Broken> {
    Ok(match format {
        Format::Sqlite => Input::File(source.plain_file()?),
        _ => Input::Bytes(source.read_with(bar)?),
    })
}

impl<'a> Walk<'a> {
    fn begin(args: &HistoryArgs, format: Format, source: &'a mut Source) -> anyhow::Result<Self> {
        let damage = match args.partial {
            true => Damage::TakeBefore,
            false => Damage::Refuse,
        };
        let bar = ByteBar::new("looking through it");
        let history = History::survey(format, args.mapping()?, damage, || {
            input(source, format, &bar)
        });
        bar.finish();
        Ok(Self {
            history: history.map_err(|broken| refused(&source.name, format, damage, &broken))?,
            source,
            damage,
        })
    }

    fn each(
        &mut self,
        what: &'static str,
        mut visit: impl FnMut(Row) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let bar = ByteBar::new(what);
        let format = self.history.format();
        let input = input(self.source, format, &bar);
        let refused = |broken: Broken| refused(&self.source.name, format, self.damage, &broken);
        let input = input.map_err(refused)?;
        for row in self.history.rows(input).map_err(refused)? {
            visit(row.map_err(refused)?)?;
        }
        bar.finish();
        Ok(())
    }

    /// The rule, and the sites there are; an empty one for comments whose site is not named.
    fn gather(&mut self, policy: Policy) -> anyhow::Result<(Rule, BTreeSet<String>)> {
        let mut gathering = Gathering::new(policy);
        let (mut sites, mut bytes) = (BTreeSet::new(), 0);
        self.each("who moderated when", |row| {
            if let Row::Comment(past) = row {
                gathering.see(&past);
                let site = past.site.as_deref().unwrap_or("");
                if !sites.contains(site) {
                    bytes += site.len() + 64;
                    ensure!(
                        bytes <= MOST_SITES,
                        "it names more sites than {} of memory hold; is the right column called the site? Say --map site=COLUMN, or --site URL",
                        bounded::in_words(MOST_SITES)
                    );
                    sites.insert(site.to_owned());
                }
            }
            Ok(())
        })?;
        Ok((gathering.settle(), sites))
    }

    fn judge(
        &mut self,
        rule: &Rule,
        report: &mut ImportReport,
        mut visit: impl FnMut(&PastComment, Judgement) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.each("judging", |row| {
            match row {
                Row::Comment(past) => {
                    let judgement = rule.judge(&past);
                    report.count(&past, judgement);
                    visit(&past, judgement)?;
                }
                Row::Unreadable { place, why } => report.unreadable(place, why),
            }
            Ok(())
        })
    }
}

fn refused(name: &str, format: Format, damage: Damage, broken: &Broken) -> anyhow::Error {
    // Comentario's file is one JSON object: whole or nothing.
    let hint =
        match damage == Damage::Refuse && broken.leaves_a_part() && format != Format::Comentario {
            true => " (--partial takes what came before)",
            false => "",
        };
    anyhow::anyhow!("{name}: {}; nothing was imported{hint}", Plain(broken))
}

/// Where labels go.
enum Output {
    Nothing,
    Lines(Lines),
    Store(Box<Batch>),
}

impl Output {
    fn finish(self) -> anyhow::Result<Option<Taken>> {
        match self {
            Self::Nothing => Ok(None),
            Self::Lines(lines) => lines.finish().map(|()| None),
            Self::Store(batch) => batch.finish().map(Some),
        }
    }
}

struct Batch {
    client: AdminClient,
    waiting: Vec<PastLabel>,
    /// Of their texts.
    bytes: usize,
    taken: Taken,
}

impl Batch {
    fn begin(client: AdminClient) -> Self {
        Self {
            client,
            waiting: Vec::with_capacity(BATCH),
            bytes: 0,
            taken: Taken::default(),
        }
    }

    fn take(
        &mut self,
        past: &PastComment,
        site: Option<SiteId>,
        label: Label,
    ) -> anyhow::Result<()> {
        let Some(site) = site else {
            bail!(
                "{} names no site; say --site URL",
                plain::short(&past.place)
            );
        };
        self.bytes += past.comment.text.len();
        self.waiting.push(PastLabel {
            id: past.id.clone(),
            site,
            at: past.at,
            comment: past.comment.clone(),
            label,
        });
        if self.waiting.len() == BATCH || self.bytes > BATCH_BYTES {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> anyhow::Result<()> {
        let told: Taken = self
            .client
            .post("/history", &self.waiting)
            .with_context(|| {
                format!(
                    "after {} labels; import the same file again to take the rest",
                    self.taken.labels
                )
            })?;
        self.taken += told;
        self.waiting.clear();
        self.bytes = 0;
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<Taken> {
        if !self.waiting.is_empty() {
            self.send()?;
        }
        Ok(self.taken)
    }
}
