//! Two verdicts of each check in, the differences between two models out. The numbers of sites and
//! of checks shown are limited. Never keeps text.

use std::collections::{BTreeMap, HashMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::clock::Millis;
use crate::comment::SiteId;
use crate::verdict::{Assessment, Verdict};

/// How many sites are counted by name. Checks of further sites are counted together.
const MOST_SITES: usize = 1_000;
/// The name for these together. It cannot be a site, because a site's name has no brackets.
const OTHER_SITES: &str = "(other sites)";
/// How many checks with two verdicts are listed: the last ones.
const MOST_NAMED: usize = 100;

/// How many checks had this pair of verdicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerdictPair {
    /// The verdict of the live model.
    pub live: Verdict,
    /// The verdict of the candidate.
    pub candidate: Verdict,
    /// How many checks.
    pub checks: u64,
}

/// The counts of one site or language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// The site, or `vi`, `en`, `und`.
    pub name: String,
    /// Checks compared.
    pub checks: u64,
    /// Checks among them with two verdicts.
    pub differ: u64,
}

/// A check whose two verdicts differ.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Id of the check.
    pub guid: String,
    /// When it was made, in milliseconds since 1970.
    pub at: Millis,
    /// The site.
    pub site: SiteId,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// The verdict of the live model.
    pub live: Verdict,
    /// The verdict of the candidate.
    pub candidate: Verdict,
    /// P(spam) of the live model, in 0..=1.
    pub live_probability: f64,
    /// P(spam) of the candidate, in 0..=1.
    pub candidate_probability: f64,
}

/// The differences between a candidate and the live model so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ShadowReport {
    /// Id of the candidate.
    pub candidate: String,
    /// Id of the live model. When another model goes live, all figures but `dropped` begin again.
    pub live: String,
    /// When the comparison began, in milliseconds since 1970.
    pub since: Millis,
    /// Whether the candidate became the live model, which ended the comparison.
    pub went_live: bool,
    /// Checks compared.
    pub checks: u64,
    /// Checks among them with two verdicts.
    pub differ: u64,
    /// Checks that were not compared, because too many came at once or the store could not be read.
    pub dropped: u64,
    /// How many checks had each pair of verdicts, in the order of verdicts.
    pub pairs: Vec<VerdictPair>,
    /// By language.
    pub languages: Vec<Part>,
    /// By site, those with most differences first.
    pub sites: Vec<Part>,
    /// Mean of the candidate's P(spam) minus the live model's. Above 0 the candidate sees more
    /// spam.
    pub mean_difference: f64,
    /// Mean absolute difference of the two P(spam).
    pub mean_distance: f64,
    /// The last checks with two verdicts, the newest first.
    pub last: Vec<Difference>,
}

#[derive(Debug, Default)]
struct OfPart {
    checks: u64,
    differ: u64,
}

impl OfPart {
    fn count(&mut self, differs: bool) {
        self.checks += 1;
        self.differ += u64::from(differs);
    }

    fn named(&self, name: String) -> Part {
        Part {
            name,
            checks: self.checks,
            differ: self.differ,
        }
    }
}

/// What is known of one check before the candidate judges it.
#[derive(Debug, Clone)]
pub(crate) struct Answered {
    pub(crate) guid: String,
    pub(crate) at: Millis,
    pub(crate) site: SiteId,
    pub(crate) verdict: Verdict,
    pub(crate) probability: f64,
    /// Id of the model that answered.
    pub(crate) model: String,
}

/// The counts of one candidate against one live model.
#[derive(Debug)]
pub(crate) struct Figures {
    live: String,
    since: Millis,
    of_all: OfPart,
    pairs: BTreeMap<(Verdict, Verdict), u64>,
    languages: BTreeMap<String, OfPart>,
    sites: HashMap<String, OfPart>,
    difference: f64,
    distance: f64,
    last: VecDeque<Difference>,
}

impl Figures {
    pub(crate) fn new(live: String, since: Millis) -> Self {
        Self {
            live,
            since,
            of_all: OfPart::default(),
            pairs: BTreeMap::new(),
            languages: BTreeMap::new(),
            sites: HashMap::new(),
            difference: 0.0,
            distance: 0.0,
            last: VecDeque::new(),
        }
    }

    pub(crate) fn live(&self) -> &str {
        &self.live
    }

    /// Counts one check; returns whether its two verdicts differ.
    pub(crate) fn count(&mut self, answered: Answered, candidate: &Assessment) -> bool {
        let differs = answered.verdict != candidate.verdict;
        self.of_all.count(differs);
        let pair = (answered.verdict, candidate.verdict);
        *self.pairs.entry(pair).or_default() += 1;
        // Not `entry`, which would copy the name for every check.
        match self.languages.get_mut(&candidate.lang) {
            Some(part) => part.count(differs),
            None => {
                let part = self.languages.entry(candidate.lang.clone());
                part.or_default().count(differs);
            }
        }
        match self.sites.get_mut(answered.site.as_str()) {
            Some(part) => part.count(differs),
            None => {
                let name = if self.sites.len() < MOST_SITES {
                    answered.site.as_str()
                } else {
                    OTHER_SITES
                };
                let part = self.sites.entry(name.to_owned());
                part.or_default().count(differs);
            }
        }
        let difference = candidate.probability - answered.probability;
        self.difference += difference;
        self.distance += difference.abs();
        if differs {
            self.last.truncate(MOST_NAMED - 1);
            self.last.push_front(Difference {
                guid: answered.guid,
                at: answered.at,
                site: answered.site,
                lang: candidate.lang.clone(),
                live: answered.verdict,
                candidate: candidate.verdict,
                live_probability: answered.probability,
                candidate_probability: candidate.probability,
            });
        }
        differs
    }

