//! The drift alarm: a stream like the one before is steady wherever the card lies, another one rings; what is counted equals a recount, on whichever day the
//! clock says.

use std::collections::BTreeMap;

use phin::comment::Comment;
use phin::learn::train::corpus::Example;
use phin::learn::train::fit::{Prepared, RowMeta, TrainConfig, train};
use phin::learn::train::rows::Kinds;
use phin::model::Model;
use phin::model::card::{Apart, Card, Taught};
use phin::moderation::{Drift, ExportLine, Grade};
use phin::text::Language;
use phin::verdict::{Label, ScoreProfile, Verdict, VerdictProfile};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::world::{World, days_pass, shipped};

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

/// The same people write as yesterday, in Russian: a language that the filter has no name for.
fn russian(random: &mut StdRng) -> String {
    const SAID: [&str; 6] = [
        "Спасибо за статью, очень помогло",
        "У меня была та же проблема на прошлой неделе",
        "Какую версию вы используете",
        "Вторая картинка не загружается",
        "Мой брат рассказал мне об этой странице",
        "Жду следующей части с нетерпением",
    ];
    let many = random.random_range(1..4);
    let sentences = (0..many).map(|_| *SAID.choose(random).expect("some"));
    sentences.collect::<Vec<_>>().join(". ")
}

