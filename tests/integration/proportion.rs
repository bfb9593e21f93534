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
        json!({ "text": "Mình đọc lại lần thứ hai mới hiểu đoạn cuối, tác giả giải thích kỹ quá.", "author": "Anonymous", "email": "anonymous@blog.example", "ip": "27.72.5.40" }),
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
        "Лучшие ставки на спорт, переходи по ссылке http://stavka-bet.example/win прямо сейчас",
        "Казино онлайн, бонус за регистрацию http://kazino-bonus.example/ без депозита",
        "Купить диплом недорого, доставка по всей стране http://diplom-kupit.example/",
        "Быстрые займы без отказа на карту http://zaim-karta.example/ за пять минут",
        "Продвижение сайтов в топ, пишите http://seo-top.example/ гарантия результата",
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
    let past = world.moderation().take_history(spam_heavy_past(600));
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
