//! What a new user meets first: where the keys are, what waits, how to decide and how to take it back, and a sentence where a list is empty.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use phin::store::Store;

use crate::program::{Done, Server, path_text, run};
use crate::settings::serve;
use crate::world::{KEY, form};

const SITE: &str = "blog.example";
/// The shipped model leaves this to a person.
const DOUBTFUL: [(&str, &str); 3] = [
    (
        "comment_content",
        "Nice article, check my blog for more tips",
    ),
    ("comment_author", "Lan"),
    ("comment_author_url", "http://my-tips-blog.com"),
];

fn on(data: &Path, args: &[&str]) -> Done {
    run(&[args, &["--data-dir", path_text(data)]].concat())
}

/// Checks the doubtful comment, on a page.
fn doubt(server: &Server) {
    let mut fields = DOUBTFUL.to_vec();
    fields.push(("permalink", "http://blog.example/bai-1"));
    let answer = server.connect().post("/1.1/comment-check", &form(&fields));
    let answer = answer.expect("answered");
    assert_eq!(
        answer.header("x-spam-verdict"),
        Some("unsure"),
        "{answer:?}"
    );
}

#[test]
fn every_start_says_where_the_keys_are() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("first.key");
    let first = serve(folder.path(), "127.0.0.1:0", |_| {}).greeting(5);
    assert!(
        first.starts_with("phin is listening on http://127.0.0.1:"),
        "{first}"
    );
    let secret = fs::read_to_string(&file).expect("it is written down");
    assert!(
        first.contains(&format!("Your key: {}", secret.trim())),
        "{first}"
    );
    let mode = fs::metadata(&file).expect("is there").permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others may read it");
    let again = serve(folder.path(), "127.0.0.1:0", |_| {}).greeting(3);
    assert!(again.contains("1 key: phin keys list"), "{again}");
    assert!(again.contains(path_text(&file)), "{again}");
    assert!(!again.contains(secret.trim()), "{again}");
}

#[test]
fn the_written_key_follows_the_key() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("first.key");
    let read = || {
        fs::read_to_string(&file)
            .ok()
            .map(|text| text.trim().to_owned())
    };
    drop(serve(folder.path(), "127.0.0.1:0", |_| {}).greeting(5));
    let renewed = on(folder.path(), &["keys", "renew", "first"]).well().out;
    assert_eq!(read().as_deref(), Some(renewed.trim()));
    on(folder.path(), &["keys", "create", "other"]).well();
    on(folder.path(), &["keys", "renew", "other"]).well();
    assert_eq!(
        read().as_deref(),
        Some(renewed.trim()),
        "another key is not written down"
    );
    on(folder.path(), &["keys", "revoke", "first"]).well();
    assert_eq!(read(), None);
}

#[test]
fn a_key_that_the_operator_chose_is_not_written_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    assert!(!folder.path().join("first.key").exists());
    drop(server);
}

#[test]
fn an_empty_list_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Store::open(folder.path(), 1 << 20).expect("it opens"));
    for (args, says) in [
        (&["keys", "list"][..], "no key yet"),
        (&["labels"], "no label"),
        (&["queue"], "nothing waits"),
        (&["lists", "show"], "no entry"),
        (&["lists", "evidence", "show"], "no evidence list"),
        (&["sites", "show"], "no site has settings"),
        (&["sites", "standing"], "no site has a label"),
    ] {
        let done = on(folder.path(), args).well();
        assert_eq!(done.out, "", "{args:?}");
        assert!(done.err.contains(says), "{args:?}: {}", done.err);
    }
    let figures = on(folder.path(), &["figures"]).well().out;
    assert!(figures.contains("no check in these days"), "{figures}");
    assert!(
        !figures.contains("drift") && !figures.contains("not known  "),
        "{figures}"
    );
}

