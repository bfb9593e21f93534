//! `phin import` of another system's history: its labels into a store or a file of labelled comments, and a report of what was taken, doubted and left.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;

use super::door::{Door, DoorArgs};
use super::progress::ByteBar;
use super::source::Source;
use crate::comment::SiteId;
use crate::history::trusted::{Gathering, Judgement, NEAR_DAYS, Policy, Rule, Trust};
use crate::history::{
    Broken, Damage, Format, History, Input, Mapping, PastComment, Recognised, Row, recognise,
    show_date,
};
use crate::moderation::{PastLabel, Taken};
use crate::verdict::Label;

/// Labels sent to the store together.
const BATCH: usize = 500;
/// Rows named in the report for each reason.
const EXAMPLES: usize = 5;

/// What is asked of another system's history.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    /// Format, if its content does not tell
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(Format::ALL.map(Format::name)).map(named))]
    from: Option<Format>,
    /// Site the comments were on; needed where the export does not say
    #[arg(long, value_name = "URL")]
    site: Option<String>,
    /// Write labelled comments for `phin train` instead of filling the store; `-` is standard output
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    /// Write what was doubted, with the reason, for a person to label
    #[arg(long, value_name = "FILE")]
    doubted: Option<PathBuf>,
    /// Only report; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Which column holds what: text=body,author=name,label=status
    #[arg(long, value_name = "FIELD=COLUMN,..", value_delimiter = ',')]
    map: Vec<String>,
    /// Values of the label that mean spam
    #[arg(long, value_name = "VALUE,..", value_delimiter = ',')]
    spam_values: Vec<String>,
    /// Values of the label that mean ham
    #[arg(long, value_name = "VALUE,..", value_delimiter = ',')]
    ham_values: Vec<String>,
    /// Names or e-mail addresses of the site's own people
    #[arg(long, value_name = "NAME,..", value_delimiter = ',')]
    staff: Vec<String>,
    /// How far from a published comment somebody must have acted, in days
    #[arg(long, value_name = "DAYS", default_value_t = NEAR_DAYS)]
    near_days: u32,
    /// Take everything published for ham, whether or not anybody looked after the site
    #[arg(long)]
    believe_published: bool,
    /// Of a file that breaks off, take what came before
    #[arg(long)]
    partial: bool,
}

fn named(name: String) -> Format {
    Format::ALL
        .into_iter()
        .find(|format| format.name() == name)
        .expect("only names of formats come through the parser")
}

impl HistoryArgs {
    fn mapping(&self) -> anyhow::Result<Mapping> {
        Ok(Mapping::parse(&self.map, &self.spam_values, &self.ham_values)?)
    }

    /// What the file is; a sentence if it is nothing we read.
    pub(super) fn format(&self, source: &Source) -> anyhow::Result<Format> {
        if let Some(format) = self.from {
            return Ok(format);
        }
        match recognise(&source.head()?, &self.mapping()?) {
            Recognised::As(format) => Ok(format),
            // An export of an empty store.
            Recognised::Empty => Ok(Format::Phin),
            Recognised::Foreign(foreign) => bail!("{}: {foreign}", source.name),
        }
    }

    /// Options that say something about histories only.
    pub(super) fn refuse_for_own_export(&self) -> anyhow::Result<()> {
        let given = self.site.is_some() || self.to.is_some() || self.doubted.is_some() || self.dry_run || !self.map.is_empty();
        if given {
            bail!("this is phin's own export, which is taken as it is; --site, --to, --doubted, --dry-run and --map are for histories of other systems");
        }
        Ok(())
    }

    fn policy(&self) -> Policy {
        Policy {
            trust: match self.believe_published {
                true => Trust::BelievePublished,
                false => Trust::Rule,
            },
            near_days: self.near_days,
            staff: self.staff.iter().map(|name| name.trim().to_lowercase()).collect(),
            site: self.site.clone(),
        }
    }
}