/// What a machine sends that tries whether a form works.
fn letters(random: &mut StdRng) -> String {
    let many = random.random_range(3..30);
    let words = (0..many).map(|_| {
        let letter = |_| *['б', 'щ', 'ъ', 'ж', 'э', 'ы'].choose(random).expect("some");
        (0..7).map(letter).collect::<String>()
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The same in the letters of English, behind a few of its words.
fn gibberish(random: &mut StdRng) -> String {
    let many = random.random_range(3..25);
    let words = (0..many).map(|_| {
        let letter = |_| char::from(random.random_range(b'a'..=b'z'));
        (0..8).map(letter).collect::<String>()
    });
    format!("you and the {}", words.collect::<Vec<_>>().join(" "))
}

/// A whole day of such comments.
async fn day_of(world: &World, many: usize, seed: u64, comment: fn(&mut StdRng) -> String) {
    stream(world, many, seed, comment).await;
    days_pass(1);
}

/// The shipped model with what its card says of English ham as given, and what it says of how far corpora lie apart.
fn with_card(english_ham: Option<VerdictProfile>, apart: Option<f64>) -> Model {
    let mut model = shipped();
    let card = &mut model.card;
    card.portraits.clear();
    card.apart.clear();
    if let Some(ham) = english_ham {
        let portrait = ScoreProfile {
            ham,
            ..ScoreProfile::default()
        };
        card.portraits.insert("en".to_owned(), portrait);
    }
    if let Some(far) = apart {
        let apart = Apart {
            scores: far,
            unknown: far,
        };
        let of_ham = [(Verdict::Ham, apart)].into();
        card.apart.insert("en".to_owned(), of_ham);
    }
    model
}

/// Comments that score as no honest ones do.
fn far_away() -> VerdictProfile {
    let mut far = shipped().card.portraits["en"].ham;
    far.scores.reverse();
    far
}

async fn found(world: &World, lang: &str, days: u32, verdict: Option<Verdict>) -> Drift {
    let lines = world
        .moderation()
        .monitor
        .drift()
        .await
        .expect("can be read");
    let found = lines
        .into_iter()
        .find(|line| line.lang == lang && line.days == days && line.drift.verdict == verdict);
    found.expect("there is such a line").drift
}

async fn of_ham(world: &World, days: u32) -> Drift {
    found(world, "en", days, Some(Verdict::Ham)).await
}

async fn watched(world: &World) -> usize {
    world
        .moderation()
        .monitor
        .watch()
        .await
        .expect("can be read")
}

async fn metric(world: &World, name: &str) -> Option<f64> {
    let text = world.operator("/metrics").await;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

#[tokio::test]
async fn a_steady_stream_far_from_the_card_rings_nothing_and_a_changed_one_rings_once_a_day() {
    let world = World::with_model(with_card(Some(far_away()), None));
    stream(&world, 1_200, 2, ordinary).await;
    // Only whole days are looked at.
    let lines = world.moderation().monitor.drift().await.expect("read");
    assert_eq!(lines.len(), 1, "{lines:?}");
    for seed in 3..6 {
        days_pass(1);
        assert_eq!(watched(&world).await, 0);
        stream(&world, 1_200, seed, ordinary).await;
    }
    days_pass(1);
    let day = of_ham(&world, 1).await;
    assert!(day.comments > 500, "{day:?}");
    assert_eq!(day.past.grade, Grade::Steady, "{day:?}");
    assert!(day.card.score_index > Some(1.0), "{day:?}");
    assert!(!day.rings(), "an older card rings for nothing: {day:?}");
    assert_eq!(watched(&world).await, 0);
    assert_eq!(metric(&world, "phin_drift_alarms").await, Some(0.0));
    assert!(world.moderation().health().warnings().is_empty());
    // Labels move verdicts and leave the portraits alone: they are of the model by itself.
    let fields = [("blog", SITE), ("comment_content", PRAISE[0])];
    world.akismet("submit-spam", &fields).await;
    day_of(&world, 1_500, 6, strange).await;
    let (day, week) = (of_ham(&world, 1).await, of_ham(&world, 7).await);
    assert_eq!(day.past.grade, Grade::Alarm, "{day:?}");
    let share = |of: Option<f64>| of.expect("known");
    assert!(
        share(day.unknown) > 2.0 * share(day.past.unknown),
        "{day:?}"
    );
    assert!(week.comments > day.comments, "{week:?}");
    assert_eq!(week.past.grade, Grade::TooFew, "{week:?}");
    assert!(watched(&world).await > 0);
    assert_eq!(watched(&world).await, 0, "once a day");
    let warnings = world.moderation().health().warnings();
    assert!(
        warnings
            .iter()
            .any(|w| w.starts_with("drift:") && w.contains("28 days before")),
        "{warnings:?}"
    );
    assert!(metric(&world, "phin_drift_alarms").await >= Some(1.0));
    let labels = "{language=\"en\",verdict=\"ham\",days=\"1\"";
    let unknown = metric(&world, &format!("phin_unknown_features{labels}")).await;
    assert_eq!(unknown, day.unknown);
    let scores = format!("phin_drift_scores{labels},against=\"past\"");
    assert_eq!(metric(&world, &scores).await, day.past.score_index);
    let world = world.restart();
    assert_eq!(of_ham(&world, 1).await, day);
    day_of(&world, 1_500, 7, strange).await;
    assert!(watched(&world).await > 0, "it rings on the next day again");
    // When the four weeks before know nothing else, it is what is usual now.
    days_pass(27);
    day_of(&world, 1_500, 8, strange).await;
    let day = of_ham(&world, 1).await;
    assert_eq!(day.past.grade, Grade::Steady, "{day:?}");
    days_pass(9);
    watched(&world).await;
    assert!(
        world.moderation().health().warnings().is_empty(),
        "what is over is not warned of"
    );
    assert_eq!(metric(&world, &scores).await, None);
}

#[tokio::test]
async fn what_rings_again_on_the_same_day_is_told_again() {
    let world = World::with_model(with_card(None, None));
    day_of(&world, 1_200, 1, ordinary).await;
    day_of(&world, 1_200, 2, strange).await;
    let said = watched(&world).await;
    assert!(said > 0);
    // A clock set back and right again, as after another model was live for an hour.
    days_pass(-1);
    assert_eq!(watched(&world).await, 0);
    assert!(world.moderation().health().warnings().is_empty());
    days_pass(1);
    assert_eq!(watched(&world).await, said);
    assert_eq!(world.moderation().health().warnings().len(), said);
}

#[tokio::test]
async fn the_card_rings_without_history_but_only_beyond_what_corpora_reach() {
    for (apart, expected) in [(0.2, Grade::Alarm), (20.0, Grade::Moved)] {
        let world = World::with_model(with_card(Some(far_away()), Some(apart)));
        day_of(&world, 1_200, 1, ordinary).await;
        let day = of_ham(&world, 1).await;
        assert_eq!(day.card.grade, expected, "{day:?}");
        assert_eq!(day.past.grade, Grade::TooFew, "{day:?}");
        let rings = expected == Grade::Alarm;
        assert_eq!(watched(&world).await > 0, rings);
        let warnings = world.moderation().health().warnings();
        let says = |w: &String| w.contains("unlike any the model was trained on");
        assert_eq!(warnings.iter().any(says), rings, "{warnings:?}");
    }
}

#[tokio::test]
async fn too_little_history_and_a_silent_card_say_so() {
    let world = World::with_model(with_card(None, None));
    assert_eq!(watched(&world).await, 0);
    assert_eq!(metric(&world, "phin_drift_too_few").await, Some(1.0));
    day_of(&world, 300, 1, ordinary).await;
    day_of(&world, 1_200, 2, strange).await;
    let day = of_ham(&world, 1).await;
    assert_eq!(day.past.grade, Grade::TooFew, "{day:?}");
    assert_eq!(day.card.grade, Grade::CardSilent, "{day:?}");
    assert_eq!(watched(&world).await, 0);
    let lines = world.moderation().monitor.drift().await.expect("read");
    let too_few = lines
        .iter()
        .filter(|line| line.drift.past.grade == Grade::TooFew);
    let too_few = too_few.count() as f64;
    assert_eq!(too_few, lines.len() as f64);
    assert_eq!(metric(&world, "phin_drift_too_few").await, Some(too_few));
    // Now there is enough of it.
    day_of(&world, 1_200, 3, strange).await;
    assert_ne!(of_ham(&world, 1).await.past.grade, Grade::TooFew);
    watched(&world).await;
    assert!(metric(&world, "phin_drift_too_few").await < Some(too_few));
}

#[tokio::test]
async fn a_language_without_a_name_rings_and_so_does_another_share_of_languages() {
    // Against its past alone: what these few sentences score lies far from any corpus.
    let world = World::with_model(with_card(None, None));
    for seed in 1..8 {
        day_of(&world, 300, seed, ordinary).await;
        day_of(&world, 900, seed, russian).await;
        assert_eq!(watched(&world).await, 0, "{seed}");
    }
    let rings = async |world: &World, lang: &str| {
        let lines = world.moderation().monitor.drift().await.expect("read");
        lines.iter().any(|l| l.lang == lang && l.drift.rings())
    };
    let all = found(&world, "all", 7, None).await;
    assert_eq!(all.past.grade, Grade::Steady, "{all:?}");
    let graded = async |world: &World| {
        let lines = world.moderation().monitor.drift().await.expect("read");
        lines
            .iter()
            .any(|l| l.lang == "other" && l.days == 1 && l.drift.past.grade == Grade::Steady)
    };
    assert!(graded(&world).await);
    day_of(&world, 900, 9, letters).await;
    assert!(rings(&world, "other").await);
    assert!(!rings(&world, "en").await);
    assert!(watched(&world).await > 0);
    assert!(!rings(&world, "all").await);
    for seed in 10..16 {
        day_of(&world, 900, seed, ordinary).await;
    }
    let all = found(&world, "all", 7, None).await;
    assert_eq!(all.past.grade, Grade::Alarm, "{all:?}");
    watched(&world).await;
    let warnings = world.moderation().health().warnings();
    assert!(
        warnings.iter().any(|w| w.contains("other languages")),
        "{warnings:?}"
    );
    let scores = metric(
        &world,
        "phin_drift_scores{language=\"all\",verdict=\"all\",days=\"7\",against=\"past\"",
    )
    .await;
    assert_eq!(scores, all.past.score_index);
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
        let seen: ScoreProfile = serde_json::from_value(line["seen"].clone()).expect("a portrait");
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
    // Records are written behind: whoever looks waits for them.
    world
        .moderation()
        .monitor
        .drift()
        .await
        .expect("can be read");
    let lines: Vec<_> = world
        .moderation()
        .transfer
        .export()
        .expect("can be read")
        .collect();
    let lines: Vec<_> = lines.into_iter().map(|l| l.expect("whole")).collect();
    let other = World::new();
    for known in [1, 0] {
        let imported = other.moderation().transfer.import(lines.clone()).await;
        assert_eq!(imported.expect("imports").portraits, known);
    }
}

#[tokio::test]
async fn what_is_found_as_nothing_was_before_rings_too() {
    let world = World::with_model(with_card(None, None));
    day_of(&world, 1_200, 1, ordinary).await;
    day_of(&world, 1_200, 2, gibberish).await;
    for verdict in [Verdict::Ham, Verdict::Unsure, Verdict::Spam] {
        let drift = found(&world, "en", 1, Some(verdict)).await;
        assert_eq!(drift.past.grade, Grade::TooFew, "{drift:?}");
    }
    let all = found(&world, "en", 1, None).await;
    assert_eq!(all.past.grade, Grade::Alarm, "{all:?}");
    assert!(watched(&world).await > 0);
}

#[tokio::test]
async fn a_model_is_held_against_its_own_checks_alone_and_languages_against_all() {
    let world = World::with_model(with_card(None, None));
    let mut of_another = Vec::new();
    day_of(&world, 1_200, 1, ordinary).await;
    world
        .moderation()
        .monitor
        .watch()
        .await
        .expect("all is written");
    for line in world.moderation().transfer.export().expect("can be read") {
        if let ExportLine::Portrait { mut of, seen } = line.expect("whole") {
            of.model = "phin-before".to_owned();
            of_another.push(ExportLine::Portrait { of, seen });
        }
    }
    let other = World::with_model(with_card(None, None));
    let imported = other.moderation().transfer.import(of_another.clone()).await;
    assert_eq!(imported.expect("imports").portraits, of_another.len());
    days_pass(7);
    day_of(&other, 1_200, 2, strange).await;
    let (day, week) = (of_ham(&other, 1).await, of_ham(&other, 7).await);
    // What another model thought of its checks says nothing about ours.
    for drift in [day, week] {
        assert_eq!(drift.past.comments, 0, "{drift:?}");
        assert_eq!(drift.past.grade, Grade::TooFew, "{drift:?}");
    }
    let all = found(&other, "all", 7, None).await;
    assert_eq!((all.comments, all.past.comments), (1_200, 1_200));
    assert_ne!(all.past.grade, Grade::TooFew);
    assert_eq!(watched(&other).await, 0);
}

/// So many short comments of one source, with a word or two of its own.
fn source(kinds: &mut Kinds, at: usize, many: usize, label: Label, own: &str) -> Vec<Prepared> {
    let mut random = StdRng::seed_from_u64(at as u64);
    let standing = RowMeta {
        source: at,
        ..RowMeta::default()
    };
    let rows = (0..many).map(|n| {
        let example = Example {
            comment: Comment::from_text(format!("{own} {}. {own} {n}", strange(&mut random))),
            label: Some(label),
            ..Example::default()
        };
        Prepared::read(&example, standing, kinds).expect("it is labelled")
    });
    rows.collect()
}

#[test]
fn training_writes_down_how_far_single_corpora_lie_apart() {
    let mut kinds = Kinds::default();
    let sources = [
        ("near", 900, Label::Ham, "the keyboard of my laptop"),
        ("far", 900, Label::Ham, ""),
        ("other", 900, Label::Ham, "my sister and her dog"),
        ("few", 30, Label::Ham, "that"),
        (
            "casino",
            600,
            Label::Spam,
            "casino bonus free spins http://win.example/",
        ),
    ];
    let mut rows = Vec::new();
    for (at, (_, many, label, own)) in sources.into_iter().enumerate() {
        rows.extend(source(&mut kinds, at, many, label, own));
    }
    let taught = sources.map(|(name, ..)| Taught {
        name: name.to_owned(),
        licence: "none".to_owned(),
        spam: 0,
        ham: 0,
    });
    let recipe = TrainConfig {
        folds: 2,
        epochs: 5,
        ..TrainConfig::default()
    };
    let trained = train(&rows, &kinds, &recipe, taught.to_vec(), &|_, _, _| {});
    let trained = trained.expect("both labels are there");
    let mut by_source: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for judged in trained
        .left_out
        .iter()
        .filter(|j| j.lang == Language::English && j.verdict == Verdict::Ham)
    {
        let group = judged.group.clone().expect("it is known");
        by_source.entry(group).or_default().push(judged.log_odds);
    }
    let many = |name: &str| by_source.get(name).map_or(0, Vec::len);
    assert!(
        ["near", "far", "other"].iter().all(|name| many(name) > 500),
        "{:?}",
        by_source.keys()
    );
    let card = trained.model.card;
    let apart = card.apart["en"][&Verdict::Ham];
    assert!(apart.scores > 0.0, "{apart:?}");
    // Spam came from one source: nothing to hold it against.
    assert!(
        !card.apart["en"].contains_key(&Verdict::Spam),
        "{:?}",
        card.apart
    );
    let text = toml::to_string(&card).expect("a card is TOML");
    assert_eq!(toml::from_str::<Card>(&text).expect("and back"), card);
}

#[test]
fn an_older_card_is_read_and_says_nothing_of_how_far_corpora_lie_apart() {
    let mut card = toml::Table::try_from(shipped().card).expect("a card is TOML");
    card.remove("apart").expect("the shipped card says it");
    let portraits = card["portraits"].as_table_mut().expect("portraits");
    for portrait in portraits.iter_mut() {
        for (_, profile) in portrait.1.as_table_mut().expect("a portrait").iter_mut() {
            let profile = profile.as_table_mut().expect("a profile");
            profile
                .remove("by_unknown")
                .expect("the shipped card says it");
        }
    }
    let card: Card = card.try_into().expect("an older card");
    assert!(card.apart.is_empty());
    let ham = card.portraits["en"].ham;
    let drift = Drift::of(
        Verdict::Ham,
        &far_away(),
        &VerdictProfile::default(),
        Some((&ham, None)),
    );
    assert!(drift.card.score_index > Some(1.0) && drift.card.unknown_index.is_none());
    assert_eq!((drift.card.grade, drift.rings()), (Grade::Moved, false));
}

#[test]
fn the_shipped_card_says_how_comments_of_both_languages_looked() {
    let card = shipped().card;
    let left_out = card.left_out.expect("it says how it did").comments;
    let apart = card.apart["en"][&Verdict::Ham];
    println!("English ham: single corpora lie apart by {apart:?}");
    assert!(apart.scores > 0.1 && apart.unknown > 0.0, "{apart:?}");
    // Two public corpora and our own comments have enough Vietnamese ham.
    assert!(card.apart.contains_key("vi"));
    let portraits = card.portraits;
    assert_eq!(
        portraits.values().map(ScoreProfile::comments).sum::<u64>(),
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
