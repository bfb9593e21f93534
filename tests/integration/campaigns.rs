//! The same text or contact on several sites: what is honest keeps its verdict, what is a campaign comes to light, and a person's word counts.
//!
//! What evidence each case may carry is tested on the memory itself; verdicts, rechecks, labels and figures through the door.

use phin::campaigns::{Campaigns, Counting, NeighbourEvidence, Outlook, Sighting, Sketch, Windows};
use phin::comment::{Comment, CommentId, SiteId};
use phin::model::Model;
use phin::moderation::Mode;
use phin::text;
use phin::verdict::{Label, Verdict};
use serde_json::{Value, json};

use crate::world::{Answer, KEY, World};

const MINUTE: i64 = 60_000;

/// Who wrote, where, when.
#[derive(Clone)]
struct Sent {
    site: String,
    author: String,
    email: Option<String>,
    home: Option<String>,
    ip: String,
    kind: &'static str,
    text: String,
    minute: i64,
    own: Verdict,
}

impl Sent {
    /// Somebody else on another site, every minute.
    fn by_stranger(n: usize, text: impl Into<String>) -> Self {
        Self {
            site: format!("site-{n}.example"),
            author: format!(
                "{} {n}",
                ["Minh Anh", "John Miller", "Thu Hà", "Peter"][n % 4]
            ),
            email: Some(format!("someone{n}@mail.example")),
            home: None,
            ip: format!("198.51.{n}.9"),
            kind: "comment",
            text: text.into(),
            minute: n as i64,
            own: Verdict::Ham,
        }
    }

    fn observe(&self, campaigns: &mut Campaigns) -> NeighbourEvidence {
        let (sketch, sighting) = self.seen();
        campaigns.observe(&sketch, &sighting, Counting::Noted)
    }

    fn seen(&self) -> (Sketch, Sighting) {
        let site = SiteId::parse(&self.site).expect("a site");
        let mut comment = Comment::from_text(self.text.clone());
        comment.author.name = Some(self.author.clone());
        comment.author.email = self.email.clone();
        comment.author.url = self.home.clone();
        comment.request.ip = self.ip.parse().ok();
        comment.page.kind = Some(self.kind.to_owned());
        let sketch = Sketch::of(&site, &comment, &text::read(&comment.text));
        let sighting = Sighting {
            comment: CommentId::of(&site, &comment),
            guid: u128::from(CommentId::of(&site, &comment).0),
            at: self.minute * MINUTE,
            own: self.own,
        };
        (sketch, sighting)
    }
}

/// The most evidence any of them met.
fn most_evidence(sent: impl IntoIterator<Item = Sent>) -> f64 {
    let mut campaigns = Campaigns::new(1 << 20, Windows::default());
    let evidence = sent.into_iter().map(|one| {
        let heard = one.observe(&mut campaigns);
        let all = [heard.text, heard.contact].into_iter().flatten();
        all.map(|campaign| campaign.evidence).sum::<f64>()
    });
    evidence.fold(0.0, f64::max)
}

#[track_caller]
fn honest(what: &str, at_most: f64, sent: impl IntoIterator<Item = Sent>) {
    let evidence = most_evidence(sent);
    assert!(
        evidence <= at_most,
        "{what}: {evidence:.2}, and at most {at_most} was to be"
    );
}

#[track_caller]
fn campaign(what: &str, at_least: f64, sent: impl IntoIterator<Item = Sent>) {
    let evidence = most_evidence(sent);
    assert!(
        evidence >= at_least,
        "{what}: {evidence:.2}, and at least {at_least} was to be"
    );
}

#[test]
fn what_everybody_says_carries_nothing_however_many_say_it() {
    for text in [
        "thanks!",
        "+1",
        "hay quá",
        "hóng",
        "first",
        "who's here in 2026",
        "❤️❤️❤️",
        "Cảm ơn bạn nhiều nhé!",
        "chấm",
        "Happy birthday!",
        "Chúc mừng năm mới cả nhà",
        "Great post, thank you",
        "",
    ] {
        honest(text, 0.0, (0..200).map(|n| Sent::by_stranger(n, text)));
    }
}

