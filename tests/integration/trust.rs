//! What one key can do to others: little at first, more as others agree, nothing against many. Its own site hears all it says at once.

use std::path::Path;

use phin::comment::{Comment, CommentId, SiteId};
use phin::features::{FEATURES_VERSION, Features};
use phin::learn::online::minhash;
use phin::learn::online::trust::{CROWD_AGREES, FLOOD};
use phin::learn::train::corpus::{BadLines, Example, read_all};
use phin::moderation::{ExportLine, Selection, Vouch, Where};
use phin::store::LedgerEntry;
use phin::verdict::{Label, Verdict};
use serde_json::{Value, json};

use crate::program::corpus;
use crate::world::{KEY, SITE, THANKS, World};

async fn say(world: &World, key: &str, site: &str, text: &str, label: &str) -> String {
    let fields = [("api_key", key), ("blog", site), ("comment_content", text)];
    let answer = world.akismet(&format!("submit-{label}"), &fields).await;
    answer.text().to_owned()
}

const LOAN: &str = "Chị Hoa bên mình vừa giúp được mấy bạn trong xóm, ai kẹt thì nhắn chị một tiếng, không cần giấy tờ gì đâu, chị ở ngay đầu chợ cũ đó";

/// What a key is told of a text on a site; leaves no trace.
async fn told(world: &World, key: &str, site: &str, text: &str) -> Value {
    let body = json!({ "site": site, "text": text, "ip": "203.0.113.9", "test": true });
    let answer = world
        .call("POST", "/v1/check", key, &body.to_string())
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    answer.json()
}

async fn log_odds(world: &World, key: &str, site: &str, text: &str) -> f64 {
    let told = told(world, key, site, text).await;
    told["log_odds"].as_f64().expect("a number")
}

/// Labels that count for a key on a site, and on all.
async fn counted_for(world: &World, key: &str, site: &str) -> (u64, u64) {
    let answer = told(world, key, site, LOAN).await;
    let number = |name: &str| answer[name].as_u64().expect("a number");
    (number("site_labels"), number("shared_labels"))
}

/// The same for the operator's own key.
async fn counted(world: &World, site: &str) -> (u64, u64) {
    counted_for(world, KEY, site).await
}

#[tokio::test]
async fn a_new_key_is_heard_at_once_for_what_it_sends_and_elsewhere_when_a_crowd_agrees() {
    let mut world = World::new().with_key("new-customer");
    let crowd: Vec<String> = (0..CROWD_AGREES)
        .map(|n| format!("customer-{n:03}"))
        .collect();
    for key in &crowd {
        world = world.with_key(key);
    }
    let before = world.log_odds(SITE, LOAN).await;
    for n in 0..30 {
        let text = format!("Số {n}: {LOAN} {}", "x".repeat(n));
        assert_eq!(
            say(&world, "new-customer", "http://new.example", &text, "spam").await,
            THANKS
        );
    }
    let own = counted_for(&world, "new-customer", "http://new.example").await;
    assert_eq!(own, (30, 0));
    assert_eq!(
        world.log_odds(SITE, LOAN).await,
        before,
        "nobody else has heard it"
    );
    let answer = told(&world, "new-customer", "http://new.example", LOAN).await;
    assert_ne!(answer["verdict"], "ham");
    for (n, key) in crowd.iter().enumerate() {
        assert_eq!(counted(&world, SITE).await, (0, 0), "{n} others agree");
        let site = format!("http://c{n}.example");
        let said = say(&world, key, &site, &format!("{LOAN}!"), "spam").await;
        assert_eq!(said, THANKS);
    }
    assert_eq!(counted(&world, SITE).await, (0, 1));
    assert!(world.log_odds(SITE, LOAN).await > before);
    // The operator may answer for it: then all it ever said is heard; or no longer.
    // The copy of the other key is then no news any more.
    for (vouch, shared) in [(Vouch::For, 30), (Vouch::NoLonger, 1)] {
        world
            .moderation()
            .labels
            .vouch("new-customer", vouch)
            .await
            .expect("ruled");
        assert_eq!(counted(&world, SITE).await, (0, shared));
    }
    let refused = world
        .moderation()
        .labels
        .vouch("nobody", Vouch::For)
        .await
        .expect_err("refused");
    assert!(refused.to_string().contains("no key named"), "{refused}");
}

