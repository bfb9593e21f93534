//! Keys do no harm to each other: what one key says, names and invents changes nothing for another, and each key's own reports count for what it sends.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::Request;
use phin::comment::{Comment, SiteId};
use phin::moderation::{ExportLine, Mode, Moderation, Options, Report};
use phin::store::Store;
use phin::verdict::{Label, Verdict};
use serde_json::{Value, json};

use crate::program::{Server, ask_operator, path_text, phin, run};
use crate::world::{Answer, KEY, NOON, SITE, THANKS, World, form, now, shipped};

const MALLORY: &str = "mallory-key1";
const MALICE: &str = "malice-key-2";
const CAROL: &str = "carol-key-03";
const CAROLS: &str = "http://carol.example";

/// Honest comments about one topic that nobody labels but those who attack it.
fn honest(count: usize) -> Vec<String> {
    let kinds = [
        "The {a} garden club meets on Sunday, bring {n} tomato seedlings",
        "Our {a} roses bloomed, {n} buds this week, greetings from the village",
        "Compost and {a} mulch saved my beans, {n} jars already",
        "Pruning {a} apple trees in March gave me {n} kilos",
    ];
    let colours = ["blue", "old", "wild", "river", "golden", "royal", "silent"];
    let one = |at: usize| {
        let colour = colours[at * 5 % colours.len()];
        let number = (at * 37 % 991 + 2).to_string();
        kinds[at % kinds.len()]
            .replace("{a}", colour)
            .replace("{n}", &number)
    };
    (0..count).map(one).collect()
}

