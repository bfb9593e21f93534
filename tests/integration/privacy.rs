//! What is kept of people and sites goes out to its owner alone.

use crate::program::{path_text, run, write_file};
use crate::world::{KEY, SITE, World};

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
    assert_eq!(none.well().out, "");
}
