//! Figures tell what happened: every check on its day, every label on the day of the check it answers, and nothing that was taken back.

use std::collections::BTreeMap;

use phin::moderation::Selection;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::Value;

use crate::world::{KEY, World, days_pass};

const SPAM: &str = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143";
const HAM: &str = "Thanks for the write-up, the part about the index helped me a lot.";
const CHAT: &str =
    "Em làm theo bước hai thì máy chạy lại bình thường rồi, cảm ơn anh đã hướng dẫn.";

async fn check(world: &World, site: &str, text: &str) -> String {
    let fields = [("blog", site), ("comment_content", text)];
    let answer = world.akismet("comment-check", &fields).await;
    answer.guid().to_owned()
}

async fn say(world: &World, label: &str, site: &str, text: &str) {
    let fields = [("blog", site), ("comment_content", text)];
    let answer = world.akismet(&format!("submit-{label}"), &fields).await;
    assert_eq!(answer.text(), crate::world::THANKS);
}

async fn figures(world: &World, query: &str) -> Vec<Value> {
    let path = format!("/v1/figures{query}");
    let answer = world.call("GET", &path, KEY, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let figures = answer.json()["figures"].as_array().cloned();
    figures.expect("a list")
}

/// Day, site and language, then ham, unsure, spam or discard, labels, false positives, missed spam.
fn short(line: &Value) -> String {
    let number = |name: &str| line[name].as_u64().expect("a count");
    let word = |name: &str| line[name].as_str().expect("text").to_owned();
    format!(
        "{} {} {}: {} {} {} {} {} {}",
        word("day"),
        word("site"),
        word("lang"),
        number("ham"),
        number("unsure"),
        number("spam") + number("discard"),
        number("labels"),
        number("false_positives"),
        number("missed_spam"),
    )
}

async fn shorts(world: &World, query: &str) -> Vec<String> {
    figures(world, query).await.iter().map(short).collect()
}

#[tokio::test]
async fn checks_count_on_their_day_and_labels_on_the_day_of_the_check_they_answer() {
    let world = World::new();
    check(&world, "http://a.example", HAM).await;
    check(&world, "http://a.example", SPAM).await;
    check(&world, "http://b.example", CHAT).await;
    days_pass(2);
    check(&world, "http://a.example", SPAM).await;
    let blank = [
        "2026-11-23 a.example en: 1 0 1 0 0 0",
        "2026-11-23 b.example vi: 1 0 0 0 0 0",
        "2026-11-25 a.example en: 0 0 1 0 0 0",
    ];
    assert_eq!(shorts(&world, "").await, blank);
    assert_eq!(shorts(&world, "?days=1").await, blank[2..]);
    assert_eq!(shorts(&world, "?site=b.example").await, blank[1..2]);
    say(&world, "spam", "http://a.example", HAM).await;
    say(&world, "ham", "http://a.example", SPAM).await;
    say(&world, "ham", "http://b.example", CHAT).await;
    let labelled = [
        "2026-11-23 a.example en: 1 0 1 1 0 1",
        "2026-11-23 b.example vi: 1 0 0 1 0 0",
        "2026-11-25 a.example en: 0 0 1 1 1 0",
    ];
    assert_eq!(shorts(&world, "").await, labelled);
    let world = world.restart();
    assert_eq!(shorts(&world, "").await, labelled);
    // A flip takes the mistake back; an undo takes the label back.
    say(&world, "spam", "http://a.example", SPAM).await;
    let undone = world.moderation().labels.undo(Selection {
        // The first place is the vouching for the first key.
        seqs: vec![2],
        ..Selection::default()
    });
    undone.await.expect("undone");
    assert_eq!(
        shorts(&world, "").await,
        [
            "2026-11-23 a.example en: 1 0 1 0 0 0",
            "2026-11-23 b.example vi: 1 0 0 1 0 0",
            "2026-11-25 a.example en: 0 0 1 1 0 0",
        ]
    );
}

#[tokio::test]
async fn a_clock_that_goes_back_counts_on_the_day_it_says() {
    let world = World::new();
    days_pass(1);
    check(&world, "http://a.example", HAM).await;
    days_pass(-3);
    check(&world, "http://a.example", HAM).await;
    days_pass(4);
    assert_eq!(
        shorts(&world, "").await,
        [
            "2026-11-21 a.example en: 1 0 0 0 0 0",
            "2026-11-24 a.example en: 1 0 0 0 0 0",
        ]
    );
}

#[tokio::test]
async fn figures_of_another_keys_site_are_not_shown() {
    let world = World::new().with_key("other-customer");
    check(&world, "http://a.example", HAM).await;
    let path = "/v1/figures?site=a.example";
    assert_eq!(
        world.call("GET", path, "other-customer", "").await.status,
        403
    );
    let all = world.call("GET", "/v1/figures", "other-customer", "").await;
    assert_eq!(all.json()["figures"], Value::Array(vec![]));
    for bad in ["?days=0", "?days=9999", "?days=x", "?sight=a.example"] {
        let answer = world
            .call("GET", &format!("/v1/figures{bad}"), KEY, "")
            .await;
        assert!(
            (400..500).contains(&answer.status),
            "{bad}: {}",
            answer.text()
        );
    }
}

/// From the export alone: every record, and the last label of each comment.
fn recounted(records: &[Value], labels: &[Value]) -> BTreeMap<String, [u64; 6]> {
    let day = |at: &Value| phin::moderation::Day::at(at.as_i64().expect("a time")).to_string();
    let mut counts: BTreeMap<String, [u64; 6]> = BTreeMap::new();
    for record in records {
        let of = &record["assessment"];
        let verdict = of["verdict"].as_str().expect("a verdict");
        let column = match verdict {
            "ham" => 0,
            "unsure" => 1,
            _ => 2,
        };
        let place = format!(
            "{} {} {}",
            day(&record["at"]),
            record["site"].as_str().expect("a site"),
            of["lang"].as_str().expect("a language")
        );
        counts.entry(place).or_default()[column] += 1;
    }
    let last: BTreeMap<String, &Value> = labels
        .iter()
        .map(|label| (label["comment"].to_string(), label))
        .collect();
    for label in last.values() {
        let place = format!(
            "{} {} {}",
            day(&label["checked"]["at"]),
            label["site"].as_str().expect("a site"),
            label["checked"]["lang"].as_str().expect("a language")
        );
        let count = counts.entry(place).or_default();
        count[3] += 1;
        match (label["machine"].as_str(), label["label"].as_str()) {
            (Some("spam"), Some("ham")) => count[4] += 1,
            (Some("ham"), Some("spam")) => count[5] += 1,
            _ => {}
        }
    }
    counts
}

#[tokio::test]
async fn figures_equal_a_recount_of_records_and_labels() {
    for seed in 0..4 {
        let mut rng = StdRng::seed_from_u64(seed);
        let mut world = World::new();
        let mut checked: Vec<(String, String)> = Vec::new();
        for n in 0..120 {
            match rng.random_range(0..10) {
                0..5 => {
                    let site = format!("http://s{}.example", rng.random_range(0..3));
                    let base = [SPAM, HAM, CHAT][rng.random_range(0..3)];
                    let text = format!("{base} {}", rng.random_range(0..40));
                    check(&world, &site, &text).await;
                    checked.push((site, text));
                }
                5..9 if !checked.is_empty() => {
                    let (site, text) = &checked[rng.random_range(0..checked.len())];
                    let label = ["spam", "ham"][rng.random_range(0..2)];
                    say(&world, label, site, text).await;
                }
                _ => days_pass(rng.random_range(-2..4)),
            }
            if n == 60 {
                world = world.restart();
            }
        }
        days_pass(400);
        let shown = shorts(&world, "?days=3000").await;
        let records = world.close_and_export("check");
        let labels = world.close_and_export("label");
        assert!(records.len() > 20 && labels.len() > 10);
        let expected: Vec<String> = recounted(&records, &labels)
            .into_iter()
            .map(|(place, c)| {
                format!(
                    "{place}: {} {} {} {} {} {}",
                    c[0], c[1], c[2], c[3], c[4], c[5]
                )
            })
            .collect();
        assert_eq!(shown, expected, "seed {seed}");
    }
}

#[tokio::test]
async fn counts_of_checks_go_with_an_export_and_come_in_once() {
    let world = World::new();
    check(&world, "http://a.example", HAM).await;
    let shown = shorts(&world, "").await;
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
        assert_eq!(imported.expect("imports").figures, known);
    }
    assert_eq!(shorts(&other, "").await, shown);
}
