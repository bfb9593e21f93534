//! One line of an export, to and from text. A damaged or foreign line is named in an error, and
//! nothing of its file is imported. Never touches the store.

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

/// A key in an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnyKey {
    /// As it is stored now.
    Hashed(Key),
    /// As an earlier version stored it.
    InTheClear(KeyInTheClear),
}

/// One line of an export.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "lowercase")]
pub enum ExportLine {
    /// A key, with the hash of its secret.
    Key(AnyKey),
    /// A checked comment.
    Check(Box<Record>),
    /// A label.
    Label(LedgerEntry),
    /// An operator event.
    Ruling(Ruling),
    /// The owner of a site.
    Owner {
        /// The site.
        site: SiteId,
        /// Name of the key that owns it.
        key_name: String,
    },
    /// A note about a key's site.
    Note(SiteNote),
    /// Usage of a key on a site on a UTC day.
    Usage {
        /// Key, site and day.
        #[serde(flatten)]
        of: UsageOf,
        /// The counts.
        #[serde(flatten)]
        counted: Usage,
    },
    /// How many checks a site made on a UTC day in a language, by verdict.
    Figure {
        /// Day, site and language.
        #[serde(flatten)]
        of: FigureOf,
        /// The counts.
        #[serde(flatten)]
        counted: Verdicts,
    },
    /// A check that waits for a person, or waited.
    Waiting(Waiting),
    /// The score profile of a day's checks in one language by one model, for all sites together.
    Portrait {
        /// Day, language and model.
        #[serde(flatten)]
        of: ScoreProfileOf,
        /// The score profile.
        seen: Box<ScoreProfile>,
    },
    /// How many verdicts labels changed on a site on a UTC day.
    Changed {
        /// Day and site.
        #[serde(flatten)]
        of: ChangedOf,
        /// The counts.
        #[serde(flatten)]
        counted: Changed,
    },
    /// A verdict that changed after its site had got it.
    Correction(Box<Correction>),
    /// An entry of a list.
    List(Entry),
    /// An evidence list of the operator.
    Evidence(EvidenceList),
    /// The settings of a site.
    Site {
        /// The site.
        site: SiteId,
        /// Its settings.
        #[serde(flatten)]
        settings: SiteSettings,
    },
    /// The last line. A file without it is incomplete.
    End,
}

/// What to do with an export whose last line is missing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CutOff {
    /// Import nothing.
    #[default]
    Refuse,
    /// Import all whole lines.
    TakeWhatIsThere,
}

impl ExportLine {
    /// Reads all lines, before any of them is imported.
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

    /// Reads a whole export, and checks that its last line is there.
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

    /// The text without its last line, if that line is incomplete.
    fn whole_lines(text: &str) -> &str {
        let last = text.trim_end().rfind('\n').map_or(0, |at| at + 1);
        match serde_json::from_str::<Self>(&text[last..]) {
            Err(error) if error.is_eof() => &text[..last],
            _ => text,
        }
    }
}
