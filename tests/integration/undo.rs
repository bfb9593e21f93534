//! What is undone was never said: one label, a reporter, a key, a time; and an undo can be undone.

use std::sync::atomic::{AtomicI64, Ordering};

use phin::comment::{Comment, SiteId};
use phin::moderation::{
    ExportLine, Mode, Moderation, Options, Report, Selection, UndoError, Undone, Where,
};
use phin::store::Store;
use phin::verdict::Label;

use crate::program::{Server, path_text, run};
use crate::world::{SITE, World, form, shipped};

const OTHER: &str = "http://other.example";
const PROBES: [&str; 4] = [
    "The bakery behind the station does this better than anyone, tell them I sent you.",
    "Mẹ mình hay lấy rau của cô Sáu ở Hóc Môn, tươi lắm.",
    "Thanks, the part about the index helped me a lot.",
    "My neighbour teaches the guitar on Tuesdays, ask at the blue door.",
];

/// What the filter thinks of some texts on two sites.
async fn opinions(world: &World) -> Vec<f64> {
    let mut opinions = Vec::new();
    for site in [SITE, OTHER] {
        for text in PROBES {
            opinions.push(world.log_odds(site, text).await);
        }
    }
    opinions
}

async fn say(world: &World, site: &str, text: &str, label: &str, reporter: &str) {
    let fields = [
        ("blog", site),
        ("comment_content", text),
        ("reporter", reporter),
    ];
    let answer = world.akismet(&format!("submit-{label}"), &fields).await;
    assert_eq!(answer.text(), crate::world::THANKS);
}

fn of_reporter(name: &str) -> Selection {
    Selection {
        reporter: Some(name.into()),
        ..Selection::default()
    }
}

fn at(seq: u64) -> Selection {
    Selection {
        seqs: vec![seq],
        ..Selection::default()
    }
}

/// What Bình said; An contradicts him, and is contradicted by him, in between.
async fn history(world: &World, with_an: bool) {
    for (n, text) in PROBES.iter().enumerate() {
        let (label, opposite) = if n % 2 == 0 {
            ("spam", "ham")
        } else {
            ("ham", "spam")
        };
        if with_an {
            say(world, SITE, text, opposite, "an").await;
        }
        if n != 2 {
            say(world, SITE, text, label, "binh").await;
        }
        if with_an {
            say(world, SITE, text, opposite, "an").await;
            say(world, OTHER, text, "spam", "an").await;
        }
    }
}

#[tokio::test]
async fn what_a_reporter_said_is_undone_to_the_last_bit_also_after_a_restart_and_in_another_store()
{
    let (with, without) = (World::new(), World::new());
    let untouched = opinions(&with).await;
    history(&with, true).await;
    history(&without, false).await;
    let never = opinions(&without).await;
    let said = opinions(&with).await;
    assert_ne!(said, never);

    let asked = with.moderation().labels.would_undo(of_reporter("an")).await;
    let asked = asked.expect("can be told");
    assert_eq!((asked.seq, asked.sites.len()), (None, 2));
    assert_eq!(opinions(&with).await, said, "asking changes nothing");

    let undone = with
        .moderation()
        .labels
        .undo(of_reporter("an"))
        .await
        .expect("undone");
    assert_eq!(
        Undone {
            seq: None,
            ..undone.clone()
        },
        asked
    );
    assert_eq!(opinions(&with).await, never);
    let with = with.restart();
    assert_eq!(opinions(&with).await, never);

    // The ledger holds everything; another store that takes it in is the same, in one go or twice.
    let lines: Vec<ExportLine> = with
        .moderation()
        .transfer
        .export()
        .expect("exports")
        .map(|l| l.expect("whole"))
        .collect();
    let copy = World::new();
    for _ in 0..2 {
        copy.moderation()
            .transfer
            .import(lines.clone())
            .await
            .expect("imports");
        assert_eq!(opinions(&copy).await, never);
    }

    // An undo of the undo, an undo of that, and what is said anew counts.
    let seq = undone.seq.expect("it has a place");
    let second = with
        .moderation()
        .labels
        .undo(at(seq))
        .await
        .expect("undone");
    assert_eq!((second.labels, second.rulings), (0, 1));
    assert_eq!(opinions(&with).await, said);
    let seq = second.seq.expect("it has a place");
    with.moderation()
        .labels
        .undo(at(seq))
        .await
        .expect("undone");
    assert_eq!(opinions(&with).await, never);
    say(&with, OTHER, PROBES[0], "spam", "an").await;
    assert_ne!(opinions(&with).await, never);
    with.moderation()
        .labels
        .undo(of_reporter("an"))
        .await
        .expect("undone");
    with.moderation()
        .labels
        .undo(of_reporter("binh"))
        .await
        .expect("undone");
    assert_eq!(opinions(&with).await, untouched);
}

