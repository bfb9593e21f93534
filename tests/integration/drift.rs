//! The drift alarm: a stream like the one on the card is steady, another one rings; what is counted equals a recount, on whichever day the clock says.

use std::collections::BTreeMap;

use phin::model::Model;
use phin::moderation::{DriftLine, ExportLine, Grade};
use phin::verdict::{Portrait, Verdict};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::world::{KEY, World, days_pass, shipped};

const SITE: &str = "http://a.example";

const PRAISE: [&str; 12] = [
    "thanks for the write-up",
    "the part about the index helped me a lot",
    "I had the same trouble last week",
    "which version did you use",
    "it works on my machine now",
    "the second picture does not load",
    "could you say more about the backup",
    "my brother told me about this page",
    "we do it differently at work",
    "I never thought of that",
    "the table is hard to read on a phone",
    "looking forward to the next part",
];

/// A comment of sentences that a filter knows, the same for the same seed.
fn ordinary(random: &mut StdRng) -> String {
    let many = random.random_range(1..4);
    let sentences = (0..many).map(|_| *PRAISE.choose(random).expect("some"));
    sentences.collect::<Vec<_>>().join(". ")
}

/// The same with a word in every sentence that nobody ever wrote.
fn strange(random: &mut StdRng) -> String {
    let words = (0..6).map(|_| {
        let letter = |_| char::from(random.random_range(b'a'..=b'z'));
        (0..9).map(letter).collect::<String>()
    });
    let words = words.collect::<Vec<_>>().join(" ");
    format!("{}. {words}", ordinary(random))
}

async fn stream(world: &World, many: usize, seed: u64, comment: fn(&mut StdRng) -> String) {
    let mut random = StdRng::seed_from_u64(seed);
    for n in 0..many {
        let text = format!("{} {n}", comment(&mut random));
        let fields = [("blog", SITE), ("comment_content", text.as_str())];
        world.akismet("comment-check", &fields).await;
    }
}

fn portraits(lines: &[Value]) -> BTreeMap<String, Portrait> {
    let mut sums: BTreeMap<String, Portrait> = BTreeMap::new();
    for line in lines {
        let seen: Portrait = serde_json::from_value(line["seen"].clone()).expect("a portrait");
        let lang = line["lang"].as_str().expect("a language");
        *sums.entry(lang.to_owned()).or_default() += seen;
    }
    sums
}

/// The shipped model, as if it had been trained on ordinary comments.
async fn trained_on_ordinary() -> Model {
    let world = World::new();
    stream(&world, 2_000, 1, ordinary).await;
    let mut model = shipped();
    model.card.portraits = portraits(&world.close_and_export("portrait"));
    model
}

async fn of_ham(world: &World, days: u32) -> DriftLine {
    let lines = world.moderation().drift().await.expect("can be read");
    let found = lines
        .into_iter()
        .find(|line| line.lang == "en" && line.days == days && line.drift.verdict == Verdict::Ham);
    found.expect("English ham was checked")
}

