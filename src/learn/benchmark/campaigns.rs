//! Held-out rows in, as a day of honest comments on forty sites with campaigns of spam among them,
//! each copy changed a little. Out: how much spam is caught as the n-th copy arrives, with the
//! memory of campaigns and without, and how honest comments are judged: among them texts that
//! strangers copy from each other, and links that strangers share. No label is given on the way.

use std::cell::RefCell;

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::campaigns::{
    Campaigns, Counting, DEFAULT_BYTES, NeighbourEvidence, Sighting, Sketch, Windows,
};
use crate::comment::{Comment, CommentId, SiteId};
use crate::features::Features;
use crate::filter::{self, Surroundings};
use crate::learn::benchmark::attacks::ATTACKS;
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::shipped::{SPAM, held_out};
use crate::learn::metrics::measures::Rate;
use crate::learn::train::corpus::Example;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::text;
use crate::verdict::{Label, Verdict};

const HONEST: [&str; 3] = ["vi_victsd", "reddit_goemotions", "blog_haacked"];
const SITES: usize = 40;
const COPIES: usize = 20;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// Share of words a copy has changed, beside numbers, its greeting, and every third time a whole
/// disguise.
const SPUN: f64 = 0.12;

/// What a comment of the stream is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Honest,
    /// One of ten strangers with the same honest text.
    Copied,
    /// One of ten strangers with the same link and a text of their own.
    Linked,
    /// The n-th copy of a campaign, and what its original is to the filter alone.
    Spam(usize, Original),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Original {
    Caught,
    /// Not spam by its own words, but with a number, link or home page.
    QuietWithContact,
    Quiet,
}

struct Sent {
    part: Part,
    at: i64,
    site: usize,
    comment: Comment,
}

/// What became of one comment, without campaigns and with.
struct Verdicts {
    part: Part,
    verdicts: [Verdict; 2],
}

/// Sends a day of comments past the filter, without the memory of campaigns and with it.
pub(super) fn campaigns(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let mut rng = StdRng::seed_from_u64(11);
    let mut honest = Vec::new();
    for name in HONEST {
        honest.extend(held_out(setting, name, Label::Ham)?);
    }
    let mut spam = Vec::new();
    for name in SPAM {
        spam.extend(held_out(setting, name, Label::Spam)?);
    }
    // One source of numbers for all: the order of these lines is part of the task.
    let mut stream: Vec<Sent> = Vec::new();
    send_honest(&honest, &mut stream, &mut rng);
    send_copied(&honest, &mut stream, &mut rng);
    send_linked(&honest, &mut stream, &mut rng);
    send_campaigns(setting, &spam, &mut stream, &mut rng);
    stream.shuffle(&mut rng);
    stream.sort_by_key(|sent| sent.at);
    Ok(outcomes(&judge(setting, &stream)))
}

/// Each honest comment once, at any time, on any site.
fn send_honest(honest: &[Example], stream: &mut Vec<Sent>, rng: &mut StdRng) {
    for row in honest {
        let comment = signed(row.comment.clone(), rng);
        stream.push(Sent {
            part: Part::Honest,
            at: rng.random_range(0..DAY),
            site: rng.random_range(0..SITES),
            comment,
        });
    }
}

/// Some long honest texts, each from ten strangers within half an hour.
fn send_copied(honest: &[Example], stream: &mut Vec<Sent>, rng: &mut StdRng) {
    let long: Vec<&Example> = honest
        .iter()
        .filter(|row| row.comment.text.split_whitespace().count() >= 15)
        .collect();
    for row in long.choose_multiple(rng, 100).collect::<Vec<_>>() {
        let began = rng.random_range(0..DAY);
        for _ in 0..10 {
            let text = spin(&row.comment.text, honest, 0.03, rng);
            stream.push(Sent {
                part: Part::Copied,
                at: began + rng.random_range(0..30 * MINUTE),
                site: rng.random_range(0..SITES),
                comment: signed(Comment::from_text(text), rng),
            });
        }
    }
}