    pub(crate) fn report(&self, candidate: &str, dropped: u64, went_live: bool) -> ShadowReport {
        let mut sites: Vec<Part> = self
            .sites
            .iter()
            .map(|(name, part)| part.named(name.clone()))
            .collect();
        sites.sort_by(|a, b| (b.differ, b.checks, &a.name).cmp(&(a.differ, a.checks, &b.name)));
        let checks = self.of_all.checks;
        let mean = |sum: f64| {
            if checks == 0 {
                0.0
            } else {
                sum / checks as f64
            }
        };
        ShadowReport {
            candidate: candidate.to_owned(),
            live: self.live.clone(),
            since: self.since,
            went_live,
            checks,
            differ: self.of_all.differ,
            dropped,
            pairs: self
                .pairs
                .iter()
                .map(|(&(live, candidate), &checks)| VerdictPair {
                    live,
                    candidate,
                    checks,
                })
                .collect(),
            languages: self
                .languages
                .iter()
                .map(|(name, part)| part.named(name.clone()))
                .collect(),
            sites,
            mean_difference: mean(self.difference),
            mean_distance: mean(self.distance),
            last: self.last.iter().cloned().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::model::Model;
    use crate::model::layers::Live;

    fn answered(n: usize, site: &str, verdict: Verdict, probability: f64) -> Answered {
        Answered {
            guid: format!("{n:032x}"),
            at: n as Millis,
            site: SiteId::parse(site).expect("a site"),
            verdict,
            probability,
            model: "live".to_owned(),
        }
    }

    fn thought(verdict: Verdict, probability: f64) -> Assessment {
        let nothing = Default::default();
        let live = Live {
            shared: &nothing,
            site: None,
        };
        let comment = Comment::from_text("one two three");
        Assessment {
            verdict,
            probability,
            lang: "en".into(),
            ..crate::filter::check(&Model::cold(), &comment, live)
        }
    }

    #[test]
    fn every_check_is_in_all_sums_and_the_last_differences_are_named() {
        let mut figures = Figures::new("live".into(), 7);
        let (ham, spam) = (thought(Verdict::Ham, 0.1), thought(Verdict::Spam, 0.9));
        for n in 0..MOST_NAMED + 20 {
            assert!(figures.count(answered(n, "a.example", Verdict::Ham, 0.1), &spam));
        }
        assert!(!figures.count(answered(999, "b.example", Verdict::Ham, 0.1), &ham));
        let report = figures.report("candidate", 3, false);
        assert_eq!(
            (report.checks, report.differ, report.dropped),
            (121, 120, 3)
        );
        assert_eq!(report.pairs.iter().map(|p| p.checks).sum::<u64>(), 121);
        assert_eq!(report.sites.iter().map(|p| p.checks).sum::<u64>(), 121);
        assert_eq!(report.sites[0].name, "a.example");
        assert_eq!(report.languages[0].differ, 120);
        assert!((report.mean_difference - 0.8 * 120.0 / 121.0).abs() < 1e-9);
        assert_eq!(report.last.len(), MOST_NAMED);
        assert_eq!(report.last[0].guid, format!("{:032x}", 119));
    }

    #[test]
    fn a_candidate_that_errs_to_both_sides_has_a_small_difference_and_a_large_distance() {
        let mut figures = Figures::new("live".into(), 7);
        let (ham, spam) = (thought(Verdict::Ham, 0.1), thought(Verdict::Spam, 0.9));
        figures.count(answered(1, "a.example", Verdict::Ham, 0.1), &spam);
        figures.count(answered(2, "a.example", Verdict::Spam, 0.9), &ham);
        let report = figures.report("candidate", 0, false);
        assert!(report.mean_difference.abs() < 1e-9);
        assert!((report.mean_distance - 0.8).abs() < 1e-9);
    }

    #[test]
    fn sites_without_end_take_no_memory_without_end() {
        let mut figures = Figures::new("live".into(), 7);
        let ham = thought(Verdict::Ham, 0.1);
        for n in 0..2 * MOST_SITES {
            let site = format!("s{n}.example");
            figures.count(answered(n, &site, Verdict::Ham, 0.1), &ham);
        }
        let report = figures.report("candidate", 0, false);
        assert_eq!(report.sites.len(), MOST_SITES + 1);
        assert_eq!(report.sites[0].name, OTHER_SITES);
        assert_eq!(report.sites[0].checks, MOST_SITES as u64);
    }
}
