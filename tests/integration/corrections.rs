//! A label turns earlier verdicts, and the sites that asked hear of it: once, at their own address, and never about what a person has decided.
//! A receiver on loopback answers as the WordPress plugin 5.7 does; time is moved, never waited for.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use phin::http::webhook::{Resolver, WebhookClient, deliver_due};
use phin::model::Model;
use phin::moderation::{Clock, CorrectionPolicy, Outcome, Reach};
use serde_json::{Value, json};

use crate::program::{Connection, Server, ask_operator, clean, phin, until};
use crate::world::{Answer, KEY, NOON, THANKS, World, form};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Words that the empty model of these worlds learns to call spam when a few sites say so.
const CAMPAIGN: &str =
    "My cousin fixed his lamp with the people at Harrow, ask for Eliza, she knows every lamp.";

const DAY_PRIVATE: CorrectionPolicy = CorrectionPolicy {
    window_hours: 24,
    reach: Reach::Private,
};

/// A world that knows nothing but what it is told, with a clock that can be moved.
fn world(clock: Clock) -> World {
    World::correcting(Model::cold(), clock, DAY_PRIVATE)
}

/// A clock of its own for each test.
macro_rules! clock {
    ($name:ident) => {
        static $name: AtomicI64 = AtomicI64::new(NOON);
    };
}

#[derive(Debug, Clone)]
struct Heard {
    path: String,
    headers: HeaderMap,
    body: Value,
}

/// A site's web server.
struct Receiver {
    address: SocketAddr,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Receiver {
    async fn answering(
        answer: impl Fn(&Value) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        Self::on(listener, answer).await
    }

    async fn on(
        listener: tokio::net::TcpListener,
        answer: impl Fn(&Value) -> Response + Clone + Send + Sync + 'static,
    ) -> Self {
        let address = listener.local_addr().expect("an address");
        let heard = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(axum::serve(listener, site(Arc::clone(&heard), answer)).into_future());
        Self { address, heard }
    }

    /// As WordPress 5.7 does.
    async fn wordpress() -> Self {
        Self::answering(wordpress).await
    }

    fn blog(&self) -> String {
        format!("http://{}", self.address)
    }

    fn heard(&self) -> Vec<Heard> {
        self.heard.lock().expect("whole").clone()
    }
}

fn site(
    heard: Arc<Mutex<Vec<Heard>>>,
    answer: impl Fn(&Value) -> Response + Clone + Send + Sync + 'static,
) -> axum::Router {
    axum::Router::new().fallback(async move |request: axum::extract::Request| {
        let (parts, body) = request.into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.expect("whole");
        let body: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let answer = answer(&body);
        heard.lock().expect("whole").push(Heard {
            path: parts.uri.to_string(),
            headers: parts.headers,
            body,
        });
        answer
    })
}

fn wordpress(body: &Value) -> Response {
    let comments: serde_json::Map<String, Value> = body["comments"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|comment| {
            let guid = comment["guid"].as_str().expect("a guid").to_owned();
            (guid, json!({ "status": "success" }))
        })
        .collect();
    axum::Json(json!({ "comments": comments })).into_response()
}

const HOOK: &str = "/index.php?rest_route=/akismet/v1/webhook";

/// A check as WordPress sends it, with a callback at its blog.
async fn check(world: &World, blog: &str, text: &str) -> Answer {
    check_with(world, blog, text, &format!("{blog}{HOOK}"), &[]).await
}

async fn check_with(
    world: &World,
    blog: &str,
    text: &str,
    callback: &str,
    more: &[(&str, &str)],
) -> Answer {
    let fields = [
        ("blog", blog),
        ("comment_content", text),
        ("comment_post_ID", "7"),
        ("comment_parent", "0"),
        ("comment_author_email", "an@reader.example"),
        ("callback", callback),
    ];
    world
        .akismet("comment-check", &[&fields[..], more].concat())
        .await
}

/// Other sites say what a text is, until all would hear of it.
async fn campaign(world: &World, label: &str, text: &str) {
    for n in 0..6 {
        let blog = format!("http://site{n}.example");
        let answer = world
            .akismet(
                &format!("submit-{label}"),
                &[
                    ("blog", &blog),
                    ("comment_content", text),
                    ("reporter", "mod"),
                ],
            )
            .await;
        assert_eq!(answer.text(), THANKS);
    }
}

fn correct(world: &World) -> usize {
    world
        .moderation()
        .corrections
        .correct(1_000)
        .expect("the store works")
        .flips
}

/// Never asks anybody for a name.
fn courier(reach: Reach) -> WebhookClient {
    let resolver: Resolver =
        Arc::new(|name| Box::pin(async move { panic!("nobody was to ask for {name}") }));
    WebhookClient::trusting(reach, Vec::new(), resolver)
}

async fn deliver(world: &World) -> usize {
    deliver_by(world, &courier(Reach::Private)).await
}

async fn deliver_by(world: &World, courier: &WebhookClient) -> usize {
    deliver_due(world.moderation(), courier)
        .await
        .expect("the store works")
}

/// What the store says became of the correction of a check.
fn state(world: &World, guid: &str) -> Value {
    let lines = world.moderation().transfer.export().expect("can be read");
    lines
        .map(|line| serde_json::to_value(line.expect("whole")).expect("is JSON"))
        .find(|line| line["what"] == "correction" && line["guid"] == guid)
        .map_or(Value::Null, |line| line["state"].clone())
}

async fn metric(world: &World, name: &str) -> f64 {
    let answer = world.operator("/metrics").await;
    let line = answer.lines().find(|line| line.starts_with(name));
    let value = line.and_then(|line| line.rsplit(' ').next());
    value
        .unwrap_or_else(|| panic!("no {name} in {answer}"))
        .parse()
        .expect("a number")
}

#[tokio::test]
async fn labels_on_other_sites_turn_a_verdict_and_its_site_hears_of_it_exactly_once() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
    assert_ne!(checked.text(), "true");
    let other = check(
        &world,
        &receiver.blog(),
        "một chuyện hoàn toàn khác, không liên quan gì",
    )
    .await;
    assert_eq!((correct(&world), deliver(&world).await), (0, 0));
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(correct(&world), 1);
    assert_eq!(metric(&world, "phin_corrections_pending ").await, 1.0);
    assert_eq!(deliver(&world).await, 1);

