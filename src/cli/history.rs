//! `phin import` of another system's history: its labels into a store or a file of labelled comments, and a report of what was taken, doubted and left.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail, ensure};
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::admin_client::AdminClient;
use super::data_dir::DataDirArgs;
use super::import_report::ImportReport;
use super::labelled::{Line, Lines};
use super::plain::{self, Plain};
use super::progress::ByteBar;
use super::source::Source;
use crate::bounded::{RECORD, in_words};
use crate::comment::SiteId;
use crate::history::trusted::{Gathering, Judgement, NEAR_DAYS, Policy, Rule, SpamFolder, Trust};
use crate::history::{
    Broken, Damage, Format, History, Input, Mapping, PastComment, Recognised, Row, recognise,
};
use crate::moderation::{PastLabel, Taken};
use crate::verdict::Label;

/// Labels sent to the store together.
const BATCH: usize = 500;

/// Bytes of text after which no more labels are sent together.
const BATCH_BYTES: usize = 2 * RECORD;

/// Bytes of the names of all sites of a file; ten thousand have a hundredth.
const MOST_SITES: usize = 32 << 20;

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
    /// A filter filled the spam folder there: spam in it is no sign that somebody was there
    #[arg(long)]
    filtered: bool,
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
        Ok(Mapping::parse(
            &self.map,
            &self.spam_values,
            &self.ham_values,
        )?)
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
    pub(super) fn is_partial(&self) -> bool {
        self.partial
    }

    pub(super) fn refuse_for_own_export(&self) -> anyhow::Result<()> {
        let given = self.site.is_some()
            || self.to.is_some()
            || self.doubted.is_some()
            || self.dry_run
            || !self.map.is_empty();
        if given {
            bail!(
                "this is phin's own export, which is taken as it is; --site, --to, --doubted, --dry-run and --map are for histories of other systems"
            );
        }
        Ok(())
    }

    fn policy(&self) -> Policy {
        Policy {
            trust: match self.believe_published {
                true => Trust::BelievePublished,
                false => Trust::Rule,
            },
            spam_folder: match self.filtered {
                true => SpamFolder::ByFilter,
                false => SpamFolder::ByHand,
            },
            near_days: self.near_days,
            staff: self
                .staff
                .iter()
                .map(|name| name.trim().to_lowercase())
                .collect(),
            site: self.site.clone(),
        }
    }
}

/// Reads a history to its end once for the rule and once for its labels.
pub(super) fn import(
    args: &HistoryArgs,
    data: &DataDirArgs,
    format: Format,
    mut source: Source,
) -> anyhow::Result<()> {
    let site = args.site.as_deref().map(SiteId::parse).transpose()?;
    let source_name = source.name.clone();
    let mut walk = Walk::begin(args, format, &mut source)?;
    let (rule, sites) = walk.gather(args.policy())?;
    let to_store = args.to.is_none();
    if site.is_none() && to_store && !args.dry_run && sites.contains("") {
        bail!(
            "{}: nothing in it says which site its comments were on; say --site URL",
            source.name
        );
    }
    if site.is_none() && to_store && !args.dry_run {
        for address in &sites {
            SiteId::parse(address).with_context(|| {
                format!(
                    "{}: it names a site that none can be; say --site URL",
                    source_name
                )
            })?;
        }
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
    let taken = output.finish()?;
    if let Some(lines) = doubted {
        lines.finish()?;
    }
    let mut listed: Vec<&str> = sites
        .iter()
        .map(String::as_str)
        .filter(|site| !site.is_empty())
        .take(4)
        .collect();
    if let Some(site) = &site {
        listed = vec![site.as_str()];
    }
    let of_sites = match listed.is_empty() {
        true => String::new(),
        false => format!(
            " of {}{}",
            plain::list(&listed),
            if sites.len() > 4 { ", ..." } else { "" }
        ),
    };
    eprintln!("{}: {}{of_sites}", source.name, format.title());
    report.print();
    match (taken, &args.to) {
        _ if args.dry_run => eprintln!("nothing was changed (--dry-run)"),
        (Some(taken), _) => tell(taken),
        (None, Some(path)) if path != Path::new("-") => {
            eprintln!("written to {}", plain::path(path));
        }
        (None, _) => {}
    }
    Ok(())
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
            history: history.map_err(|broken| refused(&source.name, format, damage, &broken))?,
            format,
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
        let input = match self.format {
            Format::Isso => self.source.plain_file().map(Input::File),
            _ => self.source.read_with(&bar).map(Input::Bytes),
        };
        let refused =
            |broken: Broken| refused(&self.source.name, self.format, self.damage, &broken);
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
                        in_words(MOST_SITES)
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