#[tokio::test]
async fn a_dry_run_tells_how_many_verdicts_would_flip() {
    let world = World::new();
    for text in PROBES {
        world.check(text).await;
        say(&world, SITE, text, "spam", "an").await;
        assert_ne!(world.check(text).await.verdict(), "ham");
    }
    let told = world
        .moderation()
        .labels
        .would_undo(of_reporter("an"))
        .await;
    let told = told.expect("can be told");
    // Each text was checked twice; all are judged with the labels now, and without them then.
    assert_eq!((told.labels, told.checks), (4, 8));
    assert!(told.flips >= 4, "{told:?}");
    // A server just started finds the checks on disk.
    let world = world.restart();
    let again = world
        .moderation()
        .labels
        .would_undo(of_reporter("an"))
        .await;
    assert_eq!(again.expect("can be told"), told);
}

#[tokio::test]
async fn one_label_is_undone_and_shown_as_undone() {
    let world = World::new();
    let before = opinions(&world).await;
    say(&world, SITE, PROBES[0], "spam", "an").await;
    let shown = world
        .moderation()
        .labels
        .list(&of_reporter("an"))
        .expect("reads");
    assert_eq!(shown[0].counts, Where::Everywhere);
    world
        .moderation()
        .labels
        .undo(at(shown[0].seq))
        .await
        .expect("undone");
    assert_eq!(opinions(&world).await, before);
    let shown = world
        .moderation()
        .labels
        .list(&of_reporter("an"))
        .expect("reads");
    assert_eq!(shown[0].counts, Where::Undone);
    // It is forgotten, not held against anybody: the same can be said again.
    say(&world, SITE, PROBES[0], "spam", "an").await;
    assert_ne!(opinions(&world).await, before);
}

#[tokio::test]
async fn what_makes_no_sense_is_refused_in_a_sentence_and_changes_nothing() {
    let world = World::new();
    say(&world, SITE, PROBES[0], "spam", "an").await;
    let before = opinions(&world).await;
    let backwards = Selection {
        since: Some(5),
        until: Some(5),
        ..Selection::default()
    };
    for (selection, says) in [
        (Selection::default(), "say which labels"),
        (backwards, "ends before it begins"),
        (of_reporter("nobody"), "no label that still counts"),
        (at(4_711), "nothing at place 4711"),
    ] {
        let refused = world
            .moderation()
            .labels
            .undo(selection)
            .await
            .expect_err("refused");
        assert!(refused.to_string().contains(says), "{refused}");
    }
    world
        .moderation()
        .labels
        .undo(of_reporter("an"))
        .await
        .expect("undone");
    let twice = world.moderation().labels.undo(of_reporter("an")).await;
    assert!(matches!(twice, Err(UndoError::Nothing)), "{twice:?}");
    assert_ne!(opinions(&world).await, before);
}

static NOW: AtomicI64 = AtomicI64::new(0);

