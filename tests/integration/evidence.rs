//! Lists that an operator brings as evidence: nothing before somebody labels, then what labels say, within bounds, and gone with the labels or the list.

use phin::moderation::{EvidenceLine, Selection, Unreadable};
use serde_json::{Value, json};

use crate::program::{Server, path_text, run, write_file};
use crate::world::{SITE, World};

/// Ten hosts and a phrase.
const WAVE: &str = "# a wave\nh0.example\nh1.example\nh2.example\nh3.example\nh4.example\n.h5.example\n0.0.0.0 h6.example\n||h7.example^\n*.h8.example\nh9.example\nbánh tráng trộn\n";

fn bring(world: &World, file: &str) {
    let added =
        world
            .moderation()
            .judging
            .add_evidence("wave", file.as_bytes(), Unreadable::Refuse);
    added.expect("taken");
}

fn shown(world: &World) -> Vec<EvidenceLine> {
    world.moderation().judging.evidence_lists().expect("read")
}

/// A comment about nothing that links to a host; each number has words of its own.
fn linking(n: usize, host: &str) -> Value {
    let words = [
        "sông", "núi", "biển", "rừng", "đồng", "suối", "hồ", "đảo", "phố", "làng",
    ];
    let text = format!("Ảnh {} ở http://{host}/{n} nhé", words[n % words.len()]);
    json!({ "site": SITE, "text": text, "ip": "203.0.113.9" })
}

async fn said(world: &World, label: &str, mut comment: Value) {
    comment["label"] = json!(label);
    world.label_json(&comment).await;
}

/// What a comment scores, and what the list says of it.
async fn looked_at(world: &World, mut comment: Value) -> (f64, Option<(String, f64)>) {
    comment["test"] = json!(true);
    let answer = world.check_json(&comment).await;
    let number = |value: &Value| value.as_f64().expect("a number");
    let clues = answer["clues"].as_array().expect("a list");
    let sum: f64 = clues.iter().map(|clue| number(&clue["weight"])).sum();
    let log_odds = number(&answer["log_odds"]);
    assert!((sum + number(&answer["rest"]) - log_odds).abs() < 1e-9);
    let of_list = clues
        .iter()
        .find(|clue| clue["reason"] == "on the evidence list \"wave\"");
    let told = of_list.map(|clue| {
        assert_eq!(clue["reason_vi"], "có trong danh sách bằng chứng \"wave\"");
        (
            clue["text"].as_str().expect("a text").to_owned(),
            number(&clue["weight"]),
        )
    });
    (log_odds, told)
}

/// Spam that links to listed hosts, and as much ham that links to others.
async fn teach(world: &World) {
    for n in 0..4 {
        said(world, "spam", linking(n, &format!("h{n}.example"))).await;
        said(world, "ham", linking(n + 4, &format!("garden{n}.example"))).await;
    }
}

#[tokio::test]
async fn a_list_says_what_labels_say_of_it_until_they_or_it_are_taken_back() {
    let world = World::new();
    bring(&world, WAVE);
    let fresh = linking(9, "shop.h9.example");
    let (before, told) = looked_at(&world, fresh.clone()).await;
    assert_eq!(told, None, "nobody has labelled yet");
    teach(&world).await;
    let (after, told) = looked_at(&world, fresh.clone()).await;
    let (met, weight) = told.expect("the list speaks");
    assert_eq!(met, "shop.h9.example");
    assert!(weight > 0.5, "{weight}");
    let line = &shown(&world)[0];
    assert_eq!((line.hosts, line.phrases), (10, 1));
    assert_eq!((line.spam, line.ham), (4, 0));
    // Elsewhere, and without the list, it is not met.
    assert_eq!(looked_at(&world, linking(9, "myh9.example")).await.1, None);
    assert!(
        world
            .moderation()
            .judging
            .remove_evidence("wave")
            .expect("removed")
    );
    assert!(
        !world
            .moderation()
            .judging
            .remove_evidence("wave")
            .expect("asked")
    );
    let (without, told) = looked_at(&world, fresh.clone()).await;
    assert_eq!(told, None);
    assert!(
        (after - without - weight).abs() < 1e-9,
        "{after} {without} {weight}"
    );
    // Labels are not forgotten: the list comes back with what was said of it.
    bring(&world, WAVE);
    assert_eq!(looked_at(&world, fresh.clone()).await.0, after);
    let world = world.restart();
    assert_eq!(looked_at(&world, fresh.clone()).await.0, after);
    let all = Selection {
        key_name: Some("first".into()),
        ..Selection::default()
    };
    world.moderation().labels.undo(all).await.expect("undone");
    assert_eq!(looked_at(&world, fresh).await, (before, None));
    assert_eq!((shown(&world)[0].spam, shown(&world)[0].ham), (0, 0));
}