/// Reads a history to its end once for the rule and once for its labels.
pub(super) fn import(args: &HistoryArgs, door: &DoorArgs, format: Format, mut source: Source) -> anyhow::Result<()> {
    let site = args.site.as_deref().map(SiteId::parse).transpose()?;
    let mut walk = Walk::begin(args, format, &mut source)?;
    let (rule, sites) = walk.gather(args.policy())?;
    let to_store = args.to.is_none();
    if site.is_none() && to_store && !args.dry_run && sites.contains("") {
        bail!("{}: nothing in it says which site its comments were on; say --site URL", source.name);
    }
    let mut output = match (&args.to, args.dry_run) {
        (_, true) => Output::Nothing,
        (Some(path), false) => Output::Lines(Lines::create(path)?),
        (None, false) => Output::Store(Box::new(Batch::begin(Door::open_or_make_with(door, crate::model::Model::shipped)?))),
    };
    let mut doubted = match &args.doubted {
        Some(path) if !args.dry_run => Some(Lines::create(path)?),
        _ => None,
    };
    let mut tally = Tally::default();
    walk.judge(&rule, &mut tally, |past, judgement| {
        let site_of = || match (&site, &past.site) {
            (Some(site), _) => Ok(Some(site.clone())),
            (None, Some(site)) => SiteId::parse(site).map(Some),
            (None, None) => Ok(None),
        };
        match judgement {
            Judgement::Labelled(label, _) => output.take(past, site_of()?, label),
            Judgement::Doubted(doubt) => match &mut doubted {
                Some(lines) => lines.write(&Line::of(past, site_of()?.as_ref(), None, Some(doubt.reason()))),
                None => Ok(()),
            },
            Judgement::Left(_) => Ok(()),
        }
    })?;
    let taken = output.finish()?;
    if let Some(lines) = doubted {
        lines.finish()?;
    }
    let mut listed: Vec<&str> = sites.iter().map(String::as_str).filter(|site| !site.is_empty()).take(4).collect();
    if let Some(site) = &site {
        listed = vec![site.as_str()];
    }
    let of_sites = match listed.is_empty() {
        true => String::new(),
        false => format!(" of {}{}", listed.join(", "), if sites.len() > 4 { ", ..." } else { "" }),
    };
    eprintln!("{}: {}{of_sites}", source.name, format.title());
    tally.print();
    match (taken, &args.to) {
        _ if args.dry_run => eprintln!("nothing was changed (--dry-run)"),
        (Some(taken), _) => eprintln!(
            "imported {} labels ({} of them turned an earlier import's); {} were known already; {} differ from what somebody said in phin since, which stands",
            taken.labels, taken.turned, taken.known, taken.outweighed
        ),
        (None, Some(path)) => eprintln!("written to {}", path.display()),
        (None, None) => {}
    }
    Ok(())
}

/// A history and the file it is in.
struct Walk<'a> {
    history: History,
    format: Format,
    source: &'a mut Source,
    damage: Damage,
}

impl<'a> Walk<'a> {
    fn begin(args: &HistoryArgs, format: Format, source: &'a mut Source) -> anyhow::Result<Self> {
        let damage = match args.partial {
            true => Damage::TakeBefore,
            false => Damage::Refuse,
        };
        let bar = ByteBar::new("reading side tables");
        let history = History::survey(format, args.mapping()?, damage, || {
            Ok(Input::Bytes(source.read_with(&bar)?))
        });
        bar.finish();
        Ok(Self {
            history: history.map_err(|broken| refused(&source.name, damage, &broken))?,
            format,
            source,
            damage,
        })
    }

    fn each(&mut self, what: &'static str, mut visit: impl FnMut(Row) -> anyhow::Result<()>) -> anyhow::Result<()> {
        let bar = ByteBar::new(what);
        let input = match self.format {
            Format::Isso => self.source.plain_file().map(Input::File),
            _ => self.source.read_with(&bar).map(Input::Bytes),
        };
        let refused = |broken: Broken| refused(&self.source.name, self.damage, &broken);
        let input = input.map_err(|error| refused(error.into()))?;
        for row in self.history.rows(input).map_err(refused)? {
            visit(row.map_err(refused)?)?;
        }
        bar.finish();
        Ok(())
    }

