//! What a site always takes or never takes: known to the next check, explained, ended in time, and nobody else's business.

use std::sync::atomic::{AtomicI64, Ordering};

use phin::comment::SiteId;
use phin::model::Model;
use phin::moderation::{Kind, List, Millis, NewEntry, Vouch};
use serde_json::{Value, json};

use crate::program::{Server, path_text, run, write_file};
use crate::world::{Answer, KEY, NOON, SITE, World, form, shipped};

/// A quiet comment of a regular, with everything an entry can be about.
fn quiet() -> Vec<(&'static str, &'static str)> {
    vec![
        (
            "comment_content",
            "Cảm ơn bạn, bài rất hay, mình sẽ thử ở nhà. Xem thêm ở https://garden.example/rau nhé.",
        ),
        ("comment_author", "Minh Anh"),
        ("comment_author_email", "Minh.Anh@Mail.Example"),
        ("comment_author_url", "https://minh.home.example"),
        ("user_ip", "198.51.100.7"),
    ]
}

/// So blatant that every model agrees.
const BLATANT: &str = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143";

fn entry(list: &str, kind: &str, value: &str) -> Value {
    json!({ "site": SITE, "list": list, "kind": kind, "value": value })
}

/// A world whose key was used for its site.
async fn world() -> World {
    let world = World::with_model(shipped());
    world.check("xin chào").await;
    world
}

async fn add(world: &World, entry: &Value) -> Value {
    let answer = world.json("/v1/lists", entry).await;
    assert!([200, 201].contains(&answer.status), "{}", answer.text());
    answer.json()
}

async fn remove(world: &World, kind: &str, value: &str) -> Answer {
    let mut query = url::form_urlencoded::Serializer::new("/v1/lists?".to_owned());
    query.extend_pairs([("site", SITE), ("kind", kind), ("value", value)]);
    world.call("DELETE", &query.finish(), KEY, "").await
}

async fn said(world: &World, fields: &[(&str, &str)]) -> (String, String) {
    let answer = world.akismet("comment-check", fields).await;
    (answer.text().to_owned(), answer.verdict().to_owned())
}

/// What the quiet comment is while no entry meets it: no spam, whether or not the model is sure.
async fn calm(world: &World) -> (String, String) {
    let calm = said(world, &quiet()).await;
    assert_eq!(calm.0, "false");
    calm
}

fn says(text: &str, verdict: &str) -> (String, String) {
    (text.to_owned(), verdict.to_owned())
}

