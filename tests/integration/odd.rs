//! Requests as somebody once sent them, or might, each with the answer it gets written down beside it. What must hold of every answer is asserted
//! for all: never a 5xx, a guid on every verdict, help on errors only, no alert where nothing is wrong, the protocol's words to the byte.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::TcpStream;

use axum::body::Body;
use axum::http::{Method, Request};
use phin::model::Model;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use crate::program::Server;
use crate::requests::gzip;
use crate::world::{Answer, KEY, THANKS, World, form};

/// Every call of the protocol.
const CALLS: [&str; 14] = [
    "verify-key",
    "comment-check",
    "submit-spam",
    "submit-ham",
    "usage-limit",
    "key-sites",
    "get-subscription",
    "get-stats",
    "get-key-stats",
    "token",
    "deactivate",
    "verify-wpcom-key",
    "test",
    "compatible-plugins",
];

/// Key, blog and address as most clients write them.
const GOOD: &str = "api_key=0123456789ab&blog=http%3A%2F%2Fblog.example&user_ip=203.0.113.9";

/// A request to be replayed.
struct Odd {
    name: String,
    method: Method,
    path: String,
    headers: Vec<(&'static str, Vec<u8>)>,
    body: Vec<u8>,
}

/// A form posted to a path.
fn odd(name: impl Into<String>, path: &str, body: impl Into<Vec<u8>>) -> Odd {
    Odd {
        name: name.into(),
        method: Method::POST,
        path: path.to_owned(),
        headers: Vec::new(),
        body: body.into(),
    }
}

/// A check of what is good, and this.
fn check(name: impl Into<String>, more: impl AsRef<[u8]>) -> Odd {
    let body = [GOOD.as_bytes(), b"&", more.as_ref()].concat();
    odd(name, "/1.1/comment-check", body)
}

impl Odd {
    fn with(mut self, header: &'static str, value: impl Into<Vec<u8>>) -> Self {
        self.headers.push((header, value.into()));
        self
    }

    fn by(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    async fn send(self, world: &World) -> Answer {
        let mut request = Request::builder().method(self.method).uri(self.path);
        for (name, value) in self.headers {
            request = request.header(name, value);
        }
        world
            .send(request.body(Body::from(self.body)).expect("a request"))
            .await
    }
}

/// What must hold of any answer to anything.
#[track_caller]
fn hold(name: &str, answer: &Answer) {
    assert!(answer.status < 500, "{name}: {answer:?}");
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let verdict = ["true", "false"].contains(&text.as_str());
    assert_eq!(
        answer.header("x-akismet-guid").is_some(),
        verdict,
        "{name}: WordPress applies no verdict without a guid: {answer:?}"
    );
    if let Some(guid) = answer.header("x-akismet-guid") {
        assert!(
            guid.len() == 32 && guid.bytes().all(|b| b.is_ascii_hexdigit()),
            "{name}: {guid}"
        );
    }
    let good = verdict
        || ["valid", "deactivated", "connected", "[]", "{}", THANKS].contains(&text.as_str())
        || text.starts_with('{');
    assert_eq!(
        answer.header("x-akismet-debug-help").is_some(),
        !good && matches!(answer.status, 200 | 429) && !is_other(answer, &text),
        "{name}: several clients throw when they see help: {answer:?}"
    );
    let of_alert = |name: &str| name.starts_with("x-akismet-alert");
    assert!(
        !answer.headers.keys().any(|name| of_alert(name.as_str())),
        "{name}: nothing is wrong with the key: {answer:?}"
    );
    assert_eq!(answer.header("content-encoding"), None, "{name}");
}

/// A token or a table: texts that are no error and not known beforehand.
fn is_other(answer: &Answer, text: &str) -> bool {
    let is_token = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_token || text.starts_with("Active sites for") || answer.body.is_empty()
}

/// An answer in a line: status, body, and the headers that clients read; what is random is named, not shown.
fn told(answer: &Answer) -> String {
    let text = String::from_utf8_lossy(&answer.body);
    let is_token = is_other(answer, &text) && text.len() == 32;
    let mut line = match (answer.status, is_token) {
        (200, true) => "[token]".to_owned(),
        (200, false) => text.trim_end_matches('\n').to_owned(),
        (status, _) => format!("{status} {}", text.trim_end_matches('\n')),
    };
    for (name, value) in &answer.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        match name.as_str() {
            "content-type" | "content-length" | "x-spam-reasons" => {}
            "x-akismet-guid" => line += " | [guid]",
            "x-spam-probability" => line += " | [probability]",
            "x-akismet-debug-help" => write!(line, " | help: {value}").expect("memory"),
            "x-spam-verdict" => write!(line, " | {value}").expect("memory"),
            other => write!(line, " | {other}: {value}").expect("memory"),
        }
    }
    line
}

/// Compares with what `tests/cases/odd/` has under this name. `INSTA_UPDATE=always cargo test odd::`
/// writes what is said now; look at the difference before you commit it.
#[track_caller]
fn same_as_case(name: &str, book: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("../cases/odd");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, book));
}

