//! What is counted in parts adds up to what is counted at once; one training at a time writes into a folder.

use std::fs;
use std::path::{Path, PathBuf};

use phin::model::Model;
use serde_json::json;

use crate::program::{Server, path_text, run};
use crate::world::SITE;

/// Some hundreds of our own comments of both labels and languages, and a recipe that has to leave some of them out of its sample.
fn lesson(folder: &Path) -> (PathBuf, PathBuf) {
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data");
    let mut lines = String::new();
    for file in [
        "vi/spam-money.jsonl",
        "vi/ham-everyday.jsonl",
        "en/spam-offers.jsonl",
        "en/ham-everyday.jsonl",
    ] {
        let text = fs::read_to_string(data.join(file)).expect("our own comments");
        lines.extend(text.lines().take(100).flat_map(|line| [line, "\n"]));
    }
    // Near-duplicates must meet in one shard.
    let again: String = lines.lines().step_by(7).flat_map(|l| [l, "\n"]).collect();
    lines += &again;
    let input = folder.join("labelled.jsonl");
    write(&input, &lines);
    let recipe = folder.join("recipe.toml");
    write(&recipe, "most_rows = 250\nfolds = 2\nepochs = 5\n");
    (input, recipe)
}

fn write(path: &Path, text: &str) {
    fs::write(path, text).expect("can be written");
}

fn train(folder: &Path, name: &str, more: &[&str]) -> PathBuf {
    let (input, recipe) = (folder.join("labelled.jsonl"), folder.join("recipe.toml"));
    let out = folder.join(name);
    let args = [
        "train",
        "--out",
        path_text(&out),
        "--recipe",
        path_text(&recipe),
    ];
    run(&[&args, more, &[path_text(&input)]].concat()).well();
    out
}

fn merge(parts: &[PathBuf], out: &Path) -> crate::program::Done {
    let parts: Vec<&str> = parts.iter().map(|part| path_text(part)).collect();
    run(&[&["models", "merge", "--out", path_text(out)], &parts[..]].concat())
}

fn bytes(folder: &Path) -> (Vec<u8>, String) {
    (
        fs::read(folder.join("model.bin")).expect("a model"),
        fs::read_to_string(folder.join("card.toml")).expect("a card"),
    )
}

#[test]
fn parts_in_any_order_are_merged_into_the_same_bytes_as_one_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    lesson(folder);
    let whole = bytes(&train(folder, "whole", &[]));
    for shards in [1, 2, 3, 7] {
        let mut parts: Vec<PathBuf> = (1..=shards)
            .map(|n| {
                let shard = format!("{n}/{shards}");
                train(
                    folder,
                    &format!("{n}-of-{shards}.part"),
                    &["--shard", &shard],
                )
            })
            .collect();
        parts.reverse();
        parts.rotate_left(shards / 2);
        let out = folder.join(format!("merged-{shards}"));
        merge(&parts, &out).well();
        assert_eq!(bytes(&out), whole, "{shards} shards");
        assert!(!out.join(".training").exists());
    }
}

#[test]
fn histories_that_lie_apart_add_up_to_one_run_over_both() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (input, recipe) = lesson(folder);
    let text = fs::read_to_string(&input).expect("written");
    let lines: Vec<&str> = text.lines().take(400).collect();
    let mut parts = Vec::new();
    let mut files = Vec::new();
    for (name, lines) in [("a", &lines[..150]), ("b", &lines[150..])] {
        let file = folder.join(format!("{name}.jsonl"));
        write(&file, &lines.join("\n"));
        let part = folder.join(format!("{name}.part"));
        run(&[
            "train",
            "--shard",
            "1/1",
            "--recipe",
            path_text(&recipe),
            "--out",
            path_text(&part),
            path_text(&file),
        ])
        .well();
        parts.push(part);
        files.push(file);
    }
    let out = folder.join("merged");
    merge(&parts, &out).well();
    let both = folder.join("both");
    let args = [
        "train",
        "--recipe",
        path_text(&recipe),
        "--out",
        path_text(&both),
    ];
    let files: Vec<&str> = files.iter().map(|file| path_text(file)).collect();
    run(&[&args, &files[..]].concat()).well();
    assert_eq!(bytes(&out), bytes(&both));
}

