//! Honest comments in that share words, name, network or script with a comment that was rightly
//! labelled spam; how they are judged after one, three and ten labels out. None of them has a label
//! itself.

use crate::features::Features;
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam, is_unsure};
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::parallel::in_parallel;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::shipped::held_out;
use crate::learn::benchmark::site::Site;
use crate::learn::metrics::measures::{Rate, ScoredExample};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::verdict::{Label, Verdict};

const TASK: &str = "neighbours";
/// Sites of each kind, each with its own spammer and its own neighbours.
const SITES: usize = 40;
/// Honest neighbours judged on each site.
const NEIGHBOURS: usize = 10;
const LABELS: [usize; 3] = [1, 3, 10];

/// What the neighbours share with the spammer.
#[derive(Clone, Copy)]
enum Shares {
    /// The words: honest praise under a spam signature; others praise in the same words.
    Words,
    /// The name everybody has who gives none.
    Name,
    /// The network: /24.
    Network,
    /// Cyrillic letters.
    Script,
    /// Nothing but the site.
    Nothing,
}

const KINDS: [(&str, Shares); 5] = [
    ("same thanks", Shares::Words),
    ("same name", Shares::Name),
    ("same network", Shares::Network),
    ("same script", Shares::Script),
    ("same site", Shares::Nothing),
];

/// The spammer's comments, one more than are labelled, and honest ones beside them.
struct Scene {
    spam: Vec<Example>,
    honest: Vec<Example>,
}

/// Rows that scenes are made of.
struct Stock {
    /// Spam with a signature that is its offer.
    signed: Vec<Example>,
    spam: Vec<Example>,
    thanks: Vec<Example>,
    honest: Vec<Example>,
    cyrillic_spam: Vec<Example>,
    cyrillic_honest: Vec<Example>,
}

/// Honest comments on a site that has one spam label about something like them.
pub(super) fn neighbours(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let stock = stock(setting)?;
    let mut outcomes = Vec::new();
    for (name, shares) in KINDS {
        let judged = in_parallel(SITES, |at| play(setting, &scene(&stock, shares, at)));
        for (step, labels) in LABELS.into_iter().enumerate() {
            let part = || judged.iter().map(|steps| &steps[step]);
            let named = |figure: &str| format!("{name}, {labels} labels: {figure}");
            let honest: Vec<&ScoredExample> = part().flat_map(|(honest, _)| honest).collect();
            let next: Vec<&ScoredExample> = part().map(|(_, next)| next).collect();
            let share = |figure: &str, rows: &[&ScoredExample], is: fn(&ScoredExample) -> bool| {
                figures::share(TASK, named(figure), Rate::count(rows.iter().copied(), is))
            };
            outcomes.extend([
                share("honest held", &honest, is_unsure),
                share("honest called spam", &honest, is_spam),
                share("next spam called ham", &next, is_ham),
            ]);
        }
    }
    Ok(outcomes)
}

/// After each number of labels: the honest ones that were ham before any label, and the spammer's
/// next.
fn play(setting: &Setting<'_>, scene: &Scene) -> Vec<(Vec<ScoredExample>, ScoredExample)> {
    let read = |row: &Example| Features::of(&row.comment);
    let honest: Vec<Features> = scene.honest.iter().map(read).collect();
    let spam: Vec<Features> = scene.spam.iter().map(read).collect();
    let mut site = Site::new(&setting.model);
    let honest: Vec<Features> = honest
        .into_iter()
        .filter(|row| site.judge(row, Label::Ham, None).verdict == Verdict::Ham)
        .collect();
    let mut given = 0;
    LABELS
        .into_iter()
        .map(|labels| {
            while given < labels.min(spam.len() - 1) {
                site.label(&spam[given], Label::Spam);
                given += 1;
            }
            let judged = honest.iter().map(|row| site.judge(row, Label::Ham, None));
            let next = site.judge(&spam[spam.len() - 1], Label::Spam, None);
            (judged.collect(), next)
        })
        .collect()
}

fn stock(setting: &Setting<'_>) -> Result<Stock, TaskError> {
    let shuffled = |mut rows: Vec<Example>| {
        rows.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
        rows
    };
    let queue = |label| held_out(setting, "blog_queues", label).map(shuffled);
    let is_cyrillic = |row: &Example| {
        let letters = row.comment.text.chars().filter(|c| c.is_alphabetic());
        let cyrillic = |c: &char| ('\u{400}'..='\u{52f}').contains(c);
        letters.clone().filter(cyrillic).count() * 2 > letters.count()
    };
    let words = |row: &Example| row.comment.text.split_whitespace().count();
    let (cyrillic_spam, spam): (Vec<_>, Vec<_>) =
        queue(Label::Spam)?.into_iter().partition(is_cyrillic);
    let (cyrillic_honest, queue_honest): (Vec<_>, Vec<_>) =
        queue(Label::Ham)?.into_iter().partition(is_cyrillic);
    let mut honest = shuffled(held_out(setting, "blog_haacked", Label::Ham)?);
    honest.truncate(400);
    honest.extend(
        shuffled(held_out(setting, "vi_victsd", Label::Ham)?)
            .into_iter()
            .take(400),
    );
    honest.extend(queue_honest.into_iter().take(400));
    let honest = shuffled(honest);
    let is_short = |row: &&Example| (3..=15).contains(&words(row));
    Ok(Stock {
        signed: spam
            .iter()
            .filter(|row| row.comment.author.url.is_some())
            .cloned()
            .collect(),
        thanks: honest.iter().filter(is_short).cloned().collect(),
        spam,
        honest,
        cyrillic_spam,
        cyrillic_honest,
    })
}

fn scene(stock: &Stock, shares: Shares, at: usize) -> Scene {
    let pick = |rows: &[Example], n: usize| rows[(at * 23 + n) % rows.len()].clone();
    let signature = pick(&stock.signed, 0).comment.author;
    let spam_rows = match shares {
        Shares::Words => &stock.thanks,
        Shares::Script => &stock.cyrillic_spam,
        _ => &stock.spam,
    };
    let honest_rows = match shares {
        Shares::Words => &stock.thanks,
        Shares::Script => &stock.cyrillic_honest,
        _ => &stock.honest,
    };
    let dressed = |row: Example, n: usize| dress(&row, Wardrobe::Judging, (at * 31 + n) as u64);
    let most = LABELS[LABELS.len() - 1] + 1;
    let spam = (0..most).map(|n| {
        let mut row = pick(spam_rows, n);
        if !matches!(shares, Shares::Script | Shares::Nothing) {
            row.comment.author = signature.clone();
        }
        if matches!(shares, Shares::Name) {
            row.comment.author.name = Some("Anonymous".to_owned());
        }
        row.label = Some(Label::Spam);
        let mut row = dressed(row, n);
        if matches!(shares, Shares::Network) {
            row.comment.request.ip = Some([27, 72, at as u8, 9].into());
        }
        row
    });
    let honest = (0..NEIGHBOURS).map(|n| {
        // The same words as the first labels, by others.
        let mut row = pick(honest_rows, n);
        row.label = Some(Label::Ham);
        if matches!(shares, Shares::Name) {
            row.comment.author.name = Some("Anonymous".to_owned());
        }
        let mut row = dressed(row, 100 + n);
        if matches!(shares, Shares::Network) {
            row.comment.request.ip = Some([27, 72, at as u8, 20 + n as u8].into());
        }
        row
    });
    Scene {
        spam: spam.collect(),
        honest: honest.collect(),
    }
}
