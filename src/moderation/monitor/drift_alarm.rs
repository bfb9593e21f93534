//! The drift alarm: score profiles in, alarms out. The last whole day and the last seven whole days
//! are compared with the four weeks before them and with the card of the live model, by language
//! and verdict. The languages of all checks are compared too. Never changes a verdict.
//!
//! Score profiles are summed when records are written, for all sites together
//! (`store/score_profiles.rs`). A model is compared only with its own checks: a model that went
//! live yesterday has no history, so nothing is reported of it yet. Languages are counted whichever
//! model judged.

use std::collections::BTreeMap;
use std::future::Future;

use crate::blocking::run_blocking;
use crate::clock::Millis;
use crate::clock::{DAY_MILLIS, Day};
use crate::learn::monitor::stability_index::Drift;
use crate::model::card::Card;
use crate::moderation::monitor::drift_line::{ABOUT, ALL, DriftLine, PAST_DAYS};
use crate::moderation::monitor::figure_line::{EstimateLine, FiguresAsked};
use crate::moderation::monitor::state::Monitor;
use crate::store::{ScoreProfileOf, StoreError};
use crate::verdict::ScoreProfile;

/// Lengths of the two spans that are compared, in days.
const SPANS: [u32; 2] = [1, 7];

/// How many days of languages are compared.
const LANGUAGE_DAYS: u32 = SPANS[1];

/// How many days the estimates in the metrics cover.
const WATCHED_DAYS: u32 = 30;

/// Score profiles of one language: of each span, and of the days before it.
#[derive(Debug, Default)]
struct Spans {
    live: [ScoreProfile; SPANS.len()],
    past: [ScoreProfile; SPANS.len()],
    /// How many checks there were in the last [`LANGUAGE_DAYS`], and in the days before, whichever
    /// model judged.
    checks: [u64; 2],
}

/// Score profiles by language, read at a time.
#[derive(Debug)]
struct Looked {
    now: Millis,
    by_lang: BTreeMap<String, Spans>,
}

impl Looked {
    fn new(now: Millis) -> Self {
        Self {
            now,
            by_lang: BTreeMap::new(),
        }
    }

    /// The UTC day this many days ago.
    fn before(&self, days: u32) -> Day {
        Day::at(self.now.saturating_sub(DAY_MILLIS * Millis::from(days)))
    }

    fn add(&mut self, of: ScoreProfileOf, portrait: ScoreProfile, model: &str) {
        let within = SPANS.map(|span| of.day >= self.before(span));
        let is_past = SPANS.map(|span| of.day >= self.before(span + PAST_DAYS));
        let is_recent = of.day >= self.before(LANGUAGE_DAYS);
        let spans = self.by_lang.entry(of.lang).or_default();
        spans.checks[usize::from(!is_recent)] += portrait.comments();
        if of.model != model {
            return;
        }
        for span in 0..SPANS.len() {
            if within[span] {
                spans.live[span] += portrait;
            } else if is_past[span] {
                spans.past[span] += portrait;
            }
        }
    }

    fn lines(&self, card: &Card) -> Vec<DriftLine> {
        let mut lines = Vec::new();
        for (lang, spans) in &self.by_lang {
            let of_card = card.portraits.get(lang);
            let apart = card.apart.get(lang);
            for verdict in 0..3 {
                for (span, days) in SPANS.into_iter().enumerate() {
                    let (name, live) = spans.live[span].profiles()[verdict];
                    let (_, past) = spans.past[span].profiles()[verdict];
                    let of_card = of_card.map(|card| {
                        let apart = apart.and_then(|apart| apart.get(&name));
                        (card.profiles()[verdict].1, apart)
                    });
                    lines.push(DriftLine {
                        lang: lang.clone(),
                        days,
                        drift: Drift::of(name, live, past, of_card),
                    });
                }
            }
            for (span, days) in SPANS.into_iter().enumerate() {
                lines.push(DriftLine {
                    lang: lang.clone(),
                    days,
                    drift: Drift::of_all(&spans.live[span], &spans.past[span]),
                });
            }
        }
        let checks = |at: usize| self.by_lang.values().map(move |spans| spans.checks[at]);
        let [live, past] = [0, 1].map(|at| checks(at).collect::<Vec<_>>());
        lines.push(DriftLine {
            lang: ALL.to_owned(),
            days: LANGUAGE_DAYS,
            drift: Drift::of_languages(&live, &past),
        });
        lines
    }
}

