//! What is kept of people and sites goes out to its owner alone, and goes for good: after its days, or when a person is to be forgotten.

mod forget;

use std::num::NonZeroU32;

use phin::comment::{Comment, CommentId, SiteId};
use phin::model::Model;
use phin::moderation::{
    AuditPolicy, Change, CorrectionPolicy, CutoffChange, ExportLine, Forgetting, Forgotten, Hears,
    Labelled, Listed, Past, PastLabel, Person, Reach,
};
use phin::store::{Callback, Correction, CorrectionState, Record, Sums};
use phin::verdict::Label;

use crate::program::{Server, ask_operator, path_text, phin, run, until, write_file};
use crate::world::{KEY, NOON, SITE, THANKS, World, audit, days_pass, form, now};

const OTHER_SITE: &str = "http://other.example";

/// How many lines of a kind.
fn count(export: &str, what: &str) -> usize {
    let lines = export.lines();
    lines
        .map(|line| serde_json::from_str::<serde_json::Value>(line).expect("is JSON"))
        .filter(|line| line["what"] == what)
        .count()
}

#[tokio::test]
async fn a_site_is_handed_all_it_owns_and_nothing_of_others_and_another_phin_takes_it_in() {
    let world = World::new();
    for (site, text) in [(SITE, "chim sẻ của nhà"), (OTHER_SITE, "chim sẻ hàng xóm")] {
        let fields = [("blog", site), ("comment_content", text)];
        world.akismet("comment-check", &fields).await;
        world.akismet("submit-spam", &fields).await;
        let list =
            serde_json::json!({ "site": site, "list": "deny", "kind": "words", "value": text });
        let answer = world.json("/v1/lists", &list).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        let settings = serde_json::json!({ "site": site, "unsure": "spam" });
        assert_eq!(world.json("/v1/sites", &settings).await.status, 200);
    }
    let own = SiteId::parse(SITE).expect("a site");
    let given = world.moderation().accounts.give(&own, "first").await;
    given.expect("given");
    world
        .moderation()
        .close()
        .expect("everything is written down");
    let all: String = world
        .moderation()
        .transfer
        .export()
        .expect("exports")
        .map(|line| serde_json::to_string(&line.expect("whole")).expect("is JSON") + "\n")
        .collect();
    assert!(!all.contains(KEY) && all.contains("other.example") && all.contains("hàng xóm"));

    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let (old, new) = (at("old"), at("new"));
    let everything = write_file(folder.path(), "all.jsonl", &all);
    run(&[
        "import",
        path_text(&everything),
        "--data-dir",
        path_text(&old),
    ])
    .well();
    let ours = |data: &std::path::Path| {
        run(&["export", "--site", SITE, "--data-dir", path_text(data)])
            .well()
            .out
    };
    let theirs = ours(&old);
    assert!(theirs.contains("của nhà"), "{theirs}");
    for foreign in [KEY, "other.example", "hàng xóm"] {
        assert!(!theirs.contains(foreign), "{foreign}: {theirs}");
    }
    let kinds = ["key", "check", "label", "owner", "usage", "list", "site"];
    let counted = |export: &str| kinds.map(|what| count(export, what));
    assert_eq!(counted(&theirs), [0, 1, 1, 1, 1, 1, 1], "{theirs}");

    let file = write_file(folder.path(), "site.jsonl", &theirs);
    for _ in 0..2 {
        run(&["import", path_text(&file), "--data-dir", path_text(&new)]).well();
    }
    let again = ours(&new);
    assert_eq!(counted(&again), counted(&theirs), "{again}");
    let none = run(&[
        "export",
        "--site",
        "http://no.example",
        "--data-dir",
        path_text(&new),
    ]);
    assert_eq!(none.well().out, "{\"what\":\"end\"}\n");
}

/// Words that occur nowhere else, and what else names their author.
const CANARY: &[&str] = &[
    "Zwitscherlaut",
    "zilpzalp@vogel.example",
    "203.0.113.77",
    "Mozilla/5.0 (Canary",
    "zilpzalp.example",
    "Vogelname",
];

fn canary() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "comment_content",
            "Zwitscherlaut Zwitscherlaut im Garten http://zilpzalp.example/haus",
        ),
        ("comment_author", "Vogelname"),
        ("comment_author_email", "zilpzalp@vogel.example"),
        ("comment_author_url", "http://zilpzalp.example"),
        ("user_ip", "203.0.113.77"),
        ("user_agent", "Mozilla/5.0 (Canary; 1)"),
    ]
}