#[tokio::test]
async fn what_many_others_contradict_counts_on_its_own_site_alone_and_is_shown() {
    let mut world = World::new().with_key("the-one-against");
    for n in 0..4 {
        world = world.with_key(&format!("customer-{n}"));
    }
    for n in 0..4 {
        say(
            &world,
            &format!("customer-{n}"),
            &format!("http://c{n}.example"),
            LOAN,
            "spam",
        )
        .await;
    }
    let both = async || {
        [
            log_odds(&world, "customer-0", "http://c0.example", LOAN).await,
            log_odds(&world, "the-one-against", "http://odd.example", LOAN).await,
        ]
    };
    let before = both().await;
    assert_eq!(
        say(&world, "the-one-against", "http://odd.example", LOAN, "ham").await,
        THANKS
    );
    let after = both().await;
    assert_eq!(before[0], after[0]);
    assert!(after[1] < before[1] - 0.5, "{before:?} {after:?}");
    let shown = world
        .moderation()
        .labels
        .list(&Selection::default())
        .expect("reads");
    let quarantined: Vec<_> = shown
        .iter()
        .filter(|l| l.counts == Where::Quarantined)
        .collect();
    assert_eq!(quarantined.len(), 1);
    assert_eq!(quarantined[0].key_name.as_deref(), Some("the-one-against"));
    let warnings = world.moderation().health().warnings();
    assert!(
        warnings
            .iter()
            .any(|w| w.contains("contradicts many others")),
        "{warnings:?}"
    );
    // Placed the same after a restart.
    let world = world.restart();
    assert_eq!(
        world
            .moderation()
            .labels
            .list(&Selection::default())
            .expect("reads"),
        shown
    );
}

#[tokio::test]
async fn a_site_that_was_given_to_another_key_is_not_yours_to_label() {
    let world = World::new()
        .with_key("owner-of-it")
        .with_key("somebody-else");
    let text = "một bình luận bình thường";
    let give = async |world: &World, name: &str| {
        let site = SiteId::parse("http://mine.example").expect("a site");
        world.moderation().accounts.give(&site, name).await
    };
    give(&world, "owner-of-it").await.expect("given");
    let unknown = give(&world, "nobody").await.expect_err("refused");
    assert!(unknown.to_string().contains("no key named \"nobody\""));
    let said = say(&world, "somebody-else", "http://mine.example", text, "spam").await;
    assert!(said.contains("belongs to another key"), "{said}");
    // Also after a restart; the owner, and the operator's own key, may.
    let world = world.restart();
    let said = say(&world, "somebody-else", "http://mine.example", text, "spam").await;
    assert!(said.contains("belongs to another key"), "{said}");
    assert!(world.close_and_export("label").is_empty());
    let world = world.restart();
    assert_eq!(
        say(&world, "owner-of-it", "http://mine.example", text, "spam").await,
        THANKS
    );
    let site = json!({ "site": "http://mine.example", "text": text, "label": "ham" });
    world.label_json(&site).await;
    // A site can be given away.
    give(&world, "somebody-else").await.expect("given");
    assert_eq!(
        say(&world, "somebody-else", "http://mine.example", text, "spam").await,
        THANKS
    );
    let said = say(&world, "owner-of-it", "http://mine.example", text, "ham").await;
    assert!(said.contains("belongs to another key"), "{said}");
}

#[tokio::test]
async fn a_flood_of_labels_rings_the_alarm_and_refuses_nothing() {
    let world = World::new().with_key("a-loud-key");
    let metric = async |world: &World| {
        let figures = world.operator("/metrics").await;
        let line = figures
            .lines()
            .find(|l| l.starts_with("phin_label_floods "))
            .map(str::to_owned);
        line.expect("the figure is there")
    };
    for n in 0..FLOOD {
        if n == FLOOD - 1 {
            assert_eq!(metric(&world).await, "phin_label_floods 0");
        }
        let text = format!("bình luận số {n}");
        assert_eq!(
            say(&world, "a-loud-key", "http://loud.example", &text, "spam").await,
            THANKS
        );
    }
    assert_eq!(metric(&world).await, "phin_label_floods 1");
    let ready = world.operator("/readyz").await;
    assert!(ready.contains("\"a-loud-key\" said"), "{ready}");
    let labels = world.close_and_export("label");
    assert_eq!(labels.len(), FLOOD as usize);
}

fn label(key: &str, site: &str, comment: &Comment, label: Label, event: u64) -> LedgerEntry {
    let (features, site) = (Features::of(comment), SiteId::parse(site).expect("a site"));
    LedgerEntry {
        seq: event,
        event,
        at: 0,
        comment: CommentId::of(&site, comment),
        site,
        label,
        machine: None,
        reporter: None,
        key_name: key.into(),
        sketch: minhash::sketch(&features),
        checked: None,
        features: features.ids(),
        features_version: FEATURES_VERSION,
        kind: None,
        outline: Default::default(),
        shares: Default::default(),
    }
}

