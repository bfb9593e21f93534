//! Audits: a few checks are drawn at random, a moderator who does not know the verdict says what they are, and the estimate covers what nobody reported.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroU32;

use phin::comment::SiteId;
use phin::moderation::{AuditPolicy, Selection, Vouch};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

use crate::program::{Server, path_text, phin, run};
use crate::world::{KEY, World, audit, days_pass, form, millis_pass};

const SPAM: &str = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143";
const HAM: &str = "Thanks for the write-up, the part about the index helped me a lot.";
const UNSURE: &str = "check my page for more";
const SITE: &str = "http://a.example";

fn one_in(ham: u32, spam: u32, most_per_day: u32) -> AuditPolicy {
    AuditPolicy {
        one_in_ham: NonZeroU32::new(ham),
        one_in_spam: NonZeroU32::new(spam),
        most_per_day: NonZeroU32::new(most_per_day).expect("some"),
    }
}

/// Everything is drawn.
const ALL: u32 = 1;
const MANY: u32 = 1_000;

async fn check(world: &World, site: &str, text: &str) -> String {
    let fields = [("blog", site), ("comment_content", text)];
    let answer = world.akismet("comment-check", &fields).await;
    answer.guid().to_owned()
}

/// A check whose verdict is unsure, by cutoffs or by luck of its words.
async fn check_unsure(world: &World, site: &str) -> String {
    let fields = [("blog", site), ("comment_content", UNSURE)];
    let answer = world.akismet("comment-check", &fields).await;
    assert_eq!(answer.verdict(), "unsure", "{}", answer.probability());
    answer.guid().to_owned()
}

async fn queue(world: &World, query: &str) -> Value {
    let answer = world
        .call("GET", &format!("/v1/queue{query}"), KEY, "")
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

fn guids(queue: &Value) -> Vec<String> {
    let checks = queue["checks"].as_array().expect("a list").iter();
    checks
        .map(|check| check["guid"].as_str().expect("a guid").to_owned())
        .collect()
}

/// As the queue asks for it.
async fn answer(world: &World, guid: &str, label: &str) {
    let said = json!({"site": SITE, "guid": guid, "label": label, "audit": true});
    world.label_json(&said).await;
}

/// By somebody who was not asked.
async fn complain(world: &World, guid: &str, label: &str) {
    let said = json!({"site": SITE, "guid": guid, "label": label});
    world.label_json(&said).await;
}

async fn figures(world: &World, query: &str) -> Value {
    let path = format!("/v1/figures{query}");
    let answer = world.call("GET", &path, KEY, "").await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn estimate(world: &World) -> Value {
    figures(world, "").await["estimates"][0].clone()
}

#[tokio::test]
async fn an_audited_check_is_answered_like_any_other() {
    let text = |n: u32| format!("{} {n}", [SPAM, HAM, UNSURE][n as usize % 3]);
    let mut answers = Vec::new();
    for policy in [AuditPolicy::OFF, one_in(ALL, ALL, MANY)] {
        audit(policy);
        let world = World::new();
        let mut told = Vec::new();
        for n in 0..12 {
            let text = text(n);
            let fields = [("blog", SITE), ("comment_content", text.as_str())];
            let answer = world.akismet("comment-check", &fields).await;
            let mut headers = answer.headers.clone();
            headers.remove("x-akismet-guid").expect("a guid");
            told.push((answer.text().to_owned(), headers));
            let body = json!({"site": SITE, "text": format!("{text} again")});
            let mut ours = world.check_json(&body).await;
            ours.as_object_mut().expect("an object").remove("guid");
            told.push((ours.to_string(), Default::default()));
        }
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);
}

#[tokio::test]
async fn the_queue_holds_unsure_and_audited_checks_until_they_have_a_label() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new();
    let mut made = Vec::new();
    for text in [HAM, SPAM, UNSURE] {
        made.push(check(&world, SITE, text).await);
        millis_pass(1_000);
    }
    let waiting = queue(&world, "?site=a.example").await;
    let newest_first: Vec<String> = made.iter().rev().cloned().collect();
    assert_eq!(guids(&waiting), newest_first);
    let by_guid = |guid: &String| {
        let checks = waiting["checks"].as_array().expect("a list");
        let found = checks.iter().find(|check| check["guid"] == **guid);
        found.expect("it waits").clone()
    };
    let unsure = by_guid(&made[2]);
    assert_eq!(
        (&unsure["why"], &unsure["verdict"]),
        (&json!("unsure"), &json!("unsure"))
    );
    assert!(unsure["probability"].is_number() && unsure["clues"].is_array());
    assert_eq!(unsure["comment"]["text"], UNSURE);
    for guid in &made[..2] {
        // Whoever knows what the machine thinks tends to agree.
        let audited = by_guid(guid);
        assert_eq!(audited["why"], "audit");
        for kept_back in ["verdict", "probability", "clues"] {
            assert_eq!(audited[kept_back], Value::Null, "{audited}");
        }
    }
    let told = queue(&world, "?verdicts=all&order=oldest").await;
    assert_eq!(guids(&told), made);
    assert_eq!(told["checks"][1]["verdict"], "discard");
    answer(&world, &made[0], "ham").await;
    answer(&world, &made[2], "spam").await;
    assert_eq!(guids(&queue(&world, "").await), made[1..2]);
    let world = world.restart();
    assert_eq!(guids(&queue(&world, "").await), made[1..2]);
    // An undo brings it back; the first place is the vouching for the first key.
    let undone = world.moderation().labels.undo(Selection {
        seqs: vec![2],
        ..Selection::default()
    });
    undone.await.expect("undone");
    assert_eq!(
        guids(&queue(&world, "").await),
        [made[1].clone(), made[0].clone()]
    );
}

#[tokio::test]
async fn pages_of_the_queue_hold_every_check_once_in_either_order() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new();
    let mut made = Vec::new();
    for n in 0..23 {
        let site = format!("http://s{}.example", n % 3);
        made.push(check(&world, &site, &format!("{HAM} {n}")).await);
        // Some at the same moment.
        millis_pass(n % 2);
    }
    for order in ["oldest", "newest"] {
        let mut after = String::new();
        let mut seen = Vec::new();
        for page in 0.. {
            assert!(page < 9, "no end");
            let found = queue(&world, &format!("?limit=4&order={order}{after}")).await;
            seen.extend(guids(&found));
            let Some(next) = found["next"].as_str() else {
                break;
            };
            after = format!("&after={next}");
        }
        assert_eq!(seen.len(), 23);
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!(distinct, made.iter().collect());
    }
}