#[test]
fn parts_that_do_not_belong_together_are_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (input, recipe) = lesson(folder);
    let one = train(folder, "one.part", &["--shard", "1/2"]);
    let two = train(folder, "two.part", &["--shard", "2/2"]);
    let of_three = train(folder, "three.part", &["--shard", "2/3"]);
    write(&recipe, "most_rows = 250\nfolds = 2\nepochs = 6\n");
    let otherwise = train(folder, "otherwise.part", &["--shard", "2/2"]);
    write(&recipe, "most_rows = 250\nfolds = 2\nepochs = 5\n");
    let text = fs::read_to_string(&input).expect("written");
    let fewer: Vec<&str> = text.lines().skip(1).collect();
    write(&input, &fewer.join("\n"));
    let foreign = train(folder, "foreign.part", &["--shard", "2/2"]);
    let whole = fs::read(&two).expect("written");
    let cut = folder.join("cut.part");
    fs::write(&cut, &whole[..whole.len() / 2]).expect("written");
    let out = folder.join("merged");
    let refused = |parts: &[&PathBuf], says: &[&str]| {
        let parts: Vec<PathBuf> = parts.iter().map(|part| (*part).clone()).collect();
        merge(&parts, &out).refused(1, says);
        assert!(!out.exists());
    };
    refused(&[&one], &["of 2 shards these are missing: 2"]);
    refused(&[&one, &two, &one], &["both shard 1", "count twice"]);
    refused(&[&one, &of_three], &["the number of shards differs"]);
    refused(&[&one, &otherwise], &["the recipe differs"]);
    refused(&[&one, &foreign], &["the input differs"]);
    refused(&[&one, &cut], &["cut.part is no part of a training"]);
    refused(
        &[&one, &input],
        &["labelled.jsonl is no part of a training"],
    );
    refused(
        &[&one, &folder.join("none.part")],
        &["cannot read", "none.part"],
    );
    for shard in ["0/2", "3/2", "two", "1/0"] {
        let out = path_text(&out);
        run(&["train", "--out", out, "--shard", shard]).refused(2, &["is no shard"]);
    }
    run(&["models", "merge", "--out", path_text(&out)]).refused(2, &["PART"]);
}

/// A campaign that the shipped model lets through, and honest comments beside it.
fn labelled_server(data: &Path) {
    let server = Server::start(data);
    let mut connection = server.connect();
    let mut say = |n: usize, text: String, label: &str| {
        let comment = json!({ "site": SITE, "text": text, "id": n.to_string(), "label": label });
        let answer = connection.tell("/v1/label", &comment);
        assert_eq!(answer["effect"], "learnt", "{answer}");
    };
    for n in 0..60 {
        say(n, campaign(n), "spam");
        let honest = format!(
            "Cảm ơn tác giả, mình đã làm theo bước {n} và chậu cây số {} nhà mình ra nụ.",
            n * 7
        );
        say(100 + n, honest, "ham");
    }
}

fn campaign(n: usize) -> String {
    let patients = ["mẹ em", "chị Lan", "cậu út", "bác hàng xóm", "con bé lớn"];
    let leaves = ["uống nắm lá", "đắp bài lá", "xông nồi lá", "ngâm thang lá"];
    format!(
        "{} ở nhà số {n} {} của bà Sáu Bến Tre {} ngày là đỡ hẳn",
        patients[n % 5],
        leaves[n / 5 % 4],
        n % 17 + 3
    )
}

/// What a model takes a spam text for.
fn category(model: &Path, text: &str) -> serde_json::Value {
    let file = model.join("text.jsonl");
    write(&file, &json!({ "text": text }).to_string());
    let done = run(&["check", "--model", path_text(model), path_text(&file)]).well();
    done.json_lines()[0]["category"].clone()
}

#[test]
fn kinds_that_moderators_named_join_those_of_the_comments_trained_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (input, recipe) = lesson(folder);
    let data = folder.join("data");
    let server = Server::start(&data);
    let mut connection = server.connect();
    let post = |n: usize| {
        let days = ["thứ hai", "thứ sáu", "cuối tuần"][n % 3];
        format!(
            "tuyển đan lục bình {days}, {n} nghìn một chiếc giỏ, nhận nguyên liệu mang sang tận bếp"
        )
    };
    for n in 0..30 {
        let comment = json!({ "site": SITE, "text": post(n), "label": "spam", "kind": "jobs" });
        connection.tell("/v1/check", &json!({ "site": SITE, "text": post(n) }));
        assert_eq!(connection.tell("/v1/label", &comment)["effect"], "learnt");
    }
    let out = folder.join("with-kinds");
    let ledger = [
        "--ledger",
        "--data-dir",
        path_text(&data),
        "--from",
        "training",
    ];
    let args = ["train", "--recipe", path_text(&recipe), path_text(&input)];
    let to = ["--out", path_text(&out)];
    let told = run(&[&args[..], &ledger, &to].concat()).well().err;
    assert!(told.contains("27 labels name the kind of spam"), "{told}");
    assert_eq!(category(&out, &post(99)), "jobs");
    let before = folder.join("before");
    run(&[&args[..], &["--out", path_text(&before)]].concat()).well();
    assert_ne!(category(&before, &post(99)), "jobs");
}

/// What a model thinks of a text, without a server.
fn log_odds(model: &Path, text: &str) -> f64 {
    let file = model.join("text.jsonl");
    write(&file, &json!({ "text": text }).to_string());
    let done = run(&["check", "--model", path_text(model), path_text(&file)]).well();
    done.json_lines()[0]["log_odds"].as_f64().expect("a number")
}