async fn check(
    world: &World,
    key: &str,
    site: &str,
    text: &str,
    author: &str,
    test: bool,
) -> Value {
    let body = json!({
        "site": site, "text": text, "author": author, "email": format!("{author}@mail.example"),
        "ip": "203.0.113.9", "test": test,
    });
    let answer = world
        .call("POST", "/v1/check", key, &body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

/// What another key's site is told of each text, without a trace.
async fn told(world: &World, texts: &[String]) -> Vec<(String, f64)> {
    let mut told = Vec::new();
    for text in texts {
        let answer = check(world, CAROL, CAROLS, text, "Rose", true).await;
        let verdict = answer["verdict"].as_str().expect("a verdict").to_owned();
        told.push((verdict, answer["log_odds"].as_f64().expect("a number")));
    }
    told
}

fn turned(before: &[(String, f64)], after: &[(String, f64)]) -> usize {
    let pairs = before.iter().zip(after);
    pairs.filter(|((one, _), (other, _))| one != other).count()
}

async fn label(world: &World, key: &str, site: &str, text: &str, label: &str) -> Answer {
    let body = json!({ "site": site, "text": text, "author": "Rose", "label": label });
    world
        .call("POST", "/v1/label", key, &body.to_string())
        .await
}

fn tenants() -> World {
    World::new()
        .with_key(MALLORY)
        .with_key(MALICE)
        .with_key(CAROL)
}

#[tokio::test]
async fn a_second_key_of_the_same_operator_simply_works() {
    let world = World::new().with_key(CAROL);
    let text = &honest(1)[0];
    // As the README says: tried with the first key, then a key for the blog.
    world.check(text).await;
    world.submit("ham", "xin chào các bạn").await;
    let fields = [("api_key", CAROL), ("comment_content", text)];
    let before = world.akismet("comment-check", &fields).await.probability();
    let said = world.akismet("submit-spam", &fields).await;
    assert_eq!(said.text(), THANKS);
    let after = world.akismet("comment-check", &fields).await.probability();
    assert!(after > before + 0.1, "{before} {after}");
    let world = world.restart();
    let again = world.akismet("comment-check", &fields).await.probability();
    assert_eq!(again, after);
    // It takes its own word back exactly.
    world.akismet("submit-ham", &fields).await;
    let back = world.akismet("comment-check", &fields).await.probability();
    assert!(back <= before, "{before} {back}");
}

#[tokio::test]
async fn what_the_operator_says_and_imports_is_heard_by_every_key_of_an_unclaimed_site() {
    let world = World::new().with_key(CAROL);
    let text = honest(1).remove(0);
    let before = told_on(&world, SITE, &text).await;
    let past = phin::moderation::PastLabel {
        id: "1".into(),
        site: SiteId::parse(SITE).expect("a site"),
        comment: Comment::from_text(text.clone()),
        label: Label::Spam,
        at: Some(NOON),
    };
    world
        .moderation()
        .transfer
        .take_history(vec![past])
        .await
        .expect("taken");
    let after = told_on(&world, SITE, &text).await;
    assert!(after > before + 0.5, "{before} {after}");
    // The key's own later word outweighs what was imported.
    let body = json!({ "site": SITE, "text": text, "label": "ham" });
    let said = world
        .call("POST", "/v1/label", CAROL, &body.to_string())
        .await;
    assert_eq!(said.status, 200, "{}", said.text());
    let own = told_on(&world, SITE, &text).await;
    assert!(own < before, "{before} {own}");
    let world = world.restart();
    assert_eq!(told_on(&world, SITE, &text).await, own);
}

async fn told_on(world: &World, site: &str, text: &str) -> f64 {
    let body = json!({ "site": site, "text": text, "test": true });
    let answer = world
        .call("POST", "/v1/check", CAROL, &body.to_string())
        .await;
    answer.json()["log_odds"].as_f64().expect("a number")
}

#[tokio::test]
async fn whoever_names_a_site_first_owns_nothing_of_it_and_changes_nothing_there() {
    let world = tenants();
    let texts = honest(100);
    check(&world, MALLORY, CAROLS, "x y z", "Mal", false).await;
    let before = told(&world, &texts).await;
    // The squatter calls the very comments of the site spam, and would deny them by list and setting.
    for text in &texts {
        let said = label(&world, MALLORY, CAROLS, text, "spam").await;
        assert_eq!(said.status, 200, "{}", said.text());
    }
    let list = json!({ "site": CAROLS, "list": "deny", "kind": "words", "value": "garden" });
    let set = json!({ "site": CAROLS, "unsure": "spam", "strictness": "strict" });
    for (method, path, body) in [
        ("POST", "/v1/lists", list.to_string()),
        ("POST", "/v1/sites", set.to_string()),
        ("GET", "/v1/lists?site=carol.example", String::new()),
        ("GET", "/v1/sites?site=carol.example", String::new()),
        ("GET", "/v1/figures?site=carol.example", String::new()),
    ] {
        let answer = world.call(method, path, MALLORY, &body).await;
        assert_eq!(answer.status, 403, "{method} {path} {}", answer.text());
        assert!(
            answer.text().contains("phin sites give"),
            "{}",
            answer.text()
        );
    }
    assert_eq!(told(&world, &texts).await, before, "not by a bit");
    // The site's own key teaches, and hears itself.
    let said = label(&world, CAROL, CAROLS, &texts[0], "spam").await;
    assert_eq!(said.json()["effect"], "learnt");
    let taught = told(&world, &texts).await;
    assert!(taught[0].1 > before[0].1 + 0.5);
    // What the squatter says of that comment does not take it back.
    label(&world, MALLORY, CAROLS, &texts[0], "ham").await;
    assert_eq!(told(&world, &texts).await, taught);
    // The operator says whose it is: what the squatter said there is nothing of it, and he is told so.
    let site = SiteId::parse(CAROLS).expect("a site");
    world
        .moderation()
        .accounts
        .give(&site, CAROL)
        .await
        .expect("given");
    assert_eq!(told(&world, &texts).await, taught);
    let said = label(&world, MALLORY, CAROLS, &texts[1], "spam").await;
    assert_eq!(said.status, 403);
    assert!(said.text().contains("phin sites give"), "{}", said.text());
    let answer = world
        .call("POST", "/v1/lists", CAROL, &list.to_string())
        .await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    // Nor do its figures count what he sends from now on.
    let checks = async || {
        let told = world.call("GET", "/v1/sites", CAROL, "").await.json();
        told["sites"][0]["standing"]["changed"]["checks"].as_u64()
    };
    let counted = checks().await;
    check(&world, MALLORY, CAROLS, &texts[2], "Mal", false).await;
    assert_eq!(checks().await, counted);
    check(&world, CAROL, CAROLS, &texts[3], "Rose", false).await;
    assert_eq!(checks().await, counted.map(|n| n + 1));
    let world = world.restart();
    let again = check(&world, CAROL, CAROLS, &texts[0], "Rose", true).await;
    assert_eq!(again["verdict"], "discard", "the list holds: {again}");
}

#[tokio::test]
async fn a_report_speaks_of_what_its_own_key_sent() {
    let world = tenants();
    let text = &honest(1)[0];
    // The same comment under the same name of a site, but the squatter's says more: an address that would be learnt.
    let body = json!({ "site": CAROLS, "text": text, "url": "http://victim-shop.example", "email": "v@victim-shop.example" });
    let theirs = world
        .call("POST", "/v1/check", MALLORY, &body.to_string())
        .await;
    let guid = theirs.json()["guid"].as_str().expect("a guid").to_owned();
    let by_guid = json!({ "site": CAROLS, "guid": guid, "label": "spam" });
    let answer = world
        .call("POST", "/v1/label", CAROL, &by_guid.to_string())
        .await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    // The operator's own key may.
    let answer = world
        .call("POST", "/v1/label", KEY, &by_guid.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn new_keys_that_confirm_each_other_turn_no_honest_comment() {
    for keys in [2, 4] {
        let mut world = World::new().with_key(CAROL);
        for n in 0..keys {
            world = world.with_key(&format!("gang-key-{n:03}"));
        }
        let texts = honest(100);
        let before = told(&world, &texts).await;
        for text in &honest(150)[100..] {
            for n in 0..keys {
                let (key, site) = (
                    format!("gang-key-{n:03}"),
                    format!("http://gang{n}.example"),
                );
                let said = label(&world, &key, &site, text, "spam").await;
                assert_eq!(said.json()["effect"], "learnt");
            }
        }
        let after = told(&world, &texts).await;
        assert_eq!(turned(&before, &after), 0, "{keys} keys");
        assert_eq!(before, after, "{keys} keys: not by a bit");
        // On its own site each hears what it said.
        let own = check(
            &world,
            "gang-key-000",
            "http://gang0.example",
            &texts[0],
            "Rose",
            true,
        );
        assert!(own.await["log_odds"].as_f64().expect("a number") > before[0].1 + 0.5);
    }
}

/// Honest comments with a link of their own.
fn linked() -> Vec<String> {
    let with_link = |(at, text)| {
        format!("{text} - I wrote about it here: http://home{at}-of-rose.example/page/{at}")
    };
    honest(100).into_iter().enumerate().map(with_link).collect()
}

/// Has a key check each comment under so many names of sites.
async fn send(world: &World, key: &str, texts: &[String], sites: usize) {
    for (at, text) in texts.iter().enumerate() {
        for site in 0..sites {
            let fields = [
                ("api_key", key),
                ("blog", &format!("http://f{site}.example")),
                ("comment_content", &format!("{text} w{site}")),
                ("comment_author", &format!("X{site}")),
                ("comment_author_email", &format!("x{site}@m{site}.example")),
                ("user_ip", &format!("198.51.{site}.{}", at + 1)),
            ];
            world.akismet("comment-check", &fields).await;
        }
    }
}

#[tokio::test]
async fn one_key_that_invents_sites_turns_no_honest_comment_into_a_campaign() {
    let world = tenants();
    let texts = linked();
    let before = told(&world, &texts).await;
    let honest_before = before.iter().filter(|(v, _)| v == "ham").count();
    assert!(honest_before > 40, "{honest_before}");
    for (key, sites) in [(MALLORY, 5), (MALLORY, 12), (MALICE, 5)] {
        send(&world, key, &texts, sites).await;
        let after = told(&world, &texts).await;
        assert_eq!(turned(&before, &after), 0, "{key} {sites} sites");
    }
    // Nor with its own word that they are all spam, on as many sites.
    for text in &texts[..10] {
        for site in 0..5 {
            let fields = [
                ("api_key", MALLORY),
                ("blog", &format!("http://f{site}.example")),
                ("comment_content", &format!("{text} w{site}")),
                ("comment_author", &format!("X{site}")),
                ("comment_author_email", &format!("x{site}@m{site}.example")),
            ];
            world.akismet("submit-spam", &fields).await;
        }
    }
    assert_eq!(turned(&before, &told(&world, &texts).await), 0, "labelled");
    // A key the operator answers for is believed: the same comments on as many sites are a campaign.
    let world = tenants();
    send(&world, KEY, &texts[..20], 5).await;
    let seen = told(&world, &texts[..20]).await;
    assert!(turned(&before[..20], &seen) >= 10, "{seen:?}");
}

#[tokio::test]
async fn a_key_without_a_name_of_its_own_is_not_made_and_no_key_reads_what_another_sent() {
    let world = tenants();
    let taken = world
        .moderation()
        .accounts
        .create_key(CAROL, None)
        .expect_err("refused");
    assert!(taken.to_string().contains("names are unique"), "{taken}");
    // Whatever is unsure waits in the queue of whoever sent it.
    for n in 0..20 {
        check(
            &world,
            CAROL,
            CAROLS,
            &format!("hello casino bonus {n} maybe? see www.x{n}.example"),
            "Rose",
            false,
        )
        .await;
    }
    let queue = async |key: &str| {
        let path = "/v1/queue?verdicts=all&limit=200";
        let answer = world.call("GET", path, key, "").await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()["checks"].as_array().expect("checks").len()
    };
    assert!(queue(CAROL).await > 0);
    // Under the same site's name, and without.
    check(&world, MALLORY, CAROLS, "xin chào các bạn", "Mal", false).await;
    assert_eq!(queue(MALLORY).await, 0);
    // A label of another key under that name does not empty it.
    let waiting = queue(CAROL).await;
    for n in 0..20 {
        let text = format!("hello casino bonus {n} maybe? see www.x{n}.example");
        let body = json!({ "site": CAROLS, "text": text, "author": "Rose", "email": "Rose@mail.example", "ip": "203.0.113.9", "label": "ham" });
        world
            .call("POST", "/v1/label", MALLORY, &body.to_string())
            .await;
    }
    assert_eq!(queue(CAROL).await, waiting);
}

/// Every route of the public door, with what it takes. `{site}` is of the owner.
const ROUTES: [(&str, &str, &str); 34] = [
    ("POST", "/1.1/verify-key", ""),
    ("POST", "/1.1/comment-check", ""),
    ("POST", "/1.1/submit-spam", ""),
    ("POST", "/1.1/submit-ham", ""),
    ("POST", "/1.1/deactivate", ""),
    ("POST", "/1.1/get-subscription", ""),
    ("POST", "/1.1/verify-wpcom-key", ""),
    ("POST", "/1.1/token", ""),
    ("POST", "/1.1/get-stats", ""),
    ("POST", "/1.1/get-key-stats", ""),
    ("POST", "/1.1/test", ""),
    ("POST", "/1.1/compatible-plugins", ""),
    ("POST", "/1.2/usage-limit", ""),
    ("POST", "/1.2/key-sites", ""),
    ("POST", "/1.2/comment-check", ""),
    ("POST", "/1.2/submit-spam", ""),
    (
        "POST",
        "/v1/check",
        r#"{"site":"carol.example","text":"x"}"#,
    ),
    (
        "POST",
        "/v1/label",
        r#"{"site":"carol.example","guid":"GUID","label":"ham"}"#,
    ),
    (
        "POST",
        "/v1/label",
        r#"{"site":"else.example","guid":"GUID","label":"ham"}"#,
    ),
    ("GET", "/v1/queue", ""),
    ("GET", "/v1/queue?site=carol.example&verdicts=all", ""),
    ("GET", "/v1/figures", ""),
    ("GET", "/v1/figures?site=carol.example", ""),
    ("GET", "/v1/lists", ""),
    ("GET", "/v1/lists?site=carol.example", ""),
    (
        "POST",
        "/v1/lists",
        r#"{"site":"carol.example","list":"allow","kind":"words","value":"casino"}"#,
    ),
    (
        "DELETE",
        "/v1/lists?site=carol.example&kind=domain&value=enemy-of-carol.example",
        "",
    ),
    ("GET", "/v1/sites", ""),
    ("GET", "/v1/sites?site=carol.example", ""),
    (
        "POST",
        "/v1/sites",
        r#"{"site":"carol.example","unsure":"ham"}"#,
    ),
    ("GET", "/keys", ""),
    ("GET", "/export", ""),
    ("GET", "/metrics", ""),
    ("GET", "/readyz", ""),
];

/// Words that are the owner's alone.
const PRIVATE: [&str; 5] = [
    "Zqxsecretwords",
    "enemy-of-carol",
    "ReasonOfCarol",
    "rose@mail.example",
    CAROL,
];

#[tokio::test]
async fn no_route_tells_or_changes_anything_without_a_key_or_with_a_wrong_foreign_revoked_or_suspended_one()
 {
    let world = tenants().with_key("revoked-key1").with_key("suspended-k1");
    world
        .moderation()
        .accounts
        .revoke_key("revoked-key1")
        .expect("revoked");
    world
        .moderation()
        .accounts
        .suspend_key("suspended-k1")
        .expect("suspended");
    let site = SiteId::parse(CAROLS).expect("a site");
    world
        .moderation()
        .accounts
        .give(&site, CAROL)
        .await
        .expect("given");
    let mut guid = String::new();
    for n in 0..5 {
        let text = format!("Zqxsecretwords hello casino bonus {n} maybe");
        let answer = check(&world, CAROL, CAROLS, &text, "rose", false).await;
        guid = answer["guid"].as_str().expect("a guid").to_owned();
    }
    let list = json!({ "site": CAROLS, "list": "deny", "kind": "domain", "value": "enemy-of-carol.example", "reason": "ReasonOfCarol" });
    let set = json!({ "site": CAROLS, "unsure": "spam" });
    for (path, body) in [("/v1/lists", list), ("/v1/sites", set)] {
        let answer = world.call("POST", path, CAROL, &body.to_string()).await;
        assert!(answer.status < 300, "{}", answer.text());
    }
    let state = async |world: &World| {
        let mut state = Vec::new();
        for path in ["/v1/lists", "/v1/sites", "/v1/queue?verdicts=all"] {
            let mut told = world.call("GET", path, CAROL, "").await.json();
            // How many of its checks there were is told there too, and strangers may check.
            if let Some(sites) = told["sites"].as_array_mut() {
                sites
                    .iter_mut()
                    .for_each(|site| site["standing"] = Value::Null);
            }
            state.push(told);
        }
        state
    };
    let before = state(&world).await;
    let own = told(&world, &honest(10)).await;
    for key in ["", "000000000000", MALLORY, "revoked-key1", "suspended-k1"] {
        for (method, path, body) in ROUTES {
            let body = body.replace("GUID", &guid);
            let answer = if path.starts_with("/1.") {
                let fields = [
                    ("api_key", key),
                    ("blog", CAROLS),
                    (
                        "comment_content",
                        "Zqxsecretword hello casino bonus 1 maybe",
                    ),
                    ("guid", &guid),
                ];
                let fields = &fields[usize::from(key.is_empty())..];
                let body = match key.is_empty() {
                    true => form(fields).replace(&format!("api_key={KEY}&"), ""),
                    false => form(fields),
                };
                world.post(path, body).await
            } else {
                world.call(method, path, key, &body).await
            };
            let said = format!(
                "{key:?} {method} {path}: {} {}",
                answer.status,
                answer.text()
            );
            for word in PRIVATE {
                assert!(!answer.text().contains(word), "{word} in {said}");
            }
            let is_stranger = key != MALLORY;
            if path.starts_with("/v1/") && is_stranger {
                assert!([401, 403].contains(&answer.status), "{said}");
            }
            if ["/keys", "/export", "/metrics"].contains(&path) {
                assert_eq!(answer.status, 404, "{said}");
            }
            if path.contains("submit") {
                assert_ne!(answer.text(), THANKS, "{said}");
            }
            if !is_stranger && path.contains("site=carol.example") {
                assert_eq!(answer.status, 403, "{said}");
            }
        }
    }
    assert_eq!(state(&world).await, before);
    assert_eq!(told(&world, &honest(10)).await, own);
    let labels = world.close_and_export("label");
    assert!(labels.is_empty(), "{labels:?}");
}

#[tokio::test]
async fn what_strangers_may_ask_tells_no_names() {
    let world = tenants();
    for n in 0..phin::learn::online::trust::FLOOD {
        label(
            &world,
            MALLORY,
            "http://loud.example",
            &format!("số {n}"),
            "spam",
        )
        .await;
    }
    let ask = async |path: &str| {
        let request = Request::get(path).body(Body::empty());
        world.send(request.expect("a request")).await
    };
    assert_eq!(ask("/readyz").await.text(), "ready\n");
    assert_eq!(ask("/metrics").await.status, 404);
    assert!(world.operator("/readyz").await.contains(MALLORY));
    assert!(world.operator("/metrics").await.contains("phin_checks"));
}

/// Whether any file below a folder has these bytes, by name.
fn holders(folder: &Path, bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(holders(&path, bytes));
        } else if let Ok(held) = std::fs::read(&path)
            && held.windows(bytes.len()).any(|window| window == bytes)
        {
            found.push(path.display().to_string());
        }
    }
    found
}

fn modes(folder: &Path) -> Vec<(String, u32)> {
    let mode = |path: &Path| {
        let data = std::fs::metadata(path).expect("it is there");
        (
            path.display().to_string(),
            data.permissions().mode() & 0o777,
        )
    };
    let mut found = vec![mode(folder)];
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => found.extend(modes(&path)),
            false => found.push(mode(&path)),
        }
    }
    found
}