#[tokio::test]
async fn the_queue_of_another_keys_site_is_not_shown() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new().with_key("other-customer");
    check(&world, SITE, HAM).await;
    let get = async |key: &'static str, query: &str| {
        let path = format!("/v1/queue{query}");
        world.call("GET", &path, key, "").await
    };
    assert_eq!(get("other-customer", "?site=a.example").await.status, 403);
    assert_eq!(get("other-customer", "").await.json()["checks"], json!([]));
    assert_eq!(get("unknown", "").await.status, 401);
    for bad in [
        "?limit=0",
        "?limit=x",
        "?days=0",
        "?order=up",
        "?after=x",
        "?sight=1",
    ] {
        let answer = get(KEY, bad).await;
        assert!(
            (400..500).contains(&answer.status),
            "{bad}: {}",
            answer.text()
        );
    }
}

#[tokio::test]
async fn audits_estimate_mistakes_that_nobody_reported() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new();
    // Thirty ham verdicts, of which three are spam; twenty spam verdicts, of which one is ham.
    let mut truth = BTreeMap::new();
    for n in 0..50 {
        let (text, label) = match n {
            0..3 => (HAM, "spam"),
            3..30 => (HAM, "ham"),
            30 => (SPAM, "ham"),
            _ => (SPAM, "spam"),
        };
        let guid = check(&world, SITE, &format!("{text} {n}")).await;
        truth.insert(guid, label);
        millis_pass(10);
    }
    let before = estimate(&world).await;
    assert_eq!(before["false_positives"], Value::Null);
    assert_eq!(before["missed_spam"], Value::Null);
    assert_eq!(before["of_ham"]["samples"], 30);
    // One label of somebody who was not asked tells of itself alone.
    let complained = truth
        .iter()
        .next()
        .map(|(guid, label)| (guid.clone(), *label));
    let (guid, label) = complained.expect("checks");
    complain(&world, &guid, label).await;
    let unasked = estimate(&world).await;
    let sides = ["of_ham", "of_spam"].map(|side| unasked[side].clone());
    let sum = |name: &str| {
        sides
            .iter()
            .map(|s| s[name].as_u64().expect("a count"))
            .sum::<u64>()
    };
    assert_eq!((sum("answered"), sum("reported")), (0, 1));
    assert_eq!(unasked["missed_spam"], Value::Null);
    let shown = queue(&world, "?limit=200").await;
    assert_eq!(shown["checks"].as_array().map(Vec::len), Some(49));
    for guid in guids(&shown) {
        answer(&world, &guid, truth[&guid]).await;
    }
    let check = |estimate: &Value| {
        let value = |path: [&str; 2]| estimate[path[0]][path[1]].as_f64().expect("known");
        // 1 of the 1 + 27 ham, 3 of the 3 + 19 spam.
        assert!(
            (value(["false_positives", "value"]) - 1.0 / 28.0).abs() < 1e-9,
            "{estimate}"
        );
        assert!(
            (value(["missed_spam", "value"]) - 3.0 / 22.0).abs() < 1e-9,
            "{estimate}"
        );
        for rate in ["false_positives", "missed_spam"] {
            let (low, high) = (value([rate, "low"]), value([rate, "high"]));
            assert!(
                0.0 < low
                    && low < value([rate, "value"])
                    && high > 1.5 * value([rate, "value"])
                    && high < 0.5
            );
        }
    };
    let after = estimate(&world).await;
    check(&after);
    assert_eq!(after["lang"], Value::Null);
    let world = world.restart();
    check(&estimate(&world).await);
    // By language, the same sums; on the day before, nothing.
    let all = figures(&world, "?days=1").await;
    let langs = all["estimates"].as_array().expect("a list");
    let samples = |line: &Value| line["of_ham"]["samples"].as_u64().expect("a count");
    assert_eq!(langs[1..].iter().map(samples).sum::<u64>(), 30);
    days_pass(1);
    let none = figures(&world, "?days=1").await["estimates"][0].clone();
    assert_eq!(none["of_ham"]["samples"], 0);
    // A label taken back leaves its sample open.
    let undone = world.moderation().labels.undo(Selection {
        since: Some(0),
        ..Selection::default()
    });
    undone.await.expect("undone");
    let open = estimate(&world).await;
    assert_eq!(open["of_ham"]["answered"], 0);
    assert_eq!(open["missed_spam"], Value::Null);
}