#[tokio::test]
async fn a_foreign_ledger_is_refused_and_nothing_of_it_is_taken() {
    let world = World::new();
    let good = label("k", SITE, &Comment::from_text("một"), Label::Spam, 1);
    let other = LedgerEntry {
        label: Label::Ham,
        ..good.clone()
    };
    let odd = LedgerEntry {
        event: 2,
        features: vec![7, 7],
        ..good.clone()
    };
    let beyond = LedgerEntry {
        event: 3,
        features: vec![u32::MAX],
        ..good.clone()
    };
    let import = async |entries: &[&LedgerEntry]| {
        let lines = entries
            .iter()
            .map(|e| ExportLine::Label((*e).clone()))
            .collect();
        world.moderation().transfer.import(lines).await
    };
    for (entries, says) in [
        ([&good, &other], "another label of the import"),
        ([&good, &odd], "not in ascending order"),
        ([&good, &beyond], "features that do not exist"),
    ] {
        let refused = import(&entries).await.expect_err("refused").to_string();
        assert!(
            refused.contains(says) && refused.contains("nothing was imported"),
            "{refused}"
        );
    }
    assert!(
        world
            .moderation()
            .labels
            .list(&Selection {
                site: SiteId::parse(SITE).ok(),
                ..Selection::default()
            })
            .expect("reads")
            .is_empty()
    );
    // Labels read by other code are kept for the next retrain, and the import says so.
    let later = LedgerEntry {
        event: 4,
        features_version: FEATURES_VERSION + 1,
        ..good.clone()
    };
    let imported = import(&[&good, &later]).await.expect("imports");
    assert_eq!((imported.labels, imported.unreadable), (2, 1));
    let refused = import(&[&other]).await.expect_err("refused").to_string();
    assert!(refused.contains("known here under its event"), "{refused}");
}

/// What honest keys said before: the operator's own three hundred, and twenty customers who all met the same campaigns and some readers of their own.
fn peace(honest: &[Example], spam: &[Example]) -> Vec<ExportLine> {
    let mut lines = Vec::new();
    let mut say = |key: &str, site: &str, row: &Example| {
        let (event, said) = (lines.len() as u64 + 1, row.label.expect("labelled"));
        lines.push(ExportLine::Label(label(
            key,
            site,
            &row.comment,
            said,
            event,
        )));
    };
    for n in 0..150 {
        say("first", "http://own.example", &honest[n * 3 % honest.len()]);
        say("first", "http://own.example", &spam[n * 3 % spam.len()]);
    }
    for customer in 0..20 {
        let (key, site) = (
            format!("customer-{customer}"),
            format!("http://c{customer}.example"),
        );
        for n in 0..15 {
            say(&key, &site, &spam[n]);
            say(&key, &site, &honest[(customer * 15 + n) % honest.len()]);
        }
    }
    lines
}

/// Labels with which a key earns agreement before it attacks.
const EARNING: usize = 100;

/// One key, 5,000 labels. First it agrees with everybody, to be trusted; then half of its labels call a campaign honest, and half call the readers of an
/// honest site spammers, with the words of honest comments in them, so that others suffer too.
fn attack(honest: &[Example], spam: &[Example]) -> Vec<ExportLine> {
    let mut lines = Vec::new();
    let first = 1_000_000;
    let mut say = |n: usize, text: String, said: Label| {
        // Many sites of its own, so that it looks like many voices.
        let site = format!("http://s{}.evil.example", n % 50);
        let event = first + lines.len() as u64;
        lines.push(ExportLine::Label(label(
            "evil",
            &site,
            &Comment::from_text(text),
            said,
            event,
        )));
    };
    for (n, row) in spam.iter().take(EARNING).enumerate() {
        say(n, row.comment.text.clone(), Label::Spam);
    }
    for n in 0..2_450 {
        let (sold, reader) = (
            &spam[n % spam.len()].comment.text,
            &honest[n % honest.len()].comment.text,
        );
        let other = &honest[(n * 7 + 3) % honest.len()].comment.text;
        say(
            n,
            format!("{reader} {other} {n} http://honest.example/{n}"),
            Label::Spam,
        );
        say(
            n,
            format!("{sold} {n} http://campaign.example/{n}"),
            Label::Ham,
        );
    }
    lines
}

/// Percent of rows with a verdict of this side on a site of somebody else.
async fn percent(world: &World, rows: &[Example], side: Label) -> f64 {
    let key = world.moderation().accounts.admit(Some(KEY)).expect("good");
    let site = SiteId::parse("http://victim.example").expect("a site");
    let hit = rows.iter().filter(|row| {
        let checked = world.moderation().check(
            &key,
            &site,
            row.comment.clone(),
            phin::moderation::Mode::DryRun,
            None,
        );
        let verdict: Verdict = checked.assessment.verdict;
        verdict.side() == Some(side)
    });
    100.0 * hit.count() as f64 / rows.len() as f64
}

