//! What is kept of people and sites goes out to its owner alone, and goes for good: after its days, or when a person is to be forgotten.

use std::num::NonZeroU32;

use phin::comment::{Comment, CommentId, SiteId};
use phin::model::Model;
use phin::moderation::{
    AuditPolicy, Change, CorrectionPolicy, CutoffChange, ExportLine, Forgetting, Forgotten, Hears,
    Labelled, Listed, Past, PastLabel, Person, Reach,
};
use phin::store::{Callback, Correction, CorrectionState, Record, Sums};
use phin::verdict::Label;

use crate::program::{Server, path_text, phin, run, until, write_file};
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
    world
        .moderation()
        .close()
        .expect("everything is written down");
    let all: String = world
        .moderation()
        .export()
        .expect("exports")
        .map(|line| serde_json::to_string(&line.expect("whole")).expect("is JSON") + "\n")
        .collect();
    assert!(all.contains(KEY) && all.contains("other.example") && all.contains("hàng xóm"));

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
        let swept = world.moderation().sweep_words(2).expect("sweeps");
        assert!(swept.checks <= 2, "a round is bounded");
        all = (all.0 + swept.checks, all.1 + swept.days);
        if !swept.more {
            return all;
        }
    }
}

fn checks(world: &World) -> Vec<serde_json::Value> {
    let lines = world.moderation().export().expect("exports");
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
    let lines = world.moderation().export().expect("exports");
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
    let forgotten = moderation.forget(person, Labelled::Stays, Listed::Stays, forgetting);
    forgotten.await.expect("forgotten")
}

#[tokio::test]
async fn a_person_is_forgotten_and_others_are_not() {
    let world = World::keeping(90);
    let of_canary = |site, text| {
        let mut fields = canary();
        fields.extend([("blog", site), ("comment_content", text)]);
        fields
    };
    let theirs = [
        of_canary(SITE, "Zwitscherlaut eins"),
        of_canary(OTHER_SITE, "Zwitscherlaut zwei"),
    ];
    let mut guids = Vec::new();
    for fields in &theirs {
        let checked = world.akismet("comment-check", fields).await;
        guids.push(checked.guid().to_owned());
    }
    world.akismet("submit-spam", &theirs[0]).await;
    // From the same address, and quoting the person: not theirs.
    let neighbour = [
        ("comment_content", "schreibt an zilpzalp@vogel.example"),
        ("comment_author_email", "amsel@vogel.example"),
        ("user_ip", "203.0.113.77"),
    ];
    world.akismet("comment-check", &neighbour).await;
    days_pass(1);
    world.akismet("comment-check", &theirs[0]).await;
    let list = serde_json::json!({ "site": SITE, "list": "deny", "kind": "email", "value": "zilpzalp@vogel.example" });
    assert_eq!(world.json("/v1/lists", &list).await.status, 201);

    for (who, why) in [
        (Person::default(), "say who"),
        (person("zilpzalp"), "not an e-mail address"),
    ] {
        let refused =
            world
                .moderation()
                .forget(who, Labelled::Stays, Listed::Stays, Forgetting::Done);
        let refused = refused.await.expect_err("nobody").to_string();
        assert!(refused.contains(why), "{refused}");
    }
    let told = forget(&world, person("ZILPZALP@vogel.example"), Forgetting::Told).await;
    assert_eq!(told.checks.values().sum::<usize>(), 3, "{told:?}");
    assert_eq!((told.labels, told.lists.len()), (1, 1), "{told:?}");
    assert_eq!(checks(&world).len(), 4, "it was only told");

    let before = world.log_odds(SITE, "Zwitscherlaut").await;
    let here = Person {
        site: SiteId::parse(OTHER_SITE).ok(),
        ip: Some("203.0.113.0/24".to_owned()),
        ..person("zilpzalp@vogel.example")
    };
    let done = forget(&world, here, Forgetting::Done).await;
    assert_eq!(done.checks, [("other.example".to_owned(), 1)].into());
    assert_eq!(checks(&world).len(), 3);
    let old_keys = std::fs::read(world.folder().join("words.keys")).expect("is there");
    let done = forget(&world, person("zilpzalp@vogel.example"), Forgetting::Done).await;
    assert_eq!(done.checks, [("blog.example".to_owned(), 2)].into());
    assert_eq!((done.labels, done.undo), (1, None));
    let none = forget(&world, person("zilpzalp@vogel.example"), Forgetting::Done).await;
    assert_eq!((none.checks.len(), none.lists.len()), (0, 1), "{none:?}");
    // No report finds the check any more, not even in memory; what was learnt stays learnt.
    for guid in &guids {
        let answer = world.akismet("submit-ham", &[("guid", guid)]).await;
        assert_ne!(answer.text(), THANKS);
    }
    assert_eq!(world.log_odds(SITE, "Zwitscherlaut").await, before);
    let world = world.restart();
    assert_eq!(world.log_odds(SITE, "Zwitscherlaut").await, before);
    let left = serde_json::to_string(&checks(&world)).expect("is JSON");
    assert!(left.contains("amsel@vogel.example"), "{left}");
    assert!(!left.contains("Zwitscherlaut"), "{left}");
    // The keys under which it had lain open nothing any more: what stayed is sealed anew.
    let neighbours = |world: &World| serde_json::to_string(&checks(world)).expect("is JSON");
    let new_keys = std::fs::read(world.folder().join("words.keys")).expect("is there");
    std::fs::write(world.folder().join("words.keys"), &old_keys).expect("written");
    let world = world.restart();
    assert!(!neighbours(&world).contains("amsel"));
    std::fs::write(world.folder().join("words.keys"), &new_keys).expect("written");
    let world = world.restart();
    assert!(neighbours(&world).contains("amsel"));
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
    let rows = world.moderation().export().expect("exports");
    let rows = rows.filter(|line| matches!(line, Ok(ExportLine::Waiting(_))));
    (texts.collect(), rows.count())
}