#[tokio::test]
async fn an_answer_that_knew_the_verdict_or_was_not_asked_is_a_report() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new();
    let mut guids = Vec::new();
    for n in 0..5 {
        guids.push(check(&world, SITE, &format!("{HAM} {n}")).await);
    }
    let counts = async || {
        let of_ham = estimate(&world).await["of_ham"].clone();
        ["answered", "reported"].map(|name| of_ham[name].as_u64().expect("a count"))
    };
    // Never shown.
    answer(&world, &guids[0], "ham").await;
    assert_eq!(counts().await, [0, 1]);
    // Shown with the verdict, after it was shown without or before.
    queue(&world, "").await;
    queue(&world, "?verdicts=all").await;
    queue(&world, "").await;
    answer(&world, &guids[1], "ham").await;
    assert_eq!(counts().await, [0, 2]);
    let blind = check(&world, SITE, &format!("{HAM} blind")).await;
    let fields = [
        ("blog", SITE),
        ("comment_content", &format!("{HAM} silent")),
    ];
    world.akismet("comment-check", &fields).await;
    queue(&world, "").await;
    // Shown blind; but this client names no check, and that one was not asked.
    world.akismet("submit-spam", &fields).await;
    complain(&world, &blind, "spam").await;
    assert_eq!(counts().await, [0, 4]);
    // The last label is the one that counts.
    answer(&world, &blind, "ham").await;
    assert_eq!(counts().await, [1, 3]);
}