    let heard = receiver.heard();
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].path, HOOK);
    assert_eq!(heard[0].headers["x-akismet-webhook"], "1");
    assert_eq!(heard[0].headers["content-type"], "application/json");
    assert_eq!(heard[0].headers["host"], receiver.address.to_string());
    assert_eq!(
        heard[0].body,
        json!({ "key": KEY, "endpoint": "comment-check", "comments": [{
            "guid": checked.guid(), "result": "true", "comment_post_ID": "7", "comment_parent": "0",
            "comment_author_email": "an@reader.example",
        }] })
    );
    assert_eq!(state(&world, checked.guid()), "done");
    assert_eq!(state(&world, other.guid()), Value::Null);

    // Neither more of the same nor time nor a restart sends it again.
    campaign(&world, "spam", &format!("{CAMPAIGN} Thanks.")).await;
    NOW.fetch_add(2 * HOUR, Ordering::Relaxed);
    assert_eq!((correct(&world), deliver(&world).await), (0, 0));
    assert_eq!(
        metric(&world, "phin_corrections_total{outcome=\"sent\"} ").await,
        1.0
    );
    assert_eq!(metric(&world, "phin_corrections_pending ").await, 0.0);
    let world = world.restart();
    campaign(&world, "spam", &format!("Hi. {CAMPAIGN}")).await;
    assert_eq!((correct(&world), deliver(&world).await), (0, 0));
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn a_check_is_corrected_back_once_and_then_left_to_people() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
    for (label, flips) in [("spam", 1), ("ham", 1), ("spam", 0), ("ham", 0)] {
        campaign(&world, label, CAMPAIGN).await;
        NOW.fetch_add(MINUTE, Ordering::Relaxed);
        assert_eq!(correct(&world), flips, "{label}");
        assert_eq!(deliver(&world).await, flips);
    }
    let results: Vec<String> = receiver
        .heard()
        .iter()
        .map(|heard| {
            heard.body["comments"][0]["result"]
                .as_str()
                .expect("text")
                .to_owned()
        })
        .collect();
    assert_eq!(results, ["true", "false"]);
    assert_eq!(state(&world, checked.guid()), "done");
}

