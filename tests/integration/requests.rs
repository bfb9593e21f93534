//! What a request may look like: whatever a PHP server takes, the verdict and the record are the same.

use std::io::Write as _;

use axum::body::Body;
use axum::http::Request;
use flate2::Compression;
use flate2::write::GzEncoder;
use phin::model::Model;
use url::form_urlencoded::byte_serialize;

use crate::world::{Answer, KEY, THANKS, World, form};

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data; boundary=------------------------d74496d66958873e";
const TEXT: &str = "Cảm ơn bạn, 1 + 1 = 2 & 100%";

/// A multipart body as cURL writes it.
fn multipart(fields: &[(&str, &str)]) -> String {
    let boundary = MULTIPART.split_once('=').expect("a boundary").1;
    let part = |(name, value): &(&str, &str)| {
        format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        )
    };
    let parts: String = fields.iter().map(part).collect();
    format!("{parts}--{boundary}--\r\n")
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn fields(text: &str) -> [(&str, &str); 4] {
    [
        ("api_key", KEY),
        ("blog", "http://blog.example"),
        ("user_ip", "203.0.113.9"),
        ("comment_content", text),
    ]
}

async fn post(world: &World, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Answer {
    let mut request = Request::post(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body)).expect("a request");
    world.send(request).await
}

async fn get(world: &World, uri: &str) -> Answer {
    let request = Request::get(uri).body(Body::empty()).expect("a request");
    world.send(request).await
}

/// Texts and addresses of all checks recorded, in order of their texts.
fn recorded(world: &World) -> Vec<(String, String)> {
    let text = |of: &serde_json::Value| of.as_str().unwrap_or("none").to_owned();
    let mut checks: Vec<_> = world
        .close_and_export("check")
        .iter()
        .map(|check| {
            let comment = &check["comment"];
            (text(&comment["text"]), text(&comment["request"]["ip"]))
        })
        .collect();
    checks.sort();
    checks
}

#[track_caller]
fn same(checks: &[(String, String)], count: usize) {
    let expected = (TEXT.to_owned(), "203.0.113.9".to_owned());
    assert_eq!(checks, vec![expected; count]);
}

#[tokio::test]
async fn a_comment_is_read_the_same_from_every_kind_of_body() {
    let world = World::with_model(Model::cold());
    let urlencoded = form(&fields(TEXT));
    let query = format!("/1.1/comment-check?{urlencoded}");
    let rest: Vec<_> = fields(TEXT).into_iter().skip(1).collect();
    let answers = [
        post(
            &world,
            "/1.1/comment-check",
            &[("content-type", FORM)],
            urlencoded.clone().into(),
        )
        .await,
        post(&world, "/1.1/comment-check", &[], urlencoded.clone().into()).await,
        post(
            &world,
            "/1.1/comment-check",
            &[("content-type", MULTIPART)],
            multipart(&fields(TEXT)).into(),
        )
        .await,
        // joind.in: multipart, and the key in the name of the host alone.
        post(
            &world,
            "/1.1/comment-check",
            &[
                ("content-type", MULTIPART),
                ("host", &format!("{KEY}.rest.akismet.com")),
            ],
            multipart(&rest).into(),
        )
        .await,
        post(
            &world,
            "/1.1/comment-check",
            &[("content-type", FORM), ("content-encoding", "gzip")],
            gzip(urlencoded.as_bytes()),
        )
        .await,
        get(&world, &query).await,
        post(&world, &query, &[], Vec::new()).await,
        post(
            &world,
            "/1.1/comment-check/",
            &[],
            urlencoded.clone().into(),
        )
        .await,
        post(
            &world,
            "/1.1//comment-check//",
            &[],
            urlencoded.clone().into(),
        )
        .await,
        post(
            &world,
            "//1.1/comment-check",
            &[],
            urlencoded.clone().into(),
        )
        .await,
    ];
    for (at, answer) in answers.iter().enumerate() {
        assert_eq!((answer.status, answer.text()), (200, "false"), "{at}");
        assert_eq!(answer.header("x-akismet-debug-help"), None, "{at}");
    }
    same(&recorded(&world), answers.len());
}

