//! What is asked of another system's history: flags in, the format, the columns and the rule of
//! trust out. Reads no comment.

use std::path::PathBuf;

use anyhow::bail;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};

use super::source::Source;
use crate::history::trusted::{NEAR_DAYS, Policy, SpamFolder, Trust};
use crate::history::{Format, Mapping, Recognised, recognise};
use crate::verdict::Label;

/// What is asked of another system's history.
#[derive(Debug, clap::Args)]
pub(super) struct HistoryArgs {
    /// Format, if its content does not tell
    #[arg(long, value_name = "FORMAT", value_parser = PossibleValuesParser::new(Format::ALL.map(possible)).map(named))]
    from: Option<Format>,
    /// Site the comments were on; needed where the export does not say
    #[arg(long, value_name = "URL")]
    pub(super) site: Option<String>,
    /// Write labelled comments for `phin train` instead of filling the store; `-` is standard
    /// output
    #[arg(long, value_name = "FILE")]
    pub(super) to: Option<PathBuf>,
    /// Write what was doubted, with the reason, for a person to label
    #[arg(long, value_name = "FILE")]
    pub(super) doubted: Option<PathBuf>,
    /// Only report; change nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Which column holds what: text=body,author=name,label=status
    #[arg(long, value_name = "FIELD=COLUMN,..", value_delimiter = ',')]
    map: Vec<String>,
    /// Values of the label that mean spam
    #[arg(long, value_name = "VALUE,..", value_delimiter = ',')]
    spam_values: Vec<String>,
    /// Values of the label that mean ham
    #[arg(long, value_name = "VALUE,..", value_delimiter = ',')]
    ham_values: Vec<String>,
    /// Somebody decided about all of it: every comment is spam, or every comment is ham
    #[arg(long, value_name = "LABEL")]
    all_are: Option<Label>,
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
    pub(super) partial: bool,
}

fn possible(format: Format) -> PossibleValue {
    PossibleValue::new(format.name()).aliases(format.other_names())
}

fn named(name: String) -> Format {
    Format::ALL
        .into_iter()
        .find(|format| format.name() == name || format.other_names().contains(&name.as_str()))
        .expect("only names of formats come through the parser")
}

impl HistoryArgs {
    /// Which column holds what.
    ///
    /// # Errors
    /// It names a field that there is not, or says it wrongly.
    pub(super) fn mapping(&self) -> anyhow::Result<Mapping> {
        Ok(Mapping::parse(&self.map, &self.spam_values, &self.ham_values)?.decided(self.all_are))
    }

    /// What the file is; a sentence if it is nothing we read.
    ///
    /// # Errors
    /// The file is of no format that is known.
    pub(super) fn format(&self, source: &Source) -> anyhow::Result<Format> {
        match self.from {
            _ if source.is_folder() => return Ok(Format::Folder),
            Some(Format::Folder) => bail!("{} is no folder", source.name),
            Some(format) => return Ok(format),
            None => {}
        }
        match recognise(&source.head()?, &self.mapping()?) {
            Recognised::As(format) => Ok(format),
            // The export of a store has an end even where the store is empty.
            Recognised::Empty => bail!("{}: it is empty; nothing was imported", source.name),
            Recognised::Foreign(foreign) => bail!("{}: {foreign}", source.name),
        }
    }

    /// Refuses options that say nothing about phin's own export.
    ///
    /// # Errors
    /// One of them was given.
    pub(super) fn refuse_for_own_export(&self) -> anyhow::Result<()> {
        let given = self.site.is_some()
            || self.to.is_some()
            || self.doubted.is_some()
            || self.dry_run
            || self.all_are.is_some()
            || !self.map.is_empty();
        if given {
            bail!(
                "this is phin's own export, which is taken as it is; --site, --to, --doubted, --dry-run, --all-are and --map are for histories of other systems"
            );
        }
        Ok(())
    }

    /// Which comments of a history are believed.
    pub(super) fn policy(&self) -> Policy {
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
