//! The protocol as real clients speak it: each trap of the field, and the answers they compare with `==`.

use axum::body::Body;
use axum::http::Request;
use phin::model::Model;

use crate::program::Server;
use crate::world::{Answer, KEY, THANKS, World, form};

/// Spam that any model worth shipping is sure of.
const LOUD: &str = "EARN $5000 per week from home!!! Vay tiền nhanh, không thế chấp! Click here http://easy-money.example and subscribe to my channel, WhatsApp +1 202 555 0143";
/// A comment that nobody minds.
const KIND: &str =
    "Cảm ơn bạn đã chia sẻ, mình làm theo bước hai thì máy chạy lại bình thường rồi.";

#[track_caller]
fn plain(answer: &Answer, body: &str) {
    assert_eq!((answer.status, answer.text()), (200, body));
    assert!(
        answer
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("text/plain")),
        "{answer:?}"
    );
    assert_eq!(
        answer.header("x-akismet-debug-help"),
        None,
        "several clients throw when they see it"
    );
    assert_eq!(
        (
            answer.header("x-akismet-alert-code"),
            answer.header("content-encoding")
        ),
        (None, None)
    );
}

#[track_caller]
fn refused(answer: &Answer, body: &str, help: &str) {
    assert_eq!((answer.status, answer.text()), (200, body));
    assert!(
        answer
            .header("x-akismet-debug-help")
            .is_some_and(|h| h.contains(help)),
        "{help:?} is not in {answer:?}"
    );
}

#[tokio::test]
async fn the_key_arrives_in_five_ways_and_is_missed_in_words() {
    let world = World::with_model(Model::cold());
    let rest = "blog=http%3A%2F%2Fblog.example&user_ip=203.0.113.9&comment_content=hay";
    for call in [
        "/1.1/verify-key",
        "/1.1/comment-check",
        "/1.2/comment-check",
    ] {
        let good = if call.ends_with("verify-key") {
            "valid"
        } else {
            "false"
        };
        plain(
            &world.post(call, format!("api_key={KEY}&{rest}")).await,
            good,
        );
        plain(&world.post(call, format!("{rest}&key={KEY}")).await, good);
        plain(
            &world.post(&format!("{call}?api_key={KEY}"), rest).await,
            good,
        );
        for host in [
            format!("{KEY}.rest.test"),
            format!("{}.rest.test:8080", KEY.to_uppercase()),
            format!("{KEY}.rest.akismet.com:443"),
        ] {
            let request = Request::post(call)
                .header("host", host)
                .body(Body::from(rest))
                .expect("a request");
            plain(&world.send(request).await, good);
        }
        refused(
            &world
                .send(
                    Request::post(call)
                        .header("host", "127.0.0.1:8080")
                        .body(Body::from(rest))
                        .expect("a request"),
                )
                .await,
            "invalid",
            "no API key",
        );
        refused(
            &world
                .send(
                    Request::post(call)
                        .body(Body::from(rest))
                        .expect("a request"),
                )
                .await,
            "invalid",
            "no API key",
        );
    }
}

#[tokio::test]
async fn of_several_keys_the_form_wins_over_the_query_and_the_query_over_the_host() {
    let world = World::with_model(Model::cold());
    let call = async |form: &str, query: &str, host: &str| {
        let request = Request::post(format!("/1.1/verify-key{query}"))
            .header("host", host)
            .body(Body::from(format!("blog=blog.example&{form}")))
            .expect("a request");
        world.send(request).await.text().to_owned()
    };
    let (good_host, bad_host) = (&format!("{KEY}.rest.test"), "nobody.rest.test");
    assert_eq!(
        call(
            &format!("api_key={KEY}&key=wrong"),
            "?api_key=wrong",
            bad_host
        )
        .await,
        "valid"
    );
    assert_eq!(
        call(&format!("key={KEY}&api_key=wrong"), "", good_host).await,
        "invalid"
    );
    assert_eq!(
        call(&format!("key={KEY}"), "?api_key=wrong", bad_host).await,
        "valid"
    );
    assert_eq!(
        call("key=wrong", &format!("?api_key={KEY}"), good_host).await,
        "invalid"
    );
    assert_eq!(
        call("", &format!("?api_key={KEY}"), bad_host).await,
        "valid"
    );
    assert_eq!(call("", "?api_key=wrong", good_host).await, "invalid");
    // WordPress appends its key at the end: the last of a repeated name wins, and an empty one is none.
    assert_eq!(
        call(&format!("api_key=wrong&api_key={KEY}"), "", bad_host).await,
        "valid"
    );
    assert_eq!(call("api_key=&key=", "", good_host).await, "valid");
}