#[test]
fn what_is_copied_in_chat_carries_little() {
    let wish = "Chúc mừng sinh nhật bạn, chúc bạn luôn vui vẻ, mạnh khỏe, xinh đẹp, hạnh phúc và thành công trong cuộc sống, mọi điều ước đều thành hiện thực nhé";
    let song = "Chiều chiều ra đứng ngõ sau, trông về quê mẹ ruột đau chín chiều, chiều chiều xách giỏ hái rau, ngó lên mả mẹ ruột đau như dần";
    let quote = "The only thing we have to fear is fear itself, as somebody once said, and all the rest is patience, which is bitter, but its fruit is sweet to those who wait.";
    for text in [wish, song, quote] {
        // Less than lies between an ordinary comment and doubt, on two hundred sites.
        honest(text, 1.0, (0..200).map(|n| Sent::by_stranger(n, text)));
        honest(text, 0.4, (0..3).map(|n| Sent::by_stranger(n, text)));
    }
}

#[test]
fn one_person_may_say_the_same_on_two_forums() {
    let help = "I had the same error after the update. Remove the old cache folder, restart the service and run the migration again, as described on https://docs.example.org/migrate, and it works.";
    let person = |n: usize| Sent {
        author: "Maria".into(),
        email: Some("maria@mail.example".into()),
        ip: "198.51.7.9".into(),
        ..Sent::by_stranger(n, help)
    };
    honest("one person, two forums", 0.0, (0..2).map(person));
    let on_the_way = |n: usize| Sent {
        ip: format!("198.51.{n}.9"),
        ..person(n)
    };
    honest("from home and on the way", 0.0, (0..2).map(on_the_way));
    honest("and a third", 0.3, (0..3).map(on_the_way));
    honest(
        "her home page is everywhere she is",
        0.1,
        (0..30).map(|n| Sent {
            home: Some("https://maria.example".into()),
            text: words(n, 12),
            ..person(n)
        }),
    );
}

#[test]
fn forms_are_filled_in_alike() {
    let quote = "Hi, I would like a quote for the following. Please contact me with more information about prices, delivery times and the terms of payment for my order. Thank you and kind regards";
    honest(
        "a contact form",
        0.0,
        (0..100).map(|n| Sent {
            kind: "contact-form",
            ..Sent::by_stranger(n, quote)
        }),
    );
    let call_me = |n: usize| {
        format!(
            "Tôi cần tư vấn về sản phẩm này, vui lòng gọi lại cho tôi theo số 09{:08} trong giờ hành chính",
            12_345 * n + 678
        )
    };
    honest(
        "everybody leaves a number of their own",
        0.0,
        (0..100).map(|n| Sent {
            kind: "contact-form",
            ..Sent::by_stranger(n, call_me(n))
        }),
    );
}

#[test]
fn an_article_may_announce_itself_wherever_it_links_to() {
    for kind in ["pingback", "trackback"] {
        let ping = |n: usize| Sent {
            author: "Ten gardens worth the journey".into(),
            email: None,
            home: Some("https://garden-travels.example/ten-gardens".into()),
            ip: "203.0.113.80".into(),
            kind,
            ..Sent::by_stranger(
                n,
                "[…] the rose garden there is described at length in this lovely article, which also tells how to get there by train, at https://garden-travels.example/ten-gardens […]",
            )
        };
        honest(kind, 0.0, (0..40).map(ping));
    }
}

#[test]
fn a_companys_support_may_answer_alike_on_one_site() {
    let answer = "Dạ bên em cảm ơn anh chị đã quan tâm, anh chị vui lòng xem hướng dẫn tại https://hotro.cuahang.example hoặc gọi 0912 000 345 để được hỗ trợ nhanh nhất ạ";
    let one_desk = |n: usize| Sent {
        site: "forum.example".into(),
        author: "Hỗ trợ Cửa Hàng".into(),
        email: Some("hotro@cuahang.example".into()),
        ip: "198.51.1.9".into(),
        ..Sent::by_stranger(n, format!("{answer} {n}"))
    };
    honest("one desk, a hundred answers", 0.0, (0..100).map(one_desk));
    let office = |n: usize| Sent {
        author: format!("Hỗ trợ {}", n % 8),
        email: None,
        ..one_desk(n)
    };
    honest("an office of eight", 0.0, (0..100).map(office));
    let giveaway = |n: usize| Sent {
        site: "shop.example".into(),
        ..Sent::by_stranger(
            n,
            "Đã chia sẻ bài viết, chúc shop đông khách, mong trúng thưởng ạ, link tham gia https://minigame.cuahang.example",
        )
    };
    honest("many strangers on one site", 0.8, (0..100).map(giveaway));
}

