//! A model in the shadow judges what the live one judges, knows what it would know if it were live, and is heard by nobody.

use std::sync::Arc;

use phin::model::Model;
use phin::moderation::{
    Candidate, Kind, List, Mode, NewEntry, Selection, ShadowError, ShadowReport,
};
use phin::verdict::Verdict;

use crate::program::{Server, ask_operator, path_text, run};
use crate::world::{SITE, THANKS, World, form, shipped};

const OTHER: &str = "http://other.example";
const TEXTS: [&str; 5] = [
    "The bakery behind the station does this better than anyone, tell them I sent you.",
    "Mẹ mình hay lấy rau của cô Sáu ở Hóc Môn, tươi lắm.",
    "Thanks, the part about the index helped me a lot.",
    "Vay tiền nhanh trong ngày, không thế chấp, nợ xấu vẫn vay, zalo 0912 000 345",
    "Cheap watches, order today at http://watches.example/buy",
];

/// The model that judges here under another name: what it says of its training differs, what it thinks of comments does not.
fn twin() -> Model {
    let mut twin = shipped();
    for cutoffs in &mut twin.settings.cutoffs {
        cutoffs.discard = cutoffs.discard.next_up();
    }
    twin
}

/// Puts a model on the shelf; its id.
fn shelved(world: &World, mut model: Model) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    model.save(folder.path()).expect("saved");
    world.shelf().put(folder.path()).expect("copied").id
}

async fn begun(world: &World, id: &str) -> ShadowReport {
    let begun = world.moderation().models.shadow.begin(id).await;
    begun.expect("begins")
}

async fn report(world: &World) -> ShadowReport {
    let report = world.moderation().models.shadow.report().await;
    report.expect("a report")
}

/// Checks on a site, each compared before the next.
async fn checked(world: &World, site: &str, visitor: usize, text: &str) -> String {
    let ip = format!("198.51.{visitor}.9");
    let author = format!("Minh Anh {visitor}");
    let fields = [
        ("blog", site),
        ("user_ip", ip.as_str()),
        ("comment_author", author.as_str()),
        ("comment_content", text),
    ];
    let answer = world.akismet("comment-check", &fields).await;
    report(world).await;
    answer.guid().to_owned()
}

async fn said(world: &World, site: &str, label: &str, text: &str, reporter: &str) {
    let fields = [
        ("blog", site),
        ("comment_content", text),
        ("reporter", reporter),
    ];
    let answer = world.akismet(&format!("submit-{label}"), &fields).await;
    assert_eq!(answer.text(), THANKS);
}

#[tokio::test]
async fn a_candidate_that_thinks_alike_differs_nowhere_through_labels_undos_campaigns_and_lists() {
    let world = World::new();
    // Some labels are older than the shadow, some come while it is there.
    said(&world, SITE, "spam", TEXTS[0], "an").await;
    let id = shelved(&world, twin());
    begun(&world, &id).await;
    for round in 0..4 {
        for (n, text) in TEXTS.iter().enumerate() {
            for site in [SITE, OTHER] {
                checked(&world, site, n, text).await;
            }
        }
        match round {
            0 => {
                said(&world, SITE, "ham", TEXTS[4], "binh").await;
                said(&world, OTHER, "spam", TEXTS[2], "binh").await;
                said(&world, SITE, "ham", TEXTS[0], "binh").await;
            }
            1 => {
                let of_binh = Selection {
                    reporter: Some("binh".into()),
                    ..Selection::default()
                };
                let undone = world
                    .moderation()
                    .labels
                    .undo(of_binh)
                    .await
                    .expect("undone");
                assert_eq!(undone.labels, 3);
            }
            _ => {
                let entry = NewEntry {
                    site: None,
                    list: List::Deny,
                    kind: Kind::Words,
                    value: format!("{} rau", ["", "lấy"][round - 2]).trim().to_owned(),
                    reason: String::new(),
                    by: "operator".into(),
                    expires: None,
                };
                world.moderation().judging.list(vec![entry]).expect("taken");
            }
        }
    }
    // A campaign: the same offer by strangers on nine sites.
    let offer =
        "Nhận làm bằng cấp các trường toàn quốc, bao kiểm tra, liên hệ 0987 111 222 gặp Tuấn";
    for n in 0..9 {
        checked(&world, &format!("http://site-{n}.example"), n, offer).await;
    }
    let report = world
        .moderation()
        .models
        .shadow
        .end()
        .await
        .expect("a report");
    assert_eq!((report.checks, report.differ), (49, 0), "{report:?}");
    // To the last bit: the layers are the same, and so is every clue from elsewhere.
    assert_eq!(report.mean_distance, 0.0);
    let verdicts: Vec<Verdict> = report.pairs.iter().map(|pair| pair.live).collect();
    assert!(verdicts.contains(&Verdict::Ham) && verdicts.len() > 1);
}

