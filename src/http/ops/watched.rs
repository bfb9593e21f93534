//! What the hourly look found, as metrics: estimates from audits, and drift. Labels are languages, verdicts and spans, never sites.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

use crate::moderation::{Audited, Grade, Interval, Moderation};

type Share = Gauge<f64, AtomicU64>;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfRate {
    mistake: &'static str,
    language: String,
    bound: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfSamples {
    stratum: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfDrift {
    language: String,
    verdict: &'static str,
    days: u32,
}

/// Gauges of what was found.
#[derive(Debug, Default)]
pub(super) struct Watched {
    rates: Family<OfRate, Share>,
    samples: Family<OfSamples, Gauge>,
    scores: Family<OfDrift, Share>,
    unknown: Family<OfDrift, Share>,
    alarms: Gauge,
}

impl Watched {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "estimated_mistakes",
            "Share of ham called spam (false_positives) and of spam called ham (missed_spam) in 30 days, estimated from audits; absent while not known",
            self.rates.clone(),
        );
        registry.register(
            "audit_samples",
            "Checks of 30 days drawn for an audit, by kind of verdict: drawn, answered, reported unasked",
            self.samples.clone(),
        );
        registry.register(
            "drift_scores",
            "Stability index of the scores of the last whole days against the card; absent where there are too few",
            self.scores.clone(),
        );
        registry.register(
            "unknown_features",
            "Share of features that the live model never saw in training, in the last whole days",
            self.unknown.clone(),
        );
        registry.register(
            "drift_alarms",
            "Languages, verdicts and spans in which checks are unlike those of the card",
            self.alarms.clone(),
        );
    }

    /// What was true an hour ago and is no longer known is not told any more.
    pub(super) fn read_off(&self, moderation: &Moderation) {
        let (drift, estimates) = moderation.watched();
        self.rates.clear();
        self.scores.clear();
        self.unknown.clear();
        for line in &estimates {
            let rates = [
                ("false_positives", line.estimate.false_positives),
                ("missed_spam", line.estimate.missed_spam),
            ];
            for (mistake, rate) in rates {
                self.rate(mistake, line.lang.as_deref().unwrap_or("all"), rate);
            }
            if line.lang.is_none() {
                self.samples("ham", &line.estimate.of_ham);
                self.samples("spam", &line.estimate.of_spam);
            }
        }
        for line in &drift {
            let of = OfDrift {
                language: line.lang.clone(),
                verdict: line.drift.verdict.as_str(),
                days: line.days,
            };
            if let Some(index) = line.drift.score_index {
                self.scores.get_or_create(&of).set(index);
            }
            if let Some(share) = line.drift.unknown {
                self.unknown.get_or_create(&of).set(share);
            }
        }
        let alarms = drift.iter().filter(|l| l.drift.grade == Grade::Alarm);
        self.alarms.set(alarms.count() as i64);
    }

    fn rate(&self, mistake: &'static str, language: &str, rate: Option<Interval>) {
        let Some(Interval { value, low, high }) = rate else {
            return;
        };
        for (bound, share) in [("value", value), ("low", low), ("high", high)] {
            let language = language.to_owned();
            let of = OfRate {
                mistake,
                language,
                bound,
            };
            self.rates.get_or_create(&of).set(share);
        }
    }

    fn samples(&self, stratum: &'static str, audited: &Audited) {
        for (state, samples) in [
            ("drawn", audited.samples),
            ("answered", audited.answered),
            ("reported", audited.reported),
        ] {
            let of = OfSamples { stratum, state };
            self.samples.get_or_create(&of).set(samples as i64);
        }
    }
}
