//! The account calls: figures that were counted, limits and suspensions that are told where the protocol tells them, and nowhere else.

use std::process::Command;

use axum::body::Body;
use axum::http::{Method, Request};
use phin::comment::SiteId;
use phin::model::Model;
use serde_json::{Value, json};

use crate::program::{Server, clean, path_text, run};
use crate::world::{Answer, KEY, SITE, THANKS, World, days_pass, form, millis_pass};

/// So blatant that every model agrees.
const LOUD: &str = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143";
const KIND: &str = "Thanks for the write-up, the part about the index helped me a lot.";

const ALERTS: [&str; 4] = ["code", "msg", "api-calls", "usage-limit"];

/// The alert headers of an answer, those that are there.
fn alerts(answer: &Answer) -> Vec<(&'static str, String)> {
    let of = |name: &&'static str| {
        let value = answer.header(&format!("x-akismet-alert-{name}"))?;
        Some((*name, value.to_owned()))
    };
    let found: Vec<_> = ALERTS.iter().filter_map(of).collect();
    let all = answer.headers.keys();
    let many = all.filter(|name| name.as_str().starts_with("x-akismet-alert-"));
    assert_eq!(many.count(), found.len(), "{answer:?}");
    found
}

fn code(answer: &Answer) -> Option<String> {
    let found = alerts(answer).into_iter();
    found
        .filter(|(name, _)| *name == "code")
        .map(|(_, v)| v)
        .next()
}

async fn get(world: &World, path: &str) -> Answer {
    let request = Request::get(path).header("host", "rest.test");
    world
        .send(request.body(Body::empty()).expect("a request"))
        .await
}

fn site(address: &str) -> SiteId {
    SiteId::parse(address).expect("a site")
}

#[tokio::test]
async fn statistics_are_what_was_counted_by_month_and_by_day() {
    let world = World::new();
    let check = async |blog: &str, text: &str| {
        let answer = world
            .akismet(
                "comment-check",
                &[("blog", blog), ("comment_content", text)],
            )
            .await;
        answer.text().to_owned()
    };
    days_pass(-70);
    assert_eq!(check(SITE, LOUD).await, "true");
    days_pass(70);
    assert_eq!(check(SITE, LOUD).await, "true");
    assert_eq!(check(SITE, KIND).await, "false");
    assert_eq!(check("http://other.example", KIND).await, "false");
    world.submit("spam", KIND).await;
    let stats = async |call: &str, from: &str| {
        let answer = world.akismet(call, &[("from", from)]).await;
        assert_eq!(answer.status, 200);
        String::from_utf8(answer.body).expect("UTF-8")
    };
    let september = r#""2026-09":{"spam":"1","ham":"0","missed_spam":"0","false_positives":"0","blogs":"1","da":"2026-09-01"}"#;
    let expected = format!(
        r#"{{"spam":2,"ham":1,"missed_spam":1,"false_positives":0,"accuracy":"66.67","time_saved":100,"breakdown":{{{september},"2026-11":{{"spam":"1","ham":"1","missed_spam":"1","false_positives":"0","blogs":"1","da":"2026-11-01"}}}}}}"#
    );
    for from in ["6-months", "all"] {
        assert_eq!(stats("get-stats", from).await, expected);
    }
    assert_eq!(
        stats("get-stats", "60-days").await,
        r#"{"spam":1,"ham":1,"missed_spam":1,"false_positives":0,"accuracy":"50.00","time_saved":50,"breakdown":{"2026-11-23":{"spam":"1","ham":"1","missed_spam":"1","false_positives":"0","blogs":"1","da":"2026-11-23"}}}"#
    );
    assert_eq!(
        stats("get-key-stats", "all").await,
        format!(
            r#"{{"spam":2,"ham":2,"missed_spam":1,"false_positives":0,"accuracy":"75.00","time_saved":100,"breakdown":{{{september},"2026-11":{{"spam":"1","ham":"2","missed_spam":"1","false_positives":"0","blogs":"2","da":"2026-11-01"}}}}}}"#
        )
    );
    for (year, spam) in [("2026", 2), ("2025", 0)] {
        let path = format!("/1.2/get-key-stats?api_key={KEY}&year={year}");
        assert_eq!(get(&world, &path).await.json()["spam"], spam);
    }
    // Half a year on, September has left the six months but not the whole.
    days_pass(130);
    let spam = async |from: &str| {
        let answer = world.akismet("get-stats", &[("from", from)]).await;
        answer.json()["spam"].clone()
    };
    assert_eq!(
        (spam("6-months").await, spam("all").await),
        (1.into(), 2.into())
    );
    let world = world.restart();
    let again = world.akismet("get-stats", &[("from", "all")]).await;
    assert_eq!(again.text(), expected);
}

