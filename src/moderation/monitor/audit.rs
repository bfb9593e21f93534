//! The audit sample: checks in, now and then a row of the queue out. A few checks are drawn at
//! random, spam and ham verdicts separately, for a person to look at. Never changes a verdict.
//!
//! Drawing looks only at the verdict: not at the score, not at the language, not at complaints. A
//! busy site must not overload its moderators. So after every `most_per_day` samples of a site, a
//! day and a kind of verdict, only half as many checks are drawn as before. Each sample is stored
//! with the rate at which it was drawn, and that rate was fixed before its check came. The estimate
//! counts a sample for as many checks as it stands for (Horvitz and Thompson 1952), so the limit
//! does not make it wrong. Simply to stop drawing would leave out all checks of the afternoon.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroU32;
use std::ops::Bound;

use parking_lot::Mutex;
use rand::Rng;

use crate::clock::Millis;
use crate::clock::{DAY_MILLIS, Day};
use crate::comment::{CommentId, SiteId};
use crate::store::{Record, Seen, Store, StoreError, Waiting, Why, whole};
use crate::verdict::{Label, Verdict};

/// How many checks are drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditPolicy {
    /// One in this many ham verdicts is drawn; `None` draws none.
    pub one_in_ham: Option<NonZeroU32>,
    /// One in this many spam or discard verdicts is drawn; `None` draws none.
    pub one_in_spam: Option<NonZeroU32>,
    /// After this many samples of a site, a day and a kind of verdict, half as many checks are
    /// drawn; after as many more, half of that, and so on.
    pub most_per_day: NonZeroU32,
}

impl Default for AuditPolicy {
    fn default() -> Self {
        Self::OFF
    }
}

impl AuditPolicy {
    /// Nothing is drawn.
    pub const OFF: Self = Self {
        one_in_ham: None,
        one_in_spam: None,
        most_per_day: NonZeroU32::MIN,
    };

    fn one_in(&self, side: Label) -> Option<u64> {
        let one_in = match side {
            Label::Ham => self.one_in_ham,
            Label::Spam => self.one_in_spam,
        };
        one_in.map(|one_in| u64::from(one_in.get()))
    }
}

/// The samples drawn on the current day.
#[derive(Debug, Default)]
struct Taken {
    day: Option<Day>,
    of: HashMap<(SiteId, Label), u32>,
}

impl Taken {
    /// The counts of a day. They begin at zero when the day changes, even to an earlier day: then
    /// more checks are drawn, but each still at a known rate.
    fn on(&mut self, day: Day) -> &mut HashMap<(SiteId, Label), u32> {
        if self.day != Some(day) {
            self.day = Some(day);
            self.of.clear();
        }
        &mut self.of
    }
}

/// How often a rate is halved at most.
const MOST_HALVINGS: u32 = 32;

/// Draws checks.
#[derive(Debug)]
pub(crate) struct Audits {
    policy: AuditPolicy,
    taken: Mutex<Taken>,
}

impl Audits {
    /// Draws checks by this policy. Samples drawn earlier on this day are counted.
    pub(crate) fn open(
        policy: AuditPolicy,
        store: &Store,
        now: Millis,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            policy,
            taken: Mutex::new(match policy {
                AuditPolicy::OFF => Taken::default(),
                _ => taken_on(store, now)?,
            }),
        })
    }

    /// Draws a check or not. If it is drawn: one in how many, at this moment.
    fn draw(
        &self,
        site: &SiteId,
        day: Day,
        verdict: Verdict,
        random: &mut impl Rng,
    ) -> Option<u64> {
        let side = verdict.side()?;
        let one_in = self.policy.one_in(side)?;
        // Nearly all checks end here, before the lock is taken.
        if random.random_range(0..one_in) > 0 {
            return None;
        }
        let mut taken = self.taken.lock();
        let of_site = taken.on(day).entry((site.clone(), side)).or_default();
        let halvings = (*of_site / self.policy.most_per_day).min(MOST_HALVINGS);
        if random.random_range(0..1_u64 << halvings) > 0 {
            return None;
        }
        *of_site += 1;
        Some(one_in << halvings)
    }

    /// The queue row of a check, if it comes into the queue.
    pub(crate) fn consider(&self, record: &Record) -> Option<Waiting> {
        let verdict = record.assessment.verdict;
        let (why, one_in) = match verdict {
            Verdict::Unsure => (Why::Unsure, 1),
            decided => {
                let day = Day::at(record.at);
                let one_in = self.draw(&record.site, day, decided, &mut rand::rng())?;
                (Why::Audit, one_in)
            }
        };
        Some(Waiting {
            guid: record.guid.clone(),
            at: record.at,
            site: record.site.clone(),
            lang: record.assessment.lang.clone(),
            verdict,
            comment: CommentId::of(&record.site, &record.comment),
            why,
            one_in,
            seen: Seen::Never,
        })
    }
}