#[tokio::test]
async fn a_flip_back_takes_the_place_of_one_that_waits() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(correct(&world), 1);
    // It is under way when the opinion turns again: what comes of it must not settle the other.
    let under_way = world
        .moderation()
        .corrections
        .due_deliveries()
        .expect("reads");
    campaign(&world, "ham", CAMPAIGN).await;
    assert_eq!(correct(&world), 1);
    world
        .moderation()
        .corrections
        .settle_delivery(&under_way[0], &taken())
        .expect("writes");
    assert_eq!((deliver(&world).await, deliver(&world).await), (1, 0));
    let heard = receiver.heard();
    assert_eq!(
        (heard.len(), &heard[0].body["comments"][0]["result"]),
        (1, &json!("false"))
    );
}

fn taken() -> Outcome {
    Outcome::Taken { but: Vec::new() }
}

#[tokio::test]
async fn a_site_that_is_down_is_tried_again_later_and_later_and_over_a_restart() {
    clock!(NOW);
    let free = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let blog = format!("http://{address}");
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &blog, CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(correct(&world), 1);
    assert_eq!(deliver(&world).await, 1);
    // Not at once, but after a minute and a fifth at most.
    assert_eq!(deliver(&world).await, 0);
    NOW.fetch_add(72_000, Ordering::Relaxed);
    assert_eq!((deliver(&world).await, deliver(&world).await), (1, 0));
    assert_eq!(
        metric(&world, "phin_corrections_total{outcome=\"failed\"} ").await,
        2.0
    );
    let ready = world.operator("/readyz").await;
    assert!(
        ready.contains("1 corrections wait for sites that did not answer"),
        "{ready}"
    );

    let world = world.restart();
    assert_eq!(metric(&world, "phin_corrections_pending ").await, 1.0);
    assert_eq!(deliver(&world).await, 0);
    let listener = tokio::net::TcpListener::bind(address)
        .await
        .expect("the same port");
    let receiver = Receiver::on(listener, wordpress).await;
    NOW.fetch_add(5 * MINUTE, Ordering::Relaxed);
    // The site takes it with its key alone, which is kept nowhere: it waits for the site's next call.
    assert_eq!(deliver(&world).await, 0);
    world.akismet("verify-key", &[]).await;
    NOW.fetch_add(MINUTE, Ordering::Relaxed);
    assert_eq!(deliver(&world).await, 1);
    assert_eq!(
        (receiver.heard().len(), state(&world, checked.guid())),
        (1, json!("done"))
    );
    let world = world.restart();
    NOW.fetch_add(HOUR, Ordering::Relaxed);
    assert_eq!((correct(&world), deliver(&world).await), (0, 0));
    assert_eq!(receiver.heard().len(), 1);
}

#[tokio::test]
async fn after_a_day_a_correction_is_given_up() {
    clock!(NOW);
    let receiver = Receiver::answering(|_| StatusCode::BAD_GATEWAY.into_response()).await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    correct(&world);
    let mut tries = 0;
    for _ in 0..26 * 60 {
        tries += deliver(&world).await;
        NOW.fetch_add(MINUTE, Ordering::Relaxed);
    }
    assert!((8..=11).contains(&tries), "{tries} tries");
    assert_eq!(receiver.heard().len(), tries);
    assert_eq!(
        state(&world, checked.guid()),
        json!({ "givenup": "the site answered 502" })
    );
    assert_eq!(
        metric(&world, "phin_corrections_total{outcome=\"given_up\"} ").await,
        1.0
    );
    assert_eq!(metric(&world, "phin_corrections_pending ").await, 0.0);
}

#[tokio::test]
async fn what_a_site_answers_decides_whether_it_is_asked_again() {
    for (status, again) in [
        (200, false),
        (204, false),
        (301, false),
        (302, false),
        (400, false),
        (401, false),
        (404, false),
        (408, true),
        (410, false),
        (429, true),
        (500, true),
        (503, true),
    ] {
        clock!(NOW);
        let status = StatusCode::from_u16(status).expect("a status");
        let receiver = Receiver::answering(move |_| status.into_response()).await;
        let world = world(|| NOW.load(Ordering::Relaxed));
        let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
        campaign(&world, "spam", CAMPAIGN).await;
        correct(&world);
        assert_eq!(deliver(&world).await, 1);
        NOW.fetch_add(2 * MINUTE, Ordering::Relaxed);
        assert_eq!(deliver(&world).await, usize::from(again), "{status}");
        let state = state(&world, checked.guid());
        match (status.is_success(), again) {
            (true, _) => assert_eq!(state, "done"),
            (_, true) => assert!(state["pending"].is_number(), "{status}: {state}"),
            (_, false) => assert_eq!(
                state["givenup"],
                format!("the site answered {}", status.as_u16())
            ),
        }
    }
}

