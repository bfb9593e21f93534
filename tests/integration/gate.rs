//! A candidate is held against the live model before it may take its place: a good one passes, a harmful one is refused in words, and ends with 1.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::program::{path_text, run, write_file};
use crate::world::{SITE, World};

/// Rows of our own comments, of both labels in turn; `skip` of each file are passed over.
fn rows(skip: usize, of_each: usize) -> Vec<Value> {
    let read = |name: &str| -> Vec<Value> {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("training-data/{name}.jsonl"));
        let text = fs::read_to_string(path).expect("our own comments");
        let lines = text.lines().skip(skip).take(of_each);
        lines
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect()
    };
    [
        "en/spam-offers",
        "en/ham-everyday",
        "vi/spam-money",
        "vi/ham-everyday",
    ]
    .into_iter()
    .flat_map(read)
    .collect()
}

/// A model of labels that are all the wrong way round.
fn flipped(folder: &Path) -> PathBuf {
    let lines: String = rows(0, 60)
        .into_iter()
        .map(|mut row| {
            let other = if row["label"] == "spam" {
                "ham"
            } else {
                "spam"
            };
            row["label"] = other.into();
            format!("{row}\n")
        })
        .collect();
    let file = write_file(folder, "flipped.jsonl", lines);
    let out = folder.join("flipped");
    run(&["train", "--out", path_text(&out), path_text(&file)]).well();
    out
}

/// The whole export of a world in which these comments were checked and labelled.
async fn labelled_world(rows: &[Value]) -> String {
    let world = World::new();
    for row in rows {
        let text = row["text"].as_str().expect("a text");
        world.check(text).await;
        world
            .submit(row["label"].as_str().expect("a label"), text)
            .await;
    }
    let moderation = world.moderation();
    moderation.close().expect("everything is written down");
    let lines = moderation.transfer.export().expect("exports");
    lines
        .map(|line| serde_json::to_string(&line.expect("whole")).expect("is JSON") + "\n")
        .collect()
}

#[test]
fn the_shipped_model_passes_against_itself_and_a_model_of_flipped_labels_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let no_store = folder.path().join("nothing");
    let training_data = Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data");
    let against = |model: &str, more: &[&str]| {
        let known = [
            "evaluate",
            "--model",
            model,
            "--against",
            "shipped",
            "--data-dir",
            path_text(&no_store),
            "--training-data",
            path_text(&training_data),
        ];
        run(&[&known[..], more].concat())
    };
    let itself = against("shipped", &[]).well();
    assert!(
        itself.out.contains("the candidate may take its place"),
        "{}",
        itself.out
    );
    assert!(itself.out.contains("language vi"), "{}", itself.out);
    assert!(itself.err.contains("no labels are heard"), "{}", itself.err);

    let out = folder.path().join("report");
    let worse = flipped(folder.path());
    let done = against(path_text(&worse), &["--json", "--out", path_text(&out)]);
    let found: Value = serde_json::from_str(&done.out).expect("JSON before the refusal");
    let refused = found["refused"].as_str().expect("refused").to_owned();
    done.refused(
        1,
        &["the candidate is worse: all: false positives", &refused],
    );
    let all = &found["comparison"]["sides"][0];
    assert!(
        all["false_positives"]["difference"]["low"].as_f64() > Some(0.001),
        "{all}"
    );
    for (page, says) in [
        ("index.html", "Refused: the candidate is worse"),
        ("candidate/index.html", "<svg "),
        ("live/index.html", "<svg "),
    ] {
        let page = fs::read_to_string(out.join(page)).expect("written");
        assert!(page.contains(says), "{says}");
    }
    let json: Value =
        serde_json::from_slice(&fs::read(out.join("comparison.json")).expect("written"))
            .expect("JSON");
    assert_eq!(json, found);
}

#[tokio::test]
async fn the_newest_labels_judge_by_their_text_or_by_hashed_features_alone() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing = folder.path().join("nothing");
    let whole = labelled_world(&rows(60, 30)).await;
    let thin: String = whole
        .lines()
        .filter(|line| !line.starts_with("{\"what\":\"check\""))
        .map(|line| format!("{line}\n"))
        .collect();
    let worse = flipped(folder.path());
    for (name, export, by_buckets) in [("whole", &whole, 0), ("thin", &thin, 120)] {
        let labels = write_file(folder.path(), name, export);
        let against = |model: &str| {
            run(&[
                "evaluate",
                "--model",
                model,
                "--against",
                "shipped",
                "--training-data",
                path_text(&nothing),
                "--labels",
                path_text(&labels),
            ])
        };
        let itself = against("shipped").well();
        let says = format!("120 labels neither model was taught ({by_buckets} of them");
        assert!(itself.err.contains(&says), "{}", itself.err);
        let site = format!(
            "site {}: 60 ham, 60 spam",
            SITE.trim_start_matches("http://")
        );
        assert!(itself.out.contains(&site), "{}", itself.out);
        against(path_text(&worse)).refused(
            1,
            &[
                "the candidate is worse: all: false positives",
                "site blog.example",
            ],
        );
    }
}

#[test]
fn nothing_to_judge_on_is_refused_and_so_is_a_model_that_is_not_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let nothing = folder.path().join("nothing");
    let known = [
        "evaluate",
        "--data-dir",
        path_text(&nothing),
        "--training-data",
        path_text(&nothing),
        "--against",
    ];
    run(&[&known[..], &["live"]].concat())
        .refused(1, &["too little to compare", "0 ham and 0 spam"]);
    run(&[&known[..], &[path_text(&nothing)]].concat()).refused(1, &[path_text(&nothing)]);
}