#[test]
fn a_link_everybody_talks_about_is_no_campaign() {
    let article = |n: usize| format!("{} https://news.example.org/{}", words(n, 14), words(n, 1));
    honest(
        "a newspaper",
        0.5,
        (0..60).map(|n| Sent::by_stranger(n, article(n))),
    );
    honest(
        "a platform",
        0.0,
        (0..60).map(|n| {
            Sent::by_stranger(
                n,
                format!("{} https://www.youtube.com/watch?v={n}abc", words(n, 12)),
            )
        }),
    );
    honest(
        "a hotline",
        0.0,
        (0..60).map(|n| Sent::by_stranger(n, format!("{} gọi 1900 0001", words(n, 12)))),
    );
}

/// Some words of somebody's own.
fn words(n: usize, count: usize) -> String {
    let syllables = ["ba", "ke", "di", "to", "mu", "ra", "ne", "li", "so", "vu"];
    let word = |at: usize| {
        let mixed = (n * 7_919 + at * 104_729) % 100_000;
        (0..5)
            .map(|digit| syllables[mixed / 10_usize.pow(digit) % 10])
            .collect::<String>()
    };
    (0..count).map(word).collect::<Vec<String>>().join(" ")
}

#[test]
fn what_is_rewritten_and_sent_by_many_to_many_sites_is_a_campaign() {
    let offer = |n: usize| {
        format!(
            "Chào {}, bên em hỗ trợ vay {} triệu trong ngày, không cần thế chấp, duyệt nhanh, ai cần thì liên hệ 0912 000 345 nhé",
            ["anh", "chị", "cả nhà", "bạn"][n % 4],
            n * 10
        )
    };
    campaign(
        "three sites",
        1.0,
        (0..3).map(|n| Sent::by_stranger(n, offer(n))),
    );
    campaign(
        "eight sites",
        4.0,
        (0..8).map(|n| Sent::by_stranger(n, offer(n))),
    );
    campaign(
        "short, with a home page that many share",
        2.0,
        (0..8).map(|n| Sent {
            home: Some("https://casino.example".into()),
            ..Sent::by_stranger(n, "Nice blog, thank you")
        }),
    );
    campaign(
        "one name, many addresses",
        2.0,
        (0..8).map(|n| Sent {
            author: "Vay Nhanh".into(),
            email: None,
            ..Sent::by_stranger(n, offer(n))
        }),
    );
    campaign(
        "one address, many names",
        2.0,
        (0..8).map(|n| Sent {
            ip: "198.51.1.9".into(),
            ..Sent::by_stranger(n, offer(n))
        }),
    );
    campaign(
        "new words each time, in bad company",
        1.0,
        (0..8).map(|n| Sent {
            own: Verdict::Spam,
            ..Sent::by_stranger(n, format!("{} 0912 000 345", words(n, 14)))
        }),
    );
}

/// A comment by a stranger on a site of their own, through Akismet's door.
async fn check(world: &World, n: usize, text: &str, more: &[(&str, &str)]) -> Answer {
    let (site, name, ip) = (
        format!("http://site-{n}.example"),
        format!("Reader {n}"),
        format!("198.51.{n}.9"),
    );
    let mut fields = vec![
        ("blog", site.as_str()),
        ("comment_author", name.as_str()),
        ("user_ip", ip.as_str()),
        ("comment_content", text),
    ];
    fields.extend_from_slice(more);
    world.akismet("comment-check", &fields).await
}

/// The same through our own door, as a test: it leaves no trace.
async fn ask(world: &World, n: usize, text: &str) -> Value {
    let comment = json!({ "site": format!("http://site-{n}.example"), "author": format!("Reader {n}"), "ip": format!("198.51.{n}.9"), "text": text, "test": true });
    world.check_json(&comment).await
}

/// The clue a campaign gave, if any.
fn voice(answer: &Value) -> Option<&Value> {
    let clues = answer["clues"].as_array().expect("clues");
    clues.iter().find(|clue| {
        clue["reason"]
            .as_str()
            .is_some_and(|r| r.contains(" sites in "))
    })
}