impl Monitor {
    /// How far live checks are from those before them and from the card of the live model. One
    /// line for each language of these five weeks, verdict (all verdicts together come last) and
    /// span, in this order; the last line compares the languages of all checks.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn drift(&self) -> Result<Vec<DriftLine>, StoreError> {
        self.context.checks.settle().await;
        let (store, now) = (self.context.store.clone(), (self.context.clock)());
        let card = self.context.online.model().card.clone();
        let read = move || {
            let mut looked = Looked::new(now);
            let longest = SPANS.into_iter().max().unwrap_or(1) + PAST_DAYS;
            let days = looked.before(longest)..=looked.before(1);
            for (of, portrait) in store.portraits.on(days)? {
                looked.add(of, portrait, &card.id);
            }
            Ok(looked.lines(&card))
        };
        run_blocking("read the portraits of checks", read).await
    }

    /// Measures drift and estimates, keeps the results for the metrics, and logs each alarm once a
    /// day. Returns how many warnings it logged.
    ///
    /// # Errors
    ///
    /// The store cannot be read. Drift that was read by then is kept.
    pub async fn watch(&self) -> Result<usize, StoreError> {
        let asked = FiguresAsked {
            sites: None,
            days: WATCHED_DAYS,
        };
        let estimates = async { Ok(self.figures(asked).await?.estimates) };
        self.keep_watched(self.drift().await?, estimates).await
    }

    /// Drift comes first: if the estimates cannot be read, alarms still ring, and the estimates
    /// become unknown.
    async fn keep_watched(
        &self,
        drift: Vec<DriftLine>,
        estimates: impl Future<Output = Result<Vec<EstimateLine>, StoreError>>,
    ) -> Result<usize, StoreError> {
        let said = self.tell(drift);
        let estimates = estimates.await;
        self.watched.lock().estimates = estimates.as_deref().unwrap_or_default().to_vec();
        estimates.map(|_| said)
    }

    /// Keeps the results. An alarm that has ended is no longer a warning; if it begins again, it is
    /// logged at once.
    fn tell(&self, lines: Vec<DriftLine>) -> usize {
        let today = Day::at((self.context.clock)());
        let mut watched = self.watched.lock();
        let ringing: BTreeMap<String, String> = lines
            .iter()
            .filter(|line| line.drift.rings())
            .map(|line| (line.about(), line.in_words()))
            .collect();
        self.context
            .health
            .calm(|about| about.starts_with(ABOUT) && !ringing.contains_key(about));
        watched.told.retain(|about, _| ringing.contains_key(about));
        let mut said = 0;
        for (about, words) in ringing {
            if watched.told.insert(about.clone(), today) != Some(today) {
                self.context.health.warn(about, words);
                said += 1;
            }
        }
        watched.drift = lines;
        said
    }

    /// The results of the last measurement.
    pub fn watched(&self) -> (Vec<DriftLine>, Vec<EstimateLine>) {
        let watched = self.watched.lock();
        (watched.drift.clone(), watched.estimates.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;
    use crate::moderation::{Moderation, Options};
    use crate::store::{DEFAULT_CACHE_BYTES, Store};

    const NOVEMBER: Millis = 1_794_000_000_000;

    #[tokio::test]
    async fn estimates_that_cannot_be_read_silence_no_alarm() {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::open(folder.path(), DEFAULT_CACHE_BYTES).expect("opens");
        let moderation = Moderation::open(
            Model::cold(),
            store,
            || NOVEMBER,
            Options::default(),
            |_| {},
        )
        .expect("starts");
        let drift = vec![DriftLine {
            lang: ALL.to_owned(),
            days: LANGUAGE_DAYS,
            drift: Drift::of_languages(&[1_000, 0], &[0, 1_000]),
        }];
        let unreadable = async {
            Err(StoreError::Damaged {
                what: "the ledger".to_owned(),
            })
        };
        let found = moderation
            .monitor
            .keep_watched(drift.clone(), unreadable)
            .await;
        assert!(found.is_err(), "it is said that something is wrong");
        assert_eq!(moderation.monitor.watched(), (drift, Vec::new()));
        let warnings = moderation.health().warnings();
        assert!(warnings[0].contains("other languages"), "{warnings:?}");
    }

    #[test]
    fn a_span_is_held_against_the_four_weeks_before_it() {
        let today = Day::at(NOVEMBER);
        let mut looked = Looked::new(NOVEMBER);
        let mut seen = ScoreProfile::default();
        seen.ham.scores[0] = 1;
        for days in 1..=35 {
            let of = |model: &str| ScoreProfileOf {
                day: looked.before(days),
                lang: "en".to_owned(),
                model: model.to_owned(),
            };
            let (own, another) = (of("own"), of("another"));
            assert!(own.day < today);
            looked.add(own, seen, "own");
            looked.add(another, seen, "own");
        }
        let spans = &looked.by_lang["en"];
        assert_eq!(spans.live.map(|portrait| portrait.comments()), [1, 7]);
        assert_eq!(spans.past.map(|portrait| portrait.comments()), [28, 28]);
        assert_eq!(spans.checks, [14, 56]);
    }
}