#[tokio::test]
async fn a_comment_the_site_does_not_know_is_given_up_and_the_others_of_the_request_are_done() {
    clock!(NOW);
    let receiver = Receiver::answering(|body| {
        let guid = |at: usize| body["comments"][at]["guid"].as_str().unwrap_or("").to_owned();
        let said = json!({ guid(0): { "status": "error", "message": "?" }, guid(1): { "status": "success" } });
        axum::Json(json!({ "comments": said })).into_response()
    })
    .await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let guids = [
        check(&world, &receiver.blog(), CAMPAIGN)
            .await
            .guid()
            .to_owned(),
        check(&world, &receiver.blog(), &format!("{CAMPAIGN} Yes."))
            .await
            .guid()
            .to_owned(),
    ];
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(correct(&world), 2);
    // One request tells a site everything.
    assert_eq!(deliver(&world).await, 1);
    let mut states = guids.map(|guid| state(&world, &guid));
    states.sort_by_key(Value::is_object);
    assert_eq!(states[0], "done");
    assert!(
        states[1]["givenup"]
            .as_str()
            .expect("a reason")
            .contains("did not take it")
    );
}

#[tokio::test]
async fn addresses_that_are_not_the_sites_own_on_the_public_internet_are_noted_and_never_called() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let port = receiver.address.port();
    let public = CorrectionPolicy {
        window_hours: 24,
        reach: Reach::Public,
    };
    let world = World::correcting(Model::cold(), || NOW.load(Ordering::Relaxed), public);
    let here = |host: &str| format!("http://{host}:{port}");
    let mut table = vec![
        (here("127.0.0.1"), here("127.0.0.1")),
        (here("127.0.0.1"), here("2130706433")),
        (here("127.0.0.1"), here("0177.0.0.1")),
        (here("127.0.0.1"), here("0x7f.1")),
        (here("[::1]"), here("[::1]")),
        (here("[::ffff:127.0.0.1]"), here("[::ffff:127.0.0.1]")),
        ("http://blog.example".into(), here("127.0.0.1")),
        ("http://blog.example".into(), "http://evil.example/".into()),
        (
            "http://blog.example".into(),
            "http://me:secret@blog.example/".into(),
        ),
        (
            "http://blog.example".into(),
            "http://blog.example:22/".into(),
        ),
        ("http://blog.example".into(), "ftp://blog.example/".into()),
        ("http://blog.example".into(), "nonsense".into()),
    ];
    for address in [
        "169.254.169.254",
        "10.0.0.1",
        "172.16.3.4",
        "192.168.1.1",
        "[::ffff:10.0.0.1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        "224.0.0.1",
        "192.0.2.7",
        "0.0.0.0",
        "100.100.100.200",
    ] {
        table.push((
            format!("http://{address}"),
            format!("http://{address}{HOOK}"),
        ));
    }
    for (n, (blog, callback)) in table.iter().enumerate() {
        check_with(&world, blog, &format!("{CAMPAIGN} {n}"), callback, &[]).await;
    }
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(
        (
            correct(&world),
            deliver_by(&world, &courier(Reach::Public)).await
        ),
        (0, 0)
    );
    assert_eq!(
        metric(&world, "phin_callbacks_refused_total ").await,
        table.len() as f64
    );
    assert!(receiver.heard().is_empty());
    let records = world.close_and_export("check");
    assert_eq!(records.len(), table.len());
    for record in records {
        assert!(
            record["callback"]["refused"].is_string(),
            "{}",
            record["callback"]
        );
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    clock!(NOW);
    let inner = Receiver::wordpress().await;
    let target = format!("{}/secret", inner.blog());
    let receiver = Receiver::answering(move |_| {
        (
            StatusCode::TEMPORARY_REDIRECT,
            [("location", target.clone())],
        )
            .into_response()
    })
    .await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    correct(&world);
    assert_eq!(deliver(&world).await, 1);
    assert_eq!((receiver.heard().len(), inner.heard().len()), (1, 0));
    assert_eq!(
        state(&world, checked.guid()),
        json!({ "givenup": "the site answered 307" })
    );
}