/// Sends one after the other to one server that knows nothing, and writes down what it says.
async fn replay(requests: impl IntoIterator<Item = Odd>) -> String {
    let world = World::with_model(Model::cold());
    let mut book = String::new();
    for request in requests {
        let name = request.name.clone();
        let answer = request.send(&world).await;
        hold(&name, &answer);
        writeln!(book, "{name}\n    {}", told(&answer)).expect("memory");
    }
    book
}

#[tokio::test]
async fn what_breaks_a_naive_server() {
    let wordpress = "comment_post_ID=1&comment_author=An&comment_author_email=an%40example.com&comment_author_url=&comment_content=hay&comment_type=comment&comment_parent=0&user_id=0&user_ID=0&comment_author_IP=203.0.113.9&comment_agent=x&user_ip=203.0.113.9&user_agent=x&referrer=&blog=http%3A%2F%2Fblog.example&blog_lang=en_US&blog_charset=UTF-8&permalink=http%3A%2F%2Fblog.example%2F%3Fp%3D1&akismet_comment_nonce=inactive&POST_comment=vay&POST_author=An&REQUEST_URI=%2Fwp-comments-post.php&REMOTE_ADDR=203.0.113.9&HTTP_ACCEPT_LANGUAGE=vi&comment_post_modified_gmt=2026-11-22+22%3A11%3A34&comment_context%5B0%5D=Uncategorized&callback=http%3A%2F%2Fblog.example%2F";
    let book = replay([
        odd(
            "1 WordPress 5.7: every field twice, key last",
            "/1.1/comment-check",
            format!("{wordpress}&api_key={KEY}"),
        ),
        check("2 the verdict that fails open is never a 5xx", "comment_content=%00"),
        check("3 the unsure is held", "comment_content=hay"),
        odd(
            "4 a key of another length",
            "/1.1/verify-key",
            "key=0123&blog=blog.example",
        ),
        odd(
            "5 PyPI's key_sites forgets its key",
            "/1.2/key-sites",
            "format=json&order=total&limit=500",
        ),
        odd(
            "5 npm akismet at a bare address sends no key",
            "/1.1/comment-check",
            "blog=blog.example&user_ip=203.0.113.9",
        )
        .with("host", "127.0.0.1:8080"),
        odd(
            "5 npm akismet, rakismet, Discourse: the key in the host",
            "/1.1/comment-check",
            "blog=blog.example&user_ip=203.0.113.9",
        )
        .with("host", format!("{}.REST.akismet.com:443", KEY.to_uppercase())),
        odd(
            "6 WordPress verifies with both names",
            "/1.1/verify-key",
            format!("key={KEY}&blog=http%3A%2F%2Fblog.example&api_key={KEY}"),
        ),
        odd(
            "6 Go verifies with api_key alone",
            "/1.1/verify-key",
            format!("api_key={KEY}&blog=blog.example"),
        ),
        odd(
            "7 thanks to the byte",
            "/1.1/submit-ham",
            format!("{GOOD}&comment_content=hay"),
        ),
        check("10 a list as an array", "comment_context[]=a&comment_context[]=b"),
        check("10 a list with places", "comment_context[0]=a&comment_context[7]=b"),
        check("10 a list with commas", "comment_context=a,+b"),
        check("11 rakismet: is_test=0 always", "is_test=0"),
        check("11 True as Python writes it", "is_test=True"),
        check("12 instant-akismet: unix seconds", "comment_date_gmt=1795389094"),
        check("13 Discourse: content_type", "content_type=forum-post"),
        odd(
            "13 Discourse: an address twice, first none",
            "/1.1/comment-check",
            format!("api_key={KEY}&blog=forum.example&user_ip=&user_ip=203.0.113.9"),
        ),
        check(
            "13 the documentation's honeypot, literally",
            "honeypot_field_name=other&hidden_honeypot_field=filled",
        ),
        odd(
            "14 WordPress: a label without a guid",
            "/1.1/submit-spam",
            format!("{wordpress}&comment_check_response=false&reporter=admin&comment_ID=7&comment_karma=0&api_key={KEY}"),
        ),
        check("test value: spam", "comment_author=viagra-test-123"),
        check("test value: ham", "user_role=administrator,shop_manager"),
        check(
            "test value: spam beats ham",
            "comment_author=akismet-guaranteed-spam&user_role=administrator",
        ),
        check(
            "a pingback before it is fetched",
            "akismet_pre_check=1&comment_type=pingback&comment_pingback_target=x&is_multicall=0&multicall_count=1&pingbacks_closed=0",
        ),
    ])
    .await;
    same_as_case("naive_server", &book);
}

