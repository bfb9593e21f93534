//! The training set in, figures to choose a training configuration by out: how well each row is
//! judged by a model that left out its fold, its corpus or both. No row that judges a published
//! figure is read (docs/DECISIONS.md, "Training configurations are chosen on training data alone").

use crate::features::Features;
use crate::learn::benchmark::attacks::{ATTACKS, Attack};
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::public_splits::vispamreviews_dev;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::shipped::SPAM;
use crate::learn::metrics::measures::{ScoredExample, auc, recall_at_fp};
use crate::learn::train::catalogue::TrainingExamples;
use crate::learn::train::fit::{self, Prepared, TrainConfig, TrainError};
use crate::learn::train::rows::Kinds;
use crate::model::Model;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::verdict::{Label, Verdict};

/// Share of honest comments above the threshold at which attacks are tried.
const RATE: f64 = 0.003;

/// Rows of each source and label that attacks are tried on: a sample, or they would take minutes.
const MOST_ATTACKED: usize = 250;

/// A comment of the training examples, judged by a model that did not learn it.
struct LeftOut {
    at: usize,
    judged: ScoredExample,
    prevalence: f64,
}

/// Runs the task: it trains a model for each fold and each corpus.
pub(super) fn run(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let (training, rows, kinds) = setting.shipped_examples()?;
    let choosing = Choosing {
        setting,
        training: &training,
        rows: &rows,
        kinds: &kinds,
        config: TrainConfig {
            folds: 0,
            ..setting.config.clone()
        },
        folds: setting.config.folds.max(2),
    };
    let (left_out, attacked) = choosing.leave_out_folds()?;
    let mut outcomes = choosing.tells_apart(&left_out);
    outcomes.extend(choosing.catches(&left_out));
    for (attack, found) in &attacked {
        let kept = format!("kept: {}", attack.name);
        outcomes.push(outcome(kept, found.kept(), found.spam));
        let times = format!("FP times: {}", attack.name);
        outcomes.push(outcome(times, found.times(), found.ham));
    }
    outcomes.extend(choosing.leave_out_corpora()?);
    let (dev, n) = vispamreviews_dev(setting)?;
    outcomes.push(outcome("vispamreviews macro-F1 on dev".to_owned(), dev, n));
    Ok(outcomes)
}

fn outcome(figure: String, ours: f64, n: usize) -> Outcome {
    figures::outcome("choosing", figure, ours, None, n)
}

/// Corpora whose rows stand together under the name `corpora`.
const CORPORA: [&str; 8] = [
    "youtube_spam_uci",
    "sms_spam_uci",
    "vi_smishing",
    "wp_comments",
    "blog_haacked",
    "reddit",
    "vi_victsd",
    "vi_aivivn",
];

/// The rows that teach, and how models of parts of them are trained.
struct Choosing<'a> {
    setting: &'a Setting<'a>,
    training: &'a TrainingExamples,
    rows: &'a [Prepared],
    kinds: &'a Kinds,
    /// Without folds of its own: no figure here needs calibrating.
    config: TrainConfig,
    folds: u64,
}