/// Which of these words are in any file of a folder, as bytes. An address as four bytes would be found by chance, so it is looked for as text.
fn on_disk(folder: &std::path::Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(on_disk(&path, words));
        } else if path.is_file() {
            let bytes = std::fs::read(&path).expect("a file");
            for word in words {
                if bytes
                    .windows(word.len())
                    .any(|part| part == word.as_bytes())
                {
                    found.push(format!("{word} in {}", path.display()));
                }
            }
        }
    }
    found
}

/// Sweeps until nothing is left; checks and days.
fn sweep(world: &World) -> (usize, usize) {
    let mut all = (0, 0);
    loop {
        let swept = world.moderation().privacy.sweep_words(2).expect("sweeps");
        assert!(swept.checks <= 2, "a round is bounded");
        all = (all.0 + swept.checks, all.1 + swept.days);
        if !swept.more {
            return all;
        }
    }
}

fn checks(world: &World) -> Vec<serde_json::Value> {
    let lines = world.moderation().transfer.export().expect("exports");
    lines
        .map(|line| serde_json::to_value(line.expect("whole")).expect("is JSON"))
        .filter(|line| line["what"] == "check")
        .collect()
}

#[tokio::test]
async fn words_are_gone_for_good_after_their_days_and_a_label_by_guid_still_teaches() {
    let world = World::keeping(3);
    let guid = world
        .akismet("comment-check", &canary())
        .await
        .guid()
        .to_owned();
    for text in ["noch eins", "und zwei", "und drei"] {
        world.check(text).await;
    }
    let world = world.restart();
    let all = serde_json::to_string(&checks(&world)).expect("is JSON");
    for word in CANARY {
        assert!(all.contains(word), "{word} is kept at first: {all}");
    }
    assert_eq!(on_disk(world.folder(), CANARY), [""; 0], "words lie sealed");
    // What is not sealed is found by the same look.
    assert!(!on_disk(world.folder(), &["blog.example"]).is_empty());
    let keys_then = std::fs::read(world.folder().join("words.keys")).expect("is there");

    days_pass(2);
    world.check("später").await;
    let world = world.restart();
    assert_eq!(sweep(&world), (0, 0), "the third day is not over");
    days_pass(1);
    assert_eq!(sweep(&world), (4, 1));
    let keys_now = std::fs::read(world.folder().join("words.keys")).expect("is there");
    // A key of 32 bytes: none of the first day's is in the file.
    assert!(
        keys_then[8..]
            .windows(32)
            .skip(8)
            .take(8)
            .all(|part| !keys_now.windows(32).any(|p| p == part))
    );
    let world = world.restart();
    let left = checks(&world);
    assert_eq!(left.len(), 5, "checks stay");
    let text = serde_json::to_string(&left).expect("is JSON");
    for word in CANARY {
        assert!(!text.contains(word), "{word} is still there: {text}");
    }
    assert!(text.contains("später"));

    let before = world.log_odds(SITE, "Zwitscherlaut im Garten").await;
    let answer = world.akismet("submit-spam", &[("guid", &guid)]).await;
    assert_eq!(answer.text(), THANKS);
    let after = world.log_odds(SITE, "Zwitscherlaut im Garten").await;
    assert!(after > before + 0.1, "{before} {after}");
    // The same comment, as a client sends it back without a guid, is the one already labelled.
    let again = canary();
    assert_eq!(world.akismet("submit-spam", &again).await.text(), THANKS);
    assert_eq!(world.close_and_export("label").len(), 1);
    // It cannot be judged again, and that is said; its label still answers it.
    let lines = world.moderation().transfer.export().expect("exports");
    let past = Past::of(lines.map(|line| line.expect("whole")));
    let change = Change {
        model: Model::cold(),
        cutoffs: CutoffChange::AsSet,
        lists: None,
        hears: Hears::Now,
    };
    let site = SiteId::parse(SITE).expect("a site");
    let replayed = past.replay(&site, change).expect("its checks are there");
    let counted = (
        replayed.checks,
        replayed.without_text,
        replayed.labels_alone,
    );
    assert_eq!(counted, (1, 4, 0));
}