/// Every parameter of the protocol.
const PARAMETERS: [&str; 56] = [
    "api_key",
    "key",
    "blog",
    "user_ip",
    "user_agent",
    "referrer",
    "permalink",
    "comment_type",
    "content_type",
    "comment_author",
    "comment_author_email",
    "comment_author_url",
    "comment_content",
    "comment_date_gmt",
    "comment_post_modified_gmt",
    "blog_lang",
    "blog_charset",
    "user_role",
    "is_test",
    "recheck_reason",
    "honeypot_field_name",
    "hidden_honeypot_field",
    "comment_context",
    "comment_context[]",
    "comment_parent",
    "callback",
    "classify",
    "reporter",
    "comment_check_response",
    "site_domain",
    "comment_post_ID",
    "comment_ID",
    "comment_author_IP",
    "comment_agent",
    "user_ID",
    "comment_approved",
    "comment_karma",
    "comment_tags",
    "guid",
    "akismet_comment_nonce",
    "akismet_pre_check",
    "POST_ak_js",
    "POST_ak_hp_textarea",
    "POST_ak_bib",
    "POST_ak_bkpc",
    "POST_ak_bkp",
    "POST_comment",
    "HTTP_ACCEPT_LANGUAGE",
    "REMOTE_ADDR",
    "from",
    "year",
    "month",
    "order",
    "limit",
    "offset",
    "format",
];

/// Values nobody should send, encoded.
const ABSURD: [&str; 12] = [
    "",
    "+++",
    "0",
    "-1",
    "99999999999999999999999999999999999999",
    "%00",
    "%F0%9F%99%82",
    "%ff%fe",
    "%3Cscript%3E%0d%0aX-Injected:+1",
    "http%3A%2F%2F%5B%3A%3A%5D%3A99999%2F",
    "..%2F..%2F..%2Fetc%2Fpasswd",
    "%E1%BB%87%E1%BB%87%E1%BB%87",
];

/// Everything that is required and everything else, one parameter of it absurd.
fn with_absurd(parameter: &str, value: Option<&str>) -> String {
    let usual = [
        ("api_key", KEY),
        ("blog", "http%3A%2F%2Fblog.example"),
        ("user_ip", "203.0.113.9"),
        ("comment_content", "hay"),
    ];
    let mut fields: Vec<String> = usual
        .iter()
        .filter(|(name, _)| *name != parameter)
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    fields.extend(value.map(|value| format!("{parameter}={value}")));
    fields.join("&")
}