#[tokio::test]
async fn a_span_that_makes_no_sense_is_named_and_no_site_means_all() {
    let world = World::with_model(Model::cold());
    world.check("hay").await;
    for (call, field, value) in [
        ("get-stats", "from", "7-days"),
        ("get-key-stats", "from", "ever"),
        ("get-key-stats", "year", "next"),
    ] {
        let answer = world.akismet(call, &[(field, value)]).await;
        let expected = format!("Invalid field: {field}.");
        assert_eq!((answer.status, answer.text()), (200, expected.as_str()));
        assert!(answer.header("x-akismet-debug-help").is_some());
    }
    let of = async |blog: &str| {
        let answer = world.akismet("get-stats", &[("blog", blog)]).await;
        answer.json()["ham"].clone()
    };
    assert_eq!(
        (of("").await, of(SITE).await, of("other.example").await),
        (1.into(), 1.into(), 0.into())
    );
}

#[tokio::test]
async fn a_subscription_has_six_fields_and_the_state_of_its_key() {
    let world = World::with_model(Model::cold());
    let ask = async || world.akismet("get-subscription", &[]).await.json();
    let told = ask().await;
    let names: Vec<&String> = told.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        [
            "account_id",
            "account_type",
            "account_name",
            "status",
            "next_billing_date",
            "limit_reached"
        ]
    );
    assert!(told["account_id"].as_u64().is_some_and(|id| id > 0));
    assert_eq!(
        (
            &told["account_name"],
            &told["status"],
            &told["next_billing_date"],
            &told["limit_reached"]
        ),
        (
            &json!("first"),
            &json!("active"),
            &json!(false),
            &json!(false)
        )
    );
    world
        .moderation()
        .accounts
        .limit_key("first", Some(2))
        .expect("kept");
    world.check("một").await;
    assert_eq!(ask().await["limit_reached"], false);
    world.check("hai").await;
    assert_eq!(ask().await["limit_reached"], true);
    world
        .moderation()
        .accounts
        .suspend_key("first")
        .expect("kept");
    assert_eq!(ask().await["status"], "suspended");
    assert_eq!(ask().await["account_id"], told["account_id"]);
    let path = format!("/1.1/get-subscription?key={KEY}");
    assert_eq!(get(&world, &path).await.json(), ask().await);
    let stranger = [("api_key", "ba9876543210")];
    let answer = world.akismet("get-subscription", &stranger).await;
    assert_eq!(answer.text(), "invalid");

    let account = world.akismet("verify-wpcom-key", &[("user_id", "7")]).await;
    assert_eq!(account.json(), ask().await);
    let answer = world.akismet("verify-wpcom-key", &stranger).await;
    assert_eq!((answer.status, answer.text()), (200, "{}"));
}