#[tokio::test]
async fn the_place_where_a_list_is_met_counts_by_itself() {
    let world = World::new();
    bring(&world, WAVE);
    teach(&world).await;
    let mut quiet = linking(9, "garden9.example");
    quiet["text"] = json!("Ảnh làng mình đẹp quá");
    quiet["email"] = json!("an@h9.example");
    quiet["url"] = json!("http://h9.example");
    assert_eq!(
        looked_at(&world, quiet.clone()).await.1,
        None,
        "links alone were labelled"
    );
    for n in 0..4 {
        let mut comment = quiet.clone();
        comment["text"] = json!(format!("Nhà mình có b.á.n.h tr4ng trộn ngon lắm {n}"));
        said(&world, "spam", comment).await;
    }
    let (_, told) = looked_at(&world, quiet.clone()).await;
    assert_eq!(told.expect("the list speaks").0, "h9.example");
    quiet["email"] = json!("an@mail.example");
    quiet["url"] = Value::Null;
    quiet["text"] = json!("Ai bán bánh tráng trộn vậy");
    let (_, told) = looked_at(&world, quiet).await;
    assert_eq!(told.expect("the list speaks").0, "bánh tráng trộn");
}

#[tokio::test]
async fn a_list_that_spam_and_ham_meet_alike_says_nothing() {
    let world = World::new();
    bring(&world, WAVE);
    for n in 0..6 {
        let label = if n % 2 == 0 { "spam" } else { "ham" };
        said(&world, label, linking(n, &format!("h{n}.example"))).await;
    }
    let (_, told) = looked_at(&world, linking(9, "h9.example")).await;
    assert!(told.is_none_or(|(_, weight)| weight.abs() < 0.1));
    // Nor much one that only spam was ever said of, where no ham was: every comment may meet it.
    let world = World::new();
    bring(&world, WAVE);
    for n in 0..8 {
        said(&world, "spam", linking(n, &format!("h{n}.example"))).await;
    }
    let (_, told) = looked_at(&world, linking(9, "h9.example")).await;
    assert!(
        told.as_ref().is_none_or(|(_, weight)| weight.abs() < 0.6),
        "{told:?}"
    );
}

#[tokio::test]
async fn however_often_it_was_labelled_a_list_moves_a_score_a_little() {
    let world = World::new();
    bring(&world, WAVE);
    for n in 0..60 {
        let mut spam = linking(n, &format!("s{n}.h{}.example", n % 8));
        spam["url"] = json!(format!("http://t{n}.h8.example"));
        said(&world, "spam", spam).await;
        said(&world, "ham", linking(n, &format!("garden{n}.example"))).await;
    }
    let mut honest = linking(9, "h9.example");
    honest["url"] = json!("http://h9.example");
    let (with, told) = looked_at(&world, honest.clone()).await;
    let (_, weight) = told.expect("the list speaks");
    assert!((1.9..=2.0 + 1e-9).contains(&weight), "{weight}");
    world
        .moderation()
        .judging
        .remove_evidence("wave")
        .expect("removed");
    let (without, _) = looked_at(&world, honest).await;
    assert!(with - without <= 2.0 + 1e-9, "{with} {without}");
}

#[tokio::test]
async fn a_list_goes_with_an_export_and_labels_of_checks_without_words_teach_it() {
    let world = World::keeping(0);
    bring(&world, WAVE);
    for n in 0..4 {
        for (label, host) in [
            ("spam", format!("h{n}.example")),
            ("ham", format!("g{n}.example")),
        ] {
            let mut check = linking(n + 4 * usize::from(label == "ham"), &host);
            let guid = world.check_json(&check).await["guid"].clone();
            check = json!({ "site": SITE, "guid": guid, "label": label });
            world.label_json(&check).await;
        }
    }
    let fresh = linking(9, "h9.example");
    let (there, told) = looked_at(&world, fresh.clone()).await;
    assert!(told.is_some());
    let lines: Result<Vec<_>, _> = world
        .moderation()
        .transfer
        .export()
        .expect("exports")
        .collect();
    let lines = lines.expect("whole");
    let other = World::new();
    let imported = other.moderation().transfer.import(lines.clone()).await;
    assert_eq!(imported.expect("imports").evidence, 1);
    assert_eq!(looked_at(&other, fresh).await.0, there);
    assert_eq!(shown(&other), shown(&world));
    let again = other
        .moderation()
        .transfer
        .import(lines)
        .await
        .expect("imports");
    assert_eq!(again.evidence, 0);
    // Nothing of it goes to who asks for one site alone.
    let site = phin::comment::SiteId::parse(SITE).expect("a site");
    let own = world
        .moderation()
        .transfer
        .export_site(site)
        .expect("exports");
    let own: Vec<String> = own
        .map(|line| serde_json::to_string(&line.expect("whole")).expect("plain data"))
        .collect();
    assert!(own.iter().all(|line| !line.contains("\"evidence\"")));
}