#[test]
fn keys_are_on_disk_and_in_an_export_as_hashes_and_nobody_else_reads_the_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    std::fs::create_dir(&data).expect("a folder");
    let open = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(&data, open).expect("its own");
    let on = |args: &[&str]| run(&[args, &["--data-dir", path_text(&data)]].concat());
    let mut server = Server::start(&data);
    let secret = on(&["keys", "create", "blog", "--site", CAROLS]).well().out;
    let secret = secret.trim();
    let mut connection = server.connect();
    for call in ["verify-key", "comment-check", "submit-spam"] {
        let fields = [
            ("api_key", secret),
            ("blog", CAROLS),
            ("comment_content", "xin chào các bạn"),
        ];
        let answer = connection.post(&format!("/1.1/{call}"), &form(&fields));
        assert_eq!(answer.expect("answered").status(), 200);
    }
    let listed = on(&["keys", "list"]).well().out;
    assert!(
        listed.contains(&format!("{}...  blog", &secret[..4])),
        "{listed}"
    );
    assert!(
        !listed.contains(secret) && !listed.contains(KEY),
        "{listed}"
    );
    for (path, mode) in modes(&data) {
        assert_eq!(mode & 0o077, 0, "{path} {mode:o}");
    }
    server.terminate();
    assert!(server.ended().success());
    for secret in [secret, KEY] {
        assert_eq!(holders(&data, secret.as_bytes()), [""; 0]);
    }
    assert!(!server.errors().contains(secret));
    let export = on(&["export"]).well().out;
    assert!(
        !export.contains(secret) && !export.contains(KEY),
        "{export}"
    );
    // What it says elsewhere is enough to let the same keys in there, and a new secret ends the old one.
    let file = crate::program::write_file(folder.path(), "all.jsonl", &export);
    let elsewhere = folder.path().join("elsewhere");
    let there = |args: &[&str]| run(&[args, &["--data-dir", path_text(&elsewhere)]].concat());
    there(&["import", path_text(&file)]).well();
    let mut server = Server::start(&elsewhere);
    let mut connection = server.connect();
    let mut verify = |key: &str| {
        let fields = [("api_key", key), ("blog", CAROLS)];
        let answer = connection.post("/1.1/verify-key", &form(&fields));
        answer.expect("answered").body
    };
    assert_eq!((&*verify(secret), &*verify(KEY)), ("valid", "valid"));
    let renewed = there(&["keys", "renew", "blog"]).well().out;
    assert_eq!(
        (&*verify(secret), &*verify(renewed.trim())),
        ("invalid", "valid")
    );
    let standing = there(&["sites", "standing", CAROLS]).well().out;
    assert!(
        standing.contains("key blog") && standing.contains("1 label"),
        "{standing}"
    );
    server.terminate();
    assert!(server.ended().success());
}