async fn poison(name: &str, teach: (&[Example], &[Example]), held_out: (&[Example], &[Example])) {
    let world = World::new().with_key("evil");
    let (ham, spam) = held_out;
    // Honest comments whose words the attacker calls spam.
    let neighbours = &teach.0[..teach.0.len().min(300)];
    let figures = async |world: &World| {
        [
            percent(world, ham, Label::Spam).await,
            percent(world, ham, Label::Ham).await,
            percent(world, spam, Label::Spam).await,
            percent(world, spam, Label::Ham).await,
            percent(world, neighbours, Label::Spam).await,
            percent(world, neighbours, Label::Ham).await,
        ]
    };
    world
        .moderation()
        .transfer
        .import(peace(teach.0, teach.1))
        .await
        .expect("imports");
    let before = figures(&world).await;
    let heard = counted(&world, SITE).await.1;
    let imported = world
        .moderation()
        .transfer
        .import(attack(teach.0, teach.1))
        .await
        .expect("imports");
    println!(
        "{name}: all sites hear {heard} labels of {}, and {} more of the attacker's 5,000",
        300 + 20 * 30,
        counted(&world, SITE).await.1 - heard
    );
    assert_eq!(imported.labels, 5_000);
    let after = figures(&world).await;
    println!(
        "{name}: ham called spam, ham called ham, spam called spam, spam called ham, neighbours called spam and ham in percent of {}, {} and {}: {before:.2?}, after the attack {after:.2?}",
        ham.len(),
        spam.len(),
        neighbours.len()
    );
    for (before, after) in before.iter().zip(after) {
        assert!((before - after).abs() <= 0.5, "{before} {after}");
    }
    // What it sends itself is judged by it all the same: it is its own business.
    let text = "http://honest.example/ hay quá";
    let own = log_odds(&world, "evil", "http://s1.evil.example", text).await;
    let others = world.log_odds("http://victim.example", text).await;
    assert!(own > others + 1.0, "{own} {others}");
    // And one word of the operator takes everything back.
    let evil = Selection {
        key_name: Some("evil".into()),
        ..Selection::default()
    };
    world.moderation().labels.undo(evil).await.expect("undone");
    assert_eq!(figures(&world).await, before);
}

fn own_rows() -> Vec<Example> {
    let mut rows = Vec::new();
    for lang in ["vi", "en"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("training-data")
            .join(lang);
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .expect("our comments")
            .map(|f| f.expect("a file").path())
            .collect();
        files.sort();
        for file in files {
            rows.extend(read_all(&file, BadLines::Refuse).expect("whole"));
        }
    }
    rows
}

fn with_label(rows: &[Example], label: Label) -> Vec<Example> {
    rows.iter()
        .filter(|row| row.label == Some(label))
        .cloned()
        .collect()
}

#[tokio::test]
async fn one_key_with_five_thousand_labels_hardly_moves_what_others_are_told() {
    let (judging, teaching): (Vec<Example>, Vec<Example>) =
        own_rows().into_iter().partition(Example::is_held_out);
    let of = |rows: &[Example]| (with_label(rows, Label::Ham), with_label(rows, Label::Spam));
    let ((ham, spam), (honest, sold)) = (of(&judging), of(&teaching));
    poison("our own", (&honest, &sold), (&ham, &spam)).await;
}

#[tokio::test]
async fn nor_on_the_held_out_comments_of_the_corpora() {
    let mut held_out = (Vec::new(), Vec::new());
    for (name, label) in [
        ("vi_victsd", Label::Ham),
        ("blog_haacked", Label::Ham),
        ("reddit_goemotions", Label::Ham),
        ("youtube_spam_uci", Label::Spam),
        ("sms_spam_uci", Label::Spam),
        ("vi_smishing", Label::Spam),
        ("wp_comments", Label::Spam),
    ] {
        let Some(path) = corpus(name) else { return };
        let rows = read_all(&path, BadLines::Refuse)
            .expect("whole")
            .into_iter()
            .filter(Example::is_held_out);
        match label {
            // Two thousand of each are enough to see half a percent.
            Label::Ham => held_out.0.extend(rows.take(2_000)),
            Label::Spam => held_out
                .1
                .extend(rows.filter(|row| row.label == Some(Label::Spam))),
        }
    }
    let teaching: Vec<Example> = own_rows()
        .into_iter()
        .filter(|row| !row.is_held_out())
        .collect();
    poison(
        "corpora",
        (
            &with_label(&teaching, Label::Ham),
            &with_label(&teaching, Label::Spam),
        ),
        (&held_out.0, &held_out.1),
    )
    .await;
}
