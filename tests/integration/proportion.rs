//! A label teaches what its spam is, and nothing else: honest people share words, names, networks and scripts with spammers.

use phin::comment::{Comment, SiteId};
use phin::moderation::PastLabel;
use phin::verdict::Label;
use serde_json::{Value, json};

use crate::world::{NOON, SITE, World};

const CASINO: &str = "http://kubet77-casino.example/";
const THANKS: &str = "Cảm ơn bạn, bài rất hay";

/// The verdict on a comment, which is not counted as a check.
async fn verdict(world: &World, mut comment: Value) -> String {
    comment["test"] = true.into();
    comment["site"] = SITE.into();
    let answer = world.check_json(&comment).await;
    answer["verdict"].as_str().expect("a verdict").to_owned()
}

async fn is_spam(world: &World, mut comment: Value) {
    comment["site"] = SITE.into();
    comment["label"] = "spam".into();
    world.label_json(&comment).await;
}

#[tokio::test]
async fn thanks_above_a_casino_taint_nobody_elses_thanks() {
    let world = World::new();
    let honest = |text: &str| json!({ "text": text, "author": "Lan", "ip": "203.0.113.40" });
    let casino = |n: usize| json!({ "text": THANKS, "author": "Kubet77 nhà cái", "url": CASINO, "ip": format!("198.51.{n}.7") });
    assert_eq!(verdict(&world, honest(THANKS)).await, "ham");
    for n in 1..=10 {
        is_spam(&world, casino(n)).await;
        let after = verdict(&world, honest(THANKS)).await;
        assert_eq!(after, "ham", "after {n} labels");
    }
    let others = "Bài viết rất hay, cảm ơn tác giả nhiều";
    assert_eq!(verdict(&world, honest(others)).await, "ham");
    let again =
        json!({ "text": "Hay quá ad ơi", "author": "Kubet77", "url": CASINO, "ip": "198.51.77.7" });
    let caught = verdict(&world, again).await;
    assert!(["spam", "discard"].contains(&caught.as_str()), "{caught}");
}

#[tokio::test]
async fn a_name_of_nobody_and_a_shared_network_accuse_nobody() {
    let world = World::new();
    let honest = [
        json!({ "text": "Đoạn cuối khó quá, ai giải thích giúp với ạ?", "author": "Anonymous", "email": "anonymous@blog.example", "ip": "27.72.5.40" }),
        json!({ "text": "I followed the third step and the build works again on my machine.", "author": "Anonymous", "ip": "27.72.5.41" }),
        json!({ "text": "Có ai biết chỗ sửa xe đạp gần chợ không ạ?", "author": "null", "ip": "27.72.9.3" }),
    ];
    for comment in &honest {
        assert_eq!(verdict(&world, comment.clone()).await, "ham", "{comment}");
    }
    for n in 0..30 {
        let offer =
            format!("Soi kèo hôm nay, vào nhóm nhận kèo miễn phí số {n}, zalo 0912 000 3{n:02}");
        let author = if n % 2 == 0 { "Anonymous" } else { "null" };
        is_spam(&world, json!({ "text": offer, "author": author, "email": "anonymous@blog.example", "ip": "27.72.5.9" })).await;
        for comment in &honest {
            assert_eq!(
                verdict(&world, comment.clone()).await,
                "ham",
                "after {n}: {comment}"
            );
        }
    }
}

#[tokio::test]
async fn spam_in_a_script_that_nobody_taught_makes_no_spam_of_the_script() {
    let spam = [
        "Лучшие ставки на спорт, всё очень понятно, выиграл уже со второго раза.",
        "Казино онлайн, бонус за регистрацию, проверял вчера, всё работает.",
        "Купить диплом недорого, доставка по всей стране, у меня всё получилось.",
        "Быстрые займы без отказа, а можно и на карту, за пять минут.",
        "Продвижение сайтов в топ, очень подробнее объяснили, спасибо за результат.",
    ];
    let honest = [
        "Спасибо за статью, у меня всё получилось со второго раза, очень понятно объяснили.",
        "А можно подробнее про настройку? У меня после обновления перестало работать.",
        "Я бы ещё добавил, что старые версии так не умеют, проверял вчера на работе.",
    ];
    let world = World::new();
    let mut before = Vec::new();
    for text in honest {
        before.push(verdict(&world, json!({ "text": text, "author": "Ира" })).await);
    }
    for text in spam {
        is_spam(&world, json!({ "text": text, "author": "Bet" })).await;
    }
    for (text, before) in honest.into_iter().zip(before) {
        let after = verdict(&world, json!({ "text": text, "author": "Ира" })).await;
        assert!(
            after == before || after == "unsure",
            "{text}: {before}, then {after}"
        );
    }
}