#[tokio::test]
async fn words_are_shown_to_whoever_sent_them_alone() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new()
        .with_key("before")
        .with_key("next")
        .with_key("vouched");
    let own = async |world: &World, key: &'static str| {
        let answer = world.call("GET", "/v1/queue?site=a.example", key, "").await;
        let waiting = (answer.status == 200).then(|| guids(&answer.json()));
        waiting.ok_or(answer.status)
    };
    let sends = async |world: &World, key: &'static str, text: &str| {
        let said = json!({"site": SITE, "text": text});
        let answer = world
            .call("POST", "/v1/check", key, &said.to_string())
            .await;
        answer.json()["guid"].as_str().map(str::to_owned)
    };
    let moderation = world.moderation();
    moderation
        .labels
        .vouch("vouched", Vouch::For)
        .await
        .expect("vouched");
    let theirs = sends(&world, "before", HAM).await.expect("a guid");
    sends(&world, "vouched", &format!("{HAM} too"))
        .await
        .expect("a guid");
    assert_eq!(own(&world, "before").await, Ok(vec![theirs]));
    assert_eq!(own(&world, "vouched").await.expect("may ask").len(), 1);
    // The site changes hands: what was said before does not.
    moderation.accounts.revoke_key("before").expect("revoked");
    let next = sends(&world, "next", &format!("{HAM} three"))
        .await
        .expect("a guid");
    assert_eq!(own(&world, "next").await, Ok(vec![next]));
    // A site that a key serves no more.
    let site = SiteId::parse(SITE).expect("a site");
    moderation
        .accounts
        .revoke_site("next", &site)
        .expect("revoked");
    assert_eq!(own(&world, "next").await, Err(403));
}

#[tokio::test]
async fn a_site_and_day_bring_few_samples_even_over_a_restart_and_another_day_as_many_again() {
    audit(one_in(ALL, 0, 2));
    let mut world = World::new();
    let mut many = Vec::new();
    for day in 0..2 {
        for part in 0..2 {
            for n in 0..60 {
                check(&world, SITE, &format!("{HAM} {day} {part} {n}")).await;
                check(&world, SITE, &format!("{SPAM} {day} {part} {n}")).await;
            }
            world = world.restart();
        }
        let found = queue(&world, "?days=1&limit=200").await;
        let checks = found["checks"].as_array().expect("a list").iter();
        many.push(checks.filter(|check| check["why"] == "audit").count());
        days_pass(1);
    }
    // Of 120, two each at 1, 1/2, 1/4 ..: about ten; two without the bound would be 120, and a restart that forgets, twice as many.
    assert!(many.iter().all(|many| (4..20).contains(many)), "{many:?}");
    // Each weighs what it stands for.
    let samples = world.close_and_export("waiting");
    let weights: Vec<u64> = samples
        .iter()
        .filter(|row| row["why"] == "audit")
        .map(|row| row["one_in"].as_u64().expect("a rate"))
        .collect();
    assert_eq!(weights.iter().filter(|&&one_in| one_in == 1).count(), 4);
    assert!(weights.iter().max() > Some(&4), "{weights:?}");
}

#[tokio::test]
async fn a_clock_that_goes_back_loses_no_sample() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new();
    days_pass(1);
    let late = check(&world, SITE, HAM).await;
    days_pass(-3);
    let early = check(&world, SITE, SPAM).await;
    assert_eq!(
        guids(&queue(&world, "?days=1").await),
        [late.clone(), early.clone()]
    );
    answer(&world, &early, "spam").await;
    days_pass(4);
    answer(&world, &late, "ham").await;
    let estimate = estimate(&world).await;
    assert_eq!(estimate["of_ham"]["answered"], 1);
    assert_eq!(estimate["of_spam"]["answered"], 1);
}

/// From the export alone: samples by verdict, those answered, those reported, those of either that are wrong.
fn recounted(samples: &[Value], labels: &[Value]) -> BTreeMap<String, [u64; 4]> {
    let last: BTreeMap<String, &Value> = labels
        .iter()
        .map(|label| (label["comment"].to_string(), label))
        .collect();
    let mut counts: BTreeMap<String, [u64; 4]> = BTreeMap::new();
    for sample in samples.iter().filter(|row| row["why"] == "audit") {
        let side = match sample["verdict"].as_str() {
            Some("ham") => "ham",
            _ => "spam",
        };
        let count = counts.entry(side.to_owned()).or_default();
        count[0] += 1;
        if let Some(label) = last.get(&sample["comment"].to_string()) {
            let answered = label["checked"]["answers_audit"] == true;
            count[if answered { 1 } else { 2 }] += 1;
            count[3] += u64::from(label["label"] != side);
        }
    }
    counts
}