#[tokio::test]
async fn every_parameter_absent_and_absurd_on_every_call() {
    let world = World::with_model(Model::cold());
    let mut book = String::new();
    for call in CALLS {
        // What the call says to most, then who hears something else.
        let mut heard: BTreeMap<String, BTreeMap<&str, Vec<String>>> = BTreeMap::new();
        for parameter in PARAMETERS {
            let absent = std::iter::once((None, "absent".to_owned()));
            let absurd = ABSURD
                .iter()
                .map(|value| (Some(*value), format!("={value}")));
            for (value, shown) in absent.chain(absurd) {
                let request = odd(
                    format!("{call} {parameter}{shown}"),
                    &format!("/1.1/{call}"),
                    with_absurd(parameter, value),
                );
                let name = request.name.clone();
                let answer = request.send(&world).await;
                hold(&name, &answer);
                assert_eq!(answer.header("x-injected"), None);
                let line = match answer.text().starts_with('{') {
                    // Figures are the matter of other tests, and grow while this one asks.
                    true => "{...}".to_owned(),
                    false => told(&answer),
                };
                let by_parameter = heard.entry(line).or_default();
                by_parameter.entry(parameter).or_default().push(shown);
            }
        }
        writeln!(book, "{call}").expect("memory");
        let all = 1 + ABSURD.len();
        for (line, by_parameter) in heard {
            let whole = by_parameter.values().filter(|values| values.len() == all);
            writeln!(book, "    {line}").expect("memory");
            let whole = whole.count();
            if whole > 0 {
                writeln!(book, "        {whole} parameters, whatever they say").expect("memory");
            }
            for (parameter, values) in by_parameter {
                if values.len() < all {
                    let shown = match values.len() > all / 2 {
                        true => format!("{} values", values.len()),
                        false => values.join(" "),
                    };
                    writeln!(book, "        {parameter}: {shown}").expect("memory");
                }
            }
        }
    }
    same_as_case("absurd_parameters", &book);
}

#[tokio::test]
async fn texts_in_every_disguise() {
    let charsets = [
        "UTF-8",
        "utf8",
        "ISO-8859-1",
        "windows-1258",
        "UTF-16",
        "UTF-7",
        "Shift_JIS",
        "x-user-defined",
        "klingon",
        "%00",
        "",
        "replacement",
        "hz-gb-2312",
    ];
    let of_charset = charsets.iter().map(|charset| {
        check(
            format!("charset {charset:?}"),
            format!(
                "blog_charset={charset}&comment_content=caf%E9+%C4%91%FF%FE%1B$B&comment_author=%81"
            ),
        )
    });
    let broken = [
        "comment_content=%",
        "comment_content=%4",
        "comment_content=%zz",
        "comment_content=%%%",
        "comment_content=%u0041",
        "comment_content=%C3%28",
        "comment_content=a=b=c",
        "comment_content",
        "=hay",
        "&&&&",
        "%00=%00",
        "comment_content=%00%00",
        "comment_content=hay&comment_content=hay+hay",
        "comment_content[]=hay",
        "comment_content[a][b]=hay",
        "[]=&[0]=&]=[",
        "comment_context[=a&comment_context]=b",
        "comment%5Fcontent=hay",
        "Comment_Content=hay",
        " comment_content =hay",
    ];
    let of_broken = broken
        .iter()
        .map(|body| check(format!("broken {body:?}"), body));
    let dates = [
        "2026-11-22T22:11:34+07:00",
        "2026-11-22 22:11:34",
        "2026-11-22T22:11:34Z",
        "1795389094",
        "1795389094.5",
        "-1",
        "yesterday",
        "0000-00-00 00:00:00",
        "9999999999999999999999",
        "2026-02-31",
        "Sun, 22 Nov 2026 22:11:34 GMT",
        "",
    ];
    let of_date = dates.iter().map(|date| {
        let date: String = url::form_urlencoded::byte_serialize(date.as_bytes()).collect();
        check(
            format!("date {date}"),
            format!("comment_date_gmt={date}&comment_post_modified_gmt={date}"),
        )
    });
    let raw: [(&str, &[u8]); 4] = [
        ("bare NULs", b"comment_content=\0\0\0"),
        (
            "bare bytes that are no text",
            b"comment_content=\xff\xfe\x80\xc0",
        ),
        ("bare line breaks", b"comment_content=a\r\nb\nc\r\n\r\n"),
        ("names that are no text", b"\xff\xfe=\xff&\x80"),
    ];
    let of_raw = raw.iter().map(|(name, body)| check(*name, body));
    let world = World::with_model(Model::cold());
    let mut sent = Vec::new();
    for request in of_charset.chain(of_broken).chain(of_date).chain(of_raw) {
        let name = request.name.clone();
        let answer = request.send(&world).await;
        hold(&name, &answer);
        // They say what a form without them says: all are comments.
        assert_eq!(answer.verdict(), "unsure", "{name}");
        sent.push((name, answer.guid().to_owned()));
    }
    // What was understood shows in what is kept.
    let kept = world.close_and_export("check");
    let mut book = String::new();
    for (name, guid) in sent {
        let check = kept.iter().find(|check| check["guid"] == guid.as_str());
        let comment = &check.expect("every check is kept")["comment"];
        writeln!(
            book,
            "{name}\n    text {} by {}, written at {}",
            comment["text"], comment["author"]["name"], comment["origin"]["written_at"]
        )
        .expect("memory");
    }
    same_as_case("disguises", &book);
}