#[tokio::test]
async fn an_export_with_keys_in_the_clear_comes_in_and_keeps_what_each_used() {
    let world = World::new();
    let old = [
        r#"{"what":"key","secret":"old-secret-1","name":"old","created_at":5,"revoked_at":null,"suspended_at":null,"monthly_limit":7,"token":"00"}"#,
        r#"{"what":"usage","key":"old-secret-1","day":"2026-11-20","site":"blog.example","ham":3,"unsure":0,"spam":2,"missed_spam":0,"false_positives":0}"#,
        r#"{"what":"end"}"#,
    ];
    let lines = ExportLine::parse_all(&old.join("\n")).expect("lines");
    world
        .moderation()
        .transfer
        .import(lines.clone())
        .await
        .expect("imports");
    let limit = [("api_key", "old-secret-1")];
    let answer = world.post("/1.2/usage-limit", form(&limit)).await;
    assert_eq!(
        (&answer.json()["limit"], &answer.json()["usage"]),
        (&json!(7), &json!(5))
    );
    let again = world
        .moderation()
        .transfer
        .import(lines)
        .await
        .expect("imports");
    assert_eq!((again.keys, again.usage), (0, 0));
    assert_eq!(holders(world.folder(), b"old-secret-1"), [""; 0]);
}

#[test]
fn an_address_that_shows_wrong_keys_waits_and_a_right_key_from_there_is_served_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let late = run(&[
        "keys",
        "create",
        "late",
        "--data-dir",
        path_text(folder.path()),
    ])
    .well()
    .out;
    let mut connection = server.connect();
    let mut verify = |key: &str| {
        let began = Instant::now();
        let answer = connection.post("/1.1/verify-key", &form(&[("api_key", key)]));
        (answer.expect("answered").body, began.elapsed())
    };
    assert_eq!(verify(KEY).0, "valid");
    let waited = (0..25)
        .map(|n| verify(&format!("wrong-key-{n:02}")))
        .filter(|(said, took)| {
            assert_eq!(said, "invalid");
            *took >= Duration::from_secs(1)
        });
    assert!((3..=25).contains(&waited.count()));
    // Behind a proxy all sites have one address: a key known before is served, a new one too, once a little later.
    assert_eq!(verify(KEY).0, "valid");
    let (said, took) = verify(late.trim());
    assert_eq!(said, "valid");
    assert!(took >= Duration::from_secs(1), "{took:?}");
    // Whatever the machine does, five answers that each waited would have taken five seconds.
    let began = Instant::now();
    for _ in 0..5 {
        assert_eq!(verify(late.trim()).0, "valid");
    }
    assert!(began.elapsed() < Duration::from_secs(5));
}

