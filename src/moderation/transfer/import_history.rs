//! Labelled comments of another system in, checks with their own dates and labels in the store out.
//! Never takes the same comment twice, and never replaces a person's label in phin by an older one
//! from elsewhere.
//!
//! An imported comment teaches as if a moderator had labelled it, in order of time within one call.
//! Its words teach only if phin would have been wrong or unsure at that time. The other comments
//! teach what they name (links, numbers, addresses, people) and no words. Otherwise thousands of
//! spam labels would outweigh the words of a hundred honest comments (docs/DECISIONS.md, "An
//! import teaches like a moderator").

use std::collections::{HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::clock::Millis;
use crate::comment::{Comment, CommentId, SiteId, leave_out_the_middle};
use crate::features::{FEATURES_VERSION, Features, Outline, Shares};
use crate::filter;
use crate::learn::online::realm::{IMPORTED, Realm};
use crate::learn::online::{Online, minhash};
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::moderation::judging::evidence;
use crate::moderation::ledger::Novelty;
use crate::moderation::transfer::error::ImportError;
use crate::moderation::transfer::state::Transfer;
use crate::store::{Callback, CheckedOn, LedgerEntry, Record, Sums};
use crate::verdict::{Assessment, Label};

/// A comment of another system, with the label that people gave it there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PastLabel {
    /// Its id in that system, the same in every export.
    pub id: String,
    /// Its site.
    pub site: SiteId,
    /// When it was written, in milliseconds since 1970; `None` if unknown, then the time of the
    /// import counts.
    pub at: Option<Millis>,
    /// The comment.
    pub comment: Comment,
    /// The label.
    pub label: Label,
}

/// The result of an import.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// New labels.
    pub labels: usize,
    /// How many of these labels were for comments that phin would have judged wrongly or unsure:
    /// their words teach.
    #[serde(default)]
    pub taught: usize,
    /// How many of these labels replaced a label of an earlier import.
    pub turned: usize,
    /// Comments that were imported before, or that had this label already.
    pub known: usize,
    /// Comments that a person in phin gave the other label; that label stays.
    pub outweighed: usize,
    /// Comments whose text is older than the retention: they teach, and only hashes are kept.
    #[serde(default)]
    pub wordless: usize,
}

impl std::ops::AddAssign for Taken {
    fn add_assign(&mut self, more: Self) {
        self.labels += more.labels;
        self.taught += more.taught;
        self.turned += more.turned;
        self.known += more.known;
        self.outweighed += more.outweighed;
        self.wordless += more.wordless;
    }
}