#[tokio::test]
async fn with_no_retention_no_word_comes_to_disk_and_labels_teach_all_the_same() {
    let world = World::keeping(0);
    let guid = world
        .akismet("comment-check", &canary())
        .await
        .guid()
        .to_owned();
    let world = world.restart();
    assert!(
        !world.folder().join("words.keys").exists(),
        "nothing was ever sealed"
    );
    let kept = serde_json::to_string(&checks(&world)).expect("is JSON");
    assert!(kept.contains(&guid), "{kept}");
    for word in CANARY {
        assert!(!kept.contains(word), "{word}: {kept}");
    }
    assert_eq!(on_disk(world.folder(), CANARY), [""; 0]);
    let before = world.log_odds(SITE, "Zwitscherlaut im Garten").await;
    assert_eq!(
        world
            .akismet("submit-spam", &[("guid", &guid)])
            .await
            .text(),
        THANKS
    );
    let after = world.log_odds(SITE, "Zwitscherlaut im Garten").await;
    assert!(after > before + 0.1, "{before} {after}");
    // One that brings its text, of a comment nobody checked.
    world
        .submit("ham", "ein ganz anderer Text über Rotkehlchen")
        .await;
    assert_eq!(sweep(&world).0, 0);
    assert_eq!(on_disk(world.folder(), &["Rotkehlchen"]), [""; 0]);
    assert_eq!(world.close_and_export("label").len(), 2);
}

fn person(email: &str) -> Person {
    Person {
        email: Some(email.to_owned()),
        ..Person::default()
    }
}

async fn forget(world: &World, person: Person, forgetting: Forgetting) -> Forgotten {
    let moderation = world.moderation();
    let forgotten = moderation
        .privacy
        .erase(person, Labelled::Stays, Listed::Stays, forgetting);
    forgotten.await.expect("forgotten")
}

/// Texts in the queue, and how many checks ever came into it.
async fn queued(world: &World) -> (Vec<String>, usize) {
    let answer = world.call("GET", "/v1/queue?days=30", KEY, "").await;
    let page = answer.json();
    let waiting = page["checks"].as_array().expect("a list").iter();
    let texts = waiting.map(|check| {
        check["comment"]["text"]
            .as_str()
            .expect("a text")
            .to_owned()
    });
    let rows = world.moderation().transfer.export().expect("exports");
    let rows = rows.filter(|line| matches!(line, Ok(ExportLine::Waiting(_))));
    (texts.collect(), rows.count())
}

const DAY: i64 = 86_400_000;

/// A correction that waits to be sent, of a check nobody else knows.
fn correction(guid: u8, email: &str, at: i64) -> Correction {
    Correction {
        guid: format!("{guid:032x}"),
        site: SiteId::parse(SITE).expect("a site"),
        comment: CommentId(guid.into()),
        key: KEY.to_owned(),
        callback: format!("{SITE}/hook"),
        post: None,
        parent: None,
        email: Some(email.to_owned()),
        verdict: Label::Spam,
        flips: 1,
        at,
        tries: 0,
        tried_at: None,
        state: CorrectionState::Pending(at),
    }
}

/// How many were taken in, and left out for their age.
async fn import_corrections(world: &World, corrections: &[Correction]) -> (usize, usize) {
    let lines = corrections.iter().cloned();
    let lines = lines.map(|line| ExportLine::Correction(Box::new(line)));
    let imported = world.moderation().transfer.import(lines.collect()).await;
    let imported = imported.expect("imports");
    (imported.corrections, imported.past_corrections)
}

/// Whose corrections can be read, in alphabetical order.
fn corrected(world: &World) -> Vec<String> {
    let lines = world.moderation().transfer.export().expect("exports");
    let mut emails: Vec<String> = lines
        .filter_map(|line| match line {
            Ok(ExportLine::Correction(row)) => row.email,
            _ => None,
        })
        .collect();
    emails.sort();
    emails
}

fn keys(world: &World) -> Vec<u8> {
    std::fs::read(world.folder().join("words.keys")).expect("is there")
}

/// With other keys in the place of its own.
fn under(world: World, keys: &[u8]) -> World {
    let file = world.folder().join("words.keys");
    world.restart_after(|_| std::fs::write(file, keys).expect("written"))
}

const THEIRS: &str = "zilpzalp@vogel.example";
const NEIGHBOURS: &str = "amsel@vogel.example";

/// A check of the person, as another phin exported it.
async fn exported_check() -> Record {
    let world = World::keeping(90);
    world.akismet("comment-check", &canary()).await;
    world.moderation().close().expect("written down");
    let mut lines = world.moderation().transfer.export().expect("exports");
    let check = lines.find_map(|line| match line {
        Ok(ExportLine::Check(record)) => Some(*record),
        _ => None,
    });
    check.expect("was checked")
}