impl Choosing<'_> {
    /// A model of some of the rows.
    fn fit(&self, keep: impl Fn(&Prepared) -> bool) -> Result<Model, TrainError> {
        let part = self.rows.iter().filter(|row| keep(row));
        fit::train(part, self.kinds, &self.config, Vec::new(), &|_, _, _| ()).map(|t| t.model)
    }

    fn fold_of(&self, row: &Prepared) -> u64 {
        row.fold(self.folds)
    }

    /// Numbers of the sources whose name contains this one.
    fn sources(&self, name: &str) -> Vec<usize> {
        let named = self.training.taught.iter().enumerate();
        named
            .filter(|(_, taught)| taught.name.contains(name))
            .map(|(id, _)| id)
            .collect()
    }

    /// What a model says of the example at a place.
    fn score(&self, model: &Model, at: usize) -> ScoredExample {
        let features = Features::of(&self.training.examples[at].comment);
        judged(model, &features, self.rows[at].label)
    }

    /// Left out by fold: how well it tells apart, and how well it withstands attacks.
    fn leave_out_folds(&self) -> Result<(Vec<LeftOut>, Vec<AttackFound>), TrainError> {
        let mut left_out = Vec::new();
        let mut attacked: Vec<AttackFound> =
            ATTACKS.iter().map(|a| (a, Attacked::default())).collect();
        for fold in 0..self.folds {
            (self.setting.progress)("left out by fold", fold as usize, self.folds as usize);
            let model = self.fit(|row| self.fold_of(row) != fold)?;
            let of_fold: Vec<LeftOut> = self
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| self.fold_of(row) == fold)
                .map(|(at, row)| LeftOut {
                    at,
                    judged: self.score(&model, at),
                    prevalence: row.prevalence,
                })
                .collect();
            // Half of the folds say enough about attacks.
            if fold % 2 == 0 {
                self.attack(&model, &of_fold, &mut attacked);
            }
            left_out.extend(of_fold);
        }
        Ok((left_out, attacked))
    }

    /// Tries all attacks on a sample of a fold.
    fn attack(&self, model: &Model, of_fold: &[LeftOut], attacked: &mut [AttackFound]) {
        let threshold = threshold(of_fold);
        let sample = sample(of_fold, self.rows);
        for (attack, found) in attacked {
            for row in &sample {
                let mut comment = self.training.examples[row.at].comment.clone();
                comment.text = (attack.apply)(&comment.text);
                let now = judged(model, &Features::of(&comment), row.judged.label);
                found.note(&row.judged, &now, threshold);
            }
        }
    }

    /// The order of scores, by source.
    fn tells_apart(&self, left_out: &[LeftOut]) -> Vec<Outcome> {
        let named = [
            ("own en", self.sources("training-data/en")),
            ("own vi", self.sources("training-data/vi")),
            ("youtube", self.sources("youtube")),
            ("wp_comments", self.sources("wp_comments")),
            (
                "corpora",
                CORPORA.iter().flat_map(|name| self.sources(name)).collect(),
            ),
        ];
        let mut outcomes = Vec::new();
        for (name, sources) in named {
            let judged: Vec<ScoredExample> = left_out
                .iter()
                .filter(|row| sources.contains(&self.rows[row.at].source))
                .map(|row| row.judged.clone())
                .collect();
            outcomes.extend(order_of_scores("", name, &judged));
        }
        outcomes
    }

    /// Spam above the threshold that few honest comments exceed, by source.
    fn catches(&self, left_out: &[LeftOut]) -> Vec<Outcome> {
        let threshold = threshold(left_out);
        let own = ["training-data/en", "training-data/vi"];
        let names = SPAM.into_iter().chain(own);
        names
            .map(|name| {
                let sources = self.sources(name);
                let is_of = |row: &&LeftOut| {
                    row.judged.label == Label::Spam && sources.contains(&self.rows[row.at].source)
                };
                let spam: Vec<&LeftOut> = left_out.iter().filter(is_of).collect();
                let caught = spam.iter().filter(|row| row.judged.log_odds >= threshold);
                let share = caught.count() as f64 / spam.len().max(1) as f64;
                outcome(format!("caught at .3 % {name}"), share, spam.len())
            })
            .collect()
    }

    /// Left out by corpus: spam of a kind never seen, beside ham of a fold never seen.
    fn leave_out_corpora(&self) -> Result<Vec<Outcome>, TrainError> {
        let mut outcomes = Vec::new();
        let mut mean = 0.0;
        for (at, name) in SPAM.into_iter().enumerate() {
            (self.setting.progress)("left out by corpus", at, SPAM.len());
            let sources = self.sources(name);
            let model = self.fit(|row| self.fold_of(row) != 0 && !sources.contains(&row.source))?;
            let judged: Vec<ScoredExample> = self
                .rows
                .iter()
                .enumerate()
                .filter(|(_, row)| match row.label {
                    Label::Spam => sources.contains(&row.source),
                    Label::Ham => self.fold_of(row) == 0 && row.prevalence == 1.0,
                })
                .map(|(at, _)| self.score(&model, at))
                .collect();
            mean += auc(&judged).unwrap_or(0.0) / SPAM.len() as f64;
            outcomes.extend(order_of_scores("transfer ", name, &judged));
        }
        outcomes.push(outcome(
            "transfer AUC, mean".to_owned(),
            mean,
            self.rows.len(),
        ));
        Ok(outcomes)
    }
}

/// How well scores tell the two labels apart.
fn order_of_scores(prefix: &str, name: &str, judged: &[ScoredExample]) -> [Outcome; 2] {
    let n = judged.len();
    let area = auc(judged).unwrap_or(0.0);
    let recall = recall_at_fp(judged, 0.01).unwrap_or(0.0);
    [
        outcome(format!("{prefix}AUC {name}"), area, n),
        outcome(format!("{prefix}recall at 1 % FP {name}"), recall, n),
    ]
}

/// An attack, and what it did.
type AttackFound = (&'static Attack, Attacked);

/// What an attack did.
#[derive(Default)]
struct Attacked {
    spam: usize,
    kept: usize,
    ham: usize,
    called_spam_before: usize,
    called_spam: usize,
}

impl Attacked {
    fn note(&mut self, before: &ScoredExample, now: &ScoredExample, threshold: f64) {
        let (was, is) = (
            usize::from(before.log_odds >= threshold),
            usize::from(now.log_odds >= threshold),
        );
        match before.label {
            Label::Spam => {
                self.spam += was;
                self.kept += was * is;
            }
            Label::Ham => {
                self.ham += 1;
                self.called_spam_before += was;
                self.called_spam += is;
            }
        }
    }

    fn kept(&self) -> f64 {
        self.kept as f64 / self.spam.max(1) as f64
    }

    fn times(&self) -> f64 {
        self.called_spam as f64 / self.called_spam_before.max(1) as f64
    }
}

/// What the model alone says, as a raw score: nothing here needs a probability or a verdict.
fn judged(model: &Model, features: &Features, label: Label) -> ScoredExample {
    let none = Counts::default();
    let live = Live {
        shared: &none,
        site: None,
    };
    ScoredExample {
        label,
        log_odds: model.score(features, live).raw,
        probability: 0.0,
        verdict: Verdict::Unsure,
        lang: features.language,
        group: None,
    }
}

/// The score that so many honest comments exceed, our hard ones counted as rarely as they come.
fn threshold(rows: &[LeftOut]) -> f64 {
    let mut ham: Vec<(f64, f64)> = rows
        .iter()
        .filter(|row| row.judged.label == Label::Ham)
        .map(|row| (row.judged.log_odds, row.prevalence))
        .collect();
    ham.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let most = ham.iter().map(|(_, prevalence)| prevalence).sum::<f64>() * RATE;
    let mut above = 0.0;
    ham.iter()
        .find(|(_, prevalence)| {
            above += prevalence;
            above > most
        })
        .map_or(0.0, |(score, _)| *score)
}

/// Some rows of each source and label.
fn sample<'a>(rows: &'a [LeftOut], prepared: &[Prepared]) -> Vec<&'a LeftOut> {
    let mut taken = std::collections::HashMap::new();
    rows.iter()
        .filter(|row| {
            let of = (prepared[row.at].source, row.judged.label);
            let taken = taken.entry(of).or_insert(0);
            *taken += 1;
            *taken <= MOST_ATTACKED
        })
        .collect()
}
