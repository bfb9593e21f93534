//! A model goes live and goes back while everything else goes on: no request fails, no label is lost, and the next start remembers.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use phin::comment::SiteId;
use phin::model::Model;
use phin::model::registry::ModelRegistry;
use phin::moderation::{Retrained, Selection};
use serde_json::json;

use crate::program::{Server, path_text, run};
use crate::world::{SITE, THANKS, World, shipped};

/// The same model, but it says that it has learnt the first labels.
fn having_learnt(labels: u64) -> Arc<Model> {
    let mut model = shipped();
    model.card.ledger_seq = labels;
    model.card.id = format!("phin-learnt-{labels}");
    Arc::new(model)
}

const TEXTS: [&str; 4] = [
    "Ai ở gần chợ Bà Chiểu thì ghé quán chị Năm nhé",
    "Great point about the weather, my sister collects old lamps",
    "Cảm ơn tác giả, bài viết rất dễ hiểu",
    "Cheap watches, order today at http://watches.example/buy",
];

/// What is thought of texts on two sites, one of them without a label of its own.
async fn opinions(world: &World) -> Vec<u64> {
    let mut opinions = Vec::new();
    for site in [SITE, "http://elsewhere.example"] {
        for text in TEXTS {
            opinions.push(world.log_odds(site, text).await.to_bits());
        }
    }
    opinions
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn models_are_swapped_under_load_and_no_request_fails_and_no_label_is_lost() {
    let world = Arc::new(World::new());
    let (is_over, labelled, checked) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(AtomicUsize::new(0)),
        Arc::new(AtomicUsize::new(0)),
    );
    let mut load = Vec::new();
    for worker in 0..3 {
        let (world, is_over) = (Arc::clone(&world), Arc::clone(&is_over));
        let (labelled, checked) = (Arc::clone(&labelled), Arc::clone(&checked));
        load.push(tokio::spawn(async move {
            for n in 0.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                let text = format!("{} {worker} {n}", TEXTS[n % TEXTS.len()]);
                let answer = world.check(&text).await;
                assert_eq!(answer.status, 200);
                assert!(["true", "false"].contains(&answer.text()));
                checked.fetch_add(1, Ordering::Relaxed);
                let call = if n % 3 == 0 {
                    "submit-ham"
                } else {
                    "submit-spam"
                };
                let thanks = world.akismet(call, &[("comment_content", &text)]).await;
                assert_eq!(thanks.text(), THANKS);
                labelled.fetch_add(1, Ordering::Relaxed);
            }
        }));
    }
    let mut swaps = 0;
    while swaps < 40 || labelled.load(Ordering::Relaxed) < 300 {
        let model = having_learnt([0, 20, 90, 7][swaps % 4]);
        let id = model.card.id.clone();
        world
            .moderation()
            .models
            .swap(model)
            .await
            .expect("swapped");
        assert_eq!(world.moderation().models.model_id(), id);
        swaps += 1;
    }
    is_over.store(true, Ordering::Relaxed);
    for worker in load {
        worker.await.expect("no request failed");
    }
    world
        .moderation()
        .models
        .swap(having_learnt(50))
        .await
        .expect("swapped");
    let (labelled, checked) = (
        labelled.load(Ordering::Relaxed),
        checked.load(Ordering::Relaxed),
    );
    assert!(
        labelled >= 300 && checked >= labelled,
        "{labelled} {checked}"
    );
    // Every label is there, and the layers are those of a server that was started with this model.
    let before = opinions(&world).await;
    let export = world.moderation().transfer.export().expect("can be read");
    let labels: Vec<u64> = export
        .map(|line| serde_json::to_value(line.expect("whole")).expect("JSON"))
        .filter(|line| line["what"] == "label")
        .map(|line| line["seq"].as_u64().expect("a place"))
        .collect();
    assert_eq!(labels.len(), labelled);
    let since = labels.iter().filter(|&&seq| seq > 50).count();
    let world = Arc::into_inner(world).expect("nobody else has it");
    let fresh = world.restart();
    fresh
        .moderation()
        .models
        .swap(having_learnt(50))
        .await
        .expect("swapped");
    assert_eq!(opinions(&fresh).await, before);
    // And the shared counts are those of the labels the model has not learnt.
    let answer = fresh
        .check_json(&json!({ "site": SITE, "text": "?", "test": true }))
        .await;
    assert_eq!(answer["site_labels"], labelled);
    assert_eq!(answer["shared_labels"], since);
    // Whoever takes labels back hears how many of them the live model was trained on.
    let chosen = Selection {
        site: SiteId::parse(SITE).ok(),
        ..Selection::default()
    };
    let would = fresh
        .moderation()
        .labels
        .would_undo(chosen)
        .await
        .expect("told");
    assert_eq!(
        (would.labels, would.older),
        (labels.len(), labels.len() - since)
    );
}

/// A small model of our own comments, in a folder.
fn trained(folder: &Path, name: &str, rows: usize) -> PathBuf {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data");
    let mut lines = String::new();
    for file in ["vi/spam-money.jsonl", "vi/ham-everyday.jsonl"] {
        let text = fs::read_to_string(data.join(file)).expect("our own comments");
        lines.extend(text.lines().take(rows).flat_map(|line| [line, "\n"]));
    }
    let (input, out) = (folder.join(format!("{name}.jsonl")), folder.join(name));
    fs::write(&input, lines).expect("written");
    run(&["train", "--out", path_text(&out), path_text(&input)]).well();
    out
}