/// Id of the check that stands for an imported comment. The date is part of it, because a system
/// that is set up again counts its comments from 1.
fn guid_of(past: &PastLabel) -> [u8; 16] {
    let mut hash = Sha256::new();
    for part in [
        past.site.as_str(),
        &past.id,
        &past.at.unwrap_or(0).to_string(),
    ] {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut guid = [0; 16];
    guid.copy_from_slice(&digest[..16]);
    guid
}

/// Id of the label: the same comment with the same label gives the same id.
fn event_of(guid: &[u8; 16], label: Label) -> u64 {
    let mut bytes = guid.to_vec();
    bytes.extend_from_slice(label.as_str().as_bytes());
    rapidhash::v3::rapidhash_v3(&bytes)
}

/// The layers of sites at the time of an imported comment, with the earlier comments of this call
/// that the live layers do not have yet.
#[derive(Debug, Default)]
struct SiteLayers(HashMap<SiteId, Counts>);

/// An imported comment as its site would have judged it at that time, and how far its label
/// teaches.
struct Learnt {
    assessment: Assessment,
    was_right: bool,
    shares: Shares,
}

impl SiteLayers {
    /// Judges an imported comment as its site would have at that time, then teaches its label to
    /// the site's layer.
    fn learn(&mut self, online: &Online, past: &PastLabel, features: &Features) -> Learnt {
        let ids = features.ids();
        online.with_live(&Realm::of_site(&past.site), |model, live| {
            let own = self.0.entry(past.site.clone());
            let own = own.or_insert_with(|| live.site.cloned().unwrap_or_default());
            let by_then = Live {
                shared: live.shared,
                site: Some(own),
            };
            let assessment = filter::assess(model, features, by_then);
            let dealt = model.deal(&ids, &Outline::of(features), past.label);
            let was_right = assessment.verdict.side() == Some(past.label);
            let shares = if was_right {
                dealt.without_words()
            } else {
                dealt
            };
            own.add_dealt(&ids, &shares, past.label);
            Learnt {
                assessment,
                was_right,
                shares,
            }
        })
    }
}

/// What this call has seen already.
#[derive(Default)]
struct Seen {
    guids: HashSet<[u8; 16]>,
    comments: HashSet<(SiteId, CommentId)>,
    /// The ids of all labels in the ledger. Read only if a label differs from the current one: that
    /// is rare, and it takes a walk through the whole ledger.
    recorded: Option<HashSet<u64>>,
}

/// How an imported label relates to what is known.
enum Novel {
    New,
    /// It replaces a label of an earlier import.
    Turns,
    /// It was imported before, or is the current label already.
    Known,
    /// A person in phin gave the opposite label.
    Outweighed,
}

/// The ledger entry of an imported label.
fn entry_of(
    past: &PastLabel,
    guid: [u8; 16],
    (comment, at): (CommentId, Millis),
    features: &Features,
    shares: Shares,
) -> LedgerEntry {
    LedgerEntry {
        seq: 0,
        event: event_of(&guid, past.label),
        at,
        site: past.site.clone(),
        comment,
        label: past.label,
        // phin gave no verdict on it at that time.
        machine: None,
        reporter: Some(IMPORTED.to_owned()),
        key_name: IMPORTED.to_owned(),
        features: features.ids(),
        features_version: FEATURES_VERSION,
        kind: None,
        sketch: minhash::sketch(features),
        checked: Some(CheckedOn {
            at,
            lang: features.language.code().to_owned(),
            answers_audit: false,
        }),
        outline: Outline::of(features),
        shares,
    }
}

impl Transfer {
    /// Imports labelled comments. When this returns, they are on disk and the next check knows
    /// them. The live model judges each, so that its record is complete.
    ///
    /// # Errors
    ///
    /// The store fails. The same comments can be imported again, and the import goes on where it
    /// stopped.
    pub async fn take_history(&self, mut past: Vec<PastLabel>) -> Result<Taken, ImportError> {
        let mut taken = Taken::default();
        // In order of time, because each comment is judged by what was known before it.
        past.sort_by_key(|past| past.at.unwrap_or(Millis::MAX));
        let mut layers = SiteLayers::default();
        let mut seen = Seen::default();
        let (mut records, mut entries) = (Vec::new(), Vec::new());
        let lists = self.judging.rules.evidence();
        for mut past in past {
            leave_out_the_middle(&mut past.comment.text, crate::text::MAX_TEXT_BYTES);
            let guid = guid_of(&past);
            let comment = CommentId::of(&past.site, &past.comment);
            match self.novelty(&past, guid, comment, &mut seen) {
                Novel::Known => {
                    taken.known += 1;
                    continue;
                }
                Novel::Outweighed => {
                    taken.outweighed += 1;
                    continue;
                }
                Novel::Turns => taken.turned += 1,
                Novel::New => {}
            }
            if !seen.comments.insert((past.site.clone(), comment)) {
                // The same author wrote the same text twice. One label is enough, and a second
                // could contradict the first.
                taken.known += 1;
                continue;
            }
            let features = evidence::features_of(&lists, &past.comment);
            let at = past.at.unwrap_or_else(|| (self.context.clock)());
            let learnt = layers.learn(&self.context.online, &past, &features);
            taken.taught += usize::from(!learnt.was_right);
            entries.push(entry_of(
                &past,
                guid,
                (comment, at),
                &features,
                learnt.shares,
            ));
            let guid = format!("{:032x}", u128::from_be_bytes(guid));
            if self.context.store.record(&guid)?.is_none() {
                let record = Record {
                    guid,
                    at,
                    site: past.site,
                    assessment: learnt.assessment,
                    comment: past.comment,
                    // No key sent this check, so no key may see it.
                    key: String::new(),
                    callback: Callback::None,
                    traces: None,
                };
                let record = self.privacy.as_kept(record, &features);
                taken.wordless += usize::from(record.traces.is_some());
                records.push(record);
            }
        }
        self.context
            .store
            .put_records(&records, &[], &Sums::default())?;
        taken.labels = entries.len();
        self.context
            .ledger
            .import(entries, Vec::new(), Novelty::Certain)
            .await?;
        Ok(taken)
    }

    /// How an imported label relates to what is known.
    fn novelty(
        &self,
        past: &PastLabel,
        guid: [u8; 16],
        comment: CommentId,
        seen: &mut Seen,
    ) -> Novel {
        let realm = Realm::of_site(&past.site);
        if !seen.guids.insert(guid) || self.context.online.stands_at(&realm, comment, past.label) {
            return Novel::Known;
        }
        let other = past.label.opposite();
        if !self.context.online.stands_at(&realm, comment, other) {
            return Novel::New;
        }
        let recorded = seen.recorded.get_or_insert_with(|| {
            let entries = self.context.store.ledger(0).filter_map(Result::ok);
            entries.map(|entry| entry.event).collect()
        });
        let is_recorded = |label| recorded.contains(&event_of(&guid, label));
        match (is_recorded(past.label), is_recorded(other)) {
            (true, _) => Novel::Known,
            (false, true) => Novel::Turns,
            (false, false) => Novel::Outweighed,
        }
    }
}
