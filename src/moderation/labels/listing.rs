//! Labels shown to the operator: who said what, when, and where it counts now.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::comment::SiteId;
use crate::learn::online::Now;
use crate::learn::online::trust::Place;
use crate::moderation::labels::state::Labels;
use crate::store::{LedgerEntry, Ruled, Selection, Seq, StoreError, whole};
use crate::verdict::Label;

/// Where a label counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// On all sites.
    Everywhere,
    /// On its own site: nobody confirms it, and its voice has no credit left.
    OwnSite,
    /// On its own site: many others say the opposite of near copies.
    Quarantined,
    /// Nowhere: a later label of the comment took its place, or nothing was left to learn.
    Superseded,
    /// Nowhere: it was undone.
    Undone,
    /// Nowhere before the next retrain: its features were read by other code.
    Unreadable,
}

/// One label, or one ruling about labels, as the operator sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelLine {
    /// Its place in the ledger: what `--label-id` takes.
    pub seq: Seq,
    /// When, in milliseconds since 1970.
    pub at: Millis,
    /// What the operator ruled; `None` for a label.
    pub ruling: Option<String>,
    /// The label, with its site, key, reporter and where it counts.
    pub label: Option<Label>,
    /// Its site.
    pub site: Option<SiteId>,
    /// Name of its key.
    pub key_name: Option<String>,
    /// Who said it.
    pub reporter: Option<String>,
    /// Where it counts; for a ruling, whether it holds.
    pub counts: Where,
}

impl From<Now> for Where {
    fn from(now: Now) -> Self {
        match now {
            Now::Counted(Place::Shared | Place::Lent) => Self::Everywhere,
            Now::Counted(Place::Withheld) => Self::OwnSite,
            Now::Counted(Place::Quarantined) => Self::Quarantined,
            Now::Superseded => Self::Superseded,
            Now::Struck => Self::Undone,
            Now::Unreadable => Self::Unreadable,
        }
    }
}

fn in_words(ruled: &Ruled) -> String {
    match ruled {
        Ruled::Undo { events, .. } => format!("undo of {} entries", events.len()),
        Ruled::Vouch { key_name } => format!("vouched for {key_name:?}"),
        Ruled::Unvouch { key_name } => format!("no longer vouched for {key_name:?}"),
    }
}

impl Labels {
    /// The labels chosen, in the order of the ledger; then, where nothing was chosen or their
    /// places were, the rulings.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub fn list(&self, chosen: &Selection) -> Result<Vec<LabelLine>, StoreError> {
        let line = |entry: LedgerEntry| LabelLine {
            seq: entry.seq,
            at: entry.at,
            counts: self.context.online.now(&entry).into(),
            ruling: None,
            label: Some(entry.label),
            site: Some(entry.site),
            key_name: Some(entry.key_name),
            reporter: entry.reporter,
        };
        let mut lines = Vec::new();
        for entry in self.context.store.ledger(0).filter_map(whole) {
            let entry = entry?;
            if chosen.chooses(&entry) {
                lines.push(line(entry));
            }
        }
        let rulings = self.context.store.rulings()?;
        let holding = crate::learn::online::operator_events::OperatorEvents::of(&rulings);
        for ruling in &rulings {
            if chosen.is_empty() || chosen.chooses_ruling(ruling) {
                lines.push(LabelLine {
                    seq: ruling.seq,
                    at: ruling.at,
                    ruling: Some(in_words(&ruling.ruled)),
                    label: None,
                    site: None,
                    key_name: None,
                    reporter: None,
                    counts: if holding.strike(ruling.event) {
                        Where::Undone
                    } else {
                        Where::Everywhere
                    },
                });
            }
        }
        lines.sort_by_key(|line| line.seq);
        Ok(lines)
    }
}