#[test]
fn a_report_that_is_not_applied_is_said_in_the_log_and_figures_have_an_address_of_their_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let port = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = port.local_addr().expect("an address").to_string();
    drop(port);
    let server = Server::start_with(phin(), folder.path(), &[("PHIN_METRICS_LISTEN", &address)]);
    let data = path_text(folder.path());
    run(&[
        "keys",
        "create",
        "carol",
        "--key",
        CAROL,
        "--site",
        CAROLS,
        "--data-dir",
        data,
    ])
    .well();
    run(&[
        "keys",
        "create",
        "mallory",
        "--key",
        MALLORY,
        "--data-dir",
        data,
    ])
    .well();
    run(&[
        "keys",
        "create",
        "third",
        "--site",
        CAROLS,
        "--data-dir",
        data,
    ])
    .refused(1, &["belongs to the key \"carol\"", "no key was made"]);
    let mut connection = server.connect();
    let fields = [
        ("api_key", MALLORY),
        ("blog", CAROLS),
        ("comment_content", "xin chào các bạn"),
    ];
    let answer = connection
        .post("/1.1/submit-spam", &form(&fields))
        .expect("answered");
    assert!(
        answer.body.contains("belongs to another key"),
        "{}",
        answer.body
    );
    let log = server.errors();
    let said = log
        .lines()
        .filter(|line| line.contains("a report is not applied"));
    let said: Vec<&str> = said.collect();
    assert_eq!(said.len(), 1, "{log}");
    assert!(
        said[0].contains("mallory") && said[0].contains("phin sites give"),
        "{said:?}"
    );
    let public = connection.fetch("/metrics").expect("answered");
    assert_eq!(public.status(), 404);
    let mut figures =
        crate::program::Connection::to(address.parse().expect("an address")).expect("listens");
    let figures = figures.fetch("/metrics").expect("answered");
    assert!(figures.body.contains("phin_checks"), "{}", figures.body);
    assert!(ask_operator(folder.path(), "/metrics").contains("phin_checks"));
}

