//! A person disagrees, and the next check knows; a person thinks again, and nothing remains.

use serde_json::json;

use crate::world::{Answer, SITE, THANKS, World};

/// Spam without any of the words spam is known by. At least one of them must pass the shipped model, or it could not be taught anything here.
const QUIET_SPAM: [&str; 8] = [
    "I wrote down how my cousin fixed the same thing, it is on my page if somebody needs it.",
    "Great point about the weather. My sister collects old lamps and shows them on her own site.",
    "Tháng trước mình cũng bị như bạn, sau nhờ anh Tư bên Gò Vấp xem giúp nên giờ yên tâm rồi.",
    "Ai ở gần chợ Bà Chiểu thì ghé quán chị Năm nhé, chị ấy dễ thương lắm.",
    "We moved house in spring and the people from Harrow carried everything up four floors without a scratch.",
    "My neighbour teaches the guitar on Tuesdays, ask at the blue door.",
    "Mẹ mình hay lấy rau của cô Sáu ở Hóc Môn, tươi lắm.",
    "The bakery behind the station does this better than anyone, tell them I sent you.",
];

const OTHER_SITE: &str = "http://other.example";

/// The first of them that the shipped model lets through.
async fn missed_spam(world: &World) -> &'static str {
    for text in QUIET_SPAM {
        if world
            .check_json(&json!({ "site": SITE, "text": text, "ip": "203.0.113.9", "test": true }))
            .await["verdict"]
            == "ham"
        {
            return text;
        }
    }
    panic!("the shipped model calls none of the quiet spam ham: write quieter ones");
}

async fn labels(world: &World) -> (u64, u64) {
    let answer = world
        .check_json(&json!({ "site": SITE, "text": "?", "test": true }))
        .await;
    (
        answer["site_labels"].as_u64().expect("a number"),
        answer["shared_labels"].as_u64().expect("a number"),
    )
}

#[tokio::test]
async fn however_many_labels_words_alone_discard_nothing() {
    let world = World::new();
    let honest = "Mình đọc lại lần thứ hai mới hiểu đoạn cuối, tác giả giải thích kỹ quá";
    for n in 0..60 {
        world.submit("spam", &format!("{honest} {n}")).await;
    }
    let answer = world
        .check_json(&json!({ "site": SITE, "text": honest, "test": true }))
        .await;
    assert_eq!(answer["verdict"], "spam", "{answer}");
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let clues = answer["clues"].as_array().expect("clues");
    let sum: f64 = clues.iter().map(|clue| number(&clue["weight"])).sum();
    assert!((sum + number(&answer["rest"]) - number(&answer["log_odds"])).abs() < 1e-6);
}

#[tokio::test]
async fn one_label_and_the_next_check_is_no_longer_ham_nor_is_that_of_a_near_copy() {
    let world = World::new();
    let text = missed_spam(&world).await;
    assert_eq!(world.check(text).await.verdict(), "ham");
    world.submit("spam", text).await;
    for again in [
        text.to_owned(),
        format!("Hi! {text}"),
        text.to_uppercase(),
        text.replace(", ", " , "),
    ] {
        let answer = world.check(&again).await;
        assert_ne!(
            answer.verdict(),
            "ham",
            "{again:?} has probability {}",
            answer.probability()
        );
    }
}

#[tokio::test]
async fn the_opposite_label_gives_back_the_model_that_never_saw_the_first() {
    let world = World::new();
    let text = missed_spam(&world).await;
    world.check(text).await;
    let before = world.log_odds(SITE, text).await;
    world.submit("spam", text).await;
    assert!(world.log_odds(SITE, text).await > before + 0.5);
    world.submit("ham", text).await;
    let after = world.log_odds(SITE, text).await;
    assert!((after - before).abs() < 1e-6, "{before} and {after}");
    assert_eq!(labels(&world).await, (0, 0));
}

#[tokio::test]
async fn spam_then_ham_of_what_the_machine_calls_spam_is_the_same_as_ham_alone() {
    let text = "EARN $5000 per week from home!!! Vay tiền nhanh, không thế chấp! Click here http://easy-money.example, WhatsApp +1 202 555 0143";
    let mut seen = Vec::new();
    for history in [&["spam", "ham"][..], &["ham"], &["ham", "spam", "ham"]] {
        let world = World::new();
        assert_eq!(world.check(text).await.text(), "true");
        let before = world.log_odds(SITE, text).await;
        for label in history {
            world.submit(label, text).await;
        }
        let after = world.log_odds(SITE, text).await;
        assert!(
            after < before - 0.5,
            "{history:?} moved it from {before} to {after}"
        );
        assert_eq!(labels(&world).await, (1, 1));
        seen.push(after);
    }
    assert!(
        seen.iter().all(|after| (after - seen[0]).abs() < 1e-6),
        "{seen:?}"
    );
}