#[test]
fn lists_are_brought_shown_and_removed_from_the_command_line_with_and_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("made");
    can_be_kept(&data, folder.path());
    let server = Server::start(&data);
    can_be_kept(&data, folder.path());
    let file = write_file(folder.path(), "wave.txt", WAVE);
    run(&[
        "lists",
        "evidence",
        "add",
        path_text(&file),
        "--data-dir",
        path_text(&data),
    ])
    .well();
    let mut connection = server.connect();
    for n in 0..4 {
        for (label, host) in [
            ("spam", format!("h{n}.example")),
            ("ham", format!("g{n}.example")),
        ] {
            let mut comment = linking(n + 4 * usize::from(label == "ham"), &host);
            comment["label"] = json!(label);
            connection.tell("/v1/label", &comment);
        }
    }
    let answer = connection
        .tell("/v1/check", &linking(9, "h9.example"))
        .to_string();
    assert!(
        answer.contains("on the evidence list \\\"wave\\\""),
        "{answer}"
    );
    let shown = run(&["lists", "evidence", "show", "--data-dir", path_text(&data)])
        .well()
        .out;
    assert!(
        shown.contains("met by labelled comments: 4 spam, 0 ham"),
        "{shown}"
    );
}

fn can_be_kept(data: &std::path::Path, folder: &std::path::Path) {
    let evidence = |args: &[&str]| {
        run(&[
            &["lists", "evidence"],
            args,
            &["--data-dir", path_text(data)],
        ]
        .concat())
    };
    let file = write_file(folder, "Wave.txt", format!("{WAVE}H0.example\n"));
    let added = evidence(&["add", path_text(&file)]).well();
    assert_eq!(added.out, "wave  10 hosts, 1 phrases\n");
    assert!(added.err.contains("1 came more than once"), "{}", added.err);
    let again = evidence(&["add", path_text(&file), "--name", "wave"]).well();
    assert!(again.err.contains("took the place"), "{}", again.err);
    let shown = evidence(&["show"]).well().out;
    assert!(
        shown.starts_with(
            "wave  10 hosts, 1 phrases  met by labelled comments: 0 spam, 0 ham  since 2"
        ),
        "{shown}"
    );
    let bad = write_file(
        folder,
        "bad.txt",
        "new.example\n\nvay.*\nco.uk\na.example/x\n(x|y)\n.vn\n",
    );
    for name in ["wave", "bad"] {
        evidence(&["add", "--name", name, path_text(&bad)]).refused(
            1,
            &[
                "line 3: ",
                "looks like a pattern",
                "line 4: ",
                "line 5: ",
                "and 2 lines more",
                "nothing was taken in",
                "--skip-unreadable",
            ],
        );
        assert_eq!(evidence(&["show"]).well().out, shown);
    }
    let left = evidence(&["add", "--skip-unreadable", path_text(&bad)]).well();
    assert!(
        left.err.contains("5 lines could not be read"),
        "{}",
        left.err
    );
    evidence(&["add", "--name", "Ein Name", path_text(&file)]).refused(1, &["no name of a list"]);
    let empty = write_file(folder, "empty.txt", "# nothing\n");
    evidence(&["add", path_text(&empty)]).refused(1, &["the list is empty"]);
    let latin = write_file(folder, "latin.txt", b"b\xfccher.example\n");
    evidence(&["add", path_text(&latin)]).refused(1, &["not UTF-8"]);
    evidence(&["add", path_text(&folder.join("none.txt"))]).refused(1, &["cannot read"]);
    evidence(&["remove", "bad"]).well();
    evidence(&["remove", "bad"]).refused(1, &["there is no evidence list \"bad\""]);
    evidence(&["remove", "wave"]).well();
    assert_eq!(evidence(&["show"]).well().out, "");
}