/// Answers each question for a name with the next of these lists, and counts the questions.
fn resolver(answers: Vec<Vec<IpAddr>>) -> (Resolver, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let resolver: Resolver = Arc::new(move |name| {
        assert_eq!(name, "blog.test");
        let n = counter.fetch_add(1, Ordering::Relaxed);
        let answer = answers[n.min(answers.len() - 1)].clone();
        Box::pin(async move { Ok(answer) })
    });
    (resolver, asked)
}

#[tokio::test]
async fn a_name_is_resolved_once_and_what_it_resolves_to_is_looked_at() {
    let here: IpAddr = "127.0.0.1".parse().expect("an address");
    let metadata: IpAddr = "169.254.169.254".parse().expect("an address");
    let far: IpAddr = "2606:4700::1111".parse().expect("an address");
    for (reach, answers, arrives) in [
        // A name for this machine, and one that hides it behind a good address.
        (Reach::Public, vec![vec![here]], false),
        (Reach::Public, vec![vec![far, here]], false),
        (Reach::Private, vec![vec![here, metadata]], false),
        // Rebinding: the second answer would be another, but nobody asks twice.
        (Reach::Private, vec![vec![here], vec![metadata]], true),
    ] {
        clock!(NOW);
        let receiver = Receiver::wordpress().await;
        let blog = format!("http://blog.test:{}", receiver.address.port());
        let policy = CorrectionPolicy {
            window_hours: 24,
            reach,
        };
        let world = World::correcting(Model::cold(), || NOW.load(Ordering::Relaxed), policy);
        let checked = check(&world, &blog, CAMPAIGN).await;
        campaign(&world, "spam", CAMPAIGN).await;
        assert_eq!(correct(&world), 1);
        let (resolver, asked) = resolver(answers.clone());
        let courier = WebhookClient::trusting(reach, Vec::new(), resolver);
        assert_eq!(deliver_by(&world, &courier).await, 1);
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let heard = receiver.heard();
        assert_eq!(heard.len(), usize::from(arrives), "{answers:?}");
        if arrives {
            assert_eq!(
                heard[0].headers["host"],
                format!("blog.test:{}", receiver.address.port())
            );
        } else {
            assert!(state(&world, checked.guid())["givenup"].is_string());
        }
    }
}

#[tokio::test]
async fn a_comment_that_a_person_labelled_is_never_touched() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let blog = receiver.blog();
    let submit = async |label: &str, guid: &str| {
        let answer = world
            .akismet(
                label,
                &[("blog", &blog), ("guid", guid), ("reporter", "mod")],
            )
            .await;
        assert_eq!(answer.text(), THANKS);
    };
    let checked = async |n: usize| {
        let text = format!("{CAMPAIGN} {n}");
        check(&world, &blog, &text).await.guid().to_owned()
    };
    // One is labelled as the machine sees it later, one as it does not, one between the flip and its sending.
    let (agreed, defended, late) = (checked(1).await, checked(2).await, checked(3).await);
    submit("submit-spam", &agreed).await;
    submit("submit-ham", &defended).await;
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(correct(&world), 1);
    submit("submit-ham", &late).await;
    assert_eq!(deliver(&world).await, 0);
    assert_eq!(state(&world, &late), "withdrawn");
    assert_eq!(
        (state(&world, &agreed), state(&world, &defended)),
        (Value::Null, Value::Null)
    );
    assert!(receiver.heard().is_empty());
    // A second check of the same comment is the same comment.
    check(&world, &blog, &format!("{CAMPAIGN} 2")).await;
    campaign(&world, "spam", &format!("{CAMPAIGN} 2")).await;
    assert_eq!(correct(&world), 0);
}

#[tokio::test]
async fn only_checks_of_the_last_hours_are_corrected_and_none_where_it_is_switched_off() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    check(&world, &receiver.blog(), CAMPAIGN).await;
    NOW.fetch_add(23 * HOUR, Ordering::Relaxed);
    check(&world, &receiver.blog(), &format!("{CAMPAIGN} Yes.")).await;
    NOW.fetch_add(2 * HOUR, Ordering::Relaxed);
    // What is in the window is known after a restart too.
    let world = world.restart();
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!((correct(&world), deliver(&world).await), (1, 1));
    assert_eq!(receiver.heard().len(), 1);

    let off = CorrectionPolicy {
        window_hours: 0,
        reach: Reach::Private,
    };
    let world = World::correcting(Model::cold(), || NOW.load(Ordering::Relaxed), off);
    check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!((correct(&world), deliver(&world).await), (0, 0));
    assert_eq!(receiver.heard().len(), 1);
    assert_eq!(world.close_and_export("check")[0]["callback"], "none");
}