#[tokio::test]
async fn a_token_is_stable_and_of_one_key_and_does_not_come_from_the_secret() {
    let world = World::with_model(Model::cold());
    let other = "abcdefabcdef";
    let made = world
        .moderation()
        .accounts
        .create_key("other", Some(other.into()));
    made.expect("kept");
    let token = async |world: &World, key: &str| {
        let answer = world.akismet("token", &[("api_key", key)]).await;
        answer.text().to_owned()
    };
    let first = token(&world, KEY).await;
    assert!(first.len() == 32 && first.bytes().all(|b| b.is_ascii_hexdigit()));
    assert_ne!(first, token(&world, other).await);
    assert_eq!(first, token(&world, KEY).await);
    world.moderation().accounts.suspend_key(KEY).expect("kept");
    let world = world.restart();
    assert_eq!(first, token(&world, KEY).await);
    let elsewhere = World::with_model(Model::cold());
    assert_ne!(
        first,
        token(&elsewhere, KEY).await,
        "the same secret elsewhere has another token"
    );
    assert_eq!(token(&world, "nobody").await, "invalid");
}

#[tokio::test]
async fn a_plugin_switched_off_is_noted_until_its_site_checks_again() {
    let world = World::with_model(Model::cold());
    let noted = async |world: &World| {
        let lines = world
            .moderation()
            .accounts
            .sites("first")
            .await
            .expect("reads");
        let off = lines.iter().filter(|line| line.deactivated_at.is_some());
        off.map(|line| line.site.to_string()).collect::<Vec<_>>()
    };
    world.check("hay").await;
    for blog in ["http://blog.example", "http://quiet.example"] {
        let answer = world.akismet("deactivate", &[("blog", blog)]).await;
        assert_eq!((answer.status, answer.text()), (200, "deactivated"));
    }
    let world = world.restart();
    assert_eq!(noted(&world).await, ["blog.example", "quiet.example"]);
    world.check("hay nữa").await;
    assert_eq!(noted(&world).await, ["quiet.example"]);
    let missing = world.akismet("deactivate", &[("blog", "")]).await;
    assert_eq!(missing.text(), "Missing required field: blog.");
}

#[tokio::test]
async fn the_settings_page_finds_us_and_a_list_of_plugins() {
    let world = World::with_model(Model::cold());
    for version in ["1.1", "1.2"] {
        let answer = get(&world, &format!("/{version}/test")).await;
        assert_eq!((answer.status, answer.text()), (200, "connected"));
        let answer = get(&world, &format!("/{version}/compatible-plugins")).await;
        assert!(answer.json().is_array());
    }
    let request = Request::builder().method(Method::DELETE).uri("/1.1/test");
    let answer = world
        .send(request.body(Body::empty()).expect("a request"))
        .await;
    assert_eq!(
        (answer.status, answer.header("allow")),
        (405, Some("GET, POST"))
    );
}

#[tokio::test]
async fn a_pingback_asked_about_in_advance_is_judged_and_leaves_no_trace() {
    let world = World::new();
    let ask = async |pre_check: &str| {
        world
            .akismet(
                "comment-check",
                &[
                    ("akismet_pre_check", pre_check),
                    ("comment_type", "pingback"),
                    ("comment_author_url", "http://casino-bonus.xyz/viagra"),
                    ("comment_pingback_target", SITE),
                ],
            )
            .await
    };
    let advance = ask("1").await;
    assert_eq!(advance.guid().len(), 32);
    let usage = async || {
        let answer = world.akismet("usage-limit", &[]).await;
        answer.json()["usage"].clone()
    };
    assert_eq!(usage().await, 0);
    let real = ask("0").await;
    assert_eq!(real.probability(), advance.probability());
    assert_eq!(usage().await, 1);
    let records = world.close_and_export("check");
    let guids: Vec<&Value> = records.iter().map(|record| &record["guid"]).collect();
    assert_eq!(guids, [real.guid()]);
}

