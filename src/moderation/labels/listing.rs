//! A choice of labels in, lines for the operator out: who gave which label, when, and where it
//! counts now. Never changes a label.

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::comment::SiteId;
use crate::learn::online::Now;
use crate::learn::online::trust::Place;
use crate::moderation::labels::state::Labels;
use crate::store::{LedgerEntry, Ruled, Selection, Seq, StoreError};
use crate::verdict::Label;

/// Where a label counts now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    /// On all sites: it is a shared label.
    Everywhere,
    /// On its own site: no other contributor confirms it, and its contributor has no credit left.
    OwnSite,
    /// On its own site: many other contributors gave near copies the opposite label.
    Quarantined,
    /// Nowhere: a later label of the comment replaced it, or it had nothing new to teach.
    Superseded,
    /// Nowhere: it was undone.
    Undone,
    /// Nowhere until the next retrain: another version of the feature code made its features.
    Unreadable,
}

/// One label, or one operator event, for the operator to read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LabelLine {
    /// Its place in the ledger; `--label-id` takes this number.
    pub seq: Seq,
    /// When it was given, in milliseconds since 1970.
    pub at: Millis,
    /// The operator event in words; `None` for a label.
    pub ruling: Option<String>,
    /// The label. The fields below are also set for labels only.
    pub label: Option<Label>,
    /// Its site.
    pub site: Option<SiteId>,
    /// Name of its key.
    pub key_name: Option<String>,
    /// Who gave it.
    pub reporter: Option<String>,
    /// The check that it answers, if that is still kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub guid: Option<String>,
    /// Text of the comment, while it is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Where it counts. For an operator event: `Everywhere` if it applies, `Undone` if it was
    /// undone.
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
    /// The chosen labels, in the order of the ledger. Operator events are among them if nothing was
    /// chosen, or if their places were chosen.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub fn list(&self, chosen: &Selection) -> Result<Vec<LabelLine>, StoreError> {
        let entries = self.entries(chosen)?;
        let checks = self.comments_of(&entries, |_| false)?;
        let line = |entry: LedgerEntry| {
            let check = checks.get(&entry.comment);
            let words = check.filter(|check| check.traces.is_none());
            LabelLine {
                seq: entry.seq,
                at: entry.at,
                counts: self.context.online.now(&entry).into(),
                ruling: None,
                label: Some(entry.label),
                site: Some(entry.site),
                key_name: Some(entry.key_name),
                reporter: entry.reporter,
                guid: check.map(|check| check.guid.clone()),
                text: words.map(|check| check.comment.text.clone()),
            }
        };
        let mut lines: Vec<LabelLine> = entries.into_iter().map(line).collect();
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
                    guid: None,
                    text: None,
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