#[tokio::test]
async fn our_opinion_can_be_asked_for_again_without_a_label() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    check(&world, &receiver.blog(), CAMPAIGN).await;
    let round = || world.moderation().corrections.correct(10).expect("works");
    assert_eq!(round().rows, 0);
    let like = phin::comment::Comment::from_text(CAMPAIGN);
    world.moderation().corrections.queue_rescore(&like);
    assert_eq!((round().rows, round().rows), (1, 0));
}

#[tokio::test]
async fn a_campaign_come_to_light_has_its_earlier_members_judged_again() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let text = |n: u8| format!("{CAMPAIGN} She answered after {n} minutes on 0912 000 345.");
    check(&world, &receiver.blog(), &text(20)).await;
    let round = || {
        world
            .moderation()
            .corrections
            .correct(10)
            .expect("works")
            .rows
    };
    assert_eq!(round(), 0);
    for n in 0..8 {
        let (blog, ip) = (format!("http://site-{n}.example"), format!("198.51.{n}.9"));
        let fields = [("user_ip", ip.as_str())];
        check_with(&world, &blog, &text(n), "", &fields).await;
    }
    assert_eq!(round(), 1);
}

#[tokio::test]
async fn the_closest_are_judged_again_first_and_no_more_than_a_round_may() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let half = "My cousin fixed his lamp with the people next door, alas, and now his flat is dark at night";
    let half = check(&world, &receiver.blog(), half).await;
    let copy = check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    let round = |most| {
        world
            .moderation()
            .corrections
            .correct(most)
            .expect("works")
            .rows
    };
    assert_eq!(round(1), 1);
    let turned = |checked: &Answer| !state(&world, checked.guid()).is_null();
    assert_eq!((turned(&copy), turned(&half)), (true, false));
    assert_eq!((round(1), round(1)), (1, 0));
}

#[tokio::test]
async fn a_correction_that_comes_back_as_a_report_teaches_nothing() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let blog = receiver.blog();
    check(&world, &blog, CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    correct(&world);
    let before = world.log_odds(&blog, CAMPAIGN).await;
    let echo = [
        ("blog", blog.as_str()),
        ("comment_content", CAMPAIGN),
        ("comment_post_ID", "7"),
        ("comment_author_email", "an@reader.example"),
    ];
    // While it is being sent, and just after.
    let under_way = world
        .moderation()
        .corrections
        .due_deliveries()
        .expect("reads");
    assert_eq!(world.akismet("submit-spam", &echo).await.text(), THANKS);
    world
        .moderation()
        .corrections
        .settle_delivery(&under_way[0], &taken())
        .expect("writes");
    assert_eq!(world.akismet("submit-spam", &echo).await.text(), THANKS);
    assert_eq!(world.log_odds(&blog, CAMPAIGN).await, before);
    assert_eq!(correct(&world), 0);
    // A person who says the same is heard.
    let person = [&echo[..], &[("reporter", "mod")]].concat();
    assert_eq!(world.akismet("submit-spam", &person).await.text(), THANKS);
    assert!(world.log_odds(&blog, CAMPAIGN).await > before);
}

#[tokio::test]
async fn an_answer_without_end_is_read_to_64_kb() {
    clock!(NOW);
    let receiver = Receiver::answering(|_| {
        let endless = std::iter::repeat_with(|| Ok::<_, std::io::Error>(vec![b' '; 1 << 16]));
        Body::from_stream(tokio_stream::iter(endless)).into_response()
    })
    .await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    correct(&world);
    assert_eq!(deliver(&world).await, 1);
    assert_eq!(state(&world, checked.guid()), "done");
}

#[tokio::test]
async fn a_revoked_key_sends_nothing() {
    clock!(NOW);
    let receiver = Receiver::wordpress().await;
    let world = world(|| NOW.load(Ordering::Relaxed));
    let checked = check(&world, &receiver.blog(), CAMPAIGN).await;
    campaign(&world, "spam", CAMPAIGN).await;
    assert_eq!(correct(&world), 1);
    world.moderation().accounts.revoke_key(KEY).expect("writes");
    assert_eq!(deliver(&world).await, 0);
    let state = state(&world, checked.guid());
    assert!(
        state["givenup"]
            .as_str()
            .expect("a reason")
            .contains("revoked")
    );
    assert!(receiver.heard().is_empty());
}

