//! A report in, an entry of the ledger out: finds the check that the report answers, and takes the
//! features that were judged. Never writes the ledger.

use rand::Rng;

use crate::campaigns::Sketch;
use crate::comment::{Comment, MAX_FIELD_BYTES, cut};
use crate::features::Features;
use crate::learn::online::realm::Realm;
use crate::moderation::accounts::admitted::Admitted;
use crate::moderation::checks::hashed;
use crate::moderation::judging::campaigns;
use crate::moderation::labels::matching::says_nothing;
use crate::moderation::labels::report::Report;
use crate::moderation::labels::state::Labels;
use crate::moderation::ledger::error::LabelError;
use crate::store::{CheckedOn, HashedComment, LedgerEntry, Record, Seen, StoreError};
use crate::text;

/// A label that is about to be written, and what is needed after that.
pub(crate) struct NewLabel {
    pub(crate) entry: LedgerEntry,
    /// The check that it answers.
    pub(crate) record: Option<Record>,
    pub(crate) features: Features,
    pub(crate) sketch: Sketch,
}

/// What a comment teaches.
struct Learnable {
    features: Features,
    hashed: HashedComment,
    sketch: Sketch,
}

impl Labels {
    /// The ledger entry of a report; `None` if the report only repeats a correction that phin sent
    /// to the site.
    pub(crate) fn entry_of(
        &self,
        admitted: &Admitted,
        report: Report,
    ) -> Result<Option<NewLabel>, LabelError> {
        let realm = self.context.online.realm(&report.site, &admitted.key_name);
        let mut comment = report.comment;
        comment.cut(text::MAX_TEXT_BYTES);
        let record = self
            .record_for(report.guid.as_deref(), admitted, &realm, &comment)
            .map_err(|e| LabelError::NotStored(e.to_string()))?;
        // An empty comment without a check is refused: it would teach only that this browser sends
        // spam.
        if record.is_none() && says_nothing(&comment) {
            return Err(report
                .guid
                .map_or(LabelError::Empty, LabelError::UnknownCheck));
        }
        if let Some(record) = &record
            && report.reporter.is_none()
            && self.corrections.is_echo(&record.guid, report.label)
        {
            return Ok(None);
        }
        let audited = report.guid.as_deref().filter(|_| report.answers_audit);
        let answers_audit = match &record {
            Some(record) => self.answers_audit(record, audited),
            None => Ok(false),
        };
        let answers_audit = answers_audit.map_err(|e| LabelError::NotStored(e.to_string()))?;
        let at = record
            .as_ref()
            .map_or_else(self.context.clock, |record| record.at);
        let Learnable {
            features,
            hashed,
            sketch,
        } = self.learnable(&realm, record.as_ref(), &comment);
        let model = self.context.online.model();
        let shares = model.deal(&hashed.features, &hashed.outline, report.label);
        let entry = LedgerEntry {
            seq: 0,
            event: rand::rng().random(),
            at: (self.context.clock)(),
            comment: hashed.comment,
            site: report.site,
            label: report.label,
            machine: record.as_ref().and_then(|r| r.assessment.verdict.side()),
            reporter: report.reporter.map(|mut reporter| {
                cut(&mut reporter, MAX_FIELD_BYTES);
                reporter
            }),
            key_name: admitted.key_name.clone(),
            kind: report.kind,
            checked: Some(CheckedOn {
                at,
                lang: hashed.outline.language.code().to_owned(),
                answers_audit,
            }),
            sketch: hashed.sketch,
            features: hashed.features,
            features_version: hashed.features_version,
            outline: hashed.outline,
            shares,
        };
        Ok(Some(NewLabel {
            entry,
            record,
            features,
            sketch,
        }))
    }

    /// What a label teaches: the comment as it was judged, because the check had more fields than
    /// most reports repeat. If the check's personal text is removed, its hashes teach.
    fn learnable(&self, realm: &Realm, record: Option<&Record>, reported: &Comment) -> Learnable {
        let comment = record.map_or(reported, |record| &record.comment);
        let reading = text::read(&comment.text);
        let sketch = campaigns::sketch(realm, comment, &reading);
        let (features, hashed) = match record.and_then(|record| record.traces.as_deref()) {
            Some(hashed) => (Features::of_ids(&hashed.features), hashed.clone()),
            None => {
                let features = self.judging.read(comment, &reading);
                let hashed = hashed::hashed(&realm.site, comment, &features);
                (features, hashed)
            }
        };
        Learnable {
            features,
            hashed,
            sketch,
        }
    }

    /// Whether the label answers the audit of the check with this guid. The queue must have shown
    /// that check before, and never with its verdict.
    fn answers_audit(&self, record: &Record, guid: Option<&str>) -> Result<bool, StoreError> {
        if guid != Some(record.guid.as_str()) {
            return Ok(false);
        }
        let sample = self
            .context
            .store
            .audit_of(&record.site, record.at, &record.guid)?;
        Ok(sample.is_some_and(|sample| sample.seen == Seen::Blind))
    }
}