/// Some links, each under ten honest texts within two hours.
fn send_linked(honest: &[Example], stream: &mut Vec<Sent>, rng: &mut StdRng) {
    for link in 0..100 {
        let began = rng.random_range(0..DAY);
        for row in honest.choose_multiple(rng, 10).collect::<Vec<_>>() {
            let text = format!(
                "{} https://paper{link}.example/story/{}",
                row.comment.text,
                rng.random_range(0..9)
            );
            stream.push(Sent {
                part: Part::Linked,
                at: began + rng.random_range(0..120 * MINUTE),
                site: rng.random_range(0..SITES),
                comment: signed(Comment::from_text(text), rng),
            });
        }
    }
}

/// Each spam comment as a campaign of copies within an hour.
fn send_campaigns(
    setting: &Setting<'_>,
    spam: &[Example],
    stream: &mut Vec<Sent>,
    rng: &mut StdRng,
) {
    for row in spam {
        let original = original(setting, &row.comment);
        let began = rng.random_range(0..DAY);
        let sender = signed(Comment::default(), rng);
        // Most machines change name and address, some forget one of them.
        let keeps = rng.random_range(0..6);
        let mut times: Vec<i64> = (0..COPIES)
            .map(|_| began + rng.random_range(0..60 * MINUTE))
            .collect();
        times.sort_unstable();
        for (n, at) in times.into_iter().enumerate() {
            let mut comment = signed(row.comment.clone(), rng);
            comment.text = mutate(&row.comment.text, spam, rng);
            match keeps {
                0 => comment.request.ip = sender.request.ip,
                1 => comment.author.clone_from(&sender.author),
                _ => {}
            }
            comment.author.url.clone_from(&row.comment.author.url);
            stream.push(Sent {
                part: Part::Spam(n + 1, original),
                at,
                site: rng.random_range(0..SITES),
                comment,
            });
        }
    }
}

/// A stranger's name and address. Both are new to everybody else, so that campaigns alone make the
/// difference: the model sees the same kind of both in every comment.
fn signed(mut comment: Comment, rng: &mut StdRng) -> Comment {
    let name = ["Minh", "Lan", "Hùng", "Tom", "Anna", "Mark", "Thu", "Sam"][rng.random_range(0..8)];
    comment.author.name = Some(format!("{name} {}", rng.random_range(0..100_000)));
    comment.author.email = None;
    comment.request.ip =
        Some([100 + rng.random_range(0..90), rng.random(), rng.random(), 9].into());
    comment
}

/// Changes words here and there for others of the same kind of text. Contacts stay, for they are
/// what it is all about.
fn spin(text: &str, others: &[Example], share: f64, rng: &mut StdRng) -> String {
    let is_contact = |word: &str| {
        word.contains(['.', '@', '/', '<', '['])
            || word.bytes().filter(u8::is_ascii_digit).count() > 4
    };
    let words = text.split_whitespace().map(|word| {
        if is_contact(word) || !rng.random_bool(share) {
            return word.to_owned();
        }
        let other = others.choose(rng).map_or("", |row| &row.comment.text);
        let words: Vec<&str> = other
            .split_whitespace()
            .filter(|word| !is_contact(word))
            .collect();
        words.choose(rng).copied().unwrap_or(word).to_owned()
    });
    words.collect::<Vec<String>>().join(" ")
}

fn mutate(text: &str, others: &[Example], rng: &mut StdRng) -> String {
    let spun = spin(text, others, SPUN, rng);
    let numbers = spun.split(' ').map(|word| {
        if word.len() <= 4 && word.bytes().all(|b| b.is_ascii_digit()) && !word.is_empty() {
            rng.random_range(1..9_999).to_string()
        } else {
            word.to_owned()
        }
    });
    let text = numbers.collect::<Vec<String>>().join(" ");
    let greeting = [
        "",
        "",
        "Hi Tom, ",
        "Chào Lan, ",
        "Hello everybody! ",
        "Cả nhà ơi ",
    ];
    let text = format!("{}{text}", greeting[rng.random_range(0..greeting.len())]);
    if rng.random_bool(1.0 / 3.0) {
        let attack = &ATTACKS[rng.random_range(0..ATTACKS.len())];
        return (attack.apply)(&text);
    }
    text
}