#[tokio::test]
async fn over_its_limit_a_key_is_told_and_its_comments_are_judged_all_the_same() {
    let world = World::new();
    world
        .moderation()
        .accounts
        .limit_key("first", Some(2))
        .expect("kept");
    let limit = async |world: &World| {
        world
            .akismet("usage-limit", &[("extended", "1")])
            .await
            .json()
    };
    assert_eq!(
        limit(&world).await,
        json!({"limit":2,"usage":0,"percentage":"0.00","throttled":false,"notice_level":"NOTICE_NONE","upgrade":false})
    );
    for text in [LOUD, KIND] {
        assert_eq!(alerts(&world.check(text).await), []);
    }
    // A test counts for nothing.
    let test = [("is_test", "1"), ("comment_content", LOUD)];
    assert_eq!(alerts(&world.akismet("comment-check", &test).await), []);
    let spam = world.check(LOUD).await;
    assert_eq!((spam.status, spam.text()), (200, "true"));
    let told = alerts(&spam);
    assert_eq!(told.len(), ALERTS.len(), "{told:?}");
    assert_eq!(
        (told[0].1.as_str(), told[2].1.as_str(), told[3].1.as_str()),
        ("10501", "3", "2")
    );
    assert!(told[1].1.contains("still checked"), "{told:?}");
    assert_eq!(
        limit(&world).await,
        json!({"limit":2,"usage":3,"percentage":"150.00","throttled":true,"notice_level":"NOTICE_FIRST_MONTH_OVER_LIMIT","upgrade":false})
    );
    let world = world.restart();
    let ham = world.check(KIND).await;
    assert_eq!(ham.text(), "false");
    assert_eq!(alerts(&ham)[2].1, "4", "counted on after a restart");
    assert!(!ham.guid().is_empty());
    assert_eq!(ham.header("x-akismet-debug-help"), None);

    let verified = world.akismet("verify-key", &[]).await;
    assert_eq!(verified.text(), "valid");
    let stats = world.akismet("get-stats", &[]).await;
    assert!(stats.json()["spam"].is_u64());
    for answer in [verified, stats] {
        assert_eq!(code(&answer).as_deref(), Some("10501"));
    }
    for call in [
        "submit-spam",
        "submit-ham",
        "usage-limit",
        "key-sites",
        "get-key-stats",
        "get-subscription",
        "verify-wpcom-key",
        "token",
        "deactivate",
        "test",
    ] {
        assert_eq!(alerts(&world.akismet(call, &[]).await), [], "{call}");
    }
    let told = world
        .moderation()
        .accounts
        .limit_key("first", None)
        .expect("kept");
    assert_eq!(told.monthly_limit, None);
    assert_eq!(alerts(&world.check(LOUD).await), []);
}

#[tokio::test]
async fn each_month_in_a_row_over_the_limit_has_its_code_and_a_good_month_ends_it() {
    let mut world = World::with_model(Model::cold());
    world
        .moderation()
        .accounts
        .limit_key(KEY, Some(1))
        .expect("kept");
    let mut codes = Vec::new();
    for month in 0..6 {
        world.check("một").await;
        codes.push(code(&world.check("hai").await).unwrap_or_default());
        // Every other month the server was started again, and reads off the store what it had counted.
        if month % 2 == 0 {
            world = world.restart();
            assert_eq!(
                code(&world.akismet("verify-key", &[]).await).as_ref(),
                codes.last()
            );
        }
        days_pass(30);
        assert_eq!(
            code(&world.akismet("verify-key", &[]).await),
            None,
            "a new month begins at nothing"
        );
    }
    // 23 November, 23 December, 22 January, 21 February, 23 March, 22 April.
    assert_eq!(
        codes,
        ["10501", "10502", "10508", "10516", "10516", "10516"]
    );
    days_pass(30);
    world.check("một").await;
    assert_eq!(code(&world.check("hai").await).as_deref(), Some("10501"));
    // With a limit that the months before did not reach, this is the first.
    world
        .moderation()
        .accounts
        .limit_key(KEY, Some(5))
        .expect("kept");
    for _ in 0..3 {
        assert_eq!(code(&world.check("ba").await), None);
    }
    assert_eq!(code(&world.check("sáu").await).as_deref(), Some("10501"));
}