#[tokio::test]
async fn what_waits_goes_with_its_person_and_is_not_shown_without_words() {
    audit(AuditPolicy {
        one_in_ham: NonZeroU32::new(1),
        one_in_spam: NonZeroU32::new(1),
        most_per_day: NonZeroU32::new(9).expect("some"),
    });
    let world = World::keeping(3);
    world.akismet("comment-check", &canary()).await;
    let mut empty = canary();
    empty.retain(|(name, _)| !["comment_content", "comment_author_email"].contains(name));
    empty.push(("comment_author_email", "amsel@vogel.example"));
    world.akismet("comment-check", &empty).await;
    let (texts, rows) = queued(&world).await;
    assert_eq!((texts.len(), rows), (2, 2), "{texts:?}");
    // A trackback without a text has words all the same.
    assert!(texts.iter().any(String::is_empty), "{texts:?}");
    forget(&world, person("zilpzalp@vogel.example"), Forgetting::Done).await;
    assert_eq!(queued(&world).await, (vec![String::new()], 1));
    days_pass(4);
    sweep(&world);
    let world = world.restart();
    assert_eq!(queued(&world).await, (Vec::new(), 1));
}

#[test]
fn the_operator_forgets_a_person_on_a_running_server_and_on_a_stopped_one() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let forget = |args: &[&str]| {
        let data_dir = ["--data-dir", path_text(&data)];
        run(&[&["forget"], args, &data_dir].concat())
    };
    forget(&["--author-email", "an@mail.example"]).refused(1, &["no store"]);
    let server = Server::start(&data);
    let mut connection = server.connect();
    let mut post = |call: &str, name: &str| {
        let fields = [
            ("blog", SITE),
            ("comment_content", "Vogelstimmen am Morgen"),
            ("comment_author", name),
            ("user_ip", "203.0.113.77"),
        ];
        let path = format!("/1.1/{call}");
        connection.post(&path, &form(&fields)).expect("answered")
    };
    for name in ["Zilpzalp", "Amsel"] {
        post("comment-check", name);
        post("submit-spam", name);
    }
    forget(&[]).refused(1, &["say who shall be forgotten"]);
    forget(&["--ip", "the moon"]).refused(1, &["neither an address nor a network"]);
    let by_name = ["--author-name", "zilpzalp"];
    let told = forget(&[&by_name[..], &["--dry-run"]].concat()).well().out;
    assert!(told.contains("1 checks would be removed"), "{told}");
    assert!(told.contains("signed as\n  Zilpzalp\n"), "{told}");
    assert!(told.contains("1 labels about them would stay"), "{told}");
    let done = forget(&[&by_name[..], &["--undo-labels"]].concat())
        .well()
        .out;
    assert!(
        done.contains("1 checks removed\n  blog.example  1\n"),
        "{done}"
    );
    assert!(done.contains("1 labels about them undone"), "{done}");
    drop(server);
    let done = forget(&["--ip", "203.0.113.77"]).well().out;
    assert!(done.contains("1 checks removed"), "{done}");
    assert!(
        done.contains("labels about them stay and teach on"),
        "{done}"
    );
    let again = forget(&["--ip", "203.0.113.77"]).well().out;
    assert_eq!(again, "0 checks removed\n");
    let export = run(&["export", "--data-dir", path_text(&data)]).well().out;
    assert_eq!((count(&export, "check"), count(&export, "label")), (0, 2));
    assert_eq!(
        count(&export, "ruling"),
        2,
        "the vouch, and the undo: {export}"
    );
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

