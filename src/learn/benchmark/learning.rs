//! Streams of labelled comments in, errors after a number of labels out: from nothing, from a model
//! alone that knows none of them, and with all layers. Every constant of the live layers is chosen
//! on the development streams, and none on a published stream.

use rand::seq::SliceRandom;
use rand::{SeedableRng, rngs::StdRng};

pub use crate::learn::benchmark::stream::{Learn, Stream};

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::public_streams::streams;
use crate::learn::benchmark::setting::Setting;
use crate::learn::metrics::figures::ScoredExample;
use crate::learn::train::catalogue::{Catalogue, HeldOut, TrainingExamples};
use crate::learn::train::corpus::Example;
use crate::learn::train::fit;
use crate::model::Model;
use crate::verdict::Label;

/// Labels after which errors are counted.
const AFTER: [usize; 5] = [50, 100, 200, 500, 1_000];

fn reached(len: usize) -> impl Iterator<Item = usize> {
    AFTER.into_iter().filter(move |&n| n <= len)
}

/// Comments on the wrong side of p = .5.
fn errors(judged: &[ScoredExample]) -> f64 {
    let wrong = |j: &&ScoredExample| (j.log_odds >= 0.0) != (j.label == Label::Spam);
    judged.iter().filter(wrong).count() as f64
}

/// Corpora whose rows the published streams are made of.
const STREAMED: [&str; 4] = [
    "youtube_spam_uci",
    "vi_smishing",
    "vi_victsd",
    "wp_comments",
];

/// The shipped configuration on everything but what the streams are made of: the model in use has
/// learnt most of their rows, and would only be disturbed.
fn stranger(setting: &Setting<'_>) -> Result<Model, TaskError> {
    let (training, rows, kinds) = setting.shipped_examples()?;
    let is_streamed = |source: usize| {
        let taught = training.taught.get(source);
        taught.is_some_and(|taught| STREAMED.contains(&taught.corpus()))
    };
    let others = rows.iter().filter(|row| !is_streamed(row.source));
    let trained = fit::train(
        others,
        &kinds,
        &setting.config,
        Vec::new(),
        setting.progress,
    )?;
    Ok(trained.model)
}

/// Counts errors after so many labels, of three ways to learn.
pub(super) fn learning(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut outcomes = Vec::new();
    let model = stranger(setting)?;
    for stream in streams(setting)? {
        let mut carried = Vec::new();
        let ways = [
            ("cold", stream.judge(&Model::cold(), Learn::All)),
            ("model alone", stream.judge(&model, Learn::Nothing)),
            (
                "all layers",
                stream.judge_telling(&model, Learn::All, |assessment| {
                    carried.push(assessment.carried.site)
                }),
            ),
        ];
        let figure = |figure: String, ours: f64, n: usize| Outcome {
            task: "learning",
            figure,
            ours,
            floor: None,
            goal: None,
            larger_is_better: false,
            n,
            asked: None,
            interval: None,
        };
        for (way, judged) in &ways {
            for n in reached(judged.len()) {
                let name = format!("{}, {way}: errors in the first {n}", stream.name);
                outcomes.push(figure(name, errors(&judged[..n]), n));
            }
        }
        for n in reached(carried.len()) {
            let last = &carried[n - AFTER[0]..n];
            let mean = last.iter().sum::<f64>() / last.len() as f64;
            let name = format!("{}: the sites' own layers carry, up to {n}", stream.name);
            outcomes.push(figure(name, mean, last.len()));
        }
    }
    Ok(outcomes)
}

/// Streams of rows that no published stream holds and that judge nothing: text messages in the
/// order of their file, our own comments of each language among honest ones, bodies of e-mail, and
/// all of these as four busy sites.
///
/// # Errors
///
/// If the catalogue or a corpus is missing or broken.
pub fn development(setting: &Setting<'_>) -> Result<Vec<Stream>, TaskError> {
    let own = TrainingExamples::gather(&setting.training_data, None, HeldOut::LeaveOut, 1)?;
    let catalogue = Catalogue::read(&setting.training_data.join("corpora.toml"))?;
    let rows = |name: &str, label: Option<Label>, most: usize| -> Result<Vec<Example>, TaskError> {
        let mut rows: Vec<Example> = setting
            .read(name)?
            .into_iter()
            .filter(|row| !row.is_held_out())
            .filter_map(|row| match catalogue.corpus(name) {
                Some(corpus) => corpus.clean_as(row, label),
                None => None,
            })
            .collect();
        if rows.len() > most {
            rows.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
            rows.truncate(most);
        }
        Ok(rows)
    };
    let ours = |lang: &str| {
        let rows = own.examples.iter();
        rows.filter(|row| row.lang.as_deref() == Some(lang))
            .cloned()
            .collect::<Vec<Example>>()
    };
    let ham = Some(Label::Ham);
    let sms = rows("sms_spam_uci", None, usize::MAX)?;
    let mut vi = ours("vi");
    vi.extend(rows("vi_aivivn", ham, 1_600)?);
    let mut en = ours("en");
    en.extend(rows("blog_haacked", ham, 1_000)?);
    en.extend(rows("reddit_goemotions", ham, 600)?);
    let mut mail = rows("email_spamassassin", None, 3_000)?;
    for part in [&mut vi, &mut en, &mut mail] {
        part.shuffle(&mut StdRng::seed_from_u64(7));
    }
    let named = [("sms", sms), ("own vi", vi), ("own en", en), ("mail", mail)];
    let mut all: Vec<Example> = Vec::new();
    let mut streams = Vec::new();
    for (name, rows) in named {
        let rows: Vec<Example> = rows
            .into_iter()
            .map(|row| Example {
                group: Some(name.to_owned()),
                ..row
            })
            .collect();
        streams.push(Stream::of(name, &rows));
        all.extend(rows.into_iter().take(1_500));
    }
    all.shuffle(&mut StdRng::seed_from_u64(7));
    streams.push(Stream::of("four sites", &all));
    Ok(streams)
}