#[tokio::test]
async fn a_denied_thing_of_every_kind_is_spam_at_once_and_no_longer_once_it_is_removed() {
    let world = world().await;
    let calm = calm(&world).await;
    for (kind, value) in [
        ("ip", "198.51.100.7"),
        ("ip", "198.51.96.0/20"),
        ("email", "minh.anh@mail.example"),
        ("email-domain", "mail.example"),
        ("domain", "garden.example"),
        ("domain", "home.example"),
        ("author", "MINH ANH"),
        ("words", "rất hay"),
    ] {
        let added = add(&world, &entry("deny", kind, value)).await;
        assert_eq!(
            (&added["replaced"], &added["by"]),
            (&json!(false), &json!("first"))
        );
        assert_eq!(
            said(&world, &quiet()).await,
            says("true", "spam"),
            "{kind} {value}"
        );
        assert_eq!(remove(&world, kind, value).await.status, 200);
        assert_eq!(said(&world, &quiet()).await, calm, "{kind} {value}");
    }
    let answer = remove(&world, "ip", "198.51.100.7").await;
    assert_eq!(answer.status, 404);
    assert!(
        answer.text().contains("has no entry ip"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn an_allowed_regular_is_never_held_whatever_the_words_are() {
    let world = world().await;
    let mut blatant = quiet();
    blatant[0] = ("comment_content", BLATANT);
    assert_eq!(said(&world, &blatant).await.0, "true");
    add(&world, &entry("deny", "words", "best online casino")).await;
    for (kind, value) in [
        ("ip", "198.51.100.0/24"),
        ("email", "minh.anh@mail.example"),
        ("email-domain", "mail.example"),
        ("author", "Minh Anh"),
        ("words", "free casino"),
    ] {
        add(&world, &entry("allow", kind, value)).await;
        let answer = world.akismet("comment-check", &blatant).await;
        assert_eq!(
            (answer.text(), answer.verdict()),
            ("false", "ham"),
            "{kind}"
        );
        assert!(
            answer.header("x-akismet-error").is_none()
                && answer.header("x-akismet-pro-tip").is_none()
        );
        remove(&world, kind, value).await;
    }
    assert_eq!(said(&world, &blatant).await.0, "true");
}

#[tokio::test]
async fn a_denied_word_is_met_in_disguise() {
    let world = world().await;
    add(&world, &entry("deny", "words", "bánh tráng trộn")).await;
    for (text, met) in [
        ("Nhà mình có bánh tráng trộn ngon", true),
        ("nha minh co banh trang tron ngon", true),
        ("Nhà mình có B.á.n.h tr4ng tr\u{200b}ộn ngon", true),
        ("Nhà mình có bánh trắng tròn ngon", false),
    ] {
        let is_spam = world.check(text).await.verdict() == "spam";
        assert_eq!(is_spam, met, "{text}");
    }
}

#[tokio::test]
async fn the_sites_own_beats_what_is_for_all_and_other_sites_do_not_hear_of_it() {
    let world = world().await;
    let shared = NewEntry {
        site: None,
        list: List::Deny,
        kind: Kind::Ip,
        value: "198.51.100.0/24".into(),
        reason: "a botnet".into(),
        by: "operator".into(),
        expires: None,
    };
    world
        .moderation()
        .judging
        .list(vec![shared])
        .expect("taken");
    let elsewhere = [&[("blog", "http://other.example")][..], &quiet()].concat();
    assert_eq!(said(&world, &quiet()).await, says("true", "spam"));
    assert_eq!(said(&world, &elsewhere).await, says("true", "spam"));
    add(&world, &entry("allow", "email", "minh.anh@mail.example")).await;
    assert_eq!(said(&world, &quiet()).await, says("false", "ham"));
    assert_eq!(said(&world, &elsewhere).await, says("true", "spam"));
    // An allowed word lets no denied address in, not even the site's own word.
    remove(&world, "email", "minh.anh@mail.example").await;
    add(&world, &entry("allow", "words", "rất hay")).await;
    assert_eq!(said(&world, &quiet()).await, says("true", "spam"));
}

#[tokio::test]
async fn what_was_met_is_the_first_clue_and_all_still_adds_up() {
    let world = world().await;
    for (text, list, verdict) in [
        ("Cảm ơn bạn, bài rất hay", "deny", "spam"),
        (BLATANT, "deny", "discard"),
        (BLATANT, "allow", "ham"),
        ("", "deny", "spam"),
    ] {
        let mut new = entry(list, "ip", "203.0.113.0/24");
        new["reason"] = json!("phá hoại");
        add(&world, &new).await;
        let comment = json!({ "site": SITE, "text": text, "ip": "203.0.113.9", "test": true });
        let answer = world.check_json(&comment).await;
        let number = |value: &Value| value.as_f64().expect("a number");
        let clues = answer["clues"].as_array().expect("a list");
        let sum: f64 = clues.iter().map(|clue| number(&clue["weight"])).sum();
        let log_odds = number(&answer["log_odds"]);
        assert!(
            (sum + number(&answer["rest"]) - log_odds).abs() < 1e-9,
            "{answer}"
        );
        let probability = number(&answer["probability"]);
        assert!((1.0 / (1.0 + (-log_odds).exp()) - probability).abs() < 1e-12);
        assert_eq!(
            (probability > 0.5, answer["verdict"].as_str()),
            (list == "deny", Some(verdict)),
            "{answer}"
        );
        let first = &clues[0];
        assert_eq!(
            (first["text"].as_str(), first["layer"].as_str()),
            (Some("203.0.113.9"), Some("site"))
        );
        assert_eq!(number(&first["weight"]) > 0.0, list == "deny");
        let reasons = (first["reason"].as_str(), first["reason_vi"].as_str());
        let expected = match list {
            "deny" => (
                "address on the site's deny list (phá hoại)",
                "địa chỉ mạng trong danh sách chặn của trang (phá hoại)",
            ),
            _ => (
                "address on the site's allow list (phá hoại)",
                "địa chỉ mạng trong danh sách cho phép của trang (phá hoại)",
            ),
        };
        assert_eq!(reasons, (Some(expected.0), Some(expected.1)));
        assert!(clues.len() <= 8);
    }
}

static TIME: AtomicI64 = AtomicI64::new(NOON);
const DAY: Millis = 86_400_000;

#[tokio::test]
async fn an_entry_ends_in_time_is_swept_and_its_place_is_free() {
    TIME.store(NOON, Ordering::Relaxed);
    let world = World::with_clock(shipped(), || TIME.load(Ordering::Relaxed));
    world.check("xin chào").await;
    let mut new = entry("deny", "email", "minh.anh@mail.example");
    new["expires"] = json!("30d");
    let added = add(&world, &new).await;
    assert_eq!(added["expires_at"], json!(NOON + 30 * DAY));
    TIME.store(NOON + 30 * DAY - 1, Ordering::Relaxed);
    assert_eq!(said(&world, &quiet()).await, says("true", "spam"));
    TIME.store(NOON + 30 * DAY, Ordering::Relaxed);
    calm(&world).await;
    let shown = world.call("GET", "/v1/lists", KEY, "").await;
    assert_eq!(shown.json()["entries"], json!([]));
    assert_eq!(
        remove(&world, "email", "minh.anh@mail.example")
            .await
            .status,
        404
    );
    // Removed after its end it is gone from the disk as well; one that nobody touches is swept.
    new["value"] = json!("another@mail.example");
    add(&world, &new).await;
    TIME.store(NOON + 60 * DAY, Ordering::Relaxed);
    let world = world.restart();
    assert_eq!(world.moderation().judging.sweep_lists().expect("swept"), 1);
    assert_eq!(world.moderation().judging.sweep_lists().expect("swept"), 0);
    new["expires"] = json!(null);
    assert_eq!(add(&world, &new).await["replaced"], json!(false));
    assert_eq!(world.close_and_export("list").len(), 1);
}

#[tokio::test]
async fn entries_survive_a_restart_and_an_export_to_another_store() {
    let first = world().await;
    add(
        &first,
        &entry("deny", "domain", "https://www.Garden.Example/"),
    )
    .await;
    let again = add(&first, &entry("allow", "domain", "garden.example")).await;
    assert_eq!(again["replaced"], json!(true));
    add(&first, &entry("deny", "domain", "garden.example")).await;
    let first = first.restart();
    assert_eq!(said(&first, &quiet()).await, says("true", "spam"));
    let shown = first
        .call("GET", "/v1/lists?site=blog.example", KEY, "")
        .await
        .json();
    assert_eq!(
        shown["entries"].as_array().map(Vec::len),
        Some(1),
        "{shown}"
    );
    assert_eq!(shown["entries"][0]["value"], "garden.example");
    let lines: Vec<_> = first
        .moderation()
        .transfer
        .export()
        .expect("exports")
        .map(|line| line.expect("whole"))
        .collect();
    let other = World::new();
    let imported = other
        .moderation()
        .transfer
        .import(lines.clone())
        .await
        .expect("imports");
    assert_eq!(imported.lists, 1);
    assert_eq!(said(&other, &quiet()).await, says("true", "spam"));
    let imported = other
        .moderation()
        .transfer
        .import(lines)
        .await
        .expect("imports");
    assert_eq!(imported.lists, 0);
}

#[tokio::test]
async fn a_key_decides_only_for_sites_that_are_its_own() {
    let world = world().await;
    let other = "other-key-00";
    world
        .moderation()
        .accounts
        .create_key("other", Some(other.to_owned()))
        .expect("made");
    let new = entry("deny", "words", "rất hay").to_string();
    for (method, path, body) in [
        ("POST", "/v1/lists", new.as_str()),
        ("GET", "/v1/lists?site=blog.example", ""),
        (
            "DELETE",
            "/v1/lists?site=blog.example&kind=words&value=hay",
            "",
        ),
    ] {
        let answer = world.call(method, path, other, body).await;
        assert_eq!(answer.status, 403, "{method} {}", answer.text());
        assert!(
            answer.text().contains("does not decide for blog.example"),
            "{}",
            answer.text()
        );
        let answer = world.call(method, path, "no-such-key-", body).await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    calm(&world).await;
    add(&world, &entry("deny", "words", "rất hay")).await;
    let shared = NewEntry {
        site: None,
        list: List::Deny,
        kind: Kind::Words,
        value: "của mọi trang".into(),
        reason: String::new(),
        by: "operator".into(),
        expires: None,
    };
    world
        .moderation()
        .judging
        .list(vec![shared])
        .expect("taken");
    // Nobody sees another's entries, nor those for all sites; nobody makes one for all.
    assert_eq!(
        world.call("GET", "/v1/lists", other, "").await.json()["entries"],
        json!([])
    );
    let own = world.call("GET", "/v1/lists", KEY, "").await.json();
    assert_eq!(own["entries"].as_array().map(Vec::len), Some(1), "{own}");
    let answer = world
        .json(
            "/v1/lists",
            &json!({ "list": "deny", "kind": "words", "value": "a b" }),
        )
        .await;
    assert_eq!(answer.status, 422);
    assert!(
        answer.text().contains("\\\"site\\\" is missing"),
        "{}",
        answer.text()
    );
    // A site is not its own for having checked there second, only once the operator hands it over; and then it is nobody else's.
    let check = [("api_key", other), ("comment_content", "xin chào")];
    world.akismet("comment-check", &check).await;
    let post = async |key: &str| world.call("POST", "/v1/lists", key, &new).await.status;
    assert_eq!(post(other).await, 403);
    let site = SiteId::parse(SITE).expect("a site");
    let given = world.moderation().accounts.give(&site, "other").await;
    given.expect("given");
    assert_eq!((post(other).await, post(KEY).await), (200, 200));
    let ruled = world
        .moderation()
        .labels
        .vouch("first", Vouch::NoLonger)
        .await;
    ruled.expect("ruled");
    assert_eq!((post(other).await, post(KEY).await), (200, 403));
    // A check of a new site makes it nobody's own.
    let new = new.replace("blog.example", "new.example");
    let post = async || world.call("POST", "/v1/lists", other, &new).await.status;
    for test in ["1", "0"] {
        let check = [
            ("api_key", other),
            ("blog", "http://new.example"),
            ("comment_content", "xin chào"),
            ("is_test", test),
        ];
        world.akismet("comment-check", &check).await;
        assert_eq!(post().await, 403);
    }
}

#[tokio::test]
async fn what_makes_no_entry_is_refused_in_a_sentence_and_nothing_is_kept() {
    let world = world().await;
    let with = |field: &str, value: Value| {
        let mut new = entry("deny", "words", "vay tiền");
        new[field] = value;
        new
    };
    for (new, status, says) in [
        (
            entry("deny", "ip", "198.51.100.0/33"),
            422,
            "neither an address nor a network",
        ),
        (entry("deny", "ip", "0.0.0.0/0"), 422, "wider than a /8"),
        (entry("deny", "words", "vay.*"), 422, "looks like a pattern"),
        (entry("deny", "words", "!!!"), 422, "holds no word"),
        (entry("allow", "domain", "com.vn"), 422, "registry"),
        (
            entry("allow", "email", "nobody"),
            422,
            "not an e-mail address",
        ),
        (
            with("reason", json!("x".repeat(301))),
            422,
            "301 characters",
        ),
        (with("expires", json!("soon")), 422, "no end of an entry"),
        (
            with("expires", json!("2026-01-01")),
            422,
            "no end of an entry",
        ),
        (
            with("site", json!("http://")),
            422,
            "not the address of a site",
        ),
        (with("list", json!("grey")), 400, "grey"),
        (with("kind", json!("regex")), 400, "regex"),
        (with("colour", json!("red")), 400, "colour"),
    ] {
        let answer = world.json("/v1/lists", &new).await;
        assert_eq!(answer.status, status, "{new}: {}", answer.text());
        let error = answer.json()["error"]
            .as_str()
            .expect("a sentence")
            .to_owned();
        assert!(error.contains(says), "{error}");
    }
    let answer = world
        .call("DELETE", "/v1/lists?kind=ip&value=1.2.3.4", KEY, "")
        .await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    let answer = world
        .call("DELETE", "/v1/lists?site=blog.example", KEY, "")
        .await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    assert!(world.close_and_export("list").is_empty());
}

#[tokio::test]
async fn a_list_teaches_nothing_and_a_person_still_may() {
    let world = World::with_model(Model::cold());
    world.check("xin chào").await;
    add(&world, &entry("deny", "words", "hay quá")).await;
    assert_eq!(world.check("bài hay quá").await.verdict(), "spam");
    assert_eq!(
        world.log_odds("http://other.example", "bài hay quá").await,
        0.0
    );
    world.submit("ham", "bài hay quá").await;
    assert!(world.log_odds("http://other.example", "bài hay quá").await < 0.0);
    assert_eq!(world.check("bài hay quá").await.verdict(), "spam");
}

#[test]
fn lists_are_kept_from_the_command_line_on_a_stopped_store_and_through_a_running_server() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(phin::store::Store::open(folder.path(), 1 << 20).expect("it opens"));
    can_be_kept(folder.path());
    let server = Server::start(folder.path());
    can_be_kept(folder.path());
    let data = path_text(folder.path());
    let mut connection = server.connect();
    let mut check = || {
        let form = form(&[("comment_content", "Cảm ơn bạn, bài rất hay")]);
        connection
            .post("/1.1/comment-check", &form)
            .expect("answered")
            .body
    };
    assert_eq!(check(), "false");
    run(&[
        "lists",
        "add",
        "--deny",
        "--words",
        "rất hay",
        "--data-dir",
        data,
    ])
    .well();
    assert_eq!(check(), "true");
    run(&["lists", "remove", "--words", "rất hay", "--data-dir", data]).well();
    assert_eq!(check(), "false");
}

fn can_be_kept(data: &std::path::Path) {
    let lists = |args: &[&str]| run(&[&["lists"], args, &["--data-dir", path_text(data)]].concat());
    let added = lists(&[
        "add",
        "--deny",
        "--domain",
        "casino.example",
        "--site",
        "blog.example",
        "--reason",
        "a wave",
        "--expires",
        "30d",
    ])
    .well();
    assert!(
        added
            .out
            .starts_with("blog.example  deny  domain  casino.example  (a wave)  by operator at "),
        "{}",
        added.out
    );
    assert!(added.out.contains(", until "), "{}", added.out);
    lists(&[
        "add",
        "--allow",
        "--email",
        "an@mail.example",
        "--ip",
        "203.0.113.7/24",
        "--by",
        "an",
    ])
    .well();
    let shown = lists(&["show"]).well().out;
    assert_eq!(shown.lines().count(), 3, "{shown}");
    assert!(
        shown.contains("(all sites)  allow  ip  203.0.113.0/24  by an at"),
        "{shown}"
    );
    assert_eq!(
        lists(&["show", "--site", "http://www.blog.example/"])
            .well()
            .lines()
            .len(),
        1
    );
    let again = lists(&["add", "--allow", "--ip", "203.0.113.0/24", "--by", "an"]).well();
    assert!(
        again.err.contains("took the place of an earlier entry"),
        "{}",
        again.err
    );
    lists(&["add", "--deny", "--ip", "203.0.113.0/99"])
        .refused(1, &["203.0.113.0/99", "neither an address nor a network"]);
    lists(&["add", "--domain", "a.example"]).refused(2, &["--allow", "--deny"]);
    lists(&["add", "--deny"]).refused(2, &["--domain"]);
    let export = lists(&["export"]).well().out;
    assert_eq!(export.lines().count(), 3);
    lists(&[
        "remove",
        "--domain",
        "casino.example",
        "--site",
        "blog.example",
    ])
    .well();
    lists(&[
        "remove",
        "--domain",
        "casino.example",
        "--site",
        "blog.example",
    ])
    .refused(1, &["blog.example has no entry domain \"casino.example\""]);
    lists(&[
        "remove",
        "--email",
        "an@mail.example",
        "--ip",
        "203.0.113.0/24",
    ])
    .well();
    assert_eq!(lists(&["show"]).well().out, "");
    let folder = tempfile::tempdir().expect("a folder");
    let file = write_file(folder.path(), "lists.jsonl", &export);
    assert!(
        lists(&["import", path_text(&file)])
            .well()
            .err
            .contains("imported 3 entries")
    );
    assert_eq!(lists(&["export"]).well().out, export);
    let plain = write_file(
        folder.path(),
        "plain.txt",
        "# casinos\ncasino.example\n\nhttps://slots.example/\n",
    );
    let done = lists(&[
        "import",
        "--deny",
        "--domain",
        "--site",
        "blog.example",
        path_text(&plain),
    ])
    .well();
    assert!(
        done.err
            .contains("imported 2 entries, 1 of them in the place of earlier ones"),
        "{}",
        done.err
    );
    lists(&["import", "--domain", path_text(&plain)]).refused(1, &["--allow or --deny"]);
    lists(&["import", "--deny", "--email", path_text(&plain)])
        .refused(1, &["line 2; nothing was imported"]);
    lists(&["import", "--site", "blog.example", path_text(&file)])
        .refused(1, &["go with a plain file"]);
    lists(&[
        "remove",
        "--domain",
        "casino.example",
        "--domain",
        "slots.example",
        "--site",
        "blog.example",
    ])
    .well();
    lists(&[
        "remove",
        "--email",
        "an@mail.example",
        "--ip",
        "203.0.113.0/24",
    ])
    .well();
}