#[tokio::test]
async fn the_same_label_twice_counts_once() {
    let world = World::new();
    let text = missed_spam(&world).await;
    world.check(text).await;
    world.submit("spam", text).await;
    let once = world.log_odds(SITE, text).await;
    world.submit("spam", text).await;
    let said = world
        .label_json(&json!({ "site": SITE, "text": text, "ip": "203.0.113.9", "label": "spam" }))
        .await;
    assert_eq!(said["effect"], "known already");
    assert_eq!(world.log_odds(SITE, text).await, once);
    assert_eq!(labels(&world).await, (1, 1));
    assert_eq!(world.close_and_export("label").len(), 1);
}

#[tokio::test]
async fn a_guid_alone_is_enough_to_label_even_after_a_restart() {
    let world = World::new();
    let text = missed_spam(&world).await;
    let (first, second) = (
        world.check(text).await.guid().to_owned(),
        world
            .check("bài này hay quá bạn ơi")
            .await
            .guid()
            .to_owned(),
    );
    let before = world.log_odds(SITE, text).await;
    let answer = world
        .akismet("submit-spam", &[("guid", &first), ("user_ip", "")])
        .await;
    assert_eq!(answer.text(), THANKS);
    assert!(world.log_odds(SITE, text).await > before + 0.5);
    let world = world.restart();
    assert_eq!(
        world
            .label_json(&json!({ "site": SITE, "guid": second, "label": "spam" }))
            .await["effect"],
        "learnt"
    );
    let labels = world.close_and_export("label");
    let checks = world.close_and_export("check");
    assert_eq!((labels.len(), checks.len()), (2, 2));
    // What was learnt is what was checked, not the empty form that came with the guid.
    let features = |at: usize| labels[at]["features"].as_array().expect("a list").len();
    assert!(features(0) > 20 && features(1) > 10, "{labels:?}");
}

#[tokio::test]
async fn labels_survive_a_restart_to_the_last_digit() {
    let world = World::new();
    let text = missed_spam(&world).await;
    world.check(text).await;
    world.submit("spam", text).await;
    world
        .submit("ham", "một bình luận bình thường, cảm ơn bạn nhiều")
        .await;
    world.submit("spam", "another one").await;
    world.submit("ham", "another one").await;
    let before = [
        world.log_odds(SITE, text).await,
        world.log_odds(OTHER_SITE, text).await,
    ];
    let world = world.restart();
    assert_eq!(
        [
            world.log_odds(SITE, text).await,
            world.log_odds(OTHER_SITE, text).await
        ],
        before
    );
    assert_eq!(labels(&world).await, (3, 3));
    // And what stands after the restart can still be taken back.
    world.submit("ham", text).await;
    assert_eq!(labels(&world).await, (2, 2));
}

#[tokio::test]
async fn a_label_moves_its_own_site_more_than_another() {
    let world = World::new();
    let text = missed_spam(&world).await;
    let before = [
        world.log_odds(SITE, text).await,
        world.log_odds(OTHER_SITE, text).await,
    ];
    assert_eq!(before[0], before[1]);
    world.submit("spam", text).await;
    let moved = [
        world.log_odds(SITE, text).await - before[0],
        world.log_odds(OTHER_SITE, text).await - before[1],
    ];
    assert!(moved[0] > moved[1] + 0.1 && moved[1] > 0.1, "{moved:?}");
}

#[tokio::test]
async fn one_site_has_one_layer_however_its_address_is_spelt() {
    let world = World::new();
    let text = missed_spam(&world).await;
    world
        .akismet(
            "submit-spam",
            &[
                ("blog", "https://www.Blog.Example/"),
                ("comment_content", text),
            ],
        )
        .await;
    assert_eq!(labels(&world).await, (1, 1));
    assert_eq!(
        world.log_odds("blog.example", text).await,
        world.log_odds("http://blog.example:80//", text).await
    );
}

#[tokio::test]
async fn a_test_teaches_nothing() {
    let world = World::new();
    let text = missed_spam(&world).await;
    let before = world.log_odds(SITE, text).await;
    for call in ["comment-check", "submit-spam", "submit-ham"] {
        world
            .akismet(call, &[("comment_content", text), ("is_test", "1")])
            .await;
    }
    assert_eq!(
        (world.log_odds(SITE, text).await, labels(&world).await),
        (before, (0, 0))
    );
    assert!(
        world.close_and_export("label").is_empty() && world.close_and_export("check").is_empty()
    );
}

