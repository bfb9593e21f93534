//! What is kept of people and sites goes out to its owner alone, and goes for good: after its days, or when a person is to be forgotten.

use std::num::NonZeroU32;

use phin::comment::SiteId;
use phin::model::Model;
use phin::moderation::{
    AuditPolicy, Change, CutoffChange, ExportLine, Forgetting, Forgotten, Hears, Labelled, Listed,
    Past, Person,
};

use crate::program::{Server, path_text, run, write_file};
use crate::world::{KEY, SITE, THANKS, World, audit, days_pass, form};

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