#[tokio::test]
async fn a_report_and_a_key_come_in_every_kind_of_body_too() {
    let world = World::with_model(Model::cold());
    let spam = form(&fields(TEXT));
    let kind = [("content-type", MULTIPART)];
    let key = multipart(&fields(TEXT)[..2]);
    let call = async |path: &str| post(&world, path, &kind, key.clone().into()).await;
    assert_eq!(call("/1.1/verify-key").await.text(), "valid");
    assert_eq!(
        get(&world, &format!("/1.1/verify-key?{spam}")).await.text(),
        "valid"
    );
    let spams = multipart(&fields(TEXT));
    let answer = post(&world, "/1.1/submit-spam", &kind, spams.into()).await;
    assert_eq!(answer.text(), THANKS);
    let other = form(&fields("mua ngay"));
    assert_eq!(
        get(&world, &format!("/1.1/submit-ham/?{other}"))
            .await
            .text(),
        THANKS
    );
    assert_eq!(world.close_and_export("label").len(), 2);
}

#[tokio::test]
async fn the_body_wins_over_the_query() {
    let world = World::with_model(Model::cold());
    let query = form(&[("comment_content", "in the query"), ("api_key", "wrong")]);
    let body = form(&fields(TEXT));
    post(
        &world,
        &format!("/1.1/comment-check?{query}"),
        &[],
        body.into(),
    )
    .await;
    same(&recorded(&world), 1);
}

#[tokio::test]
async fn a_key_in_capitals_is_the_same_key() {
    let world = World::with_model(Model::cold());
    let capitals = KEY.to_uppercase();
    assert_ne!(capitals, KEY);
    let answer = world.akismet("verify-key", &[("api_key", &capitals)]).await;
    assert_eq!(answer.text(), "valid");
    let answer = world
        .akismet("verify-key", &[("api_key", "ABCDEFABCDEF")])
        .await;
    assert_eq!(answer.text(), "invalid");
}

#[tokio::test]
async fn values_that_are_escaped_twice_and_arrays_are_read() {
    let world = World::with_model(Model::cold());
    let once = |text: &str| -> String { byte_serialize(text.as_bytes()).collect() };
    let twice = format!(
        "api_key={KEY}&blog={}&user_ip={}&comment_content={}",
        once(&once("http://blog.example")),
        once(&once("203.0.113.9")),
        once(&once(TEXT)),
    );
    post(&world, "/1.1/comment-check", &[], twice.into()).await;
    let array = format!(
        "api_key={KEY}&blog[]=http://blog.example&user_ip[0]=203.0.113.9&comment_content%5B%5D={}",
        once(TEXT)
    );
    post(&world, "/1.1/comment-check", &[], array.into()).await;
    same(&recorded(&world), 2);
}

#[tokio::test]
async fn the_charset_of_the_content_type_is_believed() {
    let world = World::with_model(Model::cold());
    let head =
        format!("api_key={KEY}&blog=http://blog.example&user_ip=203.0.113.9&comment_content=");
    let body = [head.as_bytes(), b"\xea\xf3\xef\xe8\xf2\xfc"].concat();
    let kind = format!("{FORM}; charset=windows-1251");
    post(
        &world,
        "/1.1/comment-check",
        &[("content-type", &kind)],
        body,
    )
    .await;
    let body = [head.as_bytes(), b"J%FCrgen"].concat();
    let kind = format!("{FORM};charset=iso-8859-1");
    post(
        &world,
        "/1.1/comment-check",
        &[("content-type", &kind)],
        body,
    )
    .await;
    let texts: Vec<String> = recorded(&world).into_iter().map(|(text, _)| text).collect();
    assert_eq!(texts, ["Jürgen", "купить"]);
}

