//! Drift and estimates from audits, as `moderation` found them in the last hour, in; metrics out.
//! Their labels are languages, verdicts and days, never sites.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::AtomicU64;
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::moderation::{Against, Audited, DriftLine, EstimateLine, Grade, Interval, Moderation};

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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfIndex {
    language: String,
    verdict: &'static str,
    days: u32,
    /// `past` or `card`.
    against: &'static str,
}

/// All shares of one look.
#[derive(Debug, Default)]
struct Shares {
    rates: HashMap<OfRate, f64>,
    scores: HashMap<OfIndex, f64>,
    unknown_indices: HashMap<OfIndex, f64>,
    unknown: HashMap<OfDrift, f64>,
}

impl Shares {
    fn of(drift: &[DriftLine], estimates: &[EstimateLine]) -> Self {
        let mut shares = Self::default();
        for line in estimates {
            let rates = [
                ("false_positives", line.estimate.false_positives),
                ("missed_spam", line.estimate.missed_spam),
            ];
            for (mistake, rate) in rates {
                shares.rate(mistake, line.lang.as_deref().unwrap_or("all"), rate);
            }
        }
        for line in drift {
            let verdict = line.drift.verdict.map_or("all", |verdict| verdict.as_str());
            let (language, days) = (line.lang.clone(), line.days);
            for (against, held) in [("past", line.drift.past), ("card", line.drift.card)] {
                let language = language.clone();
                let of = OfIndex {
                    language,
                    verdict,
                    days,
                    against,
                };
                let Against {
                    score_index,
                    unknown_index,
                    ..
                } = held;
                let unknown = unknown_index.map(|index| (of.clone(), index));
                shares.unknown_indices.extend(unknown);
                shares.scores.extend(score_index.map(|index| (of, index)));
            }
            let of = OfDrift {
                language,
                verdict,
                days,
            };
            shares
                .unknown
                .extend(line.drift.unknown.map(|share| (of, share)));
        }
        shares
    }

    fn rate(&mut self, mistake: &'static str, language: &str, rate: Option<Interval>) {
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
            self.rates.insert(of, share);
        }
    }
}

/// Sets every series of `now` and ends those that were only `before`. A series that stays is never
/// missing, not even to somebody who asks meanwhile: clearing the family first would leave a gap.
fn renew<L: Clone + Hash + Eq>(
    family: &Family<L, Share>,
    now: &HashMap<L, f64>,
    before: &HashMap<L, f64>,
) {
    for (of, share) in now {
        family.get_or_create(of).set(*share);
    }
    // Last, so that a scrape in between sees one series too many rather than one too few.
    for of in before.keys().filter(|of| !now.contains_key(of)) {
        family.remove(of);
    }
}

/// Gauges of what was found.
#[derive(Debug, Default)]
pub(super) struct DriftMetrics {
    rates: Family<OfRate, Share>,
    samples: Family<OfSamples, Gauge>,
    scores: Family<OfIndex, Share>,
    unknown_indices: Family<OfIndex, Share>,
    unknown: Family<OfDrift, Share>,
    alarms: Gauge,
    too_few: Gauge,
    /// What the gauges show since the last update.
    last: Mutex<Shares>,
}

impl DriftMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "estimated_mistakes",
            "Share of ham that was called spam (false_positives) and of spam that was called ham (missed_spam) in the last 30 days, estimated from audits; absent while unknown",
            self.rates.clone(),
        );
        registry.register(
            "audit_samples",
            "Checks of the last 30 days drawn for an audit, by kind of verdict: drawn, answered by a person, reported without being asked for",
            self.samples.clone(),
        );
        registry.register(
            "drift_scores",
            "Population stability index of the scores of the last whole days, against the days before (past) and against the training of the live model (card); where language is all, of the mix of languages; absent where there are too few checks",
            self.scores.clone(),
        );
        registry.register(
            "drift_unknown_features",
            "Population stability index of the shares of unknown features, against past and card; absent where there are too few checks, or where no more features are unknown than there",
            self.unknown_indices.clone(),
        );
        registry.register(
            "unknown_features",
            "Share of features in the checks of the last whole days that the live model never saw in training",
            self.unknown.clone(),
        );
        registry.register(
            "drift_alarms",
            "Number of combinations of language, verdict and days in which checks differ from those before, or from the training of the live model, by more than the alarm limit",
            self.alarms.clone(),
        );
        registry.register(
            "drift_too_few",
            "Number of combinations of language, verdict and days with too few checks to tell whether anything changed: there, no alarm means nothing",
            self.too_few.clone(),
        );
    }

    /// Sets every metric to what is so now. Series of what is no longer known end.
    pub(super) fn update(&self, moderation: &Moderation) {
        let (drift, estimates) = moderation.monitor.watched();
        let now = Shares::of(&drift, &estimates);
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        renew(&self.rates, &now.rates, &last.rates);
        renew(&self.scores, &now.scores, &last.scores);
        renew(
            &self.unknown_indices,
            &now.unknown_indices,
            &last.unknown_indices,
        );
        renew(&self.unknown, &now.unknown, &last.unknown);
        *last = now;
        for line in estimates.iter().filter(|line| line.lang.is_none()) {
            self.samples("ham", &line.estimate.of_ham);
            self.samples("spam", &line.estimate.of_spam);
        }
        let lines = |is: fn(&DriftLine) -> bool| drift.iter().filter(|line| is(line)).count();
        self.alarms.set(lines(|line| line.drift.rings()) as i64);
        let too_few = lines(|line| line.drift.past.grade == Grade::TooFew);
        self.too_few.set(too_few as i64);
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn of(language: &str) -> OfDrift {
        OfDrift {
            language: language.to_owned(),
            verdict: "ham",
            days: 1,
        }
    }

    #[test]
    fn a_series_that_stays_is_never_missing_and_one_that_ends_is_gone() {
        let family = Family::default();
        let looks = ["vi", "und"].map(|other| HashMap::from([(of("en"), 0.1), (of(other), 0.2)]));
        renew(&family, &looks[0], &HashMap::new());
        let is_over = AtomicBool::new(false);
        std::thread::scope(|threads| {
            let scraper = threads.spawn(|| {
                let mut missing = 0;
                while !is_over.load(Ordering::Relaxed) {
                    missing += usize::from(family.get(&of("en")).is_none());
                }
                missing
            });
            for n in 0..20_000 {
                renew(&family, &looks[(n + 1) % 2], &looks[n % 2]);
            }
            is_over.store(true, Ordering::Relaxed);
            assert_eq!(scraper.join().expect("ends"), 0);
        });
        assert!(family.get(&of("vi")).is_some() && family.get(&of("und")).is_none());
    }
}
