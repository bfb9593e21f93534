//! What would have happened on a site, before anything is switched: flips listed, counts before and after, nothing learnt and nothing lost.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Done, Server, path_text, run, write_file};
use crate::world::{SITE, World, days_pass};

const CALM: &str =
    "Em làm theo bước hai thì máy chạy lại bình thường rồi, cảm ơn anh đã hướng dẫn.";
const BLATANT: &str = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143";

fn everything(world: &World) -> String {
    let moderation = world.moderation();
    moderation.close().expect("everything is written down");
    let lines = moderation.transfer.export().expect("exports");
    lines
        .map(|line| serde_json::to_string(&line.expect("whole")).expect("is JSON") + "\n")
        .collect()
}

/// A site with a calm comment that somebody calls spam a day later, and a blatant one.
async fn history() -> String {
    let world = World::new();
    assert_eq!(world.check(CALM).await.verdict(), "ham");
    world.check(BLATANT).await;
    let elsewhere = [("blog", "http://other.example"), ("comment_content", CALM)];
    world.akismet("comment-check", &elsewhere).await;
    days_pass(1);
    world.submit("spam", CALM).await;
    everything(&world)
}

fn replay(export: &Path, more: &[&str]) -> Done {
    run(&[&["replay", "--site", SITE, path_text(export)], more].concat())
}

#[tokio::test]
async fn a_label_is_heard_as_it_stands_now_or_as_it_stood_then() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = write_file(folder.path(), "all.jsonl", history().await);
    let then = replay(&export, &["--prequential"]).well();
    assert_eq!(then.out, "", "the same model and labels say the same");
    for says in [
        "2 checks of blog.example",
        "0 verdicts would have been another",
        "of 1 labelled spam",
    ] {
        assert!(then.err.contains(says), "{}", then.err);
    }
    let now = replay(&export, &[]).well();
    let flips = now.json_lines();
    assert_eq!(flips.len(), 1, "{}", now.out);
    assert_eq!(flips[0]["before"], "ham");
    assert_ne!(flips[0]["after"], "ham");
    assert_eq!(flips[0]["label"], "spam");
    assert!(
        flips[0]["when"]
            .as_str()
            .is_some_and(|when| when.starts_with("2026-11-23"))
    );
    assert!(
        flips[0]["guid"]
            .as_str()
            .is_some_and(|guid| guid.len() == 32)
    );
    let missed = now
        .err
        .lines()
        .find(|line| line.starts_with("missed spam"))
        .expect("told");
    assert_eq!(
        missed.split_whitespace().collect::<Vec<_>>(),
        ["missed", "spam", "1", "0", "of", "1", "labelled", "spam"]
    );
}

#[tokio::test]
async fn other_lists_cutoffs_and_models_flip_what_they_would() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = write_file(folder.path(), "all.jsonl", history().await);
    let entry = json!({ "what": "list", "site": "blog.example", "list": "deny", "kind": "words", "value": "hướng dẫn", "reason": "thử", "at": 0 });
    let lists = write_file(folder.path(), "lists.jsonl", format!("{entry}\n"));
    let listed = replay(&export, &["--prequential", "--lists", path_text(&lists)]).well();
    let flips = listed.json_lines();
    assert_eq!(flips.len(), 1, "{}", listed.out);
    assert_eq!(
        (&flips[0]["before"], &flips[0]["after"]),
        (&"ham".into(), &"spam".into())
    );
    let clue = flips[0]["clue"]["reason"].as_str().expect("a clue");
    assert!(clue.contains("deny list") && clue.contains("thử"), "{clue}");

    let all_doubted = replay(
        &export,
        &["--prequential", "--cutoffs", ".0000001,.9999998,.9999999"],
    )
    .well();
    let after: Vec<Value> = all_doubted
        .json_lines()
        .iter()
        .map(|flip| flip["after"].clone())
        .collect();
    assert!(after.contains(&"unsure".into()), "{after:?}");

    let cold = replay(&export, &["--prequential", "--model", "none"]).well();
    assert!(cold.err.contains("with model cold"), "{}", cold.err);
    assert!(
        cold.json_lines()
            .iter()
            .all(|flip| flip["after"] == "unsure"),
        "{}",
        cold.out
    );
    assert!(!cold.out.is_empty());

    replay(&export, &["--cutoffs", ".9,.5,.1"]).refused(2, &["three rising probabilities"]);
    replay(&export, &["--lists", path_text(&export)]).refused(1, &["holds more than lists"]);
}

#[tokio::test]
async fn a_check_whose_text_is_gone_is_counted_and_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let gone: String = history()
        .await
        .lines()
        .map(|line| {
            let mut line: Value = serde_json::from_str(line).expect("JSON");
            if line["what"] == "check" && line["comment"]["text"] == CALM {
                line["comment"]["text"] = "".into();
            }
            format!("{line}\n")
        })
        .collect();
    let export = write_file(folder.path(), "all.jsonl", gone);
    let done = replay(&export, &[]).well();
    for says in [
        "1 checks of blog.example",
        "1 checks cannot be replayed",
        "1 labelled comments of the site answer to no check",
    ] {
        assert!(done.err.contains(says), "{}", done.err);
    }
}

#[tokio::test]
async fn a_running_server_and_a_stopped_one_tell_the_same_and_nothing_changes() {
    let folder = tempfile::tempdir().expect("a folder");
    let export = write_file(folder.path(), "all.jsonl", history().await);
    let data = folder.path().join("data");
    run(&["import", path_text(&export), "--data-dir", path_text(&data)]).well();
    let ask = || run(&["replay", "--site", SITE, "--data-dir", path_text(&data)]).well();
    let kept = || {
        run(&["export", "--site", SITE, "--data-dir", path_text(&data)])
            .well()
            .out
    };
    let before = kept();
    let stopped = ask();
    assert_eq!(stopped.json_lines().len(), 1, "{}", stopped.err);
    let server = Server::start(&data);
    assert_eq!(ask().out, stopped.out);
    assert_eq!(kept(), before);
    drop(server);
}

#[tokio::test]
async fn a_foreign_or_truncated_export_and_an_unknown_site_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let whole = history().await;
    let cut = write_file(
        folder.path(),
        "cut.jsonl",
        &whole[..whole.floor_char_boundary(whole.len() - 40)],
    );
    replay(&cut, &[]).refused(1, &["cut.jsonl, line", "it breaks off", "nothing was done"]);
    let foreign = write_file(
        folder.path(),
        "foreign.jsonl",
        "{\"text\":\"a\",\"label\":\"spam\"}\n",
    );
    replay(&foreign, &[]).refused(1, &["line 1, is not a line of an export of phin"]);
    let export = write_file(folder.path(), "all.jsonl", &whole);
    run(&[
        "replay",
        "--site",
        "http://nowhere.example",
        path_text(&export),
    ])
    .refused(1, &["no check of nowhere.example is in this history"]);
    run(&["replay", "--strictness", "strict", path_text(&export)]).refused(2, &["--site"]);
}