#[tokio::test]
async fn bodies_that_are_no_form_and_forms_that_are_too_much() {
    let json = format!(
        r#"{{"api_key":"{KEY}","blog":"http://blog.example","user_ip":"203.0.113.9","comment_content":"hay"}}"#
    );
    let multipart = format!(
        "--x\r\nContent-Disposition: form-data; name=\"api_key\"\r\n\r\n{KEY}\r\n--x\r\nContent-Disposition: form-data; name=\"blog\"\r\n\r\nhttp://blog.example\r\n--x--\r\n"
    );
    let host = format!("{KEY}.rest.akismet.com");
    let copies: String = (0..40)
        .map(|n| {
            format!(
                "HTTP_X_HEADER_{n}={}&POST_field_{n}=vay+tien&",
                "x".repeat(100)
            )
        })
        .collect();
    let many: String = (0..100_000)
        .map(|n| format!("field{n}=value{n}&"))
        .collect();
    let repeated = "comment_context[]=a&".repeat(100_000);
    let path = "/1.1/comment-check";
    let book = replay([
        odd("an empty body", path, ""),
        odd("an empty body, the key in the host", path, "").with("host", host.clone()),
        odd("JSON", path, json.clone()).with("content-type", "application/json"),
        odd("JSON, the key in the host", path, json)
            .with("content-type", "application/json")
            .with("host", host.clone()),
        odd("multipart", path, multipart.clone())
            .with("content-type", "multipart/form-data; boundary=x"),
        odd(
            "multipart, the key in the query",
            &format!("{path}?api_key={KEY}"),
            multipart,
        )
        .with("content-type", "multipart/form-data; boundary=x"),
        odd(
            "XML-RPC",
            path,
            "<?xml version=\"1.0\"?><methodCall><methodName>check</methodName></methodCall>",
        )
        .with("content-type", "text/xml"),
        odd("gzip", path, gzip(GOOD.as_bytes())).with("content-encoding", "gzip"),
        odd("a form called text", path, GOOD).with("content-type", "text/plain"),
        odd("a form called nothing", path, GOOD),
        odd("a form called nonsense", path, GOOD).with("content-type", b"\xff\xfe".to_vec()),
        odd("a form with a charset", path, GOOD).with(
            "content-type",
            "application/x-www-form-urlencoded; charset=klingon",
        ),
        odd("a client that would unpack", path, GOOD)
            .with("accept-encoding", "deflate, gzip, br, zstd"),
        odd("a client that wants HTML", path, GOOD).with("accept", "text/html"),
        odd(
            "form feeds and line breaks around it",
            path,
            format!("\r\n{GOOD}\r\n"),
        ),
        odd("separated by semicolons", path, GOOD.replace('&', ";")),
        odd(
            "encoded twice",
            path,
            GOOD.replace('=', "%3D").replace('&', "%26"),
        ),
        odd(
            "a byte order mark before it",
            path,
            [b"\xef\xbb\xbf".as_slice(), GOOD.as_bytes()].concat(),
        ),
        odd("another version", "/2.0/comment-check", GOOD),
        odd("all in the query", &format!("{path}?{GOOD}"), ""),
        check("copies of the request, 9 KB", &copies),
        check("100,000 fields", &many),
        check("100,000 times the same", &repeated),
        check("a name of a megabyte", "x".repeat(1 << 20)),
        check(
            "a value of a megabyte",
            format!("comment_author={}", "ệ".repeat(350_000)),
        ),
        odd(
            "a key of a megabyte",
            path,
            format!("api_key={}&blog=b.example&user_ip=::1", "a".repeat(1 << 20)),
        ),
        odd(
            "a site of a megabyte",
            path,
            format!(
                "api_key={KEY}&blog=http%3A%2F%2Fb.example/{}&user_ip=::1",
                "a".repeat(1 << 20)
            ),
        ),
        check(
            "a role of a megabyte",
            format!("user_role={}", "editor,".repeat(150_000)),
        ),
    ])
    .await;
    same_as_case("bodies", &book);
}