#[tokio::test]
async fn imported_usage_counts_against_the_limit_at_once() {
    let old = World::with_model(Model::cold());
    for _ in 0..3 {
        old.check("hay").await;
    }
    days_pass(30);
    for _ in 0..3 {
        old.check("hay").await;
    }
    let revoked = old
        .moderation()
        .accounts
        .revoke_site(KEY, &site("stolen.example"));
    revoked.expect("kept");
    old.akismet("deactivate", &[]).await;
    let lines = old.moderation().transfer.export().expect("exports");
    let lines: Vec<_> = lines.map(|line| line.expect("whole")).collect();
    let world = World::with_model(Model::cold());
    world
        .moderation()
        .accounts
        .limit_key(KEY, Some(2))
        .expect("kept");
    assert_eq!(code(&world.akismet("verify-key", &[]).await), None);
    let imported = world.moderation().transfer.import(lines.clone()).await;
    let imported = imported.expect("imports");
    assert_eq!((imported.usage, imported.notes), (2, 2));
    assert_eq!(
        code(&world.akismet("verify-key", &[]).await).as_deref(),
        Some("10502")
    );
    let stolen = world
        .akismet("verify-key", &[("blog", "stolen.example")])
        .await;
    assert_eq!(code(&stolen).as_deref(), Some("10403"));
    let again = world
        .moderation()
        .transfer
        .import(lines)
        .await
        .expect("imports");
    assert_eq!((again.usage, again.sites), (0, 0));
    assert_eq!(
        world.check("hay").await.header("x-akismet-alert-api-calls"),
        Some("4")
    );
}

#[tokio::test]
async fn a_suspended_key_checks_nothing_and_wordpress_holds_its_comments() {
    let world = World::new();
    let world = {
        world
            .moderation()
            .accounts
            .suspend_key("first")
            .expect("kept");
        world.restart()
    };
    let mut guids = std::collections::HashSet::new();
    for text in [LOUD, KIND] {
        let answer = world.check(text).await;
        assert_eq!((answer.status, answer.text()), (200, "false"));
        assert_eq!(answer.header("x-akismet-error"), Some("suspended"));
        assert_eq!(code(&answer).as_deref(), Some("10402"));
        assert!(guids.insert(answer.guid().to_owned()), "guids are unique");
        assert_eq!(
            (
                answer.header("x-spam-verdict"),
                answer.header("x-akismet-debug-help"),
                answer.header("x-akismet-alert-api-calls")
            ),
            (None, None, None)
        );
    }
    let verified = world.akismet("verify-key", &[]).await;
    assert_eq!(verified.text(), "valid", "it is the right key");
    let stats = world.akismet("get-stats", &[]).await;
    for answer in [verified, stats] {
        assert_eq!(code(&answer).as_deref(), Some("10402"));
    }
    for call in ["submit-spam", "submit-ham"] {
        let answer = world.akismet(call, &[("comment_content", KIND)]).await;
        assert_eq!(answer.text(), "invalid");
        let help = answer.header("x-akismet-debug-help").unwrap_or("");
        assert!(help.contains("suspended"), "{help}");
        assert_eq!(alerts(&answer), []);
    }
    for path in ["/v1/check", "/v1/label"] {
        let comment = json!({"site": "blog.example", "text": KIND, "label": "spam"});
        let answer = world.json(path, &comment).await;
        assert_eq!(answer.status, 403, "{path}");
        assert!(answer.text().contains("suspended"));
    }
    world
        .moderation()
        .accounts
        .resume_key("first")
        .expect("kept");
    let answer = world.check(LOUD).await;
    assert_eq!((answer.text(), alerts(&answer)), ("true", vec![]));
    assert_eq!(world.close_and_export("check").len(), 1);
    assert!(world.close_and_export("label").is_empty());
}