#[tokio::test]
async fn a_test_label_of_our_own_api_teaches_nothing_either() {
    let world = World::new();
    let text = missed_spam(&world).await;
    let before = world.log_odds(SITE, text).await;
    world
        .json(
            "/v1/label",
            &json!({ "site": SITE, "text": text, "label": "spam", "test": true }),
        )
        .await;
    assert_eq!(
        (world.log_odds(SITE, text).await, labels(&world).await),
        (before, (0, 0))
    );
}

#[tokio::test]
async fn a_guid_of_another_site_cannot_touch_the_comment_there() {
    let world = World::new();
    let text = missed_spam(&world).await;
    let guid = world.check(text).await.guid().to_owned();
    let before = world.log_odds(SITE, text).await;
    let answer = world
        .akismet(
            "submit-spam",
            &[("blog", OTHER_SITE), ("guid", &guid), ("user_ip", "")],
        )
        .await;
    assert!(
        answer.text() != THANKS && answer.header("x-akismet-debug-help").is_some(),
        "{answer:?}"
    );
    let answer = world
        .json(
            "/v1/label",
            &json!({ "site": OTHER_SITE, "guid": guid, "label": "spam" }),
        )
        .await;
    assert_eq!(answer.status, 404, "{}", answer.text());
    assert_eq!(
        (world.log_odds(SITE, text).await, labels(&world).await),
        (before, (0, 0))
    );
    // With a comment of its own beside the foreign guid, the other site labels that one.
    let answer = world
        .akismet(
            "submit-spam",
            &[
                ("blog", OTHER_SITE),
                ("guid", &guid),
                ("comment_content", "của mình"),
            ],
        )
        .await;
    assert_eq!(answer.text(), THANKS);
    assert_eq!(labels(&world).await, (0, 1));
    let ledger = world.close_and_export("label");
    assert_eq!(
        (ledger.len(), ledger[0]["site"].as_str()),
        (1, Some("other.example"))
    );
}

#[tokio::test]
async fn an_unknown_guid_without_a_comment_is_refused_in_words() {
    let world = World::new();
    let guid = "0".repeat(32);
    let answer = world
        .akismet("submit-ham", &[("guid", &guid), ("user_ip", "")])
        .await;
    assert!(answer.text().contains("there is no check"), "{answer:?}");
    assert_eq!(
        world
            .json(
                "/v1/label",
                &json!({ "site": SITE, "guid": guid, "label": "ham" })
            )
            .await
            .status,
        404
    );
    assert!(world.close_and_export("label").is_empty());
}

/// A comment as WordPress sends it: all that a blog says of each is the same for all.
async fn of_the_blog(world: &World, call: &str, n: usize, text: &str) -> Answer {
    let name = ["Marion Weller", "Tobias", "Hoa", "Jack T", "Lan Anh"][n.min(1 + n % 4)];
    let (address, email) = (
        format!("{}.51.{n}.7", 20 + 3 * n),
        format!("{n}@mail{n}.example"),
    );
    let browser = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let fields = [
        ("blog_lang", "en_US"),
        ("permalink", "http://blog.example/2026/11/hello-world/"),
        ("comment_type", "comment"),
        ("user_ip", &address),
        ("user_agent", browser),
        ("referrer", "http://blog.example/2026/11/hello-world/"),
        ("comment_author", name),
        ("comment_author_email", &email),
        ("comment_content", text),
        ("POST_ak_js", "1795435100000"),
    ];
    world.akismet(call, &fields).await
}

#[tokio::test]
async fn a_moderator_who_only_ever_says_spam_makes_no_spam_of_what_all_comments_have() {
    let world = World::new();
    let honest = "Thanks, the second photograph made it clear to me how the knot is tied.";
    let before = of_the_blog(&world, "comment-check", 0, honest)
        .await
        .probability();
    for n in 1..=12 {
        let sold =
            format!("Cheap watches number {n}, order at http://watches{n}.example/buy today");
        of_the_blog(&world, "comment-check", n, &sold).await;
        let thanks = of_the_blog(&world, "submit-spam", n, &sold).await;
        assert_eq!(thanks.text(), THANKS);
    }
    let after = of_the_blog(&world, "comment-check", 0, honest).await;
    assert_eq!(
        after.verdict(),
        "ham",
        "from {before} to {}",
        after.probability()
    );
}
