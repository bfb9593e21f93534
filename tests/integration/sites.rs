//! A site may want otherwise than the server: what an unsure verdict is, how strict the cutoffs are, when a held comment is asked about again.

use std::collections::BTreeSet;

use phin::model::Model;
use phin::verdict::Verdict;
use serde_json::{Value, json};

use crate::program::{Server, path_text, run};
use crate::world::{KEY, SITE, World, form, shipped};

const OTHER_SITE: &str = "http://other.example";

/// A model that knows nothing is unsure about everything, with log-odds of 0.
async fn unsure_world() -> World {
    let world = World::with_model(Model::cold());
    assert_eq!(world.check("xin chào").await.verdict(), "unsure");
    world
}

async fn set(world: &World, change: Value) -> Value {
    let mut body = json!({ "site": SITE });
    body.as_object_mut()
        .expect("an object")
        .extend(change.as_object().expect("an object").clone());
    let answer = world.json("/v1/sites", &body).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

#[tokio::test]
async fn an_unsure_verdict_is_on_the_wire_what_its_site_wants() {
    let world = unsure_world().await;
    for (unsure, text, held) in [
        (json!("ham"), "false", false),
        (json!("spam"), "true", false),
        (json!("hold"), "false", true),
        (json!("default"), "false", true),
        (json!("spam"), "true", false),
        (json!(null), "false", true),
    ] {
        set(&world, json!({ "unsure": unsure })).await;
        let answer = world.check("cảm ơn bạn").await;
        assert_eq!(
            (answer.text(), answer.verdict()),
            (text, "unsure"),
            "{unsure}"
        );
        assert_eq!(answer.header("x-akismet-error").is_some(), held, "{unsure}");
        let elsewhere = world
            .akismet(
                "comment-check",
                &[("blog", OTHER_SITE), ("comment_content", "a")],
            )
            .await;
        assert!(elsewhere.text() == "false" && elsewhere.header("x-akismet-error").is_some());
    }
}

#[tokio::test]
async fn the_account_counts_the_unsure_as_the_site_was_told() {
    let world = unsure_world().await;
    let counted = async || {
        let answer = world.akismet("key-sites", &[]).await.json();
        let site = answer
            .as_object()
            .expect("an object")
            .values()
            .next()
            .expect("a month")[0]
            .clone();
        (site["spam"].clone(), site["ham"].clone())
    };
    assert_eq!(counted().await, (json!("0"), json!("1")));
    set(&world, json!({ "unsure": "spam" })).await;
    assert_eq!(counted().await, (json!("1"), json!("0")));
}

/// Verdicts of our own comments in the middle between ham and spam, under the site's strictness.
async fn verdicts(world: &World, strictness: &str) -> Vec<(f64, Verdict)> {
    set(world, json!({ "strictness": strictness })).await;
    let mut verdicts = Vec::new();
    for file in ["en/ham-hard", "vi/spam-money"] {
        let path = format!("{}/training-data/{file}.jsonl", env!("CARGO_MANIFEST_DIR"));
        for line in std::fs::read_to_string(path)
            .expect("our comments are here")
            .lines()
        {
            let row: Value = serde_json::from_str(line).expect("JSON");
            // The first words alone, so that many come out in the middle.
            let text: Vec<&str> = row["text"]
                .as_str()
                .expect("a text")
                .split_whitespace()
                .take(12)
                .collect();
            let answer = world
                .check_json(&json!({ "site": SITE, "text": text.join(" "), "test": true }))
                .await;
            let verdict = serde_json::from_value(answer["verdict"].clone()).expect("a verdict");
            verdicts.push((answer["log_odds"].as_f64().expect("a number"), verdict));
        }
    }
    verdicts
}

#[tokio::test]
async fn strictness_moves_the_cutoffs_and_not_the_scores() {
    let world = World::with_model(shipped());
    world.check("xin chào").await;
    let normal = verdicts(&world, "normal").await;
    let strict = verdicts(&world, "strict").await;
    let lenient = verdicts(&world, "lenient").await;
    let mut seen = BTreeSet::new();
    for ((normal, strict), lenient) in normal.iter().zip(&strict).zip(&lenient) {
        assert_eq!((normal.0, normal.0), (strict.0, lenient.0));
        assert!(
            lenient.1 <= normal.1 && normal.1 <= strict.1,
            "{lenient:?} {normal:?} {strict:?}"
        );
        assert_eq!(normal.1 == Verdict::Discard, strict.1 == Verdict::Discard);
        assert!(strict.1 < Verdict::Spam || strict.0 >= 0.0);
        seen.insert((lenient.1, normal.1, strict.1));
    }
    use Verdict::*;
    for moved in [
        (Ham, Ham, Unsure),
        (Unsure, Unsure, Spam),
        (Ham, Unsure, Unsure),
        (Unsure, Spam, Spam),
    ] {
        assert!(seen.contains(&moved), "none went {moved:?}: {seen:?}");
    }
}

#[tokio::test]
async fn a_recheck_is_asked_for_only_beside_a_hold_and_near_a_cutoff() {
    let world = unsure_world().await;
    let asked = async |fields: &[(&str, &str)]| {
        let fields = [&[("comment_content", "cảm ơn bạn")], fields].concat();
        let answer = world.akismet("comment-check", &fields).await;
        assert!(
            answer.header("x-akismet-recheck-after").is_none()
                || answer.header("x-akismet-error").is_some()
        );
        answer.header("x-akismet-recheck-after").map(str::to_owned)
    };
    set(&world, json!({ "strictness": "strict" })).await;
    assert_eq!(asked(&[]).await, None, "nobody wants it");
    let settings = set(&world, json!({ "recheck_after_s": 300 })).await;
    assert_eq!(
        settings,
        json!({ "site": "blog.example", "unsure": null, "strictness": "strict", "recheck_after_s": 300 })
    );
    assert_eq!(asked(&[]).await.as_deref(), Some("300"));
    assert_eq!(
        asked(&[("recheck_reason", "recheck")]).await,
        None,
        "once is enough"
    );
    assert_eq!(asked(&[("blog", OTHER_SITE)]).await, None, "another site");
    assert_eq!(
        asked(&[("comment_author", "viagra-test-123")]).await,
        None,
        "not held"
    );
    set(&world, json!({ "unsure": "ham" })).await;
    assert_eq!(asked(&[]).await, None, "not held");
    set(&world, json!({ "unsure": "hold", "strictness": "normal" })).await;
    assert_eq!(asked(&[]).await, None, "too far from either cutoff");
}

#[tokio::test]
async fn settings_survive_a_restart_and_an_export_and_are_nobody_elses() {
    let world = unsure_world().await;
    set(&world, json!({ "unsure": "spam", "recheck_after_s": 60 })).await;
    let world = world.restart();
    assert_eq!(world.check("a").await.text(), "true");
    let lines: Vec<_> = world
        .moderation()
        .transfer
        .export()
        .expect("exports")
        .map(|line| line.expect("whole"))
        .collect();
    let other = World::with_model(Model::cold());
    assert_eq!(
        other
            .moderation()
            .transfer
            .import(lines.clone())
            .await
            .expect("imports")
            .sites,
        1
    );
    assert_eq!(
        other
            .moderation()
            .transfer
            .import(lines)
            .await
            .expect("imports")
            .sites,
        0
    );
    assert_eq!(other.check("a").await.text(), "true");
    let key = "other-key-00";
    world
        .moderation()
        .accounts
        .create_key("other", Some(key.to_owned()))
        .expect("made");
    let body = json!({ "site": SITE, "unsure": "ham" }).to_string();
    for (method, path, body) in [
        ("POST", "/v1/sites", body.as_str()),
        ("GET", "/v1/sites?site=blog.example", ""),
    ] {
        let answer = world.call(method, path, key, body).await;
        assert_eq!(answer.status, 403, "{}", answer.text());
        assert!(
            answer.text().contains("does not decide for blog.example"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(
        world.call("GET", "/v1/sites", key, "").await.json(),
        json!({ "sites": [] })
    );
    let own = world.call("GET", "/v1/sites", KEY, "").await.json();
    assert_eq!(own["sites"][0]["unsure"], "spam", "{own}");
    assert_eq!(world.check("a").await.text(), "true");
}

#[tokio::test]
async fn what_is_no_setting_is_refused_in_a_sentence_and_nothing_changes() {
    let world = unsure_world().await;
    for (change, says) in [
        (json!({ "site": SITE }), "say what to set"),
        (json!({ "unsure": "ham" }), "\"site\" is missing"),
        (
            json!({ "site": SITE, "unsure": "ham", "colour": "red" }),
            "no setting \"colour\"",
        ),
        (
            json!({ "site": SITE, "unsure": "maybe" }),
            "none of hold, ham, spam",
        ),
        (
            json!({ "site": SITE, "unsure": "ham", "strictness": 5 }),
            "none of lenient, normal, strict",
        ),
        (
            json!({ "site": SITE, "recheck_after_s": 0 }),
            "from 1 to 86400",
        ),
        (
            json!({ "site": SITE, "recheck_after_s": -5 }),
            "from 1 to 86400",
        ),
    ] {
        let answer = world.json("/v1/sites", &change).await;
        assert_eq!(answer.status, 422, "{change}: {}", answer.text());
        let error = answer.json()["error"]
            .as_str()
            .expect("a sentence")
            .to_owned();
        assert!(error.contains(says), "{error}");
    }
    assert!(world.check("a").await.header("x-akismet-error").is_some());
    assert!(world.close_and_export("site").is_empty());
}

#[test]
fn settings_are_kept_from_the_command_line_on_a_stopped_store_and_through_a_running_server() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(phin::store::Store::open(folder.path(), 1 << 20).expect("it opens"));
    let sites = |args: &[&str]| {
        run(&[&["sites"], args, &["--data-dir", path_text(folder.path())]].concat())
    };
    let set = sites(&[
        "set",
        "http://www.blog.example/",
        "unsure=ham",
        "strictness=strict",
    ])
    .well();
    assert_eq!(
        set.out,
        "blog.example  unsure=ham strictness=strict recheck_after_s=default\n"
    );
    sites(&["set", "blog.example", "unsure"]).refused(1, &["\"unsure\" is not NAME=VALUE"]);
    sites(&["set", "blog.example", "strictness=very"])
        .refused(1, &["none of lenient, normal, strict"]);
    sites(&["set", "blog.example"]).refused(2, &["NAME=VALUE"]);
    assert_eq!(sites(&["show"]).well().out, set.out);
    assert_eq!(sites(&["show", "blog.example"]).well().out, set.out);
    let server = Server::start_with(
        crate::program::phin(),
        folder.path(),
        &[("PHIN_MODEL", "none")],
    );
    let mut connection = server.connect();
    let mut check = || {
        let form = form(&[("comment_content", "Cảm ơn bạn, bài rất hay")]);
        connection
            .post("/1.1/comment-check", &form)
            .expect("answered")
            .body
    };
    assert_eq!(check(), "false");
    sites(&["set", "blog.example", "unsure=spam"]).well();
    assert_eq!(check(), "true");
    sites(&[
        "set",
        "blog.example",
        "unsure=default",
        "strictness=default",
    ])
    .well();
    assert_eq!(
        (check(), sites(&["show"]).well().out),
        ("false".to_owned(), String::new())
    );
}
