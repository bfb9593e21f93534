//! Mistakes that people reported of filters and their clients, tried here as they came: sign-ups, links before a full stop, rechecks, forms beyond measure.
//!
//! Labels that taint others are in `proportion`, damaged stores in `damage`, histories in `history`, shapes of requests in `requests`.

use crate::world::{KEY, World, form, shipped};
use serde_json::json;

async fn verdict(world: &World, fields: &[(&str, &str)]) -> String {
    let answer = world.akismet("comment-check", fields).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.verdict().to_owned()
}

/// A world whose site denies a domain.
async fn denying(domain: &str) -> World {
    let world = World::with_model(shipped());
    world.check("xin chào").await;
    let entry = json!({
        "site": "blog.example", "list": "deny", "kind": "domain", "value": domain,
    });
    let answer = world.json("/v1/lists", &entry).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    world
}

#[tokio::test]
async fn a_sign_up_with_an_honest_bio_is_ham() {
    let world = World::new();
    for bio in [
        "I like hiking and photography.",
        "Mình thích leo núi và chụp ảnh.",
        "",
    ] {
        let fields = [("content_type", "signup"), ("comment_content", bio)];
        assert_eq!(verdict(&world, &fields).await, "ham", "{bio:?}");
    }
}

#[tokio::test]
async fn a_link_before_a_full_stop_is_that_link() {
    let world = denying("kubet77x.com").await;
    for text in [
        "xem http://kubet77x.com . Nhé",
        "xem http://kubet77x.com. Nhé",
        "xem (http://kubet77x.com)",
        "xem http://kubet77x.com, rồi nói",
    ] {
        let verdict = verdict(&world, &[("comment_content", text)]).await;
        assert!(
            ["spam", "discard"].contains(&verdict.as_str()),
            "{text}: {verdict}"
        );
    }
}

#[tokio::test]
async fn a_domain_that_ends_in_a_denied_one_is_somebody_elses() {
    for (denied, innocent) in [
        ("aclub.com", "http://aaaclub.com"),
        ("b.org", "http://bbb.org"),
        ("w.g.com", "http://www.ggg.com"),
    ] {
        let world = denying(denied).await;
        let text = format!("Mình đọc bài này ở {innocent} hôm qua, khá hay.");
        let answer = world.check(&text).await;
        let reasons = answer.header("x-spam-reasons").expect("reasons");
        assert!(
            !reasons.contains("deny list"),
            "{innocent} under {denied}: {reasons}"
        );
    }
}

#[tokio::test]
async fn a_message_that_is_sent_again_scores_the_same() {
    let world = World::new();
    let fields = [
        (
            "comment_content",
            "Cho mình hỏi bên bạn còn tuyển thực tập sinh không ạ?",
        ),
        ("comment_author", "Minh"),
        ("comment_author_email", "minh@mail.example"),
        ("comment_type", "contact-form"),
    ];
    let first = world.akismet("comment-check", &fields).await.probability();
    for _ in 0..5 {
        let again = world.akismet("comment-check", &fields).await;
        assert_eq!((again.verdict(), again.probability()), ("ham", first));
    }
}

#[tokio::test]
async fn four_megabytes_of_copies_with_the_key_last_get_a_verdict() {
    let world = World::new();
    let mut body = form(&[("comment_content", "Cảm ơn bạn đã chia sẻ nhé")]);
    let key = format!("api_key={KEY}");
    assert!(body.contains(&key));
    body = body.replace(&key, "x=y");
    for n in 0..20_000 {
        body += &format!("&POST_x%5B{n}%5D%5By%5D={}", "a".repeat(220));
    }
    body += &format!("&{key}");
    assert!(body.len() > 4 << 20);
    let answer = world.post("/1.1/comment-check", body).await;
    assert_eq!((answer.text(), answer.verdict()), ("false", "ham"));
}

#[tokio::test]
async fn a_reply_from_another_network_without_the_forms_proofs_is_ham() {
    let world = World::new();
    for text in [
        "I had the same problem last week and a restart fixed it.",
        "Good point, but I think the second graph is missing a label on its axis.",
        "Bài này hay quá, mình đọc hai lần rồi.",
    ] {
        let fields = [
            ("comment_content", text),
            ("comment_author", "Mai"),
            ("akismet_comment_nonce", "failed"),
            ("POST_ak_js", "120"),
        ];
        assert_eq!(verdict(&world, &fields).await, "ham", "{text}");
    }
}
