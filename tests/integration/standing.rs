//! Where a site stands: what labels changed in its real checks, counted by day, and what they would change now.

use phin::comment::SiteId;
use phin::moderation::{Changed, Selection, SiteSummary};
use phin::verdict::Verdict;
use serde_json::{Value, json};

use crate::program::{Server, path_text, run};
use crate::world::{KEY, SITE, World, days_pass, form};

/// Ham to the shipped model, whatever number it carries.
const OFFER: &str = "Chị Hoa bên mình vừa giúp được mấy bạn trong xóm, ai kẹt thì nhắn chị một tiếng, không cần giấy tờ gì đâu, chị ở ngay đầu chợ cũ đó";
const CHAT: &str = "Thanks for the write-up, the part about the index helped me a lot.";

fn offer(n: usize) -> String {
    format!("{OFFER} {n}")
}

async fn standing(world: &World) -> SiteSummary {
    let site = SiteId::parse(SITE).expect("a site");
    let told = world
        .moderation()
        .monitor
        .site_summaries(Some([site].into()))
        .await;
    let [told] = <[_; 1]>::try_from(told.expect("reads")).expect("one site");
    told
}

/// What a text is found to be just now; leaves no trace.
async fn verdict(world: &World, text: &str) -> Verdict {
    let comment = json!({ "site": SITE, "text": text, "ip": "203.0.113.9", "test": true });
    let answer = world.check_json(&comment).await;
    serde_json::from_value(answer["verdict"].clone()).expect("a verdict")
}

/// Says of six offers that they are spam, and of nothing else anything.
async fn label_six(world: &World) {
    for n in 100..106 {
        world.submit("spam", &offer(n)).await;
    }
}

#[tokio::test]
async fn a_site_without_labels_says_so() {
    let world = World::new();
    assert_eq!(
        standing(&world).await.to_string(),
        "no labels; the model decides alone; no check in the last 7 days"
    );
    for text in [CHAT, OFFER] {
        world.check(text).await;
    }
    assert_eq!(
        standing(&world).await.to_string(),
        "no labels; the model decides alone; 2 checks in the last 7 days"
    );
    let all = world.moderation().monitor.site_summaries(None).await;
    assert_eq!(all.expect("reads"), []);
}

#[tokio::test]
async fn right_after_labels_it_says_what_they_would_change_and_later_what_they_changed() {
    let world = World::new();
    let texts: Vec<String> = (0..8).map(offer).chain([CHAT.to_owned()]).collect();
    let mut alone = Vec::new();
    for text in &texts {
        alone.push(verdict(&world, text).await);
        world.check(text).await;
        // A second time is no other comment.
        world
            .akismet(
                "comment-check",
                &[("comment_content", text), ("recheck_reason", "recheck")],
            )
            .await;
    }
    // The labelled are among the checks, and are left out of what is judged again.
    world.check(&offer(100)).await;
    label_six(&world).await;
    let mut expected = Changed::default();
    for (text, alone) in texts.iter().zip(&alone) {
        expected += Changed::of(verdict(&world, text).await, *alone);
    }
    assert!(
        expected.to_spam > 0 && expected.verdicts() < 9,
        "{expected:?}"
    );
    let told = standing(&world).await;
    assert_eq!((told.spam, told.ham, told.elsewhere), (6, 0, 0));
    assert_eq!((told.changed.checks, told.changed.verdicts()), (10, 0));
    assert_eq!(told.now, expected);
    let words = told.to_string();
    assert!(
        words.starts_with("6 labels (6 spam, 0 ham); labels changed none of 10 verdicts in the last 7 days; of the last 9 comments without a label they would now change "),
        "{words}"
    );
    // The same comments come to be real ones of tomorrow.
    days_pass(1);
    for text in &texts {
        world.check(text).await;
    }
    let told = standing(&world).await;
    expected.checks += 10;
    assert_eq!(told.changed, expected);
    let words = told.to_string();
    let says = format!("labels changed {} of 19 verdicts", expected.verdicts());
    assert!(words.contains(&says), "{words}");
    // After a week the first day is no longer told of, and nothing is lost on disk.
    days_pass(6);
    assert_eq!(standing(&world).await.changed.checks, 9);
    days_pass(1);
    assert_eq!(standing(&world).await.changed.checks, 0);
    assert_eq!(world.close_and_export("changed").len(), 2);
}

#[tokio::test]
async fn counts_survive_a_restart_and_go_with_an_export_once() {
    let world = World::new();
    label_six(&world).await;
    for n in 0..4 {
        world.check(&offer(n)).await;
    }
    let before = standing(&world).await;
    assert!(before.changed.verdicts() > 0 && before.now.checks == 4);
    let world = world.restart();
    let after = standing(&world).await;
    // The memory of the last comments is empty; the rest is as it was.
    assert_eq!(after.now, Changed::default());
    assert_eq!(
        (after.changed, after.spam, &after.owner),
        (before.changed, before.spam, &before.owner)
    );
    let lines: Vec<_> = world
        .moderation()
        .transfer
        .export()
        .expect("can be read")
        .collect();
    let lines: Vec<_> = lines.into_iter().map(|l| l.expect("whole")).collect();
    let other = World::new();
    for known in [1, 0] {
        let imported = other.moderation().transfer.import(lines.clone()).await;
        assert_eq!(imported.expect("imports").changed, known);
    }
    assert_eq!(standing(&other).await.changed, before.changed);
    let site = SiteId::parse(SITE).expect("a site");
    let own = world
        .moderation()
        .transfer
        .export_site(site)
        .expect("can be read");
    let own = own.map(|line| serde_json::to_value(line.expect("whole")).expect("JSON"));
    assert_eq!(own.filter(|line| line["what"] == "changed").count(), 1);
}