async fn import_check(world: &World, record: &Record) {
    let line = ExportLine::Check(Box::new(record.clone()));
    let imported = world.moderation().transfer.import(vec![line]).await;
    assert_eq!(imported.expect("imports").checks, 1);
}

#[tokio::test]
async fn an_import_brings_no_words_that_are_too_old() {
    let world = World::keeping(3);
    let rows = [
        correction(1, THEIRS, NOON - 3 * DAY),
        correction(2, NEIGHBOURS, NOON - 2 * DAY),
    ];
    assert_eq!(import_corrections(&world, &rows).await, (1, 1));
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(world.moderation().corrections.pending(), 1);
    let none = World::keeping(0);
    assert_eq!(import_corrections(&none, &rows[1..]).await, (0, 1));

    let mut old = exported_check().await;
    old.at = NOON - 3 * DAY;
    import_check(&world, &old).await;
    holds_no_words(world);
}

/// Neither its checks nor its files, though it has a check.
fn holds_no_words(world: World) {
    let kept = checks(&world);
    assert_eq!(kept.len(), 1);
    let kept = serde_json::to_string(&kept).expect("is JSON");
    for word in CANARY {
        assert!(!kept.contains(word), "{word}: {kept}");
    }
    let world = world.restart();
    assert_eq!(on_disk(world.folder(), CANARY), [""; 0]);
}

#[tokio::test]
async fn an_import_brings_no_words_that_it_says_are_gone() {
    let none = World::keeping(0);
    none.akismet("comment-check", &canary()).await;
    none.moderation().close().expect("written down");
    let mut lines = none.moderation().transfer.export().expect("exports");
    let thin = lines.find_map(|line| match line {
        Ok(ExportLine::Check(record)) => record.traces,
        _ => None,
    });
    let mut both = exported_check().await;
    both.traces = Some(thin.expect("is thin"));
    let world = World::keeping(90);
    import_check(&world, &both).await;
    // Unsealed they would lie there for all to see: what is thin is not sealed.
    holds_no_words(world);
}

#[tokio::test]
async fn the_history_of_another_system_brings_no_words_that_are_too_old() {
    let world = World::keeping(3);
    let past = |id: &str, text: &str, days: i64| PastLabel {
        id: id.to_owned(),
        site: SiteId::parse(SITE).expect("a site"),
        at: Some(NOON - days * DAY),
        comment: Comment::from_text(text),
        label: Label::Spam,
    };
    let past = vec![
        past("1", "Zwitscherlaut im alten Garten", 3),
        past("2", "Rotkehlchen im neuen Garten", 2),
    ];
    let taken = world.moderation().transfer.take_history(past).await;
    let taken = taken.expect("taken");
    assert_eq!((taken.labels, taken.wordless), (2, 1));
    let kept = serde_json::to_string(&checks(&world)).expect("is JSON");
    assert!(!kept.contains("Zwitscherlaut"), "{kept}");
    assert!(kept.contains("Rotkehlchen"), "{kept}");
    let world = world.restart();
    assert_eq!(on_disk(world.folder(), &["Zwitscherlaut"]), [""; 0]);
}

#[tokio::test]
async fn corrections_go_when_nobody_waits_for_them_and_with_the_words_of_their_day() {
    let rows = [
        correction(1, THEIRS, NOON),
        correction(2, NEIGHBOURS, NOON + DAY),
    ];
    days_pass(1);
    // None are sent any more.
    let world = World::keeping(90);
    import_corrections(&world, &rows).await;
    days_pass(1);
    sweep(&world);
    assert_eq!(corrected(&world).len(), 2, "two days are not over");
    days_pass(1);
    sweep(&world);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(world.moderation().corrections.pending(), 1);

    // Those of a long window go with the words: on the third day.
    let corrections = CorrectionPolicy {
        window_hours: 720,
        reach: Reach::Private,
    };
    let long = |days| World::correcting(Model::cold(), now, corrections).that_keeps(days);
    let world = long(3);
    assert_eq!(import_corrections(&world, &rows).await, (1, 1));
    sweep(&world);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    days_pass(1);
    assert_eq!(sweep(&world), (0, 1));
    assert_eq!(corrected(&world), [""; 0]);
    assert_eq!(world.moderation().corrections.pending(), 0);
}