#[tokio::test]
async fn bodies_are_exact_to_the_byte() {
    let world = World::new();
    plain(&world.akismet("verify-key", &[]).await, "valid");
    plain(&world.check(LOUD).await, "true");
    plain(&world.check(KIND).await, "false");
    plain(
        &world
            .akismet("submit-spam", &[("comment_content", LOUD)])
            .await,
        THANKS,
    );
    plain(
        &world
            .akismet("submit-ham", &[("comment_content", KIND)])
            .await,
        THANKS,
    );
    assert_eq!(THANKS.len(), 41);
}

#[tokio::test]
async fn every_check_has_a_guid_of_its_own() {
    let world = World::with_model(Model::cold());
    let kinds: [&[(&str, &str)]; 5] = [
        &[("comment_content", "hay")],
        &[("comment_author", "viagra-test-123")],
        &[("user_role", "administrator")],
        &[("is_test", "1")],
        &[("comment_content", "")],
    ];
    let mut seen = std::collections::HashSet::new();
    for fields in kinds.iter().cycle().take(100) {
        let answer = world.akismet("comment-check", fields).await;
        let guid = answer.guid();
        assert!(
            guid.len() == 32
                && guid
                    .bytes()
                    .all(|b| b.is_ascii_hexdigit() && !b.is_ascii_uppercase()),
            "{guid}"
        );
        assert!(seen.insert(guid.to_owned()), "{guid} came twice");
    }
}

#[tokio::test]
async fn test_values_fix_the_verdict_and_guaranteed_spam_beats_the_administrator() {
    let world = World::new();
    let check = async |fields: &[(&str, &str)]| {
        world
            .akismet("comment-check", fields)
            .await
            .text()
            .to_owned()
    };
    for spam in [
        ("comment_author", "viagra-test-123"),
        ("comment_author", "akismet-guaranteed-spam"),
        (
            "comment_author_email",
            "akismet-guaranteed-spam@example.com",
        ),
    ] {
        assert_eq!(
            check(&[spam, ("comment_content", KIND)]).await,
            "true",
            "{spam:?}"
        );
        assert_eq!(
            check(&[
                spam,
                ("comment_content", KIND),
                ("user_role", "administrator")
            ])
            .await,
            "true",
            "{spam:?}"
        );
        assert_eq!(
            check(&[spam, ("comment_content", KIND), ("is_test", "1")]).await,
            "true",
            "{spam:?}"
        );
    }
    for roles in [
        "administrator",
        "administrator,shop_manager",
        "editor, Administrator",
    ] {
        assert_eq!(
            check(&[("user_role", roles), ("comment_content", LOUD)]).await,
            "false",
            "{roles}"
        );
    }
    assert_eq!(
        check(&[("user_role", "editor"), ("comment_content", LOUD)]).await,
        "true"
    );
    assert_eq!(
        check(&[("comment_author", "Mr test-123"), ("comment_content", KIND)]).await,
        "false"
    );
}

#[tokio::test]
async fn is_test_is_a_value_and_leaves_no_trace() {
    let world = World::with_model(Model::cold());
    for (value, text) in [
        ("0", "real 0"),
        ("false", "real false"),
        ("1", "test 1"),
        ("true", "test true"),
        ("True", "test True"),
    ] {
        let answer = world
            .akismet(
                "comment-check",
                &[("is_test", value), ("comment_content", text)],
            )
            .await;
        assert!(
            answer.verdict() == "unsure",
            "a test is judged like any other: {answer:?}"
        );
    }
    plain(
        &world
            .akismet(
                "submit-spam",
                &[("is_test", "true"), ("comment_content", "test true")],
            )
            .await,
        THANKS,
    );
    let mut texts: Vec<String> = world
        .close_and_export("check")
        .iter()
        .map(|check| {
            check["comment"]["text"]
                .as_str()
                .expect("a text")
                .to_owned()
        })
        .collect();
    texts.sort();
    assert_eq!(texts, ["real 0", "real false"]);
    assert!(world.close_and_export("label").is_empty());
}

