//! What must outlive the process: the ledger of labels (the truth), records of checks (so that a report finds its comment), keys,
//! what the operator ruled about labels, whose sites are whose, how much each key was used, and what people decided for their sites (lists, settings).
//! The only folder that names sled. Labels are on disk before `append` returns; records may lag a few milliseconds.

mod blobs;
mod calendar;
mod changed;
mod corrections;
mod figures;
mod journal;
mod key;
mod layout;
mod panics;
mod portraits;
mod queue;
mod recovery;
mod ruling;
mod salvage;
mod site_notes;
mod sites;
mod sled_store;
mod sums;
mod usage;
mod usage_rows;
mod vault;
mod words;

use serde::{Deserialize, Serialize};

use crate::comment::{Comment, CommentId, SiteId};
use crate::features::{Outline, Shares};
use crate::verdict::{Assessment, Category, Label};

pub(crate) use calendar::DAY_MILLIS;
pub use calendar::{BadDay, BadMonth, Day, Month};
pub use changed::{Changed, ChangedOf};
pub use corrections::{Callback, Correction, CorrectionState};
pub use figures::{CheckedOn, FigureOf, Verdicts};
pub use key::{Key, KeyInTheClear, SecretHash};
pub use panics::{guarded, said_by};
pub use portraits::PortraitOf;
pub use queue::{Seen, Waiting, Why};
pub use recovery::{Examined, Recovery, examine};
pub use ruling::{Ruled, Ruling, Selection};
pub use salvage::{Salvaged, salvage};
pub use site_notes::SiteNote;
pub(crate) use sled_store::DEFAULT_CACHE_BYTES;
pub use sled_store::Store;
pub use sums::{DaySums, Sums};
pub use usage::{Usage, UsageOf};
pub use words::{OldWords, Traces};

/// Milliseconds since 1970, UTC.
pub type Millis = i64;

/// Place of an entry in the ledger, counted from 1.
pub type Seq = u64;

/// One label, as it was said. Never changed, never removed; a later one may outweigh it, a [`Ruling`] may strike it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// Its place; 0 before it is appended.
    pub seq: Seq,
    /// Unique id of this saying, so that an import repeated adds nothing.
    pub event: u64,
    /// When.
    pub at: Millis,
    /// On which site.
    pub site: SiteId,
    /// Of which comment.
    pub comment: CommentId,
    /// What was said.
    pub label: Label,
    /// What the machine had said before anybody; `None` if it was unsure or never asked.
    pub machine: Option<Label>,
    /// Who said it, as the platform names them.
    pub reporter: Option<String>,
    /// Name (not secret) of the key it came with.
    pub key_name: String,
    /// Buckets of the comment's features (`features::FeatureId`), ascending.
    #[serde(with = "layout::packed")]
    pub features: Vec<u32>,
    /// Feature code that read them.
    pub features_version: u32,
    /// What kind of spam they called it, for the next retrain.
    #[serde(default)]
    pub kind: Option<Category>,
    /// Sketch of the text (`learn::copies`), by which near copies on other sites are known; empty where nobody made one.
    #[serde(default)]
    pub sketch: Vec<u32>,
    /// The check it answers, as far as figures need it; `None` in older ledgers.
    #[serde(default)]
    pub checked: Option<CheckedOn>,
    /// What a retrain needs to know beside the buckets; no word of the comment.
    #[serde(default)]
    pub outline: Outline,
    /// How far each view of the comment learns it, as the model of then dealt it out (`model::deal`).
    #[serde(default)]
    pub shares: Shares,
}

/// A check, kept so that a moderator can see it and a report can find it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Unique id of the check, 32 hex digits.
    pub guid: String,
    /// When.
    pub at: Millis,
    /// On which site.
    pub site: SiteId,
    /// The comment.
    pub comment: Comment,
    /// What we thought.
    pub assessment: Assessment,
    /// Id of the key it came with.
    #[serde(default)]
    pub key: String,
    /// Where the site wants to hear that the verdict has changed.
    #[serde(default)]
    pub callback: Callback,
    /// What is left of the comment when its words are gone; then `comment` is empty.
    #[serde(default)]
    pub traces: Option<Box<Traces>>,
}

/// What the store can go wrong with.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Somebody else has the folder.
    #[error(
        "the data folder {0} is in use by another phin; stop it first, or give this one a --data-dir of its own"
    )]
    Locked(std::path::PathBuf),
    /// The folder cannot be used.
    #[error("cannot open the data folder {path}: {why}")]
    Open {
        /// Which folder.
        path: std::path::PathBuf,
        /// What the disk said.
        why: String,
    },
    /// sled cannot read it any more.
    #[error(
        "the store in {path} is damaged: {why}. Nothing was changed. Make a folder of all that can be read: phin salvage --data-dir {path} --into {path}.salvaged"
    )]
    Broken {
        /// The data folder.
        path: std::path::PathBuf,
        /// What sled said.
        why: String,
    },
    /// There is a journal and no store.
    #[error(
        "the store in {path} is gone, but the journal beside it holds {labels} labels. Bring the folder `store` back, or make a folder of what is left: phin salvage --data-dir {path} --into {path}.salvaged"
    )]
    Gone {
        /// The data folder.
        path: std::path::PathBuf,
        /// How many labels there are.
        labels: usize,
    },
    /// Store and journal both lack something.
    #[error(
        "store and journal in {path} are both damaged; the store lacks {labels} labels that can still be read, and may lack others. Nothing was changed. Make a folder of all that can be read: phin salvage --data-dir {path} --into {path}.salvaged"
    )]
    BothDamaged {
        /// The data folder.
        path: std::path::PathBuf,
        /// Labels that the journal has and the store lacks.
        labels: usize,
    },
    /// A write or read failed.
    #[error("the store could not {action}: {why}")]
    Failed {
        /// What was tried.
        action: &'static str,
        /// What the disk said.
        why: String,
    },
    /// The key is gone under which it was sealed.
    #[error(
        "{what} cannot be read: the key of its day is not in the file words.keys of the data folder; was the folder copied without it?"
    )]
    Wordless {
        /// Which entry.
        what: String,
    },
    /// The file of keys is damaged, and so all that was sealed under them.
    #[error(
        "the file {0} is damaged: the words of checks are sealed under the keys in it and cannot be read any more. Bring it back from a backup, or go on without these words (labels are safe): mv {0} {0}.damaged", file.display()
    )]
    NoKeys {
        /// Which file.
        file: std::path::PathBuf,
    },
    /// The journal cannot be read at all.
    #[error(
        "the journal {0} cannot be read: {why}. Make it readable or bring it back; to go on with what the store alone holds: mv {0} {0}.damaged", folder.display()
    )]
    NoJournal {
        /// Which folder.
        folder: std::path::PathBuf,
        /// What the disk said.
        why: String,
    },
    /// What was read is not what was written.
    #[error("{what} is damaged on disk: its checksum does not match")]
    Damaged {
        /// Which entry.
        what: String,
    },
}

/// For a walk that can do without what is damaged: passes it over, and says so.
pub(crate) fn whole<T>(read: Result<T, StoreError>) -> Option<Result<T, StoreError>> {
    match read {
        Err(error @ StoreError::Damaged { .. }) => {
            tracing::error!(%error, "passed over");
            None
        }
        read => Some(read),
    }
}