#[tokio::test]
async fn a_lost_key_costs_the_words_of_its_days_and_nothing_else() {
    audit(AuditPolicy {
        one_in_ham: NonZeroU32::new(1),
        one_in_spam: NonZeroU32::new(1),
        most_per_day: NonZeroU32::new(9).expect("some"),
    });
    let world = World::keeping(90);
    let lost = world.akismet("comment-check", &canary()).await;
    let lost = lost.guid().to_owned();
    let corrections = [correction(1, THEIRS, NOON)];
    assert_eq!(import_corrections(&world, &corrections).await, (1, 0));
    let world = world.restart();
    std::fs::remove_file(world.folder().join("words.keys")).expect("removed");
    let world = world.restart();
    days_pass(1);
    world.check("später").await;
    assert_eq!(queued(&world).await, (vec!["später".to_owned()], 2));
    let left = checks(&world);
    assert_eq!(left.len(), 1, "an export goes on: {left:?}");
    assert_eq!(corrected(&world), [""; 0]);
    assert_eq!(import_corrections(&world, &corrections).await, (1, 0));
    assert_eq!(corrected(&world), [THEIRS], "brought back");
    // Nobody is told to send it again later, for it will not be there then.
    let answer = world.akismet("submit-spam", &[("guid", &lost)]).await;
    assert!(
        answer.text().contains("there is no check"),
        "{}",
        answer.text()
    );
    // The same comment with its words, which lies beside the lost one, is learnt.
    assert_eq!(world.akismet("submit-spam", &canary()).await.text(), THANKS);
}

#[tokio::test]
async fn a_renewal_that_was_stopped_is_made_good_by_the_sweep() {
    let world = World::keeping(90);
    world.akismet("comment-check", &canary()).await;
    let world = world.restart();
    let old_keys = keys(&world);
    let world = world.restart_after(|store| store.begin_renewal([NOON]).expect("begins"));
    assert_eq!(sweep(&world), (0, 0));
    let new_keys = keys(&world);
    let world = under(world, &old_keys);
    assert_eq!(checks(&world).len(), 0, "sealed anew");
    let world = under(world, &new_keys);
    assert_eq!(checks(&world).len(), 1);
}

#[tokio::test]
async fn memory_keeps_no_check_longer_than_the_disk() {
    let world = World::keeping(3);
    world.akismet("comment-check", &canary()).await;
    days_pass(2);
    sweep(&world);
    let known = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!((known.checks.len(), known.wordless), (1, 0), "{known:?}");
    days_pass(1);
    sweep(&world);
    let known = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!((known.checks.len(), known.wordless), (0, 1), "{known:?}");
}

#[tokio::test]
async fn with_no_retention_the_queue_shows_what_memory_holds() {
    audit(AuditPolicy {
        one_in_ham: NonZeroU32::new(1),
        one_in_spam: NonZeroU32::new(1),
        most_per_day: NonZeroU32::new(9).expect("some"),
    });
    let world = World::keeping(0);
    world.akismet("comment-check", &canary()).await;
    let (texts, rows) = queued(&world).await;
    assert_eq!(
        (texts.as_slice(), rows),
        (&[canary()[0].1.to_owned()][..], 1)
    );
    let world = world.restart();
    assert_eq!(queued(&world).await, (Vec::new(), 1));
    assert_eq!(on_disk(world.folder(), CANARY), [""; 0]);
}

#[tokio::test]
async fn with_no_retention_words_go_even_from_the_future() {
    days_pass(400);
    let world = World::keeping(90);
    world.akismet("comment-check", &canary()).await;
    days_pass(-400);
    let world = world.that_keeps(0);
    assert_eq!(sweep(&world), (1, 1));
    let kept = serde_json::to_string(&checks(&world)).expect("is JSON");
    assert!(!kept.contains("Zwitscherlaut"), "{kept}");
}

#[tokio::test]
async fn a_day_to_which_a_check_comes_late_keeps_its_key_until_the_next_sweep() {
    let late = exported_check().await;
    let world = World::keeping(3).restart_after(|store| {
        let after = NOON + DAY;
        store
            .put_records([&late], &[], &Sums::default())
            .expect("written");
        // Its words were looked for before it came.
        assert_eq!(store.destroy_words(after).expect("destroys"), 0);
        let read = store.record(&late.guid).expect("can be read");
        assert_eq!(read.as_ref(), Some(&late));
    });
    days_pass(3);
    assert_eq!(sweep(&world), (1, 1));
}

