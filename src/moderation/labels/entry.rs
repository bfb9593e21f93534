//! A report becomes an entry of the ledger: the check it answers is found, and the features it teaches are those that were judged.

use rand::Rng;

use crate::campaigns::Sketch;
use crate::comment::{MAX_FIELD_BYTES, cut};
use crate::features::Features;
use crate::moderation::accounts::admitted::Admitted;
use crate::moderation::checks::traces;
use crate::moderation::judging::campaigns;
use crate::moderation::labels::matching::says_nothing;
use crate::moderation::labels::report::Report;
use crate::moderation::labels::state::Labels;
use crate::moderation::ledger::error::LabelError;
use crate::store::{CheckedOn, LedgerEntry, Record, Seen, StoreError};
use crate::text;

/// A label about to be written, and what is done with it afterwards.
pub(crate) struct NewLabel {
    pub(crate) entry: LedgerEntry,
    /// The check it answers.
    pub(crate) record: Option<Record>,
    pub(crate) features: Features,
    pub(crate) sketch: Sketch,
}

impl Labels {
    /// What a report says, as the ledger takes it; `None` if it only repeats what we told its site.
    pub(crate) fn entry_of(
        &self,
        admitted: &Admitted,
        report: Report,
    ) -> Result<Option<NewLabel>, LabelError> {
        let realm = self.online.realm(&report.site, &admitted.key_name);
        let mut comment = report.comment;
        comment.cut(text::MAX_TEXT_BYTES);
        let record = self
            .record_for(report.guid.as_deref(), admitted, &realm, &comment)
            .map_err(|e| LabelError::NotStored(e.to_string()))?;
        // Nobody is thanked for nothing: an empty comment would teach that whoever uses this browser sends spam.
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
        let machine = record.as_ref().and_then(|r| r.assessment.verdict.side());
        let at = record.as_ref().map_or_else(self.clock, |record| record.at);
        // The check knew more than most reports repeat: learn what was judged. Of one whose words are gone, the hashes are left to teach it.
        let (comment, kept) = match &record {
            Some(record) => (&record.comment, record.traces.as_deref()),
            None => (&comment, None),
        };
        let reading = text::read(&comment.text);
        let sketch = campaigns::sketch(&realm, comment, &reading);
        let (features, traces) = match kept {
            Some(kept) => (Features::of_ids(&kept.features), kept.clone()),
            None => {
                let features = self.judging.read(comment, &reading);
                let traces = traces::traces(&report.site, comment, &features);
                (features, traces)
            }
        };
        let shares = self
            .online
            .model()
            .deal(&traces.features, &traces.outline, report.label);
        let entry = LedgerEntry {
            seq: 0,
            event: rand::rng().random(),
            at: (self.clock)(),
            comment: traces.comment,
            site: report.site,
            label: report.label,
            machine,
            reporter: report.reporter.map(|mut reporter| {
                cut(&mut reporter, MAX_FIELD_BYTES);
                reporter
            }),
            key_name: admitted.key_name.clone(),
            kind: report.kind,
            checked: Some(CheckedOn {
                at,
                lang: traces.outline.language.code().to_owned(),
                answers_audit,
            }),
            sketch: traces.sketch,
            features: traces.features,
            features_version: traces.features_version,
            outline: traces.outline,
            shares,
        };
        Ok(Some(NewLabel {
            entry,
            record,
            features,
            sketch,
        }))
    }

    /// Whether a label that says it answers the audit of the check with this guid does: the queue must have shown it before, never with the verdict.
    fn answers_audit(&self, record: &Record, guid: Option<&str>) -> Result<bool, StoreError> {
        if guid != Some(record.guid.as_str()) {
            return Ok(false);
        }
        let sample = self.store.audit_of(&record.site, record.at, &record.guid)?;
        Ok(sample.is_some_and(|sample| sample.seen == Seen::Blind))
    }
}