/// A site behind TLS with this certificate.
async fn secure(certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> Receiver {
    use tokio_rustls::rustls::{ServerConfig, pki_types::PrivateKeyDer};
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).expect("a key");
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .expect("they belong together");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let site = site(Arc::clone(&heard), wordpress);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let Ok(stream) = acceptor.accept(stream).await else {
                continue;
            };
            let service = hyper_util::service::TowerToHyperService::new(site.clone());
            let io = hyper_util::rt::TokioIo::new(stream);
            tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(io, service));
        }
    });
    Receiver { address, heard }
}

#[tokio::test]
async fn behind_tls_only_the_site_itself_is_told() {
    let certify = |name: &str| {
        rcgen::generate_simple_self_signed(vec![name.to_owned()]).expect("a certificate")
    };
    let (ours, stranger, misnamed) = (
        certify("blog.test"),
        certify("blog.test"),
        certify("other.test"),
    );
    for (serves, trusts, arrives) in [
        (&ours, &ours, true),
        (&stranger, &ours, false),
        (&misnamed, &misnamed, false),
    ] {
        clock!(NOW);
        let receiver = secure(serves).await;
        let blog = format!("https://blog.test:{}", receiver.address.port());
        let world = world(|| NOW.load(Ordering::Relaxed));
        let checked = check(&world, &blog, CAMPAIGN).await;
        campaign(&world, "spam", CAMPAIGN).await;
        assert_eq!(correct(&world), 1);
        let (resolver, _) = resolver(vec![vec![receiver.address.ip()]]);
        let certificates = vec![trusts.cert.der().to_vec()];
        let courier = WebhookClient::trusting(Reach::Private, certificates, resolver);
        assert_eq!(deliver_by(&world, &courier).await, 1);
        assert_eq!(receiver.heard().len(), usize::from(arrives));
        let state = state(&world, checked.guid());
        if arrives {
            assert_eq!(state, "done");
        } else {
            assert!(state["pending"].is_number(), "{state}");
        }
    }
}

/// A site that takes everything and hands on what it heard.
fn plain_site() -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let heard = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !String::from_utf8_lossy(&request).ends_with("]}") {
                match stream.read(&mut piece) {
                    Ok(0) | Err(_) => break,
                    Ok(read) => request.extend_from_slice(&piece[..read]),
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            notes.lock().expect("whole").push(request);
            let _ = write!(stream, "HTTP/1.1 200 x\r\nContent-Length: 0\r\n\r\n");
        }
    });
    (address, heard)
}

#[test]
fn the_program_tells_a_site_by_itself_and_after_kill_nine_not_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let (address, heard) = plain_site();
    let blog = format!("http://{address}");
    let settings = [("PHIN_CALLBACK_PRIVATE", "true"), ("PHIN_MODEL", "none")];
    let start = || Server::start_with(clean(phin()), folder.path(), &settings);
    let mut server = start();
    let mut connection = server.connect();
    let post = |connection: &mut Connection, call: &str, blog: &str, text: &str| {
        let callback = format!("{blog}{HOOK}");
        let fields = [
            ("blog", blog),
            ("comment_content", text),
            ("callback", &callback),
        ];
        let answer = connection.post(&format!("/1.1/{call}"), &form(&fields));
        answer.expect("answered")
    };
    post(&mut connection, "comment-check", &blog, CAMPAIGN);
    for n in 0..6 {
        let site = format!("http://site{n}.example");
        let answer = post(&mut connection, "submit-spam", &site, CAMPAIGN);
        assert_eq!(answer.body, THANKS);
    }
    let sent = || {
        ask_operator(folder.path(), "/metrics")
            .contains("phin_corrections_total{outcome=\"sent\"} 1")
    };
    until("the site is told", sent);
    assert_eq!(heard.lock().expect("whole").len(), 1);
    let said = heard.lock().expect("whole")[0].to_lowercase();
    assert!(said.contains("x-akismet-webhook: 1\r\n"), "{said}");
    server.kill();

    // The next one finds it done. It has a flip of its own to tell, which shows that a round has run.
    let mut server = start();
    let mut connection = server.connect();
    let other =
        "Khu nhà mình mới có tiệm bánh mì của chú Bảy, bánh giòn lắm, ai đi ngang nhớ ghé thử.";
    let checked = post(&mut connection, "comment-check", &blog, other);
    let turn = if checked.body == "true" {
        "submit-ham"
    } else {
        "submit-spam"
    };
    for n in 0..12 {
        post(
            &mut connection,
            turn,
            &format!("http://site{n}.example"),
            other,
        );
    }
    until("the site is told", sent);
    let heard = heard.lock().expect("whole");
    assert_eq!(heard.len(), 2);
    server.terminate();
    server.ended();
}