#[tokio::test]
async fn every_call_with_every_method() {
    let world = World::with_model(Model::cold());
    let mut book = String::new();
    for call in CALLS.into_iter().chain(["comment-chek", ""]) {
        writeln!(book, "{call}").expect("memory");
        let mut heard: Vec<(String, Vec<String>)> = Vec::new();
        for method in [
            "POST", "GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "BREW",
        ] {
            let request = odd(method, &format!("/1.1/{call}?{GOOD}"), "")
                .by(method.parse().expect("a method"));
            let answer = request.send(&world).await;
            hold(&format!("{method} {call}"), &answer);
            let line = match answer.text().starts_with('{') {
                true => "{...}".to_owned(),
                false => told(&answer),
            };
            match heard.iter_mut().find(|(known, _)| *known == line) {
                Some((_, methods)) => methods.push(method.to_owned()),
                None => heard.push((line, vec![method.to_owned()])),
            }
        }
        for (line, methods) in heard {
            writeln!(book, "    {}: {line}", methods.join(" ")).expect("memory");
        }
    }
    same_as_case("methods", &book);
}

#[tokio::test]
async fn keys_in_five_places_and_in_none() {
    let rest = "blog=blog.example&user_ip=203.0.113.9";
    let (good, upper) = (
        format!("{KEY}.rest.test"),
        format!("{}.REST.TEST:8080", KEY.to_uppercase()),
    );
    let at = |name: &str, query: &str, form: &str, host: &str| {
        odd(
            name,
            &format!("/1.1/comment-check{query}"),
            format!("{rest}{form}"),
        )
        .with("host", host)
    };
    let (form, query) = (format!("&api_key={KEY}"), format!("?api_key={KEY}"));
    let book = replay([
        at("form api_key", "", &form, "rest.test"),
        at("form key", "", &format!("&key={KEY}"), "rest.test"),
        at("query api_key", &query, "", "rest.test"),
        at("query key", &format!("?key={KEY}"), "", "rest.test"),
        at("host", "", "", &good),
        at("host in capitals, with a port", "", "", &upper),
        at("nowhere", "", "", "rest.test"),
        at("an address for a host", "", "", "127.0.0.1:80"),
        at("an address of version 6", "", "", "[2001:db8::1]:80"),
        at("a host of dots", "", "", "...."),
        at("form wins over query", "?api_key=wrong", &form, "rest.test"),
        at(
            "a wrong form is not mended by the query",
            &query,
            "&api_key=wrong",
            &good,
        ),
        at(
            "an empty form is mended by the query",
            &query,
            "&api_key=",
            "rest.test",
        ),
        at(
            "an empty query is mended by the host",
            "?api_key=",
            "&key=",
            &good,
        ),
        at(
            "twice, the last good",
            "",
            &format!("&api_key=wrong{form}"),
            "rest.test",
        ),
        at(
            "twice, the last wrong",
            "",
            &format!("{form}&api_key=wrong"),
            "rest.test",
        ),
        at("as an array", "", &format!("&api_key[]={KEY}"), "rest.test"),
        at(
            "in capitals",
            "",
            &format!("&api_key={}", KEY.to_uppercase()),
            "rest.test",
        ),
        at(
            "with space around it",
            "",
            &format!("&api_key=+{KEY}%0a"),
            "rest.test",
        ),
        at(
            "with a NUL behind it",
            "",
            &format!("{form}%00"),
            "rest.test",
        ),
        at("a host that is no text", "", "", "rest.test").with("host", b"\xff.rest.test".to_vec()),
        odd("as a bearer", "/1.1/comment-check", rest)
            .with("authorization", format!("Bearer {KEY}")),
    ])
    .await;
    same_as_case("keys", &book);
}