fn original(setting: &Setting<'_>, comment: &Comment) -> Original {
    let nobody = Counts::default();
    let live = Live {
        shared: &nobody,
        site: None,
    };
    if filter::check(&setting.model, comment, live).verdict.side() == Some(Label::Spam) {
        return Original::Caught;
    }
    let reading = text::read(&comment.text);
    let reached = comment.author.url.is_some()
        || !(reading.links.is_empty() && reading.phones.is_empty() && reading.emails.is_empty());
    match reached {
        true => Original::QuietWithContact,
        false => Original::Quiet,
    }
}

/// What a comment of the stream has around it: campaigns, and no lists.
struct InStream<'a> {
    campaigns: &'a RefCell<Campaigns>,
    sketch: Sketch,
    comment: CommentId,
    guid: u128,
    at: i64,
}

impl Surroundings for InStream<'_> {
    fn campaign(&self, own: Verdict) -> Option<NeighbourEvidence> {
        let sighting = Sighting {
            comment: self.comment,
            guid: self.guid,
            at: self.at,
            own,
        };
        let mut campaigns = self.campaigns.borrow_mut();
        Some(campaigns.observe(&self.sketch, &sighting, Counting::Noted))
    }
}

/// Judges the stream in its order, by the filter alone and with the memory of campaigns.
fn judge(setting: &Setting<'_>, stream: &[Sent]) -> Vec<Verdicts> {
    let nobody = Counts::default();
    let sites: Vec<SiteId> = (0..SITES)
        .filter_map(|n| SiteId::parse(&format!("site-{n}.example")).ok())
        .collect();
    let campaigns = RefCell::new(Campaigns::new(DEFAULT_BYTES, Windows::default()));
    let mut judged = Vec::with_capacity(stream.len());
    for (n, sent) in stream.iter().enumerate() {
        let site = &sites[sent.site];
        let reading = text::read(&sent.comment.text);
        let features = Features::of_reading(&sent.comment, &reading);
        let live = Live {
            shared: &nobody,
            site: None,
        };
        let around = InStream {
            campaigns: &campaigns,
            sketch: Sketch::of(site, &sent.comment, &reading),
            comment: CommentId::of(site, &sent.comment),
            guid: n as u128,
            at: sent.at,
        };
        let by_model = filter::judge(&setting.model, &features, live);
        let settled = filter::settle(by_model, &setting.model, &features, &around);
        judged.push(Verdicts {
            part: sent.part,
            verdicts: [settled.with_labels, settled.assessment.verdict],
        });
        if n % 1_000 == 0 {
            (setting.progress)("campaigns", n, stream.len());
        }
    }
    judged
}

fn outcomes(judged: &[Verdicts]) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut figure = |name: String, of: &dyn Fn(Part) -> bool, is: &dyn Fn(Verdict) -> bool| {
        let part: Vec<&Verdicts> = judged.iter().filter(|t| of(t.part)).collect();
        for (at, kind) in ["without", "with"].into_iter().enumerate() {
            let rate = Rate {
                hits: part.iter().filter(|t| is(t.verdicts[at])).count() as u64,
                of: part.len() as u64,
            };
            outcomes.push(figures::share("campaigns", format!("{name} {kind}"), rate));
        }
    };
    let is_spam = |verdict: Verdict| verdict.side() == Some(Label::Spam);
    let is_unsure = |verdict: Verdict| verdict == Verdict::Unsure;
    for (name, part) in [
        ("honest", Part::Honest),
        ("copied", Part::Copied),
        ("linked", Part::Linked),
    ] {
        figure(format!("FP {name}"), &|p| p == part, &is_spam);
        figure(format!("unsure {name}"), &|p| p == part, &is_unsure);
    }
    for n in [1, 2, 3, 5, 10, COPIES] {
        figure(
            format!("caught {n}"),
            &|p| matches!(p, Part::Spam(at, _) if at == n),
            &is_spam,
        );
    }
    for (name, original) in [
        ("contact caught", Original::QuietWithContact),
        ("quiet caught", Original::Quiet),
    ] {
        for n in [1, 3, 5, 10, COPIES] {
            let is_nth = |p: Part| p == Part::Spam(n, original);
            figure(format!("{name} {n}"), &is_nth, &is_spam);
        }
    }
    outcomes
}