#[tokio::test]
async fn nothing_goes_for_its_age_while_the_clock_is_in_doubt() {
    use std::time::Duration;
    let hours = |n: u64| Duration::from_secs(n * 3_600);
    let world = World::keeping(3);
    let may = |guard: &mut _, world: &World, monotonic| {
        let may = world.moderation().privacy.may_sweep(guard, monotonic);
        may.expect("the store works")
    };
    world.akismet("comment-check", &canary()).await;
    let mut guard = world
        .moderation()
        .privacy
        .clock_guard(hours(0))
        .expect("reads");
    assert!(may(&mut guard, &world, hours(0)));
    days_pass(400);
    assert!(!may(&mut guard, &world, hours(1)));
    let warnings = world.moderation().health().warnings();
    assert!(
        warnings
            .iter()
            .any(|w| w.contains("the clock shows 2027-12-28")),
        "{warnings:?}"
    );
    // Nor after a restart, though there are checks of that day by now.
    world.akismet("comment-check", &canary()).await;
    let world = world.restart();
    let mut guard = world
        .moderation()
        .privacy
        .clock_guard(hours(0))
        .expect("reads");
    assert!(!may(&mut guard, &world, hours(0)));
    days_pass(1);
    assert!(may(&mut guard, &world, hours(24)));
    assert_eq!(world.moderation().health().warnings(), [""; 0]);
    let world = world.restart();
    let mut guard = world
        .moderation()
        .privacy
        .clock_guard(hours(0))
        .expect("reads");
    assert!(may(&mut guard, &world, hours(0)), "it was believed");
}

#[tokio::test]
async fn a_server_that_was_off_for_long_does_not_sweep_at_once() {
    let mut check = exported_check().await;
    let real = std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .expect("after 1970")
        .as_millis() as i64;
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let import = |check: &Record| {
        let line = ExportLine::Check(Box::new(check.clone()));
        let lines = [line, ExportLine::End].map(|line| serde_json::to_string(&line).expect("JSON"));
        let file = write_file(folder.path(), "check.jsonl", lines.join("\n"));
        run(&["import", path_text(&file), "--data-dir", path_text(&data)]).well();
    };
    check.at = real - 10 * DAY;
    import(&check);
    let server = Server::start_with(phin(), &data, &[("PHIN_RETENTION_DAYS", "5")]);
    until("the server doubts the clock", || {
        ask_operator(&data, "/readyz").contains("warning: the clock shows")
    });
    drop(server);
    let export = |data| run(&["export", "--data-dir", path_text(data)]).well().out;
    assert!(export(&data).contains("Zwitscherlaut"));
    // Where nothing tells when it ran last, but checks of yesterday, it does.
    (check.at, check.guid) = (real - DAY, format!("{:032x}", 7));
    check.comment.text = "Rotkehlchen".to_owned();
    import(&check);
    let server = Server::start_with(phin(), &data, &[("PHIN_RETENTION_DAYS", "5")]);
    until("the server has swept", || {
        server
            .errors()
            .contains("words older than retention_days are gone")
    });
    drop(server);
    let export = export(&data);
    assert!(!export.contains("Zwitscherlaut") && export.contains("Rotkehlchen"));
}

#[test]
fn what_comes_on_standard_input_lies_in_no_file_that_has_a_name() {
    use std::io::Write;
    let folder = tempfile::tempdir().expect("a folder");
    let spools = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let mut command = phin();
    command
        .args(["import", "-", "--data-dir", path_text(&data)])
        .env("TMPDIR", spools.path())
        .stdin(std::process::Stdio::piped())
        .stderr(std::process::Stdio::null());
    let mut child = command.spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("piped");
    let owner = r#"{"what":"owner","site":"blog.example","key_name":"first"}"#;
    writeln!(stdin, "{owner}").expect("read");
    // More than a pipe holds: it has been written somewhere by now.
    stdin.write_all(&[b'\n'; 1 << 20]).expect("read");
    let named = std::fs::read_dir(spools.path()).expect("a folder").count();
    stdin.write_all(br#"{"what":"end"}"#).expect("read");
    drop(stdin);
    assert!(child.wait().expect("it ends").success());
    assert_eq!(named, 0);
    let export = run(&["export", "--data-dir", path_text(&data)]).well().out;
    assert!(export.contains(owner), "{export}");
}