/// The samples drawn so far on the day of `now`, so that a restart does not begin again at the full
/// rate.
fn taken_on(store: &Store, now: Millis) -> Result<Taken, StoreError> {
    let day = Day::at(now);
    let mut taken = Taken::default();
    let of = taken.on(day);
    let begin = now.div_euclid(DAY_MILLIS) * DAY_MILLIS;
    let day_of = (begin, Bound::Excluded(begin + DAY_MILLIS));
    let checked = store.figures.on(day..=day)?.into_keys();
    for site in checked.map(|of| of.site).collect::<BTreeSet<_>>() {
        for row in store.waiting(&site, Why::Audit, day_of).filter_map(whole) {
            if let Some(side) = row?.verdict.side() {
                *of.entry((site.clone(), side)).or_default() += 1;
            }
        }
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::monitor::audit_estimate::{Answer, Estimate, Interval, Stratum, silent};
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    fn under(policy: AuditPolicy) -> Audits {
        Audits {
            policy,
            taken: Mutex::default(),
        }
    }

    fn audits(one_in: u32, most_per_day: u32) -> Audits {
        under(AuditPolicy {
            one_in_ham: NonZeroU32::new(one_in),
            one_in_spam: None,
            most_per_day: NonZeroU32::new(most_per_day).expect("some"),
        })
    }

    fn site() -> SiteId {
        SiteId::parse("blog.example").expect("a site")
    }

    #[test]
    fn only_decided_checks_of_a_side_that_is_asked_for_are_drawn() {
        let mut random = StdRng::seed_from_u64(1);
        let audits = audits(1, 5);
        let mut draw = |verdict| audits.draw(&site(), Day::at(0), verdict, &mut random);
        assert_eq!(draw(Verdict::Ham), Some(1));
        for verdict in [Verdict::Unsure, Verdict::Spam, Verdict::Discard] {
            assert_eq!(draw(verdict), None);
        }
    }

    #[test]
    fn a_busy_day_brings_few_samples_that_together_stand_for_all_its_checks() {
        let (mut stood_for, mut many) = (0, 0);
        for seed in 0..200 {
            let mut random = StdRng::seed_from_u64(seed);
            let audits = audits(20, 5);
            let mut drawn = Vec::new();
            for _ in 0..20_000 {
                drawn.extend(audits.draw(&site(), Day::at(0), Verdict::Ham, &mut random));
            }
            assert!((5..80).contains(&drawn.len()), "{}", drawn.len());
            assert_eq!(drawn[..5], [20; 5]);
            assert!(drawn.is_sorted());
            many += drawn.len();
            stood_for += drawn.iter().sum::<u64>() / 200;
        }
        println!("{} samples of 20,000 checks", many / 200);
        assert!((18_500..21_500).contains(&stood_for), "{stood_for}");
    }

    #[test]
    fn another_day_even_an_earlier_one_begins_at_the_full_rate() {
        let mut random = StdRng::seed_from_u64(1);
        let audits = audits(1, 1);
        let mut draw = |day| {
            audits.draw(
                &site(),
                Day::at(day * DAY_MILLIS),
                Verdict::Ham,
                &mut random,
            )
        };
        assert_eq!(draw(3), Some(1));
        let rest: Vec<_> = (0..9).filter_map(|_| draw(3)).collect();
        assert!(rest.iter().all(|&one_in| one_in > 1), "{rest:?}");
        assert_eq!(draw(2), Some(1));
        assert_eq!(draw(4), Some(1));
    }

    /// Simulates a week of ten sites whose mistakes are known. Returns whether the two intervals
    /// contain the true rates.
    fn week(seed: u64) -> [bool; 2] {
        let mut random = StdRng::seed_from_u64(seed);
        let audits = under(AuditPolicy {
            one_in_ham: NonZeroU32::new(20),
            one_in_spam: NonZeroU32::new(4),
            most_per_day: NonZeroU32::new(5).expect("some"),
        });
        let [mut ham, mut spam] = [Stratum::default(), Stratum::default()];
        // For each verdict: how many checks, and how many of them are wrong.
        let (mut of_ham, mut of_spam) = ((0_u64, 0_u64), (0_u64, 0_u64));
        for day in 0..7 {
            for site in 0..10 {
                let name = SiteId::parse(&format!("s{site}.example")).expect("a site");
                // Small sites and large ones. On some afternoons comes a campaign that the filter
                // does not know.
                let checks = 60 << (site / 2);
                for nth in 0..checks {
                    let in_campaign = (day + site) % 3 == 0 && nth > checks / 2;
                    let verdict = if random.random_bool(0.4) {
                        Verdict::Spam
                    } else {
                        Verdict::Ham
                    };
                    let is_spam_verdict = verdict == Verdict::Spam;
                    let wrong_share = match (is_spam_verdict, in_campaign) {
                        (true, _) => 0.02,
                        (false, false) => 0.03,
                        (false, true) => 0.25,
                    };
                    let is_wrong = random.random_bool(wrong_share);
                    let (side, sums, stratum) = match is_spam_verdict {
                        true => (Label::Spam, &mut of_spam, &mut spam),
                        false => (Label::Ham, &mut of_ham, &mut ham),
                    };
                    sums.0 += 1;
                    stratum.count(&name, 1);
                    sums.1 += u64::from(is_wrong);
                    let day = Day::at(i64::from(day) * DAY_MILLIS);
                    let Some(one_in) = audits.draw(&name, day, verdict, &mut random) else {
                        continue;
                    };
                    let truth = if is_wrong { side.opposite() } else { side };
                    // Four mistakes in ten are reported before they are seen in the queue. A third
                    // of the other samples is never answered.
                    let answer = if is_wrong && random.random_bool(0.4) {
                        Answer::Reported(truth)
                    } else if random.random_bool(0.66) {
                        Answer::Audited(truth)
                    } else {
                        Answer::Open
                    };
                    stratum.add(&name, side, one_in, answer);
                }
            }
        }
        let estimate = Estimate::of(&spam, &ham, &silent(&spam, &ham));
        let share = |wrong: u64, right: u64| wrong as f64 / (wrong + right) as f64;
        let holds = |rate: Option<Interval>, truth: f64| {
            rate.is_some_and(|rate| (rate.low..=rate.high).contains(&truth))
        };
        [
            holds(
                estimate.false_positives,
                share(of_spam.1, of_ham.0 - of_ham.1),
            ),
            holds(estimate.missed_spam, share(of_ham.1, of_spam.0 - of_spam.1)),
        ]
    }

    #[test]
    fn the_interval_holds_the_truth_in_about_95_of_100_weeks() {
        let weeks = 400;
        let mut held = [0; 2];
        for seed in 0..weeks {
            for (held, holds) in held.iter_mut().zip(week(seed)) {
                *held += u64::from(holds);
            }
        }
        println!(
            "of {weeks} intervals, {held:?} hold the rate of false positives and of missed spam"
        );
        assert!(
            held.iter()
                .all(|held| (weeks * 93 / 100..=weeks * 985 / 1000).contains(held)),
            "{held:?} of {weeks}"
        );
    }
}