/// Our own training comments, their labels beside them.
fn own_comments() -> Vec<(String, &'static str)> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data");
    let mut all = Vec::new();
    for lang in ["vi", "en"] {
        let mut files: Vec<_> = std::fs::read_dir(root.join(lang))
            .expect("is here")
            .map(|f| f.expect("is read").path())
            .collect();
        files.sort();
        for file in files {
            for line in std::fs::read_to_string(file).expect("is read").lines() {
                let row: Value = serde_json::from_str(line).expect("JSON");
                let label = if row["label"] == "spam" {
                    "spam"
                } else {
                    "ham"
                };
                all.push((row["text"].as_str().expect("a text").to_owned(), label));
            }
        }
    }
    all
}

/// Which share of what a label turns is found by the sketches? Everything is judged again for comparison; with 400 labels behind, then 30 one by one.
#[tokio::test]
async fn the_sketches_find_most_of_what_a_label_turns_and_look_at_little_else() {
    clock!(NOW);
    let world = world(|| NOW.load(Ordering::Relaxed));
    let blog = "http://127.0.0.1:9";
    let mut texts = own_comments();
    // The same shuffle every time: rows of one file lie side by side.
    let place = |text: &str| {
        text.bytes().fold(7_u64, |h, b| {
            (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)
        })
    };
    texts.sort_by_key(|(text, _)| place(text));
    texts.dedup_by(|a, b| a.0 == b.0);
    let (taught, rest) = texts.split_at(400);
    let (labelled, rest) = rest.split_at(30);
    let checked = &rest[..1_000];
    for (n, (text, label)) in taught.iter().enumerate() {
        let site = format!("http://site{}.example", n % 9);
        world
            .akismet(
                &format!("submit-{label}"),
                &[
                    ("blog", &site),
                    ("comment_content", text),
                    ("reporter", "mod"),
                ],
            )
            .await;
    }
    let is_spam = async |text: &str| {
        let answer = world.check_json(&json!({ "site": blog, "text": text, "email": "an@reader.example", "ip": "203.0.113.9", "test": true })).await;
        answer["verdict"].as_str().expect("text").to_owned()
    };
    let mut before = Vec::new();
    for (text, _) in checked {
        check(&world, blog, text).await;
        before.push(is_spam(text).await);
    }
    world.moderation().corrections.correct(0).expect("works");
    let (mut turned, mut found, mut rows) = (0, 0, 0);
    for (n, (text, label)) in labelled.iter().enumerate() {
        let site = format!("http://site{}.example", n % 9);
        world
            .akismet(
                &format!("submit-{label}"),
                &[
                    ("blog", &site),
                    ("comment_content", text),
                    ("reporter", "mod"),
                ],
            )
            .await;
        let round = world
            .moderation()
            .corrections
            .correct(100_000)
            .expect("works");
        (found, rows) = (found + round.flips, rows + round.rows);
        for ((text, _), before) in checked.iter().zip(&mut before) {
            let now = is_spam(text).await;
            if matches!(
                (before.as_str(), now.as_str()),
                ("ham" | "unsure", "spam" | "discard") | ("spam" | "discard", "ham")
            ) {
                turned += 1;
                *before = now;
            }
        }
    }
    let looked_at = rows as f64 / (labelled.len() * checked.len()) as f64;
    println!(
        "{turned} turned, {found} of them found, {:.1} % of the checks judged again",
        100.0 * looked_at
    );
    assert!(
        turned > 10 && found * 4 >= turned * 3,
        "{turned} turned, {found} found"
    );
    assert!(looked_at < 0.25, "{looked_at}");
}