#[test]
fn the_queue_says_where_when_and_why_it_is_not_sure() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    doubt(&server);
    let shown = on(folder.path(), &["queue"]).well().out;
    let first = shown.lines().next().expect("a check");
    assert_eq!(
        shown.matches("unsure").count(),
        0,
        "said once, as a reason: {shown}"
    );
    assert!(!first.contains('Z') && first.contains(SITE), "{first}");
    for part in [
        "on http://blog.example/bai-1",
        "by Lan, http://my-tips-blog.com",
        "Too much for ham (less than",
        "too little for spam (",
        "all else",
    ] {
        assert!(shown.contains(part), "{part:?} is missing: {shown}");
    }
    let queue = on(folder.path(), &["queue", "--json"]).well().json_lines();
    let check = &queue[0]["checks"][0];
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    let weights = check["clues"].as_array().expect("clues").iter();
    let sum: f64 =
        weights.map(|clue| number(&clue["weight"])).sum::<f64>() + number(&check["rest"]);
    let probability = 1.0 / (1.0 + (-sum).exp());
    assert!(
        (probability - number(&check["probability"])).abs() < 1e-6,
        "{check}"
    );
    let ends = check["unsure_between"].as_array().expect("two ends");
    assert!(
        number(&ends[0]) <= probability && probability < number(&ends[1]),
        "{check}"
    );
}

#[test]
fn a_check_is_labelled_in_the_terminal_and_the_label_is_found_and_undone_three_ways() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    doubt(&server);
    let guid = || {
        let queue = on(folder.path(), &["queue", "--json"]).well().json_lines();
        let guid = queue[0]["checks"][0]["guid"].as_str();
        guid.map(str::to_owned)
    };
    let check = guid().expect("it waits");
    for (search, value) in [
        ("--guid", check[..8].to_uppercase().as_str()),
        ("--domain", "my-tips-blog.com"),
        ("--text", "check my blog"),
    ] {
        let done = on(folder.path(), &["label", &check[..8], "spam", "--by", "an"])
            .well()
            .out;
        assert!(done.contains(&check) && done.contains("learnt"), "{done}");
        assert_eq!(guid(), None, "it waits no more");
        let labels = on(folder.path(), &["labels", search, value]).well().out;
        assert!(labels.contains("by an"), "{labels}");
        assert!(labels.contains("Nice article, check my blog"), "{labels}");
        on(folder.path(), &["undo", search, "no.such.example.or.words"])
            .refused(1, &["no label that still counts fits"]);
        let undone = on(folder.path(), &["undo", search, value]).well().out;
        assert!(undone.contains("1 label taken back"), "{search}: {undone}");
        assert_eq!(guid().as_ref(), Some(&check), "it waits again");
    }
    on(folder.path(), &["undo", "--domain", "no domain"]).refused(1, &["no domain"]);
}

#[test]
fn a_comment_that_was_checked_twice_is_found_by_either_check() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let mut guids = Vec::new();
    for _ in 0..2 {
        let answer = server
            .connect()
            .post("/1.1/comment-check", &form(&DOUBTFUL))
            .expect("answered");
        guids.push(answer.header("x-akismet-guid").expect("a guid").to_owned());
    }
    for guid in &guids {
        on(folder.path(), &["label", &guids[0], "spam"]).well();
        let undone = on(folder.path(), &["undo", "--guid", guid]).well().out;
        assert!(undone.contains("1 label taken back"), "{guid}: {undone}");
    }
}

#[test]
fn a_label_in_the_terminal_needs_a_check_that_is_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    doubt(&server);
    on(folder.path(), &["label", "ffffffffffff", "spam"]).refused(1, &["no check ffffffffffff"]);
    on(folder.path(), &["label", "f", "spam"]).refused(1, &["too little of a check's id"]);
    on(folder.path(), &["label", "ffffffffffff", "maybe"]).refused(2, &["spam", "ham"]);
    let kind = ["label", "ffffffffffff", "spam", "--kind", "nonsense"];
    on(folder.path(), &kind).refused(1, &["no kind of spam", "gambling"]);
    drop(server);
    assert_eq!(KEY.len(), 12);
}