#[tokio::test]
async fn a_key_that_names_sites_without_end_is_answered_and_leaves_no_more_records() {
    let folder = tempfile::tempdir().expect("a folder");
    let open = || {
        let store = Store::open(folder.path(), 16 << 20).expect("opens");
        let options = Options {
            most_sites: 3,
            ..Options::default()
        };
        Arc::new(Moderation::open(shipped(), store, now, options, |_| {}).expect("starts"))
    };
    let moderation = open();
    moderation
        .accounts
        .create_key("k", Some(MALLORY.into()))
        .expect("made");
    let key = moderation.accounts.admit(Some(MALLORY)).expect("good");
    let site = |n: usize| SiteId::parse(&format!("http://s{n}.example")).expect("a site");
    let spam = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top";
    let check = |moderation: &Moderation, n: usize| {
        let checked = moderation.check(&key, &site(n), Comment::from_text(spam), Mode::Live, None);
        checked.assessment.verdict
    };
    for n in 0..10 {
        assert!(matches!(
            check(&moderation, n),
            Verdict::Spam | Verdict::Discard
        ));
    }
    let report = |n| Report {
        guid: None,
        site: site(n),
        comment: Comment::from_text(spam),
        label: Label::Spam,
        reporter: None,
        kind: None,
        answers_audit: false,
    };
    moderation.label(&key, report(2)).await.expect("taken");
    let beyond = moderation
        .label(&key, report(7))
        .await
        .expect_err("refused");
    assert!(beyond.to_string().contains("max_sites_per_key"), "{beyond}");
    // One that the operator gives it is beside them.
    moderation
        .accounts
        .give(&site(8), "k")
        .await
        .expect("given");
    check(&moderation, 8);
    moderation.label(&key, report(8)).await.expect("taken");
    let warned = moderation.health().warnings();
    assert!(
        warned.iter().any(|w| w.contains("names more than 3 sites")),
        "{warned:?}"
    );
    moderation.close().expect("closes");
    drop(moderation);
    let moderation = open();
    check(&moderation, 9);
    moderation.close().expect("closes");
    let lines = moderation
        .transfer
        .export()
        .expect("exports")
        .map(|line| line.expect("whole"));
    let mut checked: Vec<String> = lines
        .filter_map(|line| match line {
            ExportLine::Check(record) => Some(record.site.to_string()),
            _ => None,
        })
        .collect();
    checked.sort();
    assert_eq!(
        checked,
        ["s0.example", "s1.example", "s2.example", "s8.example"]
    );
}

#[tokio::test]
async fn an_address_too_long_for_a_site_is_refused_in_a_sentence() {
    let world = World::new();
    let site = format!("http://blog.example/{}", "a".repeat(300));
    let fields = [("blog", &*site), ("comment_content", "xin chào")];
    let answer = world.akismet("comment-check", &fields).await;
    let help = answer.header("x-akismet-debug-help").expect("says why");
    assert!(
        help.contains("255 bytes at most") && help.len() < 400,
        "{help}"
    );
    let body = json!({ "site": site, "text": "xin chào" });
    let answer = world.json("/v1/check", &body).await;
    assert_eq!(answer.status, 422);
    assert!(answer.text().contains("too long"), "{}", answer.text());
}