#[tokio::test]
async fn a_revoked_site_is_served_no_more_and_its_neighbours_are() {
    let world = World::new();
    world.check(LOUD).await;
    let blog = site(SITE);
    world
        .moderation()
        .accounts
        .revoke_site("first", &blog)
        .expect("kept");
    let world = world.restart();
    let answer = world.check(LOUD).await;
    assert_eq!((answer.status, answer.text()), (200, "false"));
    assert_eq!(answer.header("x-akismet-error"), Some("revoked"));
    assert_eq!(code(&answer).as_deref(), Some("10403"));
    assert_eq!(answer.guid().len(), 32);
    let verified = world.akismet("verify-key", &[]).await;
    assert_eq!(verified.text(), "invalid");
    assert_eq!(code(&verified).as_deref(), Some("10403"));
    let stats = world.akismet("get-stats", &[]).await;
    assert_eq!(
        (code(&stats).as_deref(), &stats.json()["spam"]),
        (Some("10403"), &json!(1))
    );
    let label = world
        .akismet("submit-ham", &[("comment_content", LOUD)])
        .await;
    assert_eq!(label.text(), "invalid");
    for path in ["/v1/check", "/v1/label"] {
        let comment = json!({"site": SITE, "text": KIND, "label": "spam"});
        assert_eq!(world.json(path, &comment).await.status, 403, "{path}");
    }
    let neighbour = [("blog", "http://other.example"), ("comment_content", LOUD)];
    let answer = world.akismet("comment-check", &neighbour).await;
    assert_eq!((answer.text(), alerts(&answer)), ("true", vec![]));

    let sites = async |extended: &str| {
        let answer = world.akismet("key-sites", &[("extended", extended)]).await;
        answer.json()["2026-11"].clone()
    };
    let plain = sites("0").await;
    let of = |sites: &Value, field: &str| -> Vec<Value> {
        let sites = sites.as_array().expect("a list").iter();
        sites.map(|site| site[field].clone()).collect()
    };
    assert_eq!(of(&plain, "site"), ["blog.example", "other.example"]);
    assert_eq!(of(&plain, "is_revoked"), [true, false]);
    assert_eq!(plain[0].as_object().expect("an object").len(), 7);
    let extended = sites("true").await;
    assert_eq!(of(&extended, "eligible_for_revoke"), [false, true]);
    let hashes = of(&extended, "hash");
    assert!(hashes[0].is_string() && hashes[0] != hashes[1]);
    assert_eq!(hashes, of(&sites("1").await, "hash"));
    let csv = world.akismet("key-sites", &[("format", "csv")]).await;
    let csv: Vec<&str> = csv.text().lines().skip(2).collect();
    assert_eq!(
        csv,
        [
            "blog.example,1,1,0,0,0,true",
            "other.example,1,1,0,0,0,false"
        ]
    );

    world
        .moderation()
        .accounts
        .restore_site("first", &blog)
        .expect("kept");
    assert_eq!(world.check(LOUD).await.text(), "true");
}

#[tokio::test]
async fn requests_that_come_too_fast_are_told_to_wait_a_second() {
    let world = World::paced(3);
    let label = [("comment_content", "hay")];
    assert_eq!(world.akismet("verify-key", &[]).await.text(), "valid");
    assert_eq!(world.check("hay").await.text(), "false");
    assert_eq!(world.akismet("submit-spam", &label).await.text(), THANKS);
    for call in [
        "comment-check",
        "submit-spam",
        "verify-key",
        "usage-limit",
        "token",
    ] {
        let answer = world.akismet(call, &[]).await;
        assert_eq!(answer.status, 429, "{call}");
        assert_eq!(answer.header("retry-after"), Some("1"));
        assert!(answer.text().contains("too many requests"));
        assert_eq!(
            (answer.header("x-akismet-guid"), alerts(&answer)),
            (None, vec![])
        );
    }
    let comment = json!({"site": "blog.example", "text": "hay"});
    let answer = world.json("/v1/check", &comment).await;
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (429, Some("1"))
    );
    // A stranger is a stranger at any pace, and an answer without a key needs none.
    let stranger = [("api_key", "ba9876543210")];
    assert_eq!(
        world.akismet("verify-key", &stranger).await.text(),
        "invalid"
    );
    assert_eq!(get(&world, "/1.1/test").await.text(), "connected");
    millis_pass(1_000);
    assert_eq!(world.json("/v1/check", &comment).await.status, 200);
    let usage = world.akismet("usage-limit", &[]).await;
    assert_eq!(
        usage.json()["usage"],
        2,
        "what was turned away is not counted"
    );
}