/// Spam without a word that spam is known by, from somebody who changes a little each time.
fn quiet(n: usize) -> String {
    format!(
        "My cousin {} fixed the same thing at home in {} minutes, the people who helped are very kind and patient, whatsapp them now on 0912 000 345 for the best price",
        ["Tom", "Anna", "Minh", "Lan"][n % 4],
        n + 20
    )
}

#[tokio::test]
async fn a_campaign_is_heard_in_words_and_in_the_sum_and_never_reaches_discard() {
    let world = World::new();
    let alone = ask(&world, 50, &quiet(50)).await;
    assert_eq!((&alone["verdict"], voice(&alone)), (&json!("unsure"), None));
    for n in 0..3 {
        check(&world, n, &quiet(n), &[]).await;
    }
    let answer = ask(&world, 50, &quiet(50)).await;
    let clue = voice(&answer).expect("the campaign speaks");
    assert_eq!(
        clue["reason"],
        "4 comments with this contact on 4 sites in 10 minutes"
    );
    assert_eq!(
        clue["reason_vi"],
        "4 bình luận có liên hệ này trên 4 trang trong 10 phút"
    );
    assert_eq!(
        (&clue["text"], &clue["layer"]),
        (&json!("0912000345"), &json!("shared"))
    );
    for n in 3..30 {
        let verdict = check(&world, n, &quiet(n), &[]).await;
        assert_ne!(verdict.verdict(), "discard");
    }
    let answer = ask(&world, 50, &quiet(50)).await;
    let number = |value: &Value| value.as_f64().expect("a number");
    let clues = answer["clues"].as_array().expect("clues");
    let sum: f64 = clues.iter().map(|clue| number(&clue["weight"])).sum();
    assert!((sum + number(&answer["rest"]) - number(&answer["log_odds"])).abs() < 1e-9);
    assert!(number(&answer["log_odds"]) > number(&alone["log_odds"]) + 2.0);
    assert_eq!(answer["verdict"], "spam");
    let metrics = world.operator("/metrics").await;
    let figure = |name: &str| -> f64 {
        let line = metrics
            .lines()
            .find(|line| line.starts_with(&format!("phin_{name} ")));
        line.and_then(|line| line.split(' ').nth(1))
            .expect("a figure")
            .parse()
            .expect("a number")
    };
    assert!(
        figure("campaigns") >= 2.0 && figure("campaign_bytes") <= f64::from(32 << 20),
        "{metrics}"
    );
}

#[tokio::test]
async fn rechecks_edits_repeats_and_tests_are_no_repeats() {
    let world = World::new();
    let base = ask(&world, 50, &quiet(50)).await["log_odds"].as_f64();
    let quiet_first = quiet(0);
    check(&world, 0, &quiet_first, &[]).await;
    for reason in [
        "recheck_queue",
        "retry",
        "wp-cli",
        "edit",
        "recheck",
        "something new",
    ] {
        for n in 0..8 {
            check(&world, n, &quiet(n), &[("recheck_reason", reason)]).await;
        }
    }
    for n in 0..8 {
        // The same comment; its author changes a word; a test.
        check(&world, 0, &quiet_first, &[]).await;
        check(&world, 0, &format!("{quiet_first} {n}"), &[]).await;
        check(&world, n, &quiet(n), &[("is_test", "1")]).await;
        ask(&world, n, &quiet(n)).await;
        let again = json!({ "site": format!("http://site-{n}.example"), "ip": format!("198.51.{n}.9"), "text": quiet(n), "recheck": "edit" });
        world.check_json(&again).await;
    }
    let answer = ask(&world, 50, &quiet(50)).await;
    // The one that was noted, and the one that asks.
    let clue = voice(&answer).expect("two are heard, softly");
    assert_eq!(
        clue["reason"],
        "2 comments with this contact on 2 sites in 10 minutes"
    );
    let risen = answer["log_odds"].as_f64().expect("a number") - base.expect("a number");
    assert!(risen < 0.5, "{risen}");
    let bad = world
        .json(
            "/v1/check",
            &json!({ "site": "a.example", "text": "x", "recheck": "just because" }),
        )
        .await;
    assert_eq!(bad.status, 400, "{}", bad.text());
}

