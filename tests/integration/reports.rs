//! A report finds the check it answers, however its platform tells it, and one that tells nothing is thanked for nothing.

use crate::world::{THANKS, World};

/// A check with these fields, then a report with those; whether the report learnt from the check (its features are the check's).
async fn finds(checked: &[(&str, &str)], reported: &[(&str, &str)]) -> bool {
    let world = World::new();
    // What only the check knows, so that it can be told which comment was learnt from.
    let only = [
        (
            "user_agent",
            "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
        ),
        ("comment_type", "comment"),
    ];
    world
        .akismet("comment-check", &[checked, &only[..]].concat())
        .await;
    assert_eq!(world.akismet("submit-spam", reported).await.text(), THANKS);
    let labels = world.close_and_export("label");
    let whole = World::new();
    whole
        .akismet("submit-spam", &[checked, &only[..]].concat())
        .await;
    labels[0]["features"] == whole.close_and_export("label")[0]["features"]
}

#[tokio::test]
async fn a_report_finds_its_check_whatever_the_platform_did_to_the_text() {
    let name = ("comment_author", "Tom & Jerry");
    let stored_name = ("comment_author", "Tom &amp; Jerry");
    for (checked, reported) in [
        ("one\r\ntwo", "one\ntwo"),
        ("  much   space ", "much space"),
        ("a & b < c", "a &amp; b &lt; c"),
        ("it's", "it\\'s"),
        ("vui quá 🎉 nhé", "vui quá &#x1f389; nhé"),
        (
            "see <a href=\"http://x.example\">here</a><script>go()</script>",
            "see <a href=\"http://x.example\" rel=\"nofollow ugc\">here</a>go()",
        ),
    ] {
        let found = finds(
            &[("comment_content", checked), name],
            &[("comment_content", reported), stored_name],
        )
        .await;
        assert!(found, "{checked:?} and {reported:?}");
    }
}

#[tokio::test]
async fn a_report_without_the_senders_address_finds_its_check_and_one_with_anothers_does_not() {
    let checked = [("comment_content", "hay quá"), ("user_ip", "198.51.100.7")];
    assert!(finds(&checked, &[("comment_content", "hay quá"), ("user_ip", "")]).await);
    assert!(
        !finds(
            &checked,
            &[("comment_content", "hay quá"), ("user_ip", "198.51.100.8")]
        )
        .await
    );
}

#[tokio::test]
async fn the_same_words_twice_are_told_apart_by_page_and_by_date() {
    let world = World::new();
    let check = async |post: &str, written: &str, kind: &str| {
        world
            .akismet(
                "comment-check",
                &[
                    ("comment_content", "+1"),
                    ("comment_author", "An"),
                    ("comment_post_ID", post),
                    ("comment_date_gmt", written),
                    ("comment_type", kind),
                ],
            )
            .await
            .guid()
            .to_owned()
    };
    check("1", "2026-11-23 10:00:00", "comment").await;
    check("1", "2026-11-23 11:00:00", "reply").await;
    check("2", "2026-11-23 11:00:00", "comment").await;
    let report = async |label: &str, more: &[(&str, &str)]| {
        let fields = [("comment_content", "+1"), ("comment_author", "An")];
        let answer = world.akismet(label, &[&fields[..], more].concat()).await;
        assert_eq!(answer.text(), THANKS);
    };
    // By the page: two comments, two labels that do not take each other back.
    report(
        "submit-spam",
        &[("comment_post_ID", "1"), ("comment_date_gmt", "1795428000")],
    )
    .await;
    report("submit-ham", &[("comment_post_ID", "2")]).await;
    // By the date: another check of the same page.
    report(
        "submit-ham",
        &[
            ("comment_post_ID", "1"),
            ("comment_date_gmt", "2026-11-23T11:00:00Z"),
        ],
    )
    .await;
    let labels = world.close_and_export("label");
    let lists: Vec<_> = labels.iter().map(|l| l["features"].clone()).collect();
    assert_eq!(labels.len(), 3);
    // The third was a reply.
    assert_eq!(lists[0], lists[1]);
    assert_ne!(lists[0], lists[2]);
    assert_ne!(labels[0]["comment"], labels[1]["comment"]);
    assert_eq!(labels[0]["comment"], labels[2]["comment"]);
}

#[tokio::test]
async fn a_report_that_tells_nothing_is_refused_in_words_and_nothing_is_kept() {
    let world = World::new();
    let agent = (
        "user_agent",
        "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0",
    );
    let theirs = world
        .akismet(
            "comment-check",
            &[
                ("blog", "http://other.example"),
                ("comment_content", "của họ"),
            ],
        )
        .await;
    // An empty check of ours is not what an empty report means.
    world.akismet("comment-check", &[agent]).await;
    for (fields, says) in [
        (vec![("guid", theirs.guid()), agent], "there is no check"),
        (vec![agent], "neither text nor author"),
        (
            vec![("comment_content", " \n"), ("comment_author", " ")],
            "neither text nor author",
        ),
    ] {
        let answer = world.akismet("submit-spam", &fields).await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains(says), "{answer:?}");
        assert_eq!(answer.header("x-akismet-debug-help"), Some(answer.text()));
    }
    let answer = world
        .json(
            "/v1/label",
            &serde_json::json!({ "site": "blog.example", "text": " ", "label": "spam" }),
        )
        .await;
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(world.close_and_export("label").is_empty());
}