/// Sends bytes and hears what comes until the server hangs up; head and body on one line, what is random left out.
fn over_the_wire(server: &Server, bytes: &[u8]) -> String {
    let mut connection = server.connect();
    connection.write(bytes).expect("sent");
    let whole = connection.read_to_end();
    let mut line = String::new();
    for part in whole.replace("\r\n", "\n").lines() {
        let name = part.split(':').next().unwrap_or("").to_lowercase();
        match name.as_str() {
            "date" | "content-type" | "x-spam-probability" | "x-spam-reasons" => {}
            "x-akismet-guid" => line += "[guid] ",
            _ if part.is_empty() => line += "/ ",
            _ => write!(line, "{part} ").expect("memory"),
        }
    }
    line.trim_end().to_owned()
}

#[test]
fn old_hasty_and_broken_clients_over_a_real_socket() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(
        crate::program::clean(std::process::Command::new(env!("CARGO_BIN_EXE_phin"))),
        folder.path(),
        &[("PHIN_MODEL", "none")],
    );
    let length = GOOD.len();
    let with_body = |head: String| format!("{head}Content-Length: {length}\r\n\r\n{GOOD}");
    let post = "POST /1.1/comment-check";
    let sent: [(&str, String); 13] = [
        ("HTTP/1.0 without a host", with_body(format!("{post} HTTP/1.0\r\n"))),
        ("HTTP/1.0, test", "GET /1.1/test HTTP/1.0\r\n\r\n".to_owned()),
        ("HTTP/1.0, keep-alive then close", "GET /1.1/test HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /1.1/test HTTP/1.0\r\n\r\n".to_owned()),
        ("Connection: close", with_body(format!("{post} HTTP/1.1\r\nHost: rest.test\r\nConnection: close\r\n"))),
        ("no host at all", with_body(format!("{post} HTTP/1.1\r\nConnection: close\r\n"))),
        ("names in small letters", with_body(format!("{post} HTTP/1.1\r\nhost: rest.test\r\nconnection: close\r\n"))),
        ("a proxy's address", with_body("POST http://rest.akismet.com/1.1/comment-check HTTP/1.1\r\nHost: rest.akismet.com\r\nConnection: close\r\n".to_owned())),
        ("Expect: 100-continue", with_body(format!("{post} HTTP/1.1\r\nHost: rest.test\r\nExpect: 100-continue\r\nConnection: close\r\n"))),
        ("in chunks", format!("{post} HTTP/1.1\r\nHost: rest.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{length:x}\r\n{GOOD}\r\n0\r\n\r\n")),
        ("a chunk of no number", format!("{post} HTTP/1.1\r\nHost: rest.test\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n{GOOD}\r\n0\r\n\r\n")),
        ("two at once", format!("{}{}", with_body(format!("{post} HTTP/1.1\r\nHost: rest.test\r\n")), "GET /1.1/test HTTP/1.1\r\nHost: rest.test\r\nConnection: close\r\n\r\n")),
        ("not HTTP", "\x16\x03\x01\x02\x00 this is TLS, or nothing at all\r\n\r\n".to_owned()),
        ("a length that is no number", format!("{post} HTTP/1.1\r\nHost: rest.test\r\nContent-Length: many\r\n\r\n{GOOD}")),
    ];
    let mut book = String::new();
    for (name, bytes) in sent {
        writeln!(
            book,
            "{name}\n    {}",
            over_the_wire(&server, bytes.as_bytes())
        )
        .expect("memory");
    }
    // A client that goes away in the middle of its body; what it sent so far is no reason to stumble.
    let mut short = server.connect();
    short
        .write(
            format!("{post} HTTP/1.1\r\nHost: rest.test\r\nContent-Length: 99999\r\n\r\n{GOOD}")
                .as_bytes(),
        )
        .expect("sent");
    drop(short);
    TcpStream::connect(server.address).expect("connects and says nothing");
    let again = over_the_wire(&server, b"GET /1.1/test HTTP/1.0\r\n\r\n");
    assert!(again.ends_with("connected"), "{again}");
    assert!(!server.errors().contains("panicked"), "{}", server.errors());
    same_as_case("old_clients", &book);
}