#[tokio::test]
async fn a_span_of_time_is_undone_and_a_clock_that_goes_back_loses_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || {
        let store = Store::open(folder.path(), 16 << 20).expect("opens");
        let opened = Moderation::open(
            shipped(),
            store,
            || NOW.load(Ordering::Relaxed),
            Options::default(),
            |_| {},
        );
        std::sync::Arc::new(opened.expect("starts"))
    };
    let moderation = open();
    moderation
        .accounts
        .create_key("k", Some("abcdefabcdef".into()))
        .expect("made");
    let key = moderation
        .accounts
        .admit(Some("abcdefabcdef"))
        .expect("good");
    let site = SiteId::parse(SITE).expect("a site");
    // The third is said by a clock that was put back.
    for (hour, text) in [(10, PROBES[0]), (12, PROBES[1]), (11, PROBES[2])] {
        NOW.store(hour * 3_600_000, Ordering::Relaxed);
        let report = Report {
            guid: None,
            site: site.clone(),
            comment: Comment::from_text(text),
            label: Label::Spam,
            reporter: None,
            kind: None,
            answers_audit: false,
        };
        moderation.label(&key, report).await.expect("taken");
    }
    let warnings = moderation.health().warnings();
    assert!(
        warnings
            .iter()
            .any(|w| w.contains("clock went back by 3600 s")),
        "{warnings:?}"
    );
    assert!(moderation.health().trouble().is_none());
    let odds = |moderation: &Moderation, text: &str| {
        let checked = moderation.check(&key, &site, Comment::from_text(text), Mode::DryRun, None);
        (checked.assessment.log_odds, checked.labels)
    };
    assert_eq!(odds(&moderation, "?").1.own(), 3);
    let noon = Selection {
        since: Some(11 * 3_600_000 + 1),
        until: Some(13 * 3_600_000),
        ..Selection::default()
    };
    let undone = moderation.labels.undo(noon).await.expect("undone");
    assert_eq!((undone.labels, odds(&moderation, "?").1.own()), (1, 2));
    let after = PROBES.map(|text| odds(&moderation, text));
    moderation.close().expect("closes");
    drop(moderation);
    let again = open();
    assert_eq!(PROBES.map(|text| odds(&again, text)), after);
}

#[test]
fn the_command_line_tells_undoes_and_takes_back_with_a_server_and_without() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path_text(folder.path());
    let on = |args: &[&str]| run(&[args, &["--data-dir", data]].concat());
    let mut server = Server::start(folder.path());
    let mut connection = server.connect();
    for (n, text) in PROBES.iter().enumerate() {
        let reporter = if n == 0 { "an" } else { "binh" };
        let fields = [("comment_content", *text), ("reporter", reporter)];
        for call in ["comment-check", "submit-spam"] {
            let answer = connection.post(&format!("/1.1/{call}"), &form(&fields));
            assert_eq!(answer.expect("answered").status(), 200);
        }
    }
    let told = on(&["undo", "--reporter", "binh", "--since", "1h", "--dry-run"])
        .well()
        .out;
    assert!(told.contains("3 labels would be taken back"), "{told}");
    assert!(
        told.contains("blog.example  3") && told.contains("of the last 4 checks"),
        "{told}"
    );
    on(&["undo", "--reporter", "binh", "--until", "2020-01-01"])
        .refused(1, &["no label that still counts"]);
    on(&["undo", "--since", "tomorrow"]).refused(1, &["--since", "is no time"]);
    on(&["undo"]).refused(1, &["say which labels"]);
    let undone = on(&["undo", "--reporter", "binh"]).well();
    assert!(undone.out.contains("3 labels taken back"), "{}", undone.out);
    let labels = |counts: &str| {
        let lines = on(&["labels", "--json"]).well().json_lines();
        lines
            .iter()
            .filter(|line| line["label"].is_string() && line["counts"] == counts)
            .count()
    };
    assert_eq!((labels("everywhere"), labels("undone")), (1, 3));
    let sites = on(&["sites", "standing"]).well().out;
    assert!(
        sites.starts_with("blog.example  key -  1 label (spam); labels changed "),
        "{sites}"
    );
    server.terminate();
    server.ended();
    // The same on the store itself: the undo holds, and is taken back.
    assert_eq!((labels("everywhere"), labels("undone")), (1, 3));
    let shown = on(&["labels"]).well().out;
    let undo = shown
        .lines()
        .find(|l| l.contains("undo of 3 entries"))
        .expect("it is shown");
    let seq = undo
        .split_whitespace()
        .next()
        .expect("its place")
        .to_owned();
    let back = on(&["undo", "--label-id", &seq]).well().out;
    assert!(back.contains("1 earlier decision taken back"), "{back}");
    assert_eq!((labels("everywhere"), labels("undone")), (4, 0));
    on(&["sites", "give", "blog.example", "--to", "nobody"]).refused(1, &["no key named"]);
    on(&["keys", "unvouch", "first"]).well();
    assert_eq!(labels("own-site"), 4);
    on(&["keys", "vouch", "first"]).well();
    assert_eq!(labels("everywhere"), 4);
}