#[tokio::test]
async fn after_an_undo_later_checks_count_as_unchanged() {
    let world = World::new();
    label_six(&world).await;
    world.check(&offer(0)).await;
    let before = standing(&world).await;
    assert_eq!((before.changed.checks, before.changed.verdicts()), (1, 1));
    let undone = world.moderation().labels.undo(Selection {
        key_name: Some("first".to_owned()),
        ..Selection::default()
    });
    undone.await.expect("undone");
    for n in 1..4 {
        world.check(&offer(n)).await;
    }
    let after = standing(&world).await;
    assert_eq!((after.changed.checks, after.changed.verdicts()), (4, 1));
    assert_eq!((after.now.checks, after.now.verdicts()), (4, 0));
    assert_eq!(
        after.to_string(),
        "no labels; the model decides alone; labels changed 1 of 4 verdicts in the last 7 days: 1 became spam"
    );
}

#[tokio::test]
async fn what_a_list_decides_is_not_what_labels_changed() {
    let world = World::new();
    let entry = json!({ "site": SITE, "list": "deny", "kind": "words", "value": "Chị Hoa" });
    let answer = world.json("/v1/lists", &entry).await;
    // A site must be the key's own before it keeps lists.
    if answer.status == 403 {
        world.check(CHAT).await;
        assert!(world.json("/v1/lists", &entry).await.status < 300);
    }
    let checks = standing(&world).await.changed.checks;
    assert_eq!(world.check(&offer(0)).await.verdict(), "spam");
    let told = standing(&world).await;
    assert_eq!(told.changed.checks, checks + 1);
    assert_eq!((told.changed.verdicts(), told.now.verdicts()), (0, 0));
}

#[tokio::test]
async fn the_owner_of_a_site_sees_where_it_stands_and_nobody_else_does() {
    let world = World::new().with_key("other-customer");
    world.check(CHAT).await;
    label_six(&world).await;
    world.check(&offer(0)).await;
    let told = standing(&world).await;
    let own = world.call("GET", "/v1/sites", KEY, "").await.json();
    let shown = &own["sites"][0]["standing"];
    assert_eq!(shown["in_words"], told.to_string(), "{own}");
    assert_eq!(shown["labels"], json!({ "spam": 6, "ham": 0 }));
    assert_eq!(
        shown["changed"],
        json!({ "checks": 2, "to_ham": 0, "to_unsure": 0, "to_spam": 1 })
    );
    assert_eq!(
        (&shown["days"], &shown["now"]["checks"]),
        (&json!(7), &json!(2))
    );
    let path = "/v1/sites?site=blog.example";
    let answer = world.call("GET", path, "other-customer", "").await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(!answer.text().contains("label"), "{}", answer.text());
    let all = world.call("GET", "/v1/sites", "other-customer", "").await;
    assert_eq!(all.json(), json!({ "sites": [] }));
}

#[tokio::test]
async fn a_check_says_whether_labels_changed_its_verdict() {
    let world = World::new();
    let said = async |site: &str, text: &str| {
        let comment = json!({ "site": site, "text": text, "ip": "203.0.113.9", "test": true });
        let answer = world.check_json(&comment).await;
        let Value::String(said) = answer["standing"].clone() else {
            panic!("no sentence: {answer}");
        };
        said
    };
    let alone = verdict(&world, &offer(0)).await;
    assert_eq!(
        said(SITE, &offer(0)).await,
        "no labels; the model decides alone"
    );
    label_six(&world).await;
    world.submit("ham", CHAT).await;
    let now = verdict(&world, &offer(0)).await;
    assert_ne!(alone.side(), now.side());
    assert_eq!(
        said(SITE, &offer(0)).await,
        format!("7 labels (6 spam, 1 ham); labels changed this verdict from {alone} to {now}")
    );
    let unlike = "Ruby 3.4 deprecates frozen literals, so pin your gems first.";
    assert_eq!(
        said(SITE, unlike).await,
        "7 labels (6 spam, 1 ham); labels did not change this verdict"
    );
    assert!(
        said("http://other.example", unlike)
            .await
            .starts_with("no labels here; other sites have some; labels did not")
    );
}

#[test]
fn the_command_line_shows_it_through_a_running_server_and_on_a_stopped_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let standing = |site: &[&str]| {
        let args = [
            &["sites", "standing"],
            site,
            &["--data-dir", path_text(folder.path())],
        ];
        run(&args.concat()).well().out
    };
    let mut server = Server::start(folder.path());
    let mut connection = server.connect();
    let mut post = |call: &str, text: &str| {
        let form = form(&[("comment_content", text)]);
        let answer = connection.post(&format!("/1.1/{call}"), &form);
        assert_eq!(answer.expect("answered").status(), 200);
    };
    post("comment-check", CHAT);
    let cold =
        "blog.example  key -  no labels; the model decides alone; 1 check in the last 7 days\n";
    assert_eq!(
        (standing(&["blog.example"]).as_str(), standing(&[])),
        (cold, String::new())
    );
    for n in 100..106 {
        post("submit-spam", &offer(n));
    }
    post("comment-check", &offer(0));
    let line = "blog.example  key -  6 labels (6 spam, 0 ham); labels changed 1 of 2 verdicts in the last 7 days: 1 became spam";
    let running = standing(&[]);
    assert_eq!(
        running,
        format!(
            "{line}; of the last 2 comments without a label they would now change 1: 1 would be spam\n"
        )
    );
    server.terminate();
    server.ended();
    assert_eq!(standing(&[]), format!("{line}\n"));
}