async fn import_corrections(world: &World, corrections: &[Correction]) -> usize {
    let lines = corrections.iter().cloned();
    let lines = lines.map(|line| ExportLine::Correction(Box::new(line)));
    let imported = world.moderation().import(lines.collect()).await;
    imported.expect("imports").corrections
}

/// Whose corrections can be read, in alphabetical order.
fn corrected(world: &World) -> Vec<String> {
    let lines = world.moderation().export().expect("exports");
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

#[tokio::test]
async fn corrections_go_with_their_person_and_those_of_others_are_sealed_anew() {
    let world = World::keeping(90);
    let rows = [
        correction(1, "Zilpzalp@Vogel.example", NOON),
        correction(2, NEIGHBOURS, NOON),
        correction(3, THEIRS, NOON - 40 * DAY),
    ];
    assert_eq!(import_corrections(&world, &rows).await, 3);
    let by_address = Person {
        ip: Some("203.0.113.77".to_owned()),
        ..person(THEIRS)
    };
    let none = forget(&world, by_address, Forgetting::Done).await;
    assert_eq!(none.corrections, 0, "nobody can tell where they came from");
    let elsewhere = Person {
        site: SiteId::parse(OTHER_SITE).ok(),
        ..person(THEIRS)
    };
    let none = forget(&world, elsewhere, Forgetting::Done).await;
    assert_eq!(none.corrections, 0);
    let told = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!((told.corrections, corrected(&world).len()), (2, 3));
    let old_keys = keys(&world);
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!((done.corrections, done.checks.len()), (2, 0));
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(world.moderation().pending_corrections(), 1);

    let new_keys = keys(&world);
    let world = under(world, &old_keys);
    let lines = world.moderation().export().expect("exports");
    assert_eq!(lines.filter(Result::is_err).count(), 1, "sealed anew");
    let world = under(world, &new_keys);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
}

/// A check of the person, as another phin exported it.
async fn exported_check() -> Record {
    let world = World::keeping(90);
    world.akismet("comment-check", &canary()).await;
    world.moderation().close().expect("written down");
    let mut lines = world.moderation().export().expect("exports");
    let check = lines.find_map(|line| match line {
        Ok(ExportLine::Check(record)) => Some(*record),
        _ => None,
    });
    check.expect("was checked")
}

async fn import_check(world: &World, record: &Record) {
    let line = ExportLine::Check(Box::new(record.clone()));
    let imported = world.moderation().import(vec![line]).await;
    assert_eq!(imported.expect("imports").checks, 1);
}

#[tokio::test]
async fn days_of_corrections_that_are_gone_are_renewed_too() {
    let mut check = exported_check().await;
    check.callback = Callback::At(format!("{SITE}/hook"));
    days_pass(40);
    let world = World::keeping(90);
    import_check(&world, &check).await;
    // The person's correction is removed as a sweep does it: what stays in the store's files lies under the key of its day.
    let gone = correction(1, THEIRS, NOON + 30 * DAY);
    let rows = [
        gone.clone(),
        correction(2, NEIGHBOURS, NOON + 30 * DAY),
        correction(3, "too.late@vogel.example", NOON + 31 * DAY),
    ];
    import_corrections(&world, &rows).await;
    let world = world.restart_after(|store| store.remove_correction(&gone.guid).expect("removed"));
    let old_keys = keys(&world);
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!((done.checks.len(), done.corrections), (1, 0));
    assert_eq!(corrected(&world), [NEIGHBOURS, "too.late@vogel.example"]);
    let world = under(world, &old_keys);
    assert_eq!(corrected(&world), ["too.late@vogel.example"]);
}

#[tokio::test]
async fn days_of_corrections_that_were_turned_again_are_renewed_too() {
    days_pass(40);
    let world = World::keeping(90);
    let mut again = correction(1, THEIRS, NOON + 30 * DAY);
    again.flips = 2;
    let rows = [again, correction(2, NEIGHBOURS, NOON)];
    import_corrections(&world, &rows).await;
    let old_keys = keys(&world);
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!(done.corrections, 1);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(corrected(&under(world, &old_keys)), [""; 0]);
}

#[tokio::test]
async fn an_import_brings_no_words_that_are_too_old() {
    let world = World::keeping(3);
    let rows = [
        correction(1, THEIRS, NOON - 3 * DAY),
        correction(2, NEIGHBOURS, NOON - 2 * DAY),
    ];
    assert_eq!(import_corrections(&world, &rows).await, 1);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    assert_eq!(world.moderation().pending_corrections(), 1);
    let none = World::keeping(0);
    assert_eq!(import_corrections(&none, &rows[1..]).await, 0);

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
    let mut lines = none.moderation().export().expect("exports");
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
    let taken = world.moderation().take_history(past).await;
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
    assert_eq!(world.moderation().pending_corrections(), 1);

    // Those of a long window go with the words: on the third day.
    let corrections = CorrectionPolicy {
        window_hours: 720,
        reach: Reach::Private,
    };
    let long = |days| World::correcting(Model::cold(), now, corrections).that_keeps(days);
    let world = long(3);
    assert_eq!(import_corrections(&world, &rows).await, 1);
    sweep(&world);
    assert_eq!(corrected(&world), [NEIGHBOURS]);
    days_pass(1);
    assert_eq!(sweep(&world), (0, 1));
    assert_eq!(corrected(&world), [""; 0]);
    assert_eq!(world.moderation().pending_corrections(), 0);
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
async fn what_memory_alone_knows_is_forgotten_too_and_goes_from_it_after_a_day() {
    audit(AuditPolicy {
        one_in_ham: NonZeroU32::new(1),
        one_in_spam: NonZeroU32::new(1),
        most_per_day: NonZeroU32::new(9).expect("some"),
    });
    let world = World::keeping(0);
    let guid = world
        .akismet("comment-check", &canary())
        .await
        .guid()
        .to_owned();
    world.check("noch eins").await;
    world.akismet("submit-spam", &[("guid", &guid)]).await;
    let told = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!(told.checks, [("blog.example".to_owned(), 1)].into());
    assert_eq!((told.labels, told.wordless), (1, 1), "{told:?}");
    forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!(checks(&world).len(), 1);
    assert_eq!(queued(&world).await.1, 1);
    let again = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!((again.checks.len(), again.wordless), (0, 1), "{again:?}");

    // A clock that goes back must not make a day longer.
    for days in [2, -2] {
        world.akismet("comment-check", &canary()).await;
        assert_eq!(
            forget(&world, person(THEIRS), Forgetting::Told)
                .await
                .checks
                .len(),
            1
        );
        days_pass(days);
        sweep(&world);
        let known = forget(&world, person(THEIRS), Forgetting::Told).await;
        assert_eq!(known.checks.len(), 0, "{known:?}");
    }
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
async fn nothing_leads_to_a_check_that_was_removed() {
    let mut check = exported_check().await;
    check.callback = Callback::At(format!("{SITE}/hook"));
    let world = World::keeping(90);
    import_check(&world, &check).await;
    let done = forget(&world, person(THEIRS), Forgetting::Done).await;
    assert_eq!(done.checks.len(), 1);
    world.restart_after(|store| {
        let words = store.old_words(i64::MAX, 9).expect("reads");
        assert!(words.is_empty(), "{words:?}");
        assert_eq!(store.window(0).count(), 0);
        let alike = store.records_like(&check.site, check.likeness(), 9);
        assert_eq!(alike.expect("reads"), []);
        assert_eq!(store.record(&check.guid).expect("reads"), None);
    });
}

#[tokio::test]
async fn a_name_is_met_letter_by_letter() {
    let world = World::keeping(90);
    let same = [
        "Nguyễn Văn An",
        "NGUYỄN  VĂN\tAN ",
        // Decomposed.
        "Nguye\u{302}\u{303}n Va\u{306}n An",
    ];
    let others = [
        "Nguyen Van An",
        "nguyễn van an",
        "Nguyễn Văn Án",
        "N.g.u.yễn Văn An",
        "An",
    ];
    for name in same.into_iter().chain(others) {
        let mut fields = canary();
        fields.retain(|(field, _)| *field != "comment_author");
        fields.push(("comment_author", name));
        world.akismet("comment-check", &fields).await;
    }
    for kind in ["author", "email"] {
        let value = ["nguyễn văn an", THEIRS][usize::from(kind == "email")];
        let list =
            serde_json::json!({ "site": SITE, "list": "deny", "kind": kind, "value": value });
        assert_eq!(world.json("/v1/lists", &list).await.status, 201);
    }
    let named = |name: &str| Person {
        name: Some(name.to_owned()),
        ..Person::default()
    };
    let nobody =
        world
            .moderation()
            .forget(named(" "), Labelled::Stays, Listed::Stays, Forgetting::Told);
    assert!(nobody.await.is_err());
    let told = forget(&world, named("nguyễn văn an"), Forgetting::Told).await;
    assert_eq!(told.checks.values().sum::<usize>(), 3, "{told:?}");
    assert_eq!((told.names.len(), told.lists.len()), (3, 1), "{told:?}");
    assert!(told.names.contains(&"Nguyễn Văn An".to_owned()), "{told:?}");
    // With several conditions, all must hold of a check, and any of an entry.
    let both = Person {
        email: Some(THEIRS.to_owned()),
        ..named("an")
    };
    let told = forget(&world, both, Forgetting::Told).await;
    assert_eq!(told.checks.values().sum::<usize>(), 1, "{told:?}");
    assert_eq!(told.lists.len(), 1, "{told:?}");
    let done = forget(&world, named("Nguyễn Văn An"), Forgetting::Done).await;
    assert_eq!((done.names.len(), checks(&world).len()), (0, 5));
}

#[tokio::test]
async fn names_that_would_be_met_are_told_but_not_all() {
    let world = World::keeping(90);
    for n in 0..23 {
        let name = format!("Vogel {n:02}");
        let mut fields = canary();
        fields.retain(|(field, _)| *field != "comment_author");
        fields.push(("comment_author", &name));
        world.akismet("comment-check", &fields).await;
        world.akismet("comment-check", &fields).await;
    }
    let told = forget(&world, person(THEIRS), Forgetting::Told).await;
    assert_eq!((told.names.len(), told.more_names), (20, 3));
    assert_eq!(
        (&*told.names[0], &*told.names[19]),
        ("Vogel 00", "Vogel 19")
    );
}

#[tokio::test]
async fn nothing_goes_for_its_age_while_the_clock_is_in_doubt() {
    use std::time::Duration;
    let hours = |n: u64| Duration::from_secs(n * 3_600);
    let world = World::keeping(3);
    let may = |guard: &mut _, world: &World, monotonic| {
        let may = world.moderation().may_sweep(guard, monotonic);
        may.expect("the store works")
    };
    world.akismet("comment-check", &canary()).await;
    let mut guard = world.moderation().clock_guard(hours(0)).expect("reads");
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
    let mut guard = world.moderation().clock_guard(hours(0)).expect("reads");
    assert!(!may(&mut guard, &world, hours(0)));
    days_pass(1);
    assert!(may(&mut guard, &world, hours(24)));
    assert_eq!(world.moderation().health().warnings(), [""; 0]);
    let world = world.restart();
    let mut guard = world.moderation().clock_guard(hours(0)).expect("reads");
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
        let ready = server.connect().fetch("/readyz").expect("answers");
        ready.body.contains("warning: the clock shows")
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