    /// The rule, and the sites there are; an empty one for comments whose site is not named.
    fn gather(&mut self, policy: Policy) -> anyhow::Result<(Rule, BTreeSet<String>)> {
        let mut gathering = Gathering::new(policy);
        let mut sites = BTreeSet::new();
        self.each("who moderated when", |row| {
            if let Row::Comment(past) = row {
                gathering.see(&past);
                let site = past.site.as_deref().unwrap_or("");
                if !sites.contains(site) {
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
        tally: &mut Tally,
        mut visit: impl FnMut(&PastComment, Judgement) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        self.each("judging", |row| {
            match row {
                Row::Comment(past) => {
                    let judgement = rule.judge(&past);
                    tally.count(&past, judgement);
                    visit(&past, judgement)?;
                }
                Row::Unreadable { place, why } => tally.unreadable(place, why),
            }
            Ok(())
        })
    }
}

fn refused(name: &str, damage: Damage, broken: &Broken) -> anyhow::Error {
    let hint = match damage == Damage::Refuse && broken.leaves_a_part() {
        true => " (--partial takes what came before)",
        false => "",
    };
    anyhow::anyhow!("{name}: {broken}; nothing was imported{hint}")
}

/// Where labels go.
enum Output {
    Nothing,
    Lines(Lines),
    Store(Box<Batch>),
}

impl Output {
    fn take(&mut self, past: &PastComment, site: Option<SiteId>, label: Label) -> anyhow::Result<()> {
        match (self, site) {
            (Self::Nothing, _) => Ok(()),
            (Self::Lines(lines), site) => lines.write(&Line::of(past, site.as_ref(), Some(label), None)),
            (Self::Store(batch), Some(site)) => batch.take(PastLabel {
                id: past.id.clone(),
                site,
                at: past.at,
                comment: past.comment.clone(),
                label,
            }),
            (Self::Store(_), None) => bail!("{} names no site; say --site URL", past.id),
        }
    }

    fn finish(self) -> anyhow::Result<Option<Taken>> {
        match self {
            Self::Nothing => Ok(None),
            Self::Lines(lines) => lines.finish().map(|()| None),
            Self::Store(batch) => batch.finish().map(Some),
        }
    }
}

struct Batch {
    door: Door,
    waiting: Vec<PastLabel>,
    taken: Taken,
}

impl Batch {
    fn begin(door: Door) -> Self {
        Self {
            door,
            waiting: Vec::with_capacity(BATCH),
            taken: Taken::default(),
        }
    }

    fn take(&mut self, past: PastLabel) -> anyhow::Result<()> {
        self.waiting.push(past);
        if self.waiting.len() == BATCH {
            self.send()?;
        }
        Ok(())
    }

    fn send(&mut self) -> anyhow::Result<()> {
        let told: Taken = self.door.tell("/history", &self.waiting).with_context(|| {
            format!("after {} labels; import the same file again to take the rest", self.taken.labels)
        })?;
        self.taken += told;
        self.waiting.clear();
        Ok(())
    }

    fn finish(mut self) -> anyhow::Result<Taken> {
        if !self.waiting.is_empty() {
            self.send()?;
        }
        Ok(self.taken)
    }
}

/// JSON Lines; a file appears under its name when it is whole, and never in place of another.
struct Lines {
    output: BufWriter<Box<dyn Write>>,
    file: Option<(tempfile::NamedTempFile, PathBuf)>,
}

impl Lines {
    fn create(path: &Path) -> anyhow::Result<Self> {
        if path == Path::new("-") {
            return Ok(Self {
                output: BufWriter::new(Box::new(io::stdout().lock())),
                file: None,
            });
        }
        let cannot = || format!("cannot write {}", path.display());
        if path.exists() {
            bail!("{} is there already; name another file", path.display());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = tempfile::NamedTempFile::new_in(folder).with_context(cannot)?;
        let output: File = file.reopen().with_context(cannot)?;
        Ok(Self {
            output: BufWriter::new(Box::new(output)),
            file: Some((file, path.to_owned())),
        })
    }

    fn write(&mut self, line: &Line<'_>) -> anyhow::Result<()> {
        serde_json::to_writer(&mut self.output, line)?;
        Ok(self.output.write_all(b"\n")?)
    }

    fn finish(mut self) -> anyhow::Result<()> {
        self.output.flush()?;
        if let Some((file, path)) = self.file {
            file.persist_noclobber(&path).with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }
}

/// A labelled comment as `phin train` and `phin evaluate` read it; unknown fields are left out.
#[derive(Serialize)]
struct Line<'a> {
    id: &'a str,
    text: &'a str,
    label: Option<Label>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doubt: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
}

impl<'a> Line<'a> {
    fn of(past: &'a PastComment, site: Option<&'a SiteId>, label: Option<Label>, doubt: Option<&'static str>) -> Self {
        let comment = &past.comment;
        Self {
            id: &past.id,
            text: &comment.text,
            label,
            doubt,
            author: comment.author.name.as_deref(),
            email: comment.author.email.as_deref(),
            url: comment.author.url.as_deref(),
            ip: comment.request.ip.map(|ip| ip.to_string()),
            user_agent: comment.request.user_agent.as_deref(),
            date: past.at.map(show_date),
            kind: comment.page.kind.as_deref(),
            group: site.map(SiteId::as_str),
        }
    }
}

/// What was taken, doubted and left, by reason.
#[derive(Default)]
struct Tally {
    parts: BTreeMap<(Part, String), Group>,
    labels: BTreeMap<Label, usize>,
    repaired: usize,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Taken,
    Doubted,
    Left,
}

#[derive(Default)]
struct Group {
    count: usize,
    examples: Vec<String>,
}

impl Tally {
    fn count(&mut self, past: &PastComment, judgement: Judgement) {
        self.repaired += usize::from(past.repaired);
        let (part, why) = match judgement {
            Judgement::Labelled(label, ground) => {
                *self.labels.entry(label).or_default() += 1;
                (Part::Taken, format!("{label}: {}", ground.reason()))
            }
            Judgement::Doubted(doubt) => (Part::Doubted, doubt.reason().to_owned()),
            Judgement::Left(lack) => (Part::Left, lack.reason().to_owned()),
        };
        self.add(part, why, &past.id);
    }

    fn unreadable(&mut self, place: String, why: String) {
        self.add(Part::Left, why, &place);
    }

    fn add(&mut self, part: Part, why: String, place: &str) {
        let group = self.parts.entry((part, why)).or_default();
        group.count += 1;
        if group.examples.len() < EXAMPLES {
            group.examples.push(place.to_owned());
        }
    }

    fn print(&self) {
        for (part, title) in [(Part::Taken, "taken"), (Part::Doubted, "doubted"), (Part::Left, "left")] {
            let groups: Vec<_> = self.parts.iter().filter(|((of, _), _)| *of == part).collect();
            let all: usize = groups.iter().map(|(_, group)| group.count).sum();
            let labels: Vec<String> = [Label::Ham, Label::Spam]
                .iter()
                .map(|label| format!("{} {label}", self.labels.get(label).unwrap_or(&0)))
                .collect();
            match part {
                Part::Taken => eprintln!("{title:8} {all:7}  ({})", labels.join(", ")),
                _ => eprintln!("{title:8} {all:7}"),
            }
            for ((_, why), group) in groups {
                let more = if group.count > group.examples.len() { ", ..." } else { "" };
                let examples = match part {
                    Part::Taken => String::new(),
                    _ => format!(": {}{more}", group.examples.join(", ")),
                };
                eprintln!("         {:7}  {why}{examples}", group.count);
            }
        }
        if self.repaired > 0 {
            eprintln!("{} garbled texts were put right (UTF-8 that had been taken for Latin-1)", self.repaired);
        }
        if self.parts.keys().any(|(part, _)| *part == Part::Doubted) {
            eprintln!(
                "What was published is ham only where a person stands behind it: see `phin import --help`. --doubted FILE keeps the doubted for you to label."
            );
        }
    }
}