/// A past of so many advertisements and twelve honest comments.
fn spam_heavy_past(adverts: i64) -> Vec<PastLabel> {
    let honest = [
        "Although I tried it twice, the second chapter still puzzles me. What did you mean by the graph?",
        "Thanks, that helped me a lot with my homework although it took the whole evening.",
        "I think there is a typo in the third example, the loop should begin at one.",
    ];
    let past = |id: String, label, text: String, name: String, url: Option<String>| {
        let mut comment = Comment::from_text(text);
        (comment.author.name, comment.author.url) = (Some(name), url);
        let (site, at) = (SiteId::parse(SITE).expect("a site"), None);
        PastLabel {
            id,
            site,
            at,
            comment,
            label,
        }
    };
    let adverts = (0..adverts).map(|n| {
        let text = format!("Although people know that casinos are fun, they should think about bonus number {n}. The best offer is at our site, which everybody loves.");
        let url = format!("http://casino-bonus-{n}.example/play");
        past(format!("s{n}"), Label::Spam, text, "Best Casino Bonus".into(), Some(url))
    });
    let honest = (0..12).map(|n: usize| {
        let text = format!("{} ({n})", honest[n % 3]);
        past(
            format!("h{n}"),
            Label::Ham,
            text,
            format!("Reader {n}"),
            None,
        )
    });
    let mut all: Vec<PastLabel> = adverts.chain(honest).collect();
    for (n, past) in all.iter_mut().enumerate() {
        // Honest ones come in between.
        past.at = Some(NOON - 600 * 86_400_000 + (n as i64 * 7_919 % 500) * 86_400_000);
    }
    all
}

#[tokio::test]
async fn a_past_of_fifty_advertisements_to_one_honest_comment_leaves_honest_ones_alone() {
    let world = World::new();
    let honest = [
        "Although I know the theory, I never thought about it that way. Which people should read it first?",
        "They say the best offer is a good explanation, and everybody here loves yours.",
    ];
    let checked = |text: &str| json!({ "text": text, "author": "Minh" });
    for text in honest {
        assert_eq!(verdict(&world, checked(text)).await, "ham", "{text}");
    }
    let past = world
        .moderation()
        .transfer
        .take_history(spam_heavy_past(600));
    let taken = past.await.expect("a store");
    assert_eq!(taken.labels, 612);
    // The model knows such offers: only what it got wrong by then teaches words.
    assert!(taken.taught < 60, "{taken:?}");
    for text in honest {
        assert_eq!(verdict(&world, checked(text)).await, "ham", "{text}");
    }
    let mut next = checked("Everybody loves our best casino offer, think about the bonus.");
    next["url"] = "http://casino-bonus-601.example/play".into();
    let caught = verdict(&world, next).await;
    assert!(["spam", "discard"].contains(&caught.as_str()), "{caught}");
}

/// Honest and clumsy: at least one of them must be held, or nobody could be helped by being known.
const CLUMSY: [&str; 9] = [
    "Hôm qua mình làm theo bài này, cây cà chua đã ra lá mới rồi.",
    "hay lam, minh se quay lai xem them",
    "Great site, I will tell my friends about it.",
    "Nice post, very useful information for everybody.",
    "Cho mình hỏi giá bao nhiêu vậy bạn",
    "Bài này bổ ích, mong bạn ra thêm nhiều bài nữa",
    "Dịch vụ bên này làm nhanh, giá lại mềm",
    "Thanks for the detailed information, I will share it with my friends",
    "Bài viết rất chi tiết, cảm ơn đội ngũ đã chia sẻ",
];

const APPROVED: [&str; 6] = [
    "Anh Tuấn kể chuyện thú vị ghê, con trai em nghe xong đòi đi tàu hoả.",
    "Theo em thì nên tưới buổi sáng, chiều tối lá ướt dễ sinh nấm.",
    "Đoạn cuối khó quá, ai giải thích giúp với ạ?",
    "The recipe worked on the second try, the oven was too hot at first.",
    "I disagree about the ending, she could never have known.",
    "Ảnh thứ ba chụp ở cầu Long Biên phải không bác?",
];