#[tokio::test]
async fn the_honeypot_is_read_under_any_of_its_names_and_empty_is_not_filled() {
    let world = World::with_model(Model::cold());
    let forms: [(&[(&str, &str)], &str); 6] = [
        (
            &[
                ("honeypot_field_name", "website2"),
                ("website2", "http://x.test"),
            ],
            "Filled",
        ),
        (
            &[
                ("honeypot_field_name", "website2"),
                ("hidden_honeypot_field", "x"),
            ],
            "Filled",
        ),
        (&[("POST_ak_hp_textarea", "buy")], "Filled"),
        (
            &[("honeypot_field_name", "website2"), ("website2", "  ")],
            "Empty",
        ),
        (&[("hidden_honeypot_field", "")], "Empty"),
        (&[("honeypot_field_name", "website2")], "null"),
    ];
    for (at, (fields, _)) in forms.iter().enumerate() {
        let text = at.to_string();
        world
            .akismet(
                "comment-check",
                &[*fields, &[("comment_content", text.as_str())]].concat(),
            )
            .await;
    }
    let checks = world.close_and_export("check");
    assert_eq!(checks.len(), forms.len());
    for check in checks {
        let at: usize = check["comment"]["text"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("its number");
        let honeypot = check["comment"]["behaviour"]["honeypot"]
            .as_str()
            .unwrap_or("null")
            .to_owned();
        assert_eq!(honeypot, forms[at].1, "{:?}", forms[at].0);
    }
}

#[tokio::test]
async fn a_filled_honeypot_speaks_once_it_was_labelled() {
    let world = World::with_model(Model::cold());
    let trapped = async |text: &str| {
        world
            .akismet(
                "comment-check",
                &[
                    ("comment_content", text),
                    ("honeypot_field_name", "h"),
                    ("h", "x"),
                ],
            )
            .await
            .probability()
    };
    let before = trapped("bài viết hay").await;
    for text in ["một", "hai", "ba"] {
        let fields = [
            ("comment_content", text),
            ("honeypot_field_name", "h"),
            ("h", "x"),
        ];
        plain(&world.akismet("submit-spam", &fields).await, THANKS);
    }
    assert!(trapped("bài viết hay").await > before + 0.1);
}

#[tokio::test]
async fn the_shipped_model_supposes_what_behaviour_in_a_form_means() {
    let world = World::new();
    let log_odds = async |behaviour: &[(&str, &str)]| {
        let mut fields = vec![("comment_content", "Bài viết hay quá, cảm ơn bạn.")];
        fields.extend(behaviour);
        let probability = world.akismet("comment-check", &fields).await.probability();
        (probability / (1.0 - probability)).ln()
    };
    let before = log_odds(&[]).await;
    // The header says four digits of the probability.
    for (behaviour, at_least) in [
        ([("honeypot_field_name", "h"), ("h", "x")], 5.0),
        ([("hidden_honeypot_field", "filled"), ("a", "b")], 5.0),
        ([("akismet_comment_nonce", "failed"), ("a", "b")], 0.6),
        ([("POST_ak_js", "243"), ("a", "b")], 0.3),
    ] {
        let risen = log_odds(&behaviour).await - before;
        assert!(risen > at_least, "{behaviour:?}: {risen}");
    }
}

#[tokio::test]
async fn arrays_come_in_three_spellings_and_mean_the_same() {
    let world = World::with_model(Model::cold());
    let spellings = [
        "comment_context[]=du+lich&comment_context[]=Ha+Noi",
        "comment_context%5B0%5D=du+lich&comment_context%5B1%5D=Ha+Noi",
        "comment_context=du+lich,+Ha+Noi",
    ];
    for (at, spelling) in spellings.iter().enumerate() {
        let text = at.to_string();
        plain(
            &world
                .post(
                    "/1.1/comment-check",
                    format!("{}&{spelling}", form(&[("comment_content", text.as_str())])),
                )
                .await,
            "false",
        );
    }
    let contexts: Vec<_> = world
        .close_and_export("check")
        .iter()
        .map(|check| check["comment"]["page"]["context"].clone())
        .collect();
    assert_eq!(contexts, vec![serde_json::json!(["du lich", "Ha Noi"]); 3]);
}

#[tokio::test]
async fn no_date_is_absurd_enough_to_be_refused() {
    let world = World::with_model(Model::cold());
    for date in [
        "2026-11-22T22:11:34+07:00",
        "2026-11-22 22:11:34",
        "2026-11-22T22:11:34Z",
        "1795389094",
        "-1",
        "yesterday",
        "0000-00-00 00:00:00",
        "9999999999999999999999",
        "",
    ] {
        plain(
            &world
                .akismet(
                    "comment-check",
                    &[
                        ("comment_date_gmt", date),
                        ("comment_post_modified_gmt", date),
                        ("comment_content", "hay"),
                    ],
                )
                .await,
            "false",
        );
        plain(
            &world
                .akismet(
                    "submit-ham",
                    &[("comment_date_gmt", date), ("comment_content", "hay")],
                )
                .await,
            THANKS,
        );
    }
}

#[tokio::test]
async fn a_charset_is_believed_where_utf_8_fails_and_an_unknown_one_is_passed_over() {
    let world = World::with_model(Model::cold());
    let bodies: [(&str, &str); 5] = [
        ("blog_charset=windows-1258&comment_content=%D0%E0", "Đà"),
        ("blog_charset=ISO-8859-1&comment_content=caf%E9", "café"),
        (
            "blog_charset=ISO-8859-1&comment_content=caf%C3%A9+%C4%91%C3%A3",
            "café đã",
        ),
        ("blog_charset=klingon-8&comment_content=hay", "hay"),
        (
            "blog_charset=%FF%00&comment_content=%FF%FE%80",
            "\u{fffd}\u{fffd}\u{fffd}",
        ),
    ];
    for (body, expected) in bodies {
        let answer = world
            .post("/1.1/comment-check", format!("{}&{body}", form(&[])))
            .await;
        plain(&answer, "false");
        assert!(!answer.guid().is_empty(), "{expected}");
    }
    let mut texts: Vec<String> = world
        .close_and_export("check")
        .iter()
        .map(|check| {
            check["comment"]["text"]
                .as_str()
                .expect("a text")
                .to_owned()
        })
        .collect();
    let mut expected: Vec<String> = bodies.iter().map(|(_, text)| (*text).to_owned()).collect();
    texts.sort();
    expected.sort();
    assert_eq!(texts, expected);
}

#[tokio::test]
async fn a_missing_field_is_named_with_a_full_stop() {
    let world = World::with_model(Model::cold());
    for value in ["", "  "] {
        // Some hosts leave the address out for privacy. A client that is refused then publishes
        // unchecked.
        plain(
            &world.akismet("comment-check", &[("user_ip", value)]).await,
            "false",
        );
        refused(
            &world.akismet("comment-check", &[("blog", value)]).await,
            "Missing required field: blog.",
            "Empty \"blog\" value",
        );
        refused(
            &world.akismet("submit-spam", &[("blog", value)]).await,
            "Missing required field: blog.",
            "Empty \"blog\" value",
        );
        // The key comes first: a stranger learns nothing about fields.
        refused(
            &world
                .akismet("comment-check", &[("user_ip", value), ("api_key", "wrong")])
                .await,
            "invalid",
            "not known",
        );
        refused(
            &world.akismet("verify-key", &[("blog", value)]).await,
            "invalid",
            "blog",
        );
    }
    refused(
        &world.akismet("comment-check", &[("blog", "http://")]).await,
        "invalid",
        "not the address of a site",
    );
}

#[tokio::test]
async fn an_address_nobody_can_read_is_no_reason_to_refuse() {
    let world = World::with_model(Model::cold());
    for ip in [
        "127.0.0.1",
        "::1",
        "unknown",
        "203.0.113.9, 10.0.0.1",
        "999.999.999.999",
        "fe80::1%eth0",
        "2001:db8::7",
    ] {
        plain(
            &world
                .akismet(
                    "comment-check",
                    &[("user_ip", ip), ("comment_content", "hay")],
                )
                .await,
            "false",
        );
    }
}

#[tokio::test]
async fn an_unknown_or_revoked_key_is_invalid_on_every_call() {
    let world = World::with_model(Model::cold());
    for call in ["verify-key", "comment-check", "submit-spam", "submit-ham"] {
        refused(
            &world.akismet(call, &[("api_key", "ba9876543210")]).await,
            "invalid",
            "not known",
        );
    }
    world
        .moderation()
        .accounts
        .revoke_key(KEY)
        .expect("stored")
        .expect("there is such a key");
    for call in ["verify-key", "comment-check", "submit-spam", "submit-ham"] {
        refused(&world.akismet(call, &[]).await, "invalid", "revoked");
    }
    assert!(
        world.close_and_export("label").is_empty() && world.close_and_export("check").is_empty()
    );
}

#[tokio::test]
async fn the_unsure_is_held_and_the_blatant_may_be_discarded() {
    let world = World::with_model(Model::cold());
    let held = world.check("mình không biết").await;
    assert_eq!((held.text(), held.verdict()), ("false", "unsure"));
    assert!(
        held.header("x-akismet-error")
            .is_some_and(|why| why.contains("person")),
        "WordPress holds on this header alone"
    );
    assert_eq!(held.header("x-akismet-pro-tip"), None);
    for n in 0..40 {
        world
            .submit(
                "spam",
                &format!("vay tiền nhanh zalo không thế chấp lãi thấp {n}"),
            )
            .await;
    }
    let blatant = world
        .check("vay tiền nhanh zalo không thế chấp lãi thấp")
        .await;
    assert_eq!(
        (
            blatant.text(),
            blatant.verdict(),
            blatant.header("x-akismet-pro-tip")
        ),
        ("true", "discard", Some("discard"))
    );
    assert_eq!(
        blatant.header("x-akismet-error"),
        None,
        "an error on spam would hold what should go to the spam folder"
    );
}

#[tokio::test]
async fn a_verdict_says_its_reasons_in_a_header_of_our_own() {
    let world = World::new();
    let answer = world.check(LOUD).await;
    assert_eq!(
        answer.verdict(),
        if answer.header("x-akismet-pro-tip").is_some() {
            "discard"
        } else {
            "spam"
        }
    );
    assert!(answer.probability() > 0.5);
    assert!(
        answer
            .header("x-spam-reasons")
            .is_some_and(|reasons| reasons.len() > 10 && reasons.is_ascii()),
        "{answer:?}"
    );
    let fixed = world
        .akismet(
            "comment-check",
            &[("user_role", "administrator"), ("comment_content", LOUD)],
        )
        .await;
    assert_eq!(
        (
            fixed.header("x-spam-verdict"),
            fixed.header("x-spam-reasons")
        ),
        (None, None),
        "a verdict the request fixed has no reasons"
    );
}

#[tokio::test]
async fn five_megabytes_are_answered_like_any_other_comment() {
    let world = World::new();
    let long = format!("{LOUD}. ").repeat(5 * 1024 * 1024 / (LOUD.len() + 2));
    let answer = world.check(&long).await;
    plain(&answer, "true");
    plain(
        &world
            .akismet("submit-ham", &[("comment_content", &long)])
            .await,
        THANKS,
    );
    assert!(!world.check(&long).await.guid().is_empty());
}

#[tokio::test]
async fn the_key_at_the_end_of_an_oversized_body_is_found_wherever_the_cut_falls() {
    let world = World::with_model(Model::cold());
    let limit = 8 << 20;
    let ending = format!("&reporter=an&api_key={KEY}");
    for beyond in [
        1,
        5,
        KEY.len(),
        ending.len() - 1,
        ending.len(),
        ending.len() + 1,
        1 << 16,
        (1 << 17) + 3,
        1 << 20,
    ] {
        let beginning = "blog=blog.example&user_ip=203.0.113.9&comment_content=";
        let filling = limit + beyond - beginning.len() - ending.len();
        let body = [
            beginning.as_bytes(),
            &vec![b'a'; filling],
            ending.as_bytes(),
        ]
        .concat();
        assert_eq!(body.len(), limit + beyond);
        let answer = world.post("/1.1/comment-check", body).await;
        assert_eq!(
            (answer.status, answer.text()),
            (200, "false"),
            "{beyond} bytes beyond the limit: {:?}",
            answer.header("x-akismet-debug-help")
        );
    }
}

#[tokio::test]
async fn bytes_that_are_no_text_are_answered() {
    let world = World::with_model(Model::cold());
    let start = form(&[]).into_bytes();
    let endings: [&[u8]; 7] = [
        b"&comment_content=\xff\xfe\x80",
        b"&comment_content=%FF%00%C3",
        b"&comment_content=%zz%",
        b"&\xff=\xff&&&===&=",
        b"&comment_author=%0d%0aX-Injected:%201",
        b"&comment_content=\0\0",
        b"\r\n\r\n",
    ];
    for ending in endings {
        let answer = world
            .post("/1.1/comment-check", [&start, ending].concat())
            .await;
        assert_eq!(
            (answer.status, answer.text(), answer.header("x-injected")),
            (200, "false", None),
            "{ending:?}"
        );
    }
}

#[test]
fn old_and_hasty_clients_are_served_over_the_wire() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let body = form(&[("comment_content", LOUD)]);
    let length = body.len();
    for head in [
        format!("POST /1.1/comment-check HTTP/1.0\r\nContent-Length: {length}\r\n\r\n"),
        format!(
            "POST /1.1/comment-check HTTP/1.0\r\nHost: {KEY}.rest.akismet.com\r\nContent-Length: {length}\r\n\r\n"
        ),
        format!(
            "POST /1.1/comment-check HTTP/1.1\r\nHost: rest.test\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        ),
        format!(
            "POST http://rest.akismet.com/1.1/comment-check HTTP/1.1\r\nHost: rest.akismet.com\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        ),
        format!(
            "POST /1.1/comment-check HTTP/1.1\r\nHost: rest.test\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        ),
    ] {
        let mut connection = server.connect();
        connection
            .write((head.clone() + &body).as_bytes())
            .expect("sent");
        let whole = connection.read_to_end();
        let whole = whole
            .strip_prefix("HTTP/1.1 100 Continue\r\n\r\n")
            .unwrap_or(&whole);
        let (answer, text) = whole.split_once("\r\n\r\n").expect("a head and a body");
        assert!(
            answer.split_whitespace().nth(1) == Some("200") && text == "true",
            "{head}: {whole}"
        );
        assert!(
            answer.to_lowercase().contains("x-akismet-guid: "),
            "{whole}"
        );
    }
    let chunked = format!(
        "POST /1.1/comment-check HTTP/1.1\r\nHost: rest.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{:x}\r\n{body}\r\n0\r\n\r\n",
        length
    );
    let mut connection = server.connect();
    connection.write(chunked.as_bytes()).expect("sent");
    assert!(connection.read_to_end().ends_with("\r\n\r\ntrue"));
}

#[test]
fn a_connection_is_kept_and_one_that_breaks_off_harms_nobody() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let mut kept = server.connect();
    for _ in 0..3 {
        let answer = kept
            .post("/1.1/comment-check", &form(&[("comment_content", KIND)]))
            .expect("answered");
        assert_eq!((answer.status(), answer.body.as_str()), (200, "false"));
        server.connect().write(b"POST /1.1/submit-spam HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\napi_key=").expect("sent");
        server
            .connect()
            .write(b"\x16\x03\x01\x02\x00 this is TLS, or nothing at all\r\n\r\n")
            .expect("sent");
    }
    let long = form(&[("comment_content", &"dài ".repeat(1_200_000))]);
    assert!(long.len() > 5 << 20);
    assert_eq!(
        kept.post("/1.1/comment-check", &long)
            .expect("answered")
            .status(),
        200
    );
    assert_eq!(kept.fetch("/healthz").expect("answered").body, "alive\n");
    assert!(!server.errors().contains("panicked"), "{}", server.errors());
}