#[tokio::test]
async fn nobody_hears_the_candidate_and_the_report_says_where_it_differs() {
    let (with, without) = (World::new(), World::new());
    let id = shelved(&with, Model::cold());
    let first = begun(&with, &id).await;
    assert_eq!((first.checks, first.candidate.as_str()), (0, id.as_str()));
    let mut answers = Vec::new();
    for world in [&with, &without] {
        let mut answered = Vec::new();
        for _ in 0..3 {
            for text in TEXTS {
                for site in [SITE, OTHER] {
                    let fields = [("blog", site), ("comment_content", text)];
                    let answer = world.akismet("comment-check", &fields).await;
                    answered.push((answer.text().to_owned(), answer.probability().to_bits()));
                }
            }
            said(world, SITE, "spam", TEXTS[0], "an").await;
        }
        answers.push(answered);
    }
    assert_eq!(answers[0], answers[1]);
    let plain = "Đoạn cuối khó quá, ai giải thích giúp với ạ?";
    let guid = checked(&with, OTHER, 1, plain).await;
    // A test leaves no trace here either.
    with.log_odds(SITE, TEXTS[0]).await;
    let report = report(&with).await;
    assert_eq!((report.checks, report.dropped), (31, 0));
    let sum = |parts: &[phin::moderation::Part]| {
        parts.iter().fold((0, 0), |(checks, differ), part| {
            (checks + part.checks, differ + part.differ)
        })
    };
    assert!(report.differ > 0);
    assert_eq!(sum(&report.sites), (31, report.differ));
    assert_eq!(sum(&report.languages), (31, report.differ));
    let in_pairs = report.pairs.iter().filter(|p| p.live != p.candidate);
    assert_eq!(in_pairs.map(|p| p.checks).sum::<u64>(), report.differ);
    // What knows nothing is unsure of what the live model is sure of.
    assert_eq!(report.last[0].guid, guid);
    let last = (report.last[0].live, report.last[0].candidate);
    assert_eq!(last, (Verdict::Ham, Verdict::Unsure));
    assert_eq!(
        (report.last[0].lang.as_str(), report.last[0].site.as_str()),
        ("vi", "other.example")
    );
    assert!(report.mean_distance >= report.mean_difference.abs());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_check_is_compared_or_counted_as_dropped() {
    let world = Arc::new(World::new());
    let id = shelved(&world, Model::cold());
    begun(&world, &id).await;
    let admitted = world
        .moderation()
        .accounts
        .admit(Some(crate::world::KEY))
        .expect("admitted");
    let site = phin::comment::SiteId::parse(SITE).expect("a site");
    // More threads judge than the one that compares.
    let (threads, each) = (4, 1_000);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                for n in 0..each {
                    let comment = phin::comment::Comment::from_text(format!("{n}"));
                    world
                        .moderation()
                        .check(&admitted, &site, comment, Mode::Live, None);
                }
            });
        }
    });
    let report = world
        .moderation()
        .models
        .shadow
        .end()
        .await
        .expect("a report");
    assert_eq!(report.checks + report.dropped, threads * each);
    assert!(report.checks > 0);
    println!("{} compared, {} dropped", report.checks, report.dropped);
}