#[tokio::test]
async fn whoever_was_approved_before_is_believed_more_and_nobody_else_for_it() {
    let world = World::new();
    let lan = json!({ "author": "Lan Anh", "email": "lan@mail.example", "ip": "203.0.113.40" });
    let says = |person: &Value, text: &str, change: Value| {
        let mut comment = person.clone();
        comment["text"] = text.into();
        for (field, value) in change.as_object().expect("fields") {
            comment[field] = value.clone();
        }
        (comment["site"], comment["test"]) = (SITE.into(), true.into());
        comment
    };
    let log_odds = async |comment: &Value| {
        let answer = world.check_json(comment).await;
        answer["log_odds"].as_f64().expect("a number")
    };
    let approve = async |text: &str, label: &str| {
        let mut comment = says(&lan, text, json!({ "label": label }));
        comment.as_object_mut().expect("fields").remove("test");
        world.label_json(&comment).await;
    };
    let mut held = None;
    for text in CLUMSY {
        let comment = says(&lan, text, json!({}));
        let answer = world.check_json(&comment).await;
        if answer["verdict"] == "unsure" && answer["log_odds"].as_f64().is_some_and(|l| l < 0.3) {
            held = Some(comment);
            break;
        }
    }
    let held = held.expect("the model holds none of them: write clumsier ones");
    let stranger = |fields: Value| says(&held, held["text"].as_str().expect("text"), fields);
    let strangers = [
        stranger(json!({ "email": "minh@mail.example", "author": "Minh", "ip": "198.51.100.7" })),
        stranger(json!({ "url": "http://casino-bonus.example/", "ip": "198.51.100.7" })),
        stranger(
            json!({ "text": format!("{} http://casino-bonus.example/", held["text"].as_str().expect("text")), "ip": "198.51.100.7" }),
        ),
    ];
    let before = log_odds(&held).await;
    let mut strange = Vec::new();
    for comment in &strangers {
        strange.push(log_odds(comment).await);
    }
    for text in APPROVED {
        approve(text, "ham").await;
    }
    let answer = world.check_json(&held).await;
    assert_eq!(answer["verdict"], "ham", "{before}, then {answer}");
    let clues = answer["clues"].as_array().expect("clues");
    let known = clues.iter().find(|clue| {
        clue["reason"]
            .as_str()
            .is_some_and(|r| r.starts_with("approved before on this site"))
    });
    let known = known.unwrap_or_else(|| panic!("no clue says so: {answer}"));
    assert_eq!(
        (&known["text"], &known["layer"]),
        (&"lan anh".into(), &"site".into())
    );
    let weight = known["weight"].as_f64().expect("a number");
    assert!((-2.6..-0.5).contains(&weight), "{weight}");
    // Others say the same, and who links: they gain what the words of labels give, and no more.
    for (comment, before) in strangers.iter().zip(strange) {
        let answer = world.check_json(comment).await;
        let reasons = answer["clues"].to_string();
        assert!(!reasons.contains("approved before"), "{comment}: {answer}");
        assert!(
            answer["log_odds"]
                .as_f64()
                .is_some_and(|l| l > before - 1.5),
            "{before}: {answer}"
        );
    }
    let elsewhere = world
        .check_json(&says(
            &held,
            held["text"].as_str().expect("text"),
            json!({ "ip": "198.51.100.3" }),
        ))
        .await;
    let gained = |answer: &Value| before - answer["log_odds"].as_f64().expect("a number");
    assert!(gained(&elsewhere) < gained(&answer) - 0.3, "{elsewhere}");
    // One contradiction, and nobody is known any more.
    approve(
        "Vay tiền nhanh trong ngày, ai cần thì nhắn mình nhé",
        "spam",
    )
    .await;
    let answer = world.check_json(&held).await;
    assert!(
        !answer["clues"].to_string().contains("approved before"),
        "{answer}"
    );
}

#[tokio::test]
async fn six_approvals_loosen_nothing_they_do_not_speak_of() {
    let world = World::new();
    let spam = [
        "Sexy girls near you want to meet tonight, watch hot xxx videos free at http://hot-girls.example/",
        "I lost my bitcoin to a scammer and this hacker recovered my stolen bitcoin in two days, contact recovery@expert.example",
        "Vay tiền nhanh không thế chấp, giải ngân trong 5 phút, zalo 0912 000 345",
    ];
    let mut before = Vec::new();
    for text in spam {
        before.push(verdict(&world, json!({ "text": text, "author": "Sam" })).await);
    }
    for text in APPROVED {
        world.submit("ham", text).await;
    }
    for (text, before) in spam.into_iter().zip(before) {
        let after = verdict(&world, json!({ "text": text, "author": "Sam" })).await;
        assert_eq!(after, before, "{text}");
    }
}