#[test]
fn help_comes_in_the_order_of_a_day_and_experts_commands_apart() {
    let help = run(&["--help"]).well().out;
    let at = |word: &str| {
        let line = help
            .lines()
            .position(|line| line.trim_start().starts_with(word));
        line.unwrap_or_else(|| panic!("{word} is missing: {help}"))
    };
    let order = [
        "check",
        "label",
        "queue",
        "undo",
        "figures",
        "For the operator",
        "keys",
    ];
    let order = order
        .iter()
        .chain(&["For experts", "models", "train", "A first walk"]);
    let lines: Vec<usize> = order.map(|word| at(word)).collect();
    assert!(lines.is_sorted(), "{lines:?}: {help}");
}

#[test]
fn a_model_that_cannot_be_compared_yet_is_told_what_helps() {
    let folder = tempfile::tempdir().expect("a folder");
    drop(Store::open(folder.path(), 1 << 20).expect("it opens"));
    let nothing = folder.path().join("nothing");
    let known = ["--training-data", path_text(&nothing)];
    let against = [&["evaluate", "--against", "live"], &known[..]].concat();
    let done = on(folder.path(), &against);
    assert!(
        !done.out.contains("ROC AUC"),
        "a table of nothing: {}",
        done.out
    );
    done.refused(
        1,
        &["phin queue", "phin import", "--training-data", "--force"],
    );
}

#[test]
fn a_vietnamese_reader_of_an_english_wordpress_is_not_suspicious() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let probability = |languages: &str| {
        let fields = [
            (
                "comment_content",
                "Cảm ơn bạn, bài viết rất hay và dễ hiểu.",
            ),
            ("comment_author", "Lan"),
            ("comment_author_email", "lan@mail.example"),
            ("blog_lang", "en_US"),
            ("HTTP_ACCEPT_LANGUAGE", languages),
        ];
        let answer = server.connect().post("/1.1/comment-check", &form(&fields));
        let answer = answer.expect("answered");
        assert_eq!(
            answer.header("x-spam-verdict"),
            Some("ham"),
            "{languages}: {answer:?}"
        );
        let shown = answer.header("x-spam-probability").expect("it says so");
        shown.parse::<f64>().expect("a number")
    };
    let english = probability("en-US,en;q=0.9");
    for languages in ["vi", "vi-VN,vi;q=0.9,en-US;q=0.6", "vi-VN,vi;q=0.8"] {
        assert!(probability(languages) <= english + 0.01, "{languages}");
    }
}

#[test]
fn the_first_key_follows_no_link_and_what_stands_in_its_place_stops_no_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let elsewhere = folder.path().join("elsewhere");
    fs::write(&elsewhere, "keep me").expect("written");
    let [linked, blocked] = ["linked", "blocked"].map(|name| folder.path().join(name));
    fs::create_dir(&linked).expect("made");
    std::os::unix::fs::symlink(&elsewhere, linked.join("first.key")).expect("linked");
    let greeting = serve(&linked, "127.0.0.1:0", |_| {}).greeting(5);
    let secret = fs::read_to_string(linked.join("first.key")).expect("is there");
    assert!(greeting.contains(secret.trim()), "{greeting}");
    assert_eq!(fs::read_to_string(&elsewhere).expect("is there"), "keep me");
    fs::create_dir_all(blocked.join("first.key")).expect("made");
    let greeting = serve(&blocked, "127.0.0.1:0", |_| {}).greeting(5);
    assert!(greeting.contains("Your key: "), "{greeting}");
    let renewed = on(&blocked, &["keys", "renew", "first"]);
    assert_eq!(
        renewed.out.trim().len(),
        12,
        "printed before anything can fail"
    );
    renewed.refused(1, &["first.key", "cannot be written"]);
}