#[tokio::test]
async fn what_the_estimate_counts_equals_a_recount_of_samples_and_labels() {
    let mut happened = [0; 3];
    for seed in 0..3 {
        let mut rng = StdRng::seed_from_u64(seed);
        audit(one_in(1, 1, 4));
        let mut world = World::new();
        let mut made = Vec::new();
        let mut shown = Vec::new();
        for n in 0..120 {
            match rng.random_range(0..10) {
                0..5 => {
                    let base = [SPAM, HAM, UNSURE][rng.random_range(0..3)];
                    let text = format!("{base} {}", rng.random_range(0..90));
                    made.push(check(&world, SITE, &text).await);
                }
                5..8 if !made.is_empty() => {
                    let from = if shown.is_empty() || rng.random_bool(0.5) {
                        &made
                    } else {
                        &shown
                    };
                    let label = ["spam", "ham"][rng.random_range(0..2)];
                    answer(&world, &from[rng.random_range(0..from.len())], label).await;
                }
                8 => shown = guids(&queue(&world, "?limit=2&days=3000").await),
                _ => days_pass(rng.random_range(-2..4)),
            }
            if n == 60 {
                world = world.restart();
            }
        }
        days_pass(400);
        let shown = figures(&world, "?days=3000").await["estimates"][0].clone();
        let samples = world.close_and_export("waiting");
        let labels = world.close_and_export("label");
        let counts = recounted(&samples, &labels);
        for side in ["ham", "spam"] {
            let counted = &shown[format!("of_{side}")];
            let found = ["samples", "answered", "reported"]
                .map(|name| counted[name].as_u64().expect("a count"));
            assert_eq!(found, counts[side][..3], "seed {seed} {side}");
            let all = happened.iter_mut().zip(found);
            all.for_each(|(all, more)| *all += more);
        }
    }
    assert!(
        happened.iter().all(|&many| many > 5),
        "too little happened: {happened:?}"
    );
}

#[tokio::test]
async fn samples_go_with_an_export_and_come_in_once() {
    audit(one_in(ALL, ALL, MANY));
    let world = World::new();
    check(&world, SITE, HAM).await;
    check_unsure(&world, SITE).await;
    let shown = guids(&queue(&world, "").await);
    let lines: Vec<_> = world
        .moderation()
        .transfer
        .export()
        .expect("can be read")
        .collect();
    let lines: Vec<_> = lines.into_iter().map(|l| l.expect("whole")).collect();
    let other = World::new();
    for known in [2, 0] {
        let imported = other.moderation().transfer.import(lines.clone()).await;
        assert_eq!(imported.expect("imports").waiting, known);
    }
    assert_eq!(guids(&queue(&other, "").await), shown);
    let before = estimate(&world).await;
    assert_eq!(before["of_ham"]["samples"], 1);
    assert_eq!(estimate(&other).await, before);
}

#[test]
fn the_command_line_shows_the_queue_and_the_estimates_with_a_server_and_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let on = |args: &[&str]| run(&[args, &["--data-dir", path_text(folder.path())]].concat());
    let settings = [
        ("PHIN_AUDIT_ONE_IN_HAM", "1"),
        ("PHIN_AUDIT_ONE_IN_SPAM", "0"),
    ];
    let mut server = Server::start_with(phin(), folder.path(), &settings);
    let mut connection = server.connect();
    for text in [HAM, SPAM, "\u{1b}[2J nice"] {
        let fields = [("blog", SITE), ("comment_content", text)];
        let answer = connection.post("/1.1/comment-check", &form(&fields));
        assert_eq!(answer.expect("answered").status(), 200);
    }
    let shown = on(&["queue", "--oldest-first"]).well().out;
    assert!(
        shown.contains(HAM) && shown.contains("a.example"),
        "{shown}"
    );
    assert!(!shown.contains(SPAM), "spam is not drawn: {shown}");
    assert!(
        !shown.contains('\u{1b}'),
        "what strangers wrote steers no terminal"
    );
    let first = shown.lines().next().expect("a check");
    assert!(first.contains("audit") && !first.contains('%'), "{first}");
    let guid = first.split(' ').next().expect("a guid").to_owned();
    let said = json!({"site": SITE, "guid": guid, "label": "ham", "audit": true});
    connection.tell("/v1/label", &said);
    let figures = on(&["figures"]).well().out;
    assert!(
        figures.contains("1 answered, 0 reported") && figures.contains("not known"),
        "{figures}"
    );
    server.terminate();
    server.ended();
    let queue = on(&["queue", "--json"]).well().json_lines();
    assert!(guids(&queue[0]).iter().all(|other| *other != guid));
    let stopped = on(&["figures"]).well().out;
    assert!(stopped.contains("1 answered, 0 reported"), "{stopped}");
    assert!(
        !stopped.contains("the last") && !stopped.contains("drift"),
        "{stopped}"
    );
    on(&["queue", "--after", "x"]).refused(1, &["no place in the queue"]);
}