async fn metric(world: &World, name: &str) -> Option<f64> {
    let text = world.call("GET", "/metrics", KEY, "").await;
    let line = text.text().lines().find(|line| line.starts_with(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn a_stream_like_the_cards_is_steady_and_another_one_rings_once_a_day() {
    let model = trained_on_ordinary().await;
    let world = World::with_model(model);
    stream(&world, 1_500, 2, ordinary).await;
    // Only whole days are looked at.
    assert!(world.moderation().drift().await.expect("read").is_empty());
    days_pass(1);
    let day = of_ham(&world, 1).await;
    assert!(day.drift.comments > 500, "{day:?}");
    assert_eq!(day.drift.grade, Grade::Steady, "{day:?}");
    assert_eq!(world.moderation().watch().await.expect("read"), 0);
    assert_eq!(metric(&world, "phin_drift_alarms").await, Some(0.0));
    assert!(world.moderation().health().warnings().is_empty());
    // Labels move verdicts and leave the portraits alone: they are of the model by itself.
    let fields = [("blog", SITE), ("comment_content", PRAISE[0])];
    world.akismet("submit-spam", &fields).await;
    stream(&world, 1_500, 3, strange).await;
    days_pass(1);
    let (day, week) = (of_ham(&world, 1).await, of_ham(&world, 7).await);
    assert_eq!(day.drift.grade, Grade::Alarm, "{day:?}");
    let share = |of: Option<f64>| of.expect("known");
    assert!(
        share(day.drift.unknown) > 2.0 * share(day.drift.card_unknown),
        "{day:?}"
    );
    assert!(week.drift.comments > day.drift.comments, "{week:?}");
    let said = world.moderation().watch().await.expect("read");
    assert!(said > 0);
    assert_eq!(
        world.moderation().watch().await.expect("read"),
        0,
        "once a day"
    );
    let warnings = world.moderation().health().warnings();
    assert!(
        warnings.iter().any(|w| w.starts_with("drift:")),
        "{warnings:?}"
    );
    assert!(metric(&world, "phin_drift_alarms").await >= Some(1.0));
    let unknown = metric(
        &world,
        "phin_unknown_features{language=\"en\",verdict=\"ham\",days=\"1\"",
    )
    .await;
    assert_eq!(unknown, day.drift.unknown);
    let world = world.restart();
    assert_eq!(of_ham(&world, 1).await, day);
    stream(&world, 1_500, 4, strange).await;
    days_pass(1);
    assert!(
        world.moderation().watch().await.expect("read") > 0,
        "it rings on the next day again"
    );
    days_pass(9);
    assert!(world.moderation().drift().await.expect("read").is_empty());
    world.moderation().watch().await.expect("read");
    assert!(
        world.moderation().health().warnings().is_empty(),
        "what is over is not warned of"
    );
}

#[tokio::test]
async fn a_card_that_does_not_say_and_too_few_comments_ring_no_alarm() {
    let mut model = shipped();
    model.card.portraits.clear();
    let world = World::with_model(model);
    stream(&world, 600, 1, strange).await;
    days_pass(1);
    assert_eq!(of_ham(&world, 7).await.drift.grade, Grade::CardSilent);
    assert_eq!(world.moderation().watch().await.expect("read"), 0);
    let world = World::with_model(trained_on_ordinary().await);
    stream(&world, 40, 1, strange).await;
    days_pass(1);
    assert_eq!(of_ham(&world, 7).await.drift.grade, Grade::TooFew);
}

#[tokio::test]
async fn portraits_equal_a_recount_of_records_whatever_the_clock_says() {
    let mut world = World::new();
    let mut random = StdRng::seed_from_u64(7);
    for n in 0..90 {
        if n % 6 == 5 {
            days_pass(random.random_range(-2..4));
        }
        if n == 40 {
            world = world.restart();
        }
        let text = match n % 3 {
            0 => "Vay tiền nhanh trong ngày, không thế chấp, zalo 0912 000 345".to_owned(),
            1 => ordinary(&mut random),
            _ => strange(&mut random),
        };
        // A test leaves no trace.
        let body = json!({"site": SITE, "text": text, "test": n % 9 == 0});
        world.check_json(&body).await;
    }
    let day = |at: &Value| phin::moderation::Day::at(at.as_i64().expect("a time")).to_string();
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for record in world.close_and_export("check") {
        let of = &record["assessment"];
        let place = format!("{} {} {}", day(&record["at"]), of["lang"], of["model"]);
        *expected.entry(place).or_default() += 1;
    }
    let mut counted = BTreeMap::new();
    for line in world.close_and_export("portrait") {
        let seen: Portrait = serde_json::from_value(line["seen"].clone()).expect("a portrait");
        let place = format!(
            "{} {} {}",
            line["day"].as_str().expect("a day"),
            line["lang"],
            line["model"]
        );
        counted.insert(place, seen.comments());
    }
    assert!(expected.len() > 10);
    assert_eq!(counted, expected);
}

#[tokio::test]
async fn portraits_go_with_an_export_and_come_in_once() {
    let world = World::new();
    stream(&world, 5, 1, ordinary).await;
    let lines: Vec<_> = world.moderation().export().expect("can be read").collect();
    let lines: Vec<_> = lines.into_iter().map(|l| l.expect("whole")).collect();
    let other = World::new();
    for known in [1, 0] {
        let imported = other.moderation().import(lines.clone()).await;
        assert_eq!(imported.expect("imports").portraits, known);
    }
}

#[tokio::test]
async fn a_model_is_held_against_its_own_checks_alone() {
    let world = World::new();
    stream(&world, 40, 1, ordinary).await;
    let before = world.close_and_export("portrait");
    let lines = world.moderation().export().expect("can be read");
    let of_another = lines.filter_map(|line| match line.expect("whole") {
        ExportLine::Portrait { mut of, seen } => {
            of.model = "phin-before".to_owned();
            Some(ExportLine::Portrait { of, seen })
        }
        _ => None,
    });
    let other = World::new();
    stream(&other, 40, 1, ordinary).await;
    let imported = other.moderation().import(of_another.collect()).await;
    assert_eq!(imported.expect("imports").portraits, before.len());
    days_pass(1);
    let own = of_ham(&other, 1).await.drift.comments;
    assert_eq!(own, portraits(&before)["en"].ham.comments());
}

#[test]
fn the_shipped_card_says_how_comments_of_both_languages_looked() {
    let card = shipped().card;
    let left_out = card.left_out.expect("it says how it did").comments;
    let portraits = card.portraits;
    assert_eq!(
        portraits.values().map(Portrait::comments).sum::<u64>(),
        left_out
    );
    for lang in ["vi", "en"] {
        for (verdict, profile) in portraits[lang].profiles() {
            let share = profile.unknown_share().expect("some");
            println!(
                "{lang} {verdict}: {} comments, {:.1} % unknown",
                profile.comments(),
                100.0 * share
            );
            assert!(
                profile.comments() > 300 && share > 0.01 && share < 0.6,
                "{lang} {verdict}"
            );
        }
    }
}