#[test]
fn operators_limit_suspend_and_revoke_through_the_running_server_and_without_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path_text(folder.path()).to_owned();
    let keys = |args: &[&str]| run(&[&["keys"], args, &["--data-dir", &data]].concat());
    let mut server = Server::start(folder.path());
    let mut connection = server.connect();
    let mut post = |call: &str| {
        let answer = connection.post(&format!("/1.1/{call}"), &form(&[]));
        let answer = answer.expect("answered");
        let code = answer.header("x-akismet-alert-code").map(str::to_owned);
        (answer.body, code)
    };
    let said = |args: &[&str], what: &str| {
        let done = keys(args).well();
        assert!(done.err.contains(what), "{}", done.err);
    };
    said(&["limit", "first", "1"], "may check 1 a month");
    assert_eq!(post("comment-check").1, None);
    assert_eq!(post("comment-check").1.as_deref(), Some("10501"));
    said(&["limit", KEY, "none"], "without limit");
    assert_eq!(post("verify-key"), ("valid".to_owned(), None));
    said(&["suspend", "first"], "until you resume it");
    assert_eq!(post("comment-check").1.as_deref(), Some("10402"));
    said(&["resume", "first"], "is served");
    said(
        &["revoke-site", "first", "https://www.blog.example/"],
        "any more",
    );
    assert_eq!(post("verify-key").1.as_deref(), Some("10403"));
    assert_eq!(post("deactivate").0, "deactivated");
    assert_eq!(
        keys(&["sites", "first"]).well().out,
        "blog.example  2 checks, 0 spam  (revoked)  (plugin switched off)\n"
    );
    said(&["restore-site", "first", "blog.example"], "again");
    assert_eq!(post("comment-check").1, None);
    server.terminate();
    assert_eq!(server.ended().code(), Some(0));

    assert_eq!(
        keys(&["sites", KEY]).well().out,
        "blog.example  3 checks, 0 spam\n"
    );
    said(&["limit", "first", "70000"], "may check 70000 a month");
    said(&["suspend", "first"], "until you resume it");
    assert_eq!(
        keys(&["list"]).well().out,
        format!(
            "{}...  first  (suspended)  (70000 checks a month)\n",
            &KEY[..4]
        )
    );
    keys(&["limit", "first", "0"]).refused(2, &["at least 1"]);
    keys(&["limit", "first", "many"]).refused(2, &["whole number"]);
    keys(&["suspend", "nobody"]).refused(1, &["there is no key \"nobody\""]);
    keys(&["revoke-site", "first", "http://"]).refused(1, &["not the address of a site"]);
}

#[test]
fn the_pace_is_a_setting_of_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(
        clean(Command::new(env!("CARGO_BIN_EXE_phin"))),
        folder.path(),
        &[("PHIN_MAX_REQUESTS_PER_SECOND", "1")],
    );
    let mut connection = server.connect();
    let mut ask = || {
        let answer = connection.post("/1.1/verify-key", &form(&[]));
        answer.expect("answered").status()
    };
    assert_eq!(ask(), 200);
    // However slow the machine is, of fifty requests one comes within a second of another.
    assert!((0..50).any(|_| ask() == 429));
}