#[test]
fn a_servers_labels_move_the_shipped_model_and_the_same_labels_give_the_same_bytes() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let data = folder.join("data");
    labelled_server(&data);
    let train = |name: &str, more: &[&str]| {
        let out = folder.join(name);
        let args = ["train", "--ledger", "--out", path_text(&out)];
        let done = run(&[&args, more].concat()).well();
        (out, done.err)
    };
    let (one, told) = train("one", &["--data-dir", path_text(&data)]);
    assert!(told.contains("108 labels: "), "{told}");
    let export = folder.join("export.jsonl");
    let exported = run(&["export", "--data-dir", path_text(&data)]).well().out;
    write(&export, &exported);
    let two = folder.join("two");
    run(&[
        "train",
        "--out",
        path_text(&two),
        "--ledger",
        path_text(&export),
    ])
    .well();
    assert_eq!(bytes(&one), bytes(&two));
    let card = Model::load(&one).expect("a model").card;
    // The first place of the ledger is the vouch for the first key.
    assert_eq!(card.ledger_seq, 109);
    let shipped = folder.join("shipped");
    Model::shipped().save(&shipped).expect("saved");
    let unseen = campaign(61);
    let (before, after) = (log_odds(&shipped, &unseen), log_odds(&one, &unseen));
    assert!(after > before + 1.0, "{before} {after}");
    let honest = "Bài viết rất hay, hôm nào tác giả viết thêm về hoa lan nhé";
    let (before, after) = (log_odds(&shipped, honest), log_odds(&one, honest));
    assert!((after - before).abs() < 0.7, "{before} {after}");
    // Undone labels teach nothing.
    run(&["undo", "--data-dir", path_text(&data), "--since", "1h"]).well();
    let out = folder.join("none");
    run(&[
        "train",
        "--ledger",
        "--data-dir",
        path_text(&data),
        "--out",
        path_text(&out),
    ])
    .refused(1, &["no label teaches anything"]);
    assert!(!out.exists());
    // And a history that breaks off is not learnt from.
    write(&export, &exported[..exported.len() - 20]);
    run(&[
        "train",
        "--out",
        path_text(&out),
        "--ledger",
        path_text(&export),
    ])
    .refused(1, &["breaks off", "nothing was done"]);
    for (flag, value, says) in [
        ("--hold-back", "2", "no share"),
        ("--half-life", "0", "more than 0 days"),
        ("--from", "none", "never trained"),
    ] {
        let args = [
            "train",
            "--out",
            path_text(&out),
            "--ledger",
            "--data-dir",
            path_text(&data),
        ];
        run(&[&args[..], &[flag, value]].concat()).refused(1, &[says]);
    }
}

#[test]
fn a_stopped_store_is_asked_with_the_model_that_judges_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    labelled_server(&data);
    let on_data = |args: &[&str]| run(&[args, &["--data-dir", path_text(&data)]].concat());
    let candidate = folder.path().join("candidate");
    on_data(&["train", "--ledger", "--out", path_text(&candidate)]).well();
    let id = Model::load(&candidate).expect("a model").card.id;
    let undo = ["undo", "--since", "1h", "--dry-run"];
    let older = "108 of them the live model was trained on";
    assert!(!on_data(&undo).well().out.contains(older));
    let promote = ["models", "promote", path_text(&candidate)];
    on_data(&[&promote[..], &["--force", "a test"]].concat()).well();
    let would = on_data(&undo).well().out;
    assert!(would.contains(older), "{would}");
    on_data(&["models", "retrain"]).refused(1, &[&format!("in place of {id}: ")]);
}

#[test]
fn labels_move_a_model_that_was_trained_in_the_same_run_as_if_it_lay_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let folder = folder.path();
    let (input, recipe) = lesson(folder);
    let data = folder.join("data");
    labelled_server(&data);
    let with_ledger = |name: &str, from: &str, more: &[&str]| {
        let out = folder.join(name);
        let ledger = ["--ledger", "--data-dir", path_text(&data), "--from", from];
        let args = ["train", "--out", path_text(&out)];
        let done = run(&[&args[..], &ledger, more].concat());
        (out, done)
    };
    let other = ["--recipe", path_text(&recipe), path_text(&input)];
    let (at_once, done) = with_ledger("at-once", "training", &other);
    done.well();
    let first = train(folder, "first", &[]);
    let (after, done) = with_ledger("after", path_text(&first), &[]);
    done.well();
    assert_eq!(bytes(&at_once), bytes(&after));
    assert_ne!(bytes(&at_once), bytes(&first));
    let (_, done) = with_ledger("neither", "shipped", &other);
    done.refused(1, &["--from training"]);
    assert!(!folder.join("neither").exists());
}

#[test]
fn two_trainings_into_one_folder_are_one_too_many() {
    let folder = tempfile::tempdir().expect("a folder");
    let (input, _) = lesson(folder.path());
    let out = folder.path().join("model");
    fs::create_dir(&out).expect("a folder");
    let held = fs::File::create(out.join(".training")).expect("a file");
    held.try_lock().expect("nobody has it");
    let args = ["train", "--out", path_text(&out), path_text(&input)];
    run(&args).refused(1, &["another training writes into", "--out"]);
    drop(held);
    run(&args).well();
    assert!(out.join("model.bin").exists() && !out.join(".training").exists());
}
