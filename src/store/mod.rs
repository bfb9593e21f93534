//! What must outlive the process, in and out: the ledger of labels (the truth), records of checks
//! (so that a report finds its comment), keys, operator events, owners of sites, usage of keys, and
//! what people decided for their sites (lists, settings). Labels are on disk before `append`
//! returns; records may be a second later. No other folder names sled. Never loses what it
//! acknowledged.

mod batch;
mod blobs;
mod changed;
mod checks;
mod correction;
mod corrections;
mod database;
mod day_sums;
mod entry;
mod error;
mod figures;
mod journal;
mod key;
mod keys;
mod layout;
mod ledger;
mod old_records;
mod owners;
mod packed;
mod panics;
mod places;
mod queue;
mod record;
mod recovery;
mod ruling;
mod salvage;
mod score_profiles;
mod sealed;
mod site_notes;
mod sites;
mod sled_store;
mod sums;
mod usage;
mod usage_rows;
mod vault;
mod words;

pub use changed::{Changed, ChangedOf};
pub use correction::{Correction, CorrectionState};
pub(crate) use database::DEFAULT_CACHE_BYTES;
pub use day_sums::DaySums;
pub use entry::LedgerEntry;
pub use error::StoreError;
pub(crate) use error::whole;
pub use figures::{CheckedOn, FigureOf, Verdicts};
pub use key::{Key, KeyInTheClear, SecretHash};
pub use layout::Seq;
pub use panics::{guarded, said_by};
pub use queue::{Seen, Waiting, Why};
pub use record::{Callback, HashedComment, Record};
pub use recovery::{Examined, Recovery, examine};
pub use ruling::{Ruled, Ruling, Selection};
pub use salvage::{Salvaged, salvage};
pub use score_profiles::ScoreProfileOf;
pub use site_notes::SiteNote;
pub use sled_store::Store;
pub use sums::Sums;
pub use usage::{Usage, UsageOf};
pub use words::OldWords;