fn id_of(folder: &Path) -> String {
    Model::load(folder).expect("a model").card.id
}

#[test]
fn a_promoted_model_judges_at_once_and_at_the_next_start_until_it_is_rolled_back() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (one, two) = (
        trained(folder.path(), "one", 60),
        trained(folder.path(), "two", 90),
    );
    let models = |args: &[&str]| {
        let data_dir = ["--data-dir", path_text(&data)];
        run(&[&["models"], args, &data_dir].concat())
    };
    let server = Server::start(&data);
    let judging = |server: &Server| {
        let mut connection = server.connect();
        let answer = connection.tell(
            "/v1/check",
            &json!({ "site": SITE, "text": "hay", "test": true }),
        );
        answer["model"].as_str().expect("an id").to_owned()
    };
    let shipped = shipped().card.id;
    assert_eq!(judging(&server), shipped);
    models(&["rollback"]).refused(1, &["no model was ever promoted"]);
    // A model of a hundred comments is worse than the shipped one, and does not judge unless it must.
    models(&["promote", path_text(&one)]).refused(1, &["the candidate is worse", "--force"]);
    assert_eq!(judging(&server), shipped);
    let forced = ["--force", "a test"];
    models(&[&["promote", path_text(&one)], &forced[..]].concat()).well();
    assert_eq!(judging(&server), id_of(&one));
    let shown = models(&["show", "live"]).well().out;
    assert!(
        shown.contains("forced = \"a test\"") && shown.contains("refused: the candidate is worse"),
        "{shown}"
    );
    models(&[&["promote", path_text(&two)], &forced[..]].concat()).well();
    assert_eq!(judging(&server), id_of(&two));
    models(&[&["promote", &id_of(&two)], &forced[..]].concat()).refused(1, &["live already"]);
    models(&["promote", "phin-nothing"]).refused(1, &["phin-nothing"]);
    let listed = models(&["list"]).well().out;
    let line = |id: &str| {
        let line = listed.lines().find(|line| line.starts_with(id));
        line.unwrap_or_else(|| panic!("{id} in {listed}"))
            .to_owned()
    };
    assert!(line(&id_of(&two)).contains("live") && line(&id_of(&one)).contains("before"));
    let spam = format!(" {} ", phin::model::Model::shipped().card.spam);
    assert!(line("shipped").contains(&spam), "{listed}");
    let differ = models(&["diff", &id_of(&one), "live"]).well().out;
    assert!(
        differ.contains("features weigh otherwise") && differ.contains(" -> "),
        "{differ}"
    );
    // Started again, it goes on with the same; rolled back while it is stopped, with the one before.
    drop(server);
    let server = Server::start(&data);
    assert_eq!(judging(&server), id_of(&two));
    drop(server);
    models(&["rollback"]).well();
    let server = Server::start(&data);
    assert_eq!(judging(&server), id_of(&one));
    models(&[&["promote", "shipped"], &forced[..]].concat()).well();
    assert_eq!(judging(&server), shipped);
    // What was damaged is said, and not judged with.
    let broken = ModelRegistry::of(&data)
        .place_of(&id_of(&one))
        .join("model.bin");
    let bytes = fs::read(&broken).expect("a model");
    fs::write(&broken, &bytes[..bytes.len() - 9]).expect("written");
    models(&["rollback"]).refused(1, &["no usable model", "torn"]);
    assert_eq!(judging(&server), shipped);
}

#[tokio::test]
async fn a_server_retrains_from_its_own_labels_and_asks_the_gate() {
    let world = Arc::new(World::new());
    let refused = world
        .moderation()
        .models
        .retrain()
        .await
        .expect_err("no labels");
    assert!(
        refused.to_string().contains("no label teaches"),
        "{refused}"
    );
    let label = async |from: usize, to: usize| {
        for n in from..to {
            // Spam and honest comments of kinds that the shipped model knows: what is learnt of them makes it no worse.
            let spam = format!("{} number {n}, only {} left", TEXTS[3], n % 19);
            let ham = format!(
                "{} Mình thêm {} thìa nước mắm, ngon lắm, hẹn bạn {n} lần sau.",
                TEXTS[2],
                n % 17
            );
            world.submit("spam", &spam).await;
            world.submit("ham", &ham).await;
        }
    };
    // With few labels nothing is held back that could judge.
    label(0, 40).await;
    let Retrained::Refused { id, why, .. } =
        world.moderation().models.retrain().await.expect("tried")
    else {
        panic!("eight labels have judged a model");
    };
    assert!(why.contains("too little"), "{why}");
    assert_eq!(world.moderation().models.model_id(), shipped().card.id);
    // With more, some do; two at once are one too many.
    label(40, 600).await;
    let moderation = world.moderation();
    let (one, two) = tokio::join!(moderation.models.retrain(), moderation.models.retrain());
    let busy = two.expect_err("one is at work").to_string();
    assert!(busy.contains("under way"), "{busy}");
    let done = match one.expect("tried") {
        Retrained::Promoted(done) => done,
        Retrained::Refused { why, .. } => panic!("{why}"),
    };
    assert_eq!(world.moderation().models.model_id(), done.id);
    assert!(done.id != id && done.gate.contains("passed"), "{done:?}");
    let offer = format!("{} number 7001, only 3 left", TEXTS[3]);
    assert_eq!(world.check(&offer).await.text(), "true");
    // It has learnt all but the newest tenth; the first place of the ledger is a ruling.
    let card = world.moderation().models.model().card.clone();
    assert_eq!(card.ledger_seq, 1 + 1_080);
}