/// Any bytes, or a form of any fields among which the good ones may be.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let bytes = || proptest::collection::vec(any::<u8>(), 0..60);
    let name = prop_oneof![
        3 => proptest::sample::select(PARAMETERS.as_slice()).prop_map(|name| name.as_bytes().to_vec()),
        1 => bytes(),
    ];
    let value = prop_oneof![
        2 => bytes(),
        2 => proptest::sample::select(ABSURD.as_slice()).prop_map(|value| value.as_bytes().to_vec()),
        2 => ".{0,40}".prop_map(|text| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().into_bytes()),
    ];
    let field = (name, value).prop_map(|(name, value)| [name, b"=".to_vec(), value].concat());
    let form =
        (any::<bool>(), proptest::collection::vec(field, 0..12)).prop_map(|(good, fields)| {
            let good = if good { GOOD } else { "" };
            // First, so that any of them may be said otherwise later.
            let mut parts = vec![good.as_bytes().to_vec()];
            parts.extend(fields);
            parts.join(&b'&')
        });
    prop_oneof![1 => proptest::collection::vec(any::<u8>(), 0..2_000), 4 => form]
}

#[test]
fn no_body_whatsoever_gives_a_five_hundred_or_a_panic() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .expect("a runtime");
    let world = World::with_model(Model::cold());
    let calls = CALLS.map(|call| format!("/1.1/{call}"));
    let paths: Vec<String> = calls
        .into_iter()
        // Read the most, so asked the most.
        .chain(["/1.1/comment-check"; 12].map(str::to_owned))
        .chain(["/v1/check", "/v1/label", "/1.2/key-sites", "/"].map(str::to_owned))
        .collect();
    let kinds = vec![
        "application/x-www-form-urlencoded",
        "application/json",
        "multipart/form-data",
        "",
    ];
    let host = prop_oneof![
        Just("rest.test".to_owned()),
        Just(format!("{KEY}.rest.test")),
        Just(String::new())
    ];
    let strategy = (
        proptest::sample::select(paths),
        proptest::sample::select(vec!["POST", "POST", "POST", "GET", "PUT"]),
        proptest::sample::select(kinds),
        host,
        body(),
        "[!-~]{0,40}",
    );
    let mut runner = TestRunner::new(Config {
        cases: 1_000,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&strategy, |(path, method, kind, host, body, query)| {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let query = query.replace("%26", "&").replace("%3D", "=");
        let name = format!("{method} {path}?{query}");
        let mut request = odd(name.clone(), &format!("{path}?{query}"), body)
            .by(method.parse().expect("a method"))
            .with("content-type", kind)
            .with("host", host);
        if path.starts_with("/v1/") {
            request = request.with("authorization", format!("Bearer {KEY}"));
        }
        let answer = runtime.block_on(request.send(&world));
        prop_assert!(answer.status < 500, "{name}: {answer:?}");
        if path.starts_with("/1.") {
            hold(&name, &answer);
        }
        Ok(())
    });
    outcome.expect("every request is answered");
    // It had not only refused: the good fields got through often enough for the rest to be read.
    let usage = runtime.block_on(world.post("/1.1/usage-limit", form(&[])));
    assert!(
        usage.json()["usage"].as_u64().is_some_and(|n| n >= 20),
        "{usage:?}"
    );
}