#[tokio::test]
async fn the_first_public_address_of_a_list_is_the_authors() {
    let world = World::with_model(Model::cold());
    let lists = [
        "113.161.7.7, 10.0.0.3",
        "10.0.0.3, 113.161.7.7",
        "113.161.7.7,",
        "113.161.7.7:52100",
        "[2001:db8::7]:443",
        "10.0.0.3",
        "",
    ];
    for list in lists {
        let answer = world
            .akismet(
                "comment-check",
                &[("user_ip", list), ("comment_content", list)],
            )
            .await;
        assert_eq!(answer.text(), "false", "{list}");
    }
    let checks = recorded(&world);
    let of = |list: &str| {
        let found = checks.iter().find(|(text, _)| text == list);
        found.map(|(_, ip)| ip.as_str())
    };
    for list in &lists[..4] {
        assert_eq!(of(list), Some("113.161.7.7"), "{list}");
    }
    assert_eq!(of("[2001:db8::7]:443"), Some("2001:db8::7"));
    assert_eq!((of("10.0.0.3"), of("")), (Some("none"), Some("none")));
}

#[tokio::test]
async fn a_deny_list_meets_an_address_in_a_list() {
    let world = World::with_model(Model::cold());
    world.check("xin chào").await;
    let entry = serde_json::json!({
        "site": "blog.example", "list": "deny", "kind": "ip", "value": "113.161.7.7",
    });
    assert_eq!(world.json("/v1/lists", &entry).await.status, 201);
    let answer = world
        .akismet(
            "comment-check",
            &[
                ("user_ip", "10.0.0.3, 113.161.7.7"),
                ("comment_content", TEXT),
            ],
        )
        .await;
    assert_eq!(answer.text(), "true");
}

#[tokio::test]
async fn a_body_that_cannot_be_unpacked_is_refused_in_words_and_teaches_nothing() {
    let world = World::with_model(Model::cold());
    let whole = gzip(form(&fields(TEXT)).as_bytes());
    let cut = whole[..whole.len() / 2].to_vec();
    let bomb = gzip(&vec![b'a'; 65 << 20]);
    for (encoding, body, words) in [
        ("gzip", cut, "not the gzip"),
        ("br", whole, "Content-Encoding"),
        ("gzip", bomb, "64 MiB"),
    ] {
        let headers = [("content-type", FORM), ("content-encoding", encoding)];
        let path = format!("/1.1/submit-spam?api_key={KEY}");
        let answer = post(&world, &path, &headers, body).await;
        assert_eq!(answer.status, 400, "{encoding}");
        assert!(answer.text().contains(words), "{}", answer.text());
    }
    assert!(world.close_and_export("label").is_empty());
}

#[tokio::test]
async fn of_an_oversized_multipart_body_the_last_fields_count() {
    let world = World::with_model(Model::cold());
    let long = "a".repeat(9 << 20);
    let mut all = fields(&long).to_vec();
    // The key last, as WordPress sends it.
    all.rotate_left(1);
    let kind = [("content-type", MULTIPART)];
    let answer = post(&world, "/1.1/comment-check", &kind, multipart(&all).into()).await;
    assert_eq!((answer.status, answer.text()), (200, "false"));
    assert_eq!(answer.header("x-akismet-debug-help"), None);
}

#[tokio::test]
async fn a_test_counts_nowhere() {
    let world = World::with_model(Model::cold());
    let before = world.operator("/metrics").await;
    world
        .akismet(
            "comment-check",
            &[("is_test", "1"), ("comment_content", TEXT)],
        )
        .await;
    world
        .json(
            "/v1/check",
            &serde_json::json!({ "site": "blog.example", "text": TEXT, "test": true }),
        )
        .await;
    let counts = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| line.contains("check"));
        lines.map(str::to_owned).collect()
    };
    assert_eq!(counts(&world.operator("/metrics").await), counts(&before));
    world
        .akismet("comment-check", &[("comment_content", TEXT)])
        .await;
    assert_ne!(counts(&world.operator("/metrics").await), counts(&before));
}