#[tokio::test]
async fn figures_begin_anew_under_another_live_model_and_end_when_the_candidate_goes_live() {
    let world = World::new();
    let id = shelved(&world, Model::cold());
    begun(&world, &id).await;
    checked(&world, SITE, 1, TEXTS[0]).await;
    let other = shelved(&world, twin());
    let candidate = |id: &str| Candidate {
        id: id.to_owned(),
        gate: "not asked".to_owned(),
        forced: None,
    };
    let promoted = world.moderation().models.promote(candidate(&other)).await;
    promoted.expect("goes live");
    checked(&world, SITE, 1, TEXTS[1]).await;
    let under_another = report(&world).await;
    assert_eq!(
        (under_another.live.as_str(), under_another.checks),
        (other.as_str(), 1)
    );
    let promoted = world.moderation().models.promote(candidate(&id)).await;
    promoted.expect("goes live");
    for text in TEXTS {
        checked(&world, SITE, 1, text).await;
    }
    let ended = report(&world).await;
    assert_eq!((ended.went_live, ended.checks), (true, 1));
    // One more may begin only when this one was ended.
    let taken = world.moderation().models.shadow.begin(&other).await;
    assert!(matches!(taken, Err(ShadowError::Taken(_))), "{taken:?}");
    world.moderation().models.shadow.end().await.expect("ends");
    let itself = world.moderation().models.shadow.begin(&id).await;
    assert!(matches!(itself, Err(ShadowError::Live(_))), "{itself:?}");
    let foreign = world.moderation().models.shadow.begin("phin-nothing").await;
    assert!(
        matches!(foreign, Err(ShadowError::ModelRegistry(_))),
        "{foreign:?}"
    );
    begun(&world, &other).await;
    world.moderation().close().expect("closes");
    let closed = world.moderation().models.shadow.report().await;
    assert!(matches!(closed, Err(ShadowError::Off)), "{closed:?}");
}

#[test]
fn the_command_line_begins_tells_and_ends_and_metrics_say_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = path_text(folder.path());
    let on = |args: &[&str]| {
        let shadow: &[&str] = &["models", "shadow"];
        run(&[shadow, args, &["--data-dir", data]].concat())
    };
    on(&[]).refused(1, &["no server answers"]);
    let (candidates, mut cold) = (tempfile::tempdir().expect("a folder"), Model::cold());
    cold.save(candidates.path()).expect("saved");
    let id = &cold.card.id;
    let mut server = Server::start(folder.path());
    let mut connection = server.connect();
    on(&[]).refused(1, &["no model is beside the live one"]);
    on(&["phin-nothing"]).refused(1, &["there is no such model here", "phin-nothing"]);
    on(&["shipped"]).refused(1, &["is the live model"]);
    let begun = on(&[path_text(candidates.path())]).well();
    assert!(
        begun.err.contains(id) && begun.err.contains("is not heard"),
        "{}",
        begun.err
    );
    on(&[id]).refused(1, &["beside the live model already"]);
    let mut guid = String::new();
    for text in TEXTS {
        let form = form(&[("comment_content", text)]);
        let answer = connection
            .post("/1.1/comment-check", &form)
            .expect("answered");
        if text == TEXTS[0] {
            guid = answer.header("x-akismet-guid").expect("a guid").to_owned();
        }
    }
    let told = on(&[]).well().out;
    for part in [
        "5 checks compared",
        "0 not compared",
        "ham       unsure",
        "blog.example",
        &guid,
    ] {
        assert!(told.contains(part), "{part:?} is missing in {told}");
    }
    let metrics = ask_operator(folder.path(), "/metrics");
    let live = format!("phin_live_model{{id=\"{}\"}} 1", shipped().card.id);
    assert!(metrics.contains(&live), "{metrics}");
    let counted: u64 = ["same", "differ", "dropped"]
        .iter()
        .map(|outcome| {
            let name =
                format!("phin_shadow_checks_total{{candidate=\"{id}\",outcome=\"{outcome}\"}} ");
            let line = metrics.lines().find_map(|line| line.strip_prefix(&name));
            line.expect("it is there").parse::<u64>().expect("a number")
        })
        .sum();
    assert_eq!(counted, 5);
    let last: ShadowReport =
        serde_json::from_str(&on(&["off", "--json"]).well().out).expect("a report");
    assert_eq!(last.checks, 5);
    on(&["off"]).refused(1, &["no model is beside the live one"]);
    let metrics = ask_operator(folder.path(), "/metrics");
    assert!(!metrics.contains("phin_shadow_checks_total{"), "{metrics}");
    server.terminate();
    assert!(server.ended().success());
}
