//! One line of an export, read and refused: a damaged or foreign line is named, and nothing of its
//! file is taken.

use serde::{Deserialize, Serialize};

use crate::comment::SiteId;
use crate::lists::Entry;
use crate::lists::evidence::EvidenceList;
use crate::moderation::transfer::error::ImportError;
use crate::policy::SiteSettings;
use crate::store::{
    Changed, ChangedOf, Correction, FigureOf, Key, KeyInTheClear, LedgerEntry, Record, Ruling,
    ScoreProfileOf, SiteNote, Usage, UsageOf, Verdicts, Waiting,
};
use crate::verdict::ScoreProfile;

/// A key as exports tell it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnyKey {
    /// As it is kept.
    Hashed(Key),
    /// As it was kept by an earlier version.
    InTheClear(KeyInTheClear),
}

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum ExportLine {
    /// A key, with what its secret hashes to.
    Key(AnyKey),
    /// A checked comment.
    Check(Box<Record>),
    /// A label.
    Label(LedgerEntry),
    /// What the operator ruled about labels.
    Ruling(Ruling),
    /// Whose site a site is.
    Owner {
        /// The site.
        site: SiteId,
        /// Name of its keys.
        key_name: String,
    },
    /// What is noted of a site of a key.
    Note(SiteNote),
    /// What a key was used for on a site on a day.
    Usage {
        /// Whose usage, where and when.
        #[serde(flatten)]
        of: UsageOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Usage,
    },
    /// Checks of a site on a day in a language, by verdict.
    Figure {
        /// Of which.
        #[serde(flatten)]
        of: FigureOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Verdicts,
    },
    /// A check that waits for a person, or waited.
    Waiting(Waiting),
    /// What the checks of a day in a language looked like to a model, of all sites together.
    Portrait {
        /// Of which.
        #[serde(flatten)]
        of: ScoreProfileOf,
        /// What they looked like.
        seen: Box<ScoreProfile>,
    },
    /// What labels changed in the checks of a site on a day.
    Changed {
        /// Of which.
        #[serde(flatten)]
        of: ChangedOf,
        /// What was counted.
        #[serde(flatten)]
        counted: Changed,
    },
    /// A verdict that was turned after its site had heard it.
    Correction(Box<Correction>),
    /// An entry of a list.
    List(Entry),
    /// An evidence list of the operator.
    Evidence(EvidenceList),
    /// The settings of a site.
    Site {
        /// Which site.
        site: SiteId,
        /// What it wants.
        #[serde(flatten)]
        settings: SiteSettings,
    },
    /// The last line of all: a file without it was cut off.
    End,
}

/// What is done with an export that does not end as one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutOff {
    /// Nothing of it is taken.
    #[default]
    Refuse,
    /// All whole lines are taken.
    TakeWhatIsThere,
}

impl ExportLine {
    /// Reads all lines before anything is imported.
    ///
    /// # Errors
    ///
    /// The first line that is not of an export, counted from 1.
    pub fn parse_all(text: &str) -> Result<Vec<Self>, ImportError> {
        text.lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty())
            .map(|(at, line)| {
                serde_json::from_str(line).map_err(|e| ImportError::Line {
                    line: at + 1,
                    why: e.to_string(),
                })
            })
            .collect()
    }

    /// Reads a whole export, which ends as such.
    ///
    /// # Errors
    ///
    /// The first line that is not of an export; or [`ImportError::CutOff`] if the last line is
    /// missing.
    pub fn parse_export(text: &str, cut_off: CutOff) -> Result<Vec<Self>, ImportError> {
        let text = match cut_off {
            CutOff::TakeWhatIsThere => Self::whole_lines(text),
            CutOff::Refuse => text,
        };
        let lines = Self::parse_all(text)?;
        match (cut_off, lines.last()) {
            (CutOff::TakeWhatIsThere, _) | (CutOff::Refuse, Some(Self::End)) => Ok(lines),
            (CutOff::Refuse, _) => Err(ImportError::CutOff),
        }
    }

    /// Without the last line, if that breaks off.
    fn whole_lines(text: &str) -> &str {
        let last = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        match serde_json::from_str::<Self>(&text[last..]) {
            Err(error) if error.is_eof() => &text[..last],
            _ => text,
        }
    }
}