#[tokio::test]
async fn a_person_may_silence_a_campaign_on_their_site() {
    let world = World::with_model(Model::cold());
    for n in 0..6 {
        check(&world, n, &quiet(n), &[]).await;
    }
    let weight = async |n: usize| {
        let answer = ask(&world, n, &quiet(n)).await;
        voice(&answer).map_or(0.0, |clue| clue["weight"].as_f64().expect("a number"))
    };
    let before = (weight(0).await, weight(50).await);
    assert!(before.0 > 1.0 && before.1 > 1.0, "{before:?}");
    let label = async |n: usize, label: &str| {
        let comment = json!({ "site": format!("http://site-{n}.example"), "author": format!("Reader {n}"), "ip": format!("198.51.{n}.9"), "text": quiet(n), "label": label });
        world.label_json(&comment).await;
    };
    label(0, "ham").await;
    assert_eq!(
        weight(0).await,
        0.0,
        "it has no voice where a person called it ham"
    );
    let weaker = weight(50).await;
    assert!(
        weaker > 0.0 && weaker < before.1 * 0.6,
        "{weaker} of {}",
        before.1
    );
}

#[test]
fn a_label_moves_a_campaign_a_little_and_the_opposite_takes_that_back() {
    let sent: Vec<Sent> = (0..6).map(|n| Sent::by_stranger(n, quiet(n))).collect();
    let mut campaigns = Campaigns::new(1 << 20, Windows::default());
    for one in &sent {
        one.observe(&mut campaigns);
    }
    let evidence = |campaigns: &mut Campaigns, n: usize| {
        let heard = sent[n].observe(campaigns);
        let all = [heard.text, heard.contact].into_iter().flatten();
        all.map(|campaign| campaign.evidence).sum::<f64>()
    };
    let before = evidence(&mut campaigns, 5);
    let (sketch, sighting) = sent[0].seen();
    let mut after = |label| {
        campaigns.label(&sketch, sighting.comment, label);
        (evidence(&mut campaigns, 0), evidence(&mut campaigns, 5))
    };
    let louder = after(Some(Label::Spam)).1;
    assert!(
        louder > before && louder < 1.5 * before,
        "{louder} of {before}"
    );
    let silent = after(Some(Label::Ham));
    assert_eq!(silent, (0.0, before / 2.0));
    assert_eq!(after(Some(Label::Spam)).1, louder);
    assert_eq!(after(None).1, before);
}

#[test]
fn earlier_members_are_named_when_a_campaign_comes_to_light_and_not_again() {
    let mut campaigns = Campaigns::new(1 << 20, Windows::default());
    let mut named = Vec::new();
    for n in 0..100 {
        let sent = Sent::by_stranger(n, quiet(n));
        let heard = sent.observe(&mut campaigns);
        assert!(heard.look_again.len() <= 64 && !heard.look_again.contains(&sent.seen().1.guid));
        if !heard.look_again.is_empty() {
            named.push((n, heard.look_again.len()));
        }
    }
    let (first, members) = named[0];
    assert!((1..5).contains(&first) && members == first, "{named:?}");
    // Each further step names them anew; then there is no higher one.
    assert!(
        named.len() <= 6 && named.iter().all(|(n, _)| *n < 10),
        "{named:?}"
    );
}

#[tokio::test]
async fn a_check_says_whether_more_is_to_come() {
    let world = World::new();
    let key = world
        .moderation()
        .accounts
        .admit(Some(KEY))
        .expect("a good key");
    let check = |n: usize, text: String| {
        let site = SiteId::parse(&format!("site-{n}.example")).expect("a site");
        let mut comment = Comment::from_text(text);
        comment.author.name = Some(format!("Reader {n}"));
        comment.request.ip = format!("198.51.{n}.9").parse().ok();
        let moderation = world.moderation();
        moderation.check(&key, &site, comment, Mode::Live, None)
    };
    let mut doubted = 0;
    for n in 0..8 {
        let checked = check(n, quiet(n));
        let expected = match (n, checked.assessment.verdict) {
            // Alone it may be near a cutoff, or not.
            (0, Verdict::Unsure) => checked.outlook,
            (_, Verdict::Unsure) => Outlook::MoreExpected,
            _ => Outlook::Settled,
        };
        assert_eq!(checked.outlook, expected, "{n}");
        doubted += usize::from(n > 0 && expected == Outlook::MoreExpected);
    }
    assert!(doubted > 0);
}
