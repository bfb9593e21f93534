//! Figures to choose a recipe by: on training parts alone, each comment judged by a model that left out its fold, its corpus or both.
//! No row that judges a published figure is looked at.

use crate::features::Features;
use crate::learn::benchmark::attacks::{ATTACKS, Attack};
use crate::learn::benchmark::shipped::SPAM;
use crate::learn::benchmark::{Outcome, Setting, TaskError, figures, vispamreviews_dev};
use crate::learn::metrics::measures::{Judged, auc, recall_at_fp};
use crate::learn::train::fit::{self, Prepared, Recipe};
use crate::model::Model;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::verdict::{Label, Verdict};

/// Share of honest comments above the threshold at which attacks are tried.
const RATE: f64 = 0.003;

/// Rows of each source and label that attacks are tried on: a sample, or they would take minutes.
const MOST_ATTACKED: usize = 250;

/// A comment of the lesson, judged by a model that did not learn it.
struct LeftOut {
    at: usize,
    judged: Judged,
    prevalence: f64,
}

pub(super) fn run(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let (lesson, rows, kinds) = setting.shipped_lesson()?;
    let recipe = Recipe {
        folds: 0,
        ..setting.recipe.clone()
    };
    let fit = |keep: &(dyn Fn(&Prepared) -> bool + Sync)| {
        let part = rows.iter().filter(|row| keep(row));
        fit::train(part, &kinds, &recipe, Vec::new(), &|_, _, _| ()).map(|t| t.model)
    };
    let folds = setting.recipe.folds.max(2);
    let fold_of = |row: &Prepared| row.fold(folds);
    let of_source = |name: &str| {
        let named = lesson.taught.iter().enumerate();
        let ids: Vec<usize> = named
            .filter(|(_, taught)| taught.name.contains(name))
            .map(|(id, _)| id)
            .collect();
        ids
    };

    // Left out by fold: how well it tells apart, and how well it withstands attacks.
    let mut left_out = Vec::new();
    let mut attacked: Vec<(&Attack, Attacked)> =
        ATTACKS.iter().map(|a| (a, Attacked::default())).collect();
    for fold in 0..folds {
        (setting.progress)("left out by fold", fold as usize, folds as usize);
        let model = fit(&|row| fold_of(row) != fold)?;
        let of_fold: Vec<LeftOut> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| fold_of(row) == fold)
            .map(|(at, row)| LeftOut {
                at,
                judged: judged(
                    &model,
                    &Features::of(&lesson.examples[at].comment),
                    row.label,
                ),
                prevalence: row.prevalence,
            })
            .collect();
        // Half of the folds say enough about attacks.
        if fold % 2 == 0 {
            let threshold = threshold(&of_fold);
            let sample = sample(&of_fold, &rows);
            for (attack, found) in &mut attacked {
                for row in &sample {
                    let mut comment = lesson.examples[row.at].comment.clone();
                    comment.text = (attack.apply)(&comment.text);
                    let now = judged(&model, &Features::of(&comment), row.judged.label);
                    found.note(&row.judged, &now, threshold);
                }
            }
        }
        left_out.extend(of_fold);
    }
    let mut outcomes = Vec::new();
    let mut told = |figure: String, ours: f64, n: usize| {
        outcomes.push(figures::outcome("choosing", figure, ours, None, n))
    };
    let corpora = [
        "youtube_spam_uci",
        "sms_spam_uci",
        "vi_smishing",
        "wp_comments",
        "blog_haacked",
        "reddit",
        "vi_victsd",
        "vi_aivivn",
    ];
    for (name, sources) in [
        ("own en", of_source("training-data/en")),
        ("own vi", of_source("training-data/vi")),
        ("youtube", of_source("youtube")),
        ("wp_comments", of_source("wp_comments")),
        (
            "corpora",
            corpora.iter().flat_map(|name| of_source(name)).collect(),
        ),
    ] {
        let judged: Vec<Judged> = left_out
            .iter()
            .filter(|row| sources.contains(&rows[row.at].source))
            .map(|row| row.judged.clone())
            .collect();
        told(
            format!("AUC {name}"),
            auc(&judged).unwrap_or(0.0),
            judged.len(),
        );
        told(
            format!("recall at 1 % FP {name}"),
            recall_at_fp(&judged, 0.01).unwrap_or(0.0),
            judged.len(),
        );
    }
    let threshold = threshold(&left_out);
    for name in SPAM
        .into_iter()
        .chain(["training-data/en", "training-data/vi"])
    {
        let sources = of_source(name);
        let spam: Vec<&LeftOut> = left_out
            .iter()
            .filter(|row| row.judged.label == Label::Spam && sources.contains(&rows[row.at].source))
            .collect();
        let caught = spam.iter().filter(|row| row.judged.log_odds >= threshold);
        told(
            format!("caught at .3 % {name}"),
            caught.count() as f64 / spam.len().max(1) as f64,
            spam.len(),
        );
    }
    for (attack, found) in &attacked {
        told(format!("kept: {}", attack.name), found.kept(), found.spam);
        told(
            format!("FP times: {}", attack.name),
            found.times(),
            found.ham,
        );
    }

    // Left out by corpus: spam of a kind never seen, beside ham of a fold never seen.
    let mut mean = 0.0;
    for (at, name) in SPAM.into_iter().enumerate() {
        (setting.progress)("left out by corpus", at, SPAM.len());
        let sources = of_source(name);
        let model = fit(&|row| fold_of(row) != 0 && !sources.contains(&row.source))?;
        let judged: Vec<Judged> = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| match row.label {
                Label::Spam => sources.contains(&row.source),
                Label::Ham => fold_of(row) == 0 && row.prevalence == 1.0,
            })
            .map(|(at, row)| {
                judged(
                    &model,
                    &Features::of(&lesson.examples[at].comment),
                    row.label,
                )
            })
            .collect();
        let area = auc(&judged).unwrap_or(0.0);
        mean += area / SPAM.len() as f64;
        told(format!("transfer AUC {name}"), area, judged.len());
        told(
            format!("transfer recall at 1 % FP {name}"),
            recall_at_fp(&judged, 0.01).unwrap_or(0.0),
            judged.len(),
        );
    }
    told("transfer AUC, mean".to_owned(), mean, rows.len());
    let (dev, n) = vispamreviews_dev(setting)?;
    told("vispamreviews macro-F1 on dev".to_owned(), dev, n);
    Ok(outcomes)
}

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
    fn note(&mut self, before: &Judged, now: &Judged, threshold: f64) {
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

fn judged(model: &Model, features: &Features, label: Label) -> Judged {
    let none = Counts::default();
    let live = Live {
        shared: &none,
        site: None,
    };
    Judged {
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
