//! The published streams in, the figures of a filter that learns each comment after it was judged
//! out. It starts from nothing.

use std::collections::BTreeMap;

use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::stream::{Learn, Stream};
use crate::learn::metrics::figures::ScoredExample;
use crate::learn::metrics::measures::Rate;
use crate::learn::train::corpus::{CorpusError, Example};
use crate::model::Model;
use crate::verdict::Label;

/// The published streams.
///
/// # Errors
///
/// If one of their corpora is missing or broken.
pub fn streams(setting: &Setting<'_>) -> Result<Vec<Stream>, TaskError> {
    let youtube = setting.read("youtube_spam_uci")?;
    Ok(vec![
        Stream::of("stream-youtube", round_robin(&youtube)),
        Stream::of("stream-vi", &vietnamese(setting)?),
        Stream::of("stream-wp", &wordpress(setting)?),
    ])
}

/// Comments under five videos, in turn.
pub(super) fn stream_youtube(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let all = setting.read("youtube_spam_uci")?;
    let recorded = prequential(&Model::cold(), round_robin(&all));
    Ok(after_200("stream-youtube", &recorded))
}

/// Vietnamese scams among comments of newspaper readers, shuffled by a fixed seed.
pub(super) fn stream_vi(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let recorded = prequential(&Model::cold(), &vietnamese(setting)?);
    let all: Vec<&ScoredExample> = recorded.iter().collect();
    Ok(vec![
        figures::recall_at("stream-vi", "recall at .1 % FP", &all, 0.001),
        figures::share(
            "stream-vi",
            "errors",
            Rate::count(&recorded, ScoredExample::is_error),
        ),
    ])
}

/// Comment queues of WordPress sites, in time order.
pub(super) fn stream_wp(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let recorded = prequential(&Model::cold(), &wordpress(setting)?);
    Ok(after_200("stream-wp", &recorded))
}

fn prequential<'a>(
    model: &Model,
    rows: impl IntoIterator<Item = &'a Example>,
) -> Vec<ScoredExample> {
    Stream::of("", rows).judge(model, Learn::All)
}

/// The figures of a stream once it is warm.
fn after_200(task: &'static str, recorded: &[ScoredExample]) -> Vec<Outcome> {
    let after = &recorded[200.min(recorded.len())..];
    let all: Vec<&ScoredExample> = after.iter().collect();
    vec![
        figures::auc(task, "AUC after 200", &all),
        figures::accuracy(task, "accuracy after 200", after),
    ]
}

fn round_robin(all: &[Example]) -> Vec<&Example> {
    let mut order: Vec<&str> = Vec::new();
    let mut by_site: BTreeMap<&str, Vec<&Example>> = BTreeMap::new();
    for example in all {
        let site = example.group.as_deref().unwrap_or("");
        if !by_site.contains_key(site) {
            order.push(site);
        }
        by_site.entry(site).or_default().push(example);
    }
    let longest = by_site.values().map(Vec::len).max().unwrap_or(0);
    (0..longest)
        .flat_map(|at| order.iter().map(move |site| (site, at)).collect::<Vec<_>>())
        .filter_map(|(site, at)| by_site[*site].get(at).copied())
        .collect()
}

fn vietnamese(setting: &Setting<'_>) -> Result<Vec<Example>, CorpusError> {
    use rand::seq::{IndexedRandom, SliceRandom};
    use rand::{SeedableRng, rngs::StdRng};
    let spam = setting.read("vi_smishing")?;
    let mut rng = StdRng::seed_from_u64(7);
    let ham: Vec<Example> = setting.read("vi_victsd")?;
    let mut stream: Vec<Example> = ham
        .choose_multiple(&mut rng, 1861)
        .cloned()
        .map(|e| Example {
            label: Some(Label::Ham),
            group: None,
            ..e
        })
        .chain(spam)
        .collect();
    stream.shuffle(&mut rng);
    Ok(stream)
}

fn wordpress(setting: &Setting<'_>) -> Result<Vec<Example>, CorpusError> {
    let mut all: Vec<Example> = setting
        .read("wp_comments")?
        .into_iter()
        .filter(|e| e.label.is_some() && e.trusted != Some(false))
        .collect();
    all.sort_by(|a, b| (&a.date, &a.group).cmp(&(&b.date, &b.group)));
    Ok(all)
}
