//! The command line as its users meet it: results on stdout, sentences on stderr, exit codes that a script can trust.

use std::fs;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use phin::store::Store;
use serde_json::Value;

use crate::program::{Done, Server, corpus, path_text, phin, run, run_with, write_file};
use crate::world::{KEY, THANKS, form};

const COMMANDS: [&str; 17] = [
    "serve", "check", "label", "train", "models", "evaluate", "replay", "keys", "lists", "labels",
    "undo", "sites", "figures", "queue", "forget", "export", "import",
];

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

fn below(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn check_with(input: &[u8], args: &[&str]) -> Done {
    let mut command = phin();
    command.arg("check").args(args);
    run_with(command, input)
}

/// A labelled file of some of our own comments, both labels and both languages in turn.
fn labelled(folder: &Path, rows: usize) -> PathBuf {
    let files = [
        "en/spam-offers",
        "vi/ham-everyday",
        "vi/spam-money",
        "en/ham-hard",
    ]
    .map(|name| {
        fs::read_to_string(below("training-data").join(format!("{name}.jsonl")))
            .expect("our comments are here")
    });
    let mut lines: Vec<_> = files.iter().map(|file| file.lines()).collect();
    let text: String = (0..rows)
        .map(|row| format!("{}\n", lines[row % 4].next().expect("there are enough")))
        .collect();
    write_file(folder, "labelled.jsonl", text)
}

/// A folder that holds an empty store.
fn empty_store() -> tempfile::TempDir {
    let folder = folder();
    drop(Store::open(folder.path(), 1 << 20).expect("it opens"));
    folder
}

#[test]
fn help_names_every_command_and_each_explains_itself() {
    for flag in ["--help", "-h", "help"] {
        let help = run(&[flag]).well().out;
        for command in COMMANDS {
            assert!(
                help.lines()
                    .any(|line| line.trim_start().starts_with(command)),
                "{flag} does not name {command}:\n{help}"
            );
        }
    }
    for command in COMMANDS {
        let help = run(&[command, "--help"]).well().out;
        assert!(
            help.contains("Examples:") && help.contains(&format!("phin {command}")),
            "{help}"
        );
    }
    assert_eq!(
        run(&["--version"]).well().out,
        format!("phin {}\n", env!("CARGO_PKG_VERSION"))
    );
}

#[test]
fn misuse_ends_with_two_and_says_what_is_meant() {
    run(&["check", "--colour"]).refused(2, &["--colour", "Usage"]);
    run(&["chek"]).refused(2, &["chek", "check"]);
    run(&[]).refused(2, &["Usage"]);
    run(&["train"]).refused(2, &["--out"]);
    run(&["evaluate"]).refused(2, &["FILE"]);
    run(&["check", "--text", "a", "file.jsonl"]).refused(2, &["--text"]);
}

#[test]
fn check_keeps_the_order_and_prints_these_keys_and_no_others() {
    // More than two batches, so that cores and batches could mix them up; every seventh is spam, so that a mix-up shows.
    let text = |n: usize| {
        if n.is_multiple_of(7) {
            "nha cai uy tin so 1, no hu tai xiu, nap dau x2, rut tien trong 5 phut >> nohu-taixiu88.club"
        } else {
            "cảm ơn bạn nhiều"
        }
    };
    let input: String = (0..4_321)
        .map(|n| format!("{{\"id\":\"c{n}\",\"text\":\"{}\"}}\n", text(n)))
        .collect();
    let found = check_with(input.as_bytes(), &[]).well().json_lines();
    assert_eq!(found.len(), 4_321);
    for (n, line) in found.iter().enumerate() {
        let line = line.as_object().expect("an object");
        let mut keys = vec![
            "id",
            "verdict",
            "probability",
            "log_odds",
            "lang",
            "clues",
            "rest",
        ];
        if line["verdict"] != "ham" {
            keys.push("category");
        }
        assert_eq!(line.keys().collect::<Vec<_>>(), keys);
        assert_eq!(
            (
                &line["id"],
                line["log_odds"].as_f64().expect("a number") > 0.0
            ),
            (&Value::from(format!("c{n}")), n % 7 == 0)
        );
    }
}

#[test]
fn clues_and_rest_sum_to_the_log_odds_and_the_probability_is_theirs() {
    let file = below("training-data/vi/spam-money.jsonl");
    for line in run(&["check", path_text(&file)]).well().json_lines() {
        let number = |value: &Value| value.as_f64().expect("a number");
        let clues = line["clues"].as_array().expect("a list");
        assert!((1..=8).contains(&clues.len()), "{line}");
        let sum: f64 = clues
            .iter()
            .map(|clue| number(&clue["weight"]))
            .sum::<f64>()
            + number(&line["rest"]);
        let log_odds = number(&line["log_odds"]);
        assert!((sum - log_odds).abs() < 1e-9, "{sum} and {log_odds}");
        assert!((1.0 / (1.0 + (-log_odds).exp()) - number(&line["probability"])).abs() < 1e-12);
        for clue in clues {
            assert!(
                !clue["reason"].as_str().expect("words").is_empty() && clue["layer"] == "base",
                "{clue}"
            );
        }
        assert!(
            ["ham", "unsure", "spam", "discard"]
                .contains(&line["verdict"].as_str().expect("a verdict")),
            "{line}"
        );
    }
}

#[test]
fn check_takes_a_text_a_file_a_pipe_and_gzip() {
    let folder = folder();
    let line = "{\"text\":\"Vay tiền nhanh, không thế chấp, zalo 0912 000 345\"}\n";
    let from_pipe = check_with(line.as_bytes(), &[]).well().out;
    assert_eq!(check_with(line.as_bytes(), &["-"]).well().out, from_pipe);
    let plain = write_file(folder.path(), "a.jsonl", line);
    assert_eq!(run(&["check", path_text(&plain)]).well().out, from_pipe);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, line.as_bytes()).expect("packs");
    let packed = packed.finish().expect("packs");
    let gzip = write_file(folder.path(), "a.jsonl.gz", &packed);
    assert_eq!(run(&["check", path_text(&gzip)]).well().out, from_pipe);
    let torn = write_file(folder.path(), "torn.jsonl.gz", &packed[..packed.len() - 12]);
    run(&["check", path_text(&torn)]).refused(1, &["cannot read", "torn.jsonl.gz"]);
    let words = run(&[
        "check",
        "--text",
        "Vay tiền nhanh, không thế chấp, zalo 0912 000 345",
    ])
    .well()
    .out;
    assert!(
        words.contains("% spam")
            && words.contains("everything else")
            && words.contains("language vi"),
        "{words}"
    );
    assert_eq!(check_with(b"", &[]).well().out, "");
}

#[test]
fn a_malformed_line_is_named_with_its_number_or_counted() {
    let input = b"{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n{\"txt\":\"c\"}\n{\"text\":\"d\"}\nnot json\n{\"text\":\"e\",\"label\":\"maybe\"}\n{\"text\":\"f\"}";
    check_with(input, &[]).refused(1, &["phin: -, line 4: ", "text", "--skip-bad"]);
    let skipped = check_with(input, &["--skip-bad"]).well();
    assert_eq!(
        skipped
            .json_lines()
            .iter()
            .map(|line| line["id"].as_str().expect("text").to_owned())
            .collect::<Vec<_>>(),
        ["1", "3", "5", "8"]
    );
    assert!(skipped.err.contains("3 malformed lines"), "{}", skipped.err);
    let mixed = b"{\"text\":\"a\"}\n{\"text\":\"\xff\xfe\"}\n{\"text\":\"b\"}\n";
    check_with(mixed, &[]).refused(1, &["line 2: it is not UTF-8"]);
    let skipped = check_with(mixed, &["--skip-bad"]).well();
    assert!(
        skipped.lines().len() == 2 && skipped.err.contains("1 malformed line"),
        "{skipped:?}"
    );
}

#[test]
fn what_comes_before_a_malformed_line_is_still_judged_within_whole_batches() {
    let mut input: String = (0..2_500)
        .map(|n| format!("{{\"text\":\"c {n}\"}}\n"))
        .collect();
    input.push_str("torn {\n");
    let done = check_with(input.as_bytes(), &[]).refused(1, &["line 2501: "]);
    assert_eq!(done.json_lines().len(), 2_000);
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let folder = folder();
    let missing = folder.path().join("missing.jsonl");
    for command in ["check", "replay", "evaluate"] {
        run(&[command, path_text(&missing)]).refused(1, &["cannot read", "missing.jsonl"]);
        run(&[command, path_text(folder.path())])
            .refused(1, &["cannot read", path_text(folder.path())]);
    }
    run(&[
        "train",
        "--out",
        path_text(&folder.path().join("m")),
        path_text(&missing),
    ])
    .refused(1, &["cannot read", "missing.jsonl"]);
    run(&[
        "import",
        path_text(&missing),
        "--data-dir",
        path_text(empty_store().path()),
    ])
    .refused(1, &["cannot read", "missing.jsonl"]);
}

#[test]
fn a_reader_that_has_had_enough_is_no_failure() {
    let input: String = (0..20_000)
        .map(|n| format!("{{\"text\":\"bình luận {n}\"}}\n"))
        .collect();
    let folder = folder();
    let file = write_file(folder.path(), "many.jsonl", input);
    let mut child = phin()
        .args(["check", path_text(&file)])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("starts");
    let mut first = String::new();
    std::io::BufReader::new(child.stdout.take().expect("piped"))
        .read_line(&mut first)
        .expect("a line");
    let output = child.wait_with_output().expect("ends");
    assert_eq!(
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).as_ref()
        ),
        (Some(0), "")
    );
    assert!(first.starts_with("{\"id\":\"1\""), "{first}");
}

#[test]
fn without_a_model_phin_says_unsure_and_one_that_is_torn_is_refused() {
    let cold = check_with(b"{\"text\":\"vay\"}\n", &["--model", "none"])
        .well()
        .json_lines();
    assert_eq!(
        (&cold[0]["verdict"], cold[0]["log_odds"].as_f64()),
        (&Value::from("unsure"), Some(0.0))
    );
    let folder = folder();
    for name in ["model.bin", "card.toml"] {
        fs::copy(below("models/shipped").join(name), folder.path().join(name)).expect("copies");
    }
    let model = path_text(folder.path());
    let input = b"{\"text\":\"Great post, cheap watches at http://x.test\"}\n";
    assert_eq!(
        check_with(input, &["--model", model]).well().out,
        check_with(input, &[]).well().out
    );
    let file = folder.path().join("model.bin");
    let whole = fs::read(&file).expect("reads");
    fs::write(&file, &whole[..whole.len() / 2]).expect("writes");
    check_with(input, &["--model", model])
        .refused(1, &["model.bin is no usable model: it is torn"]);
    run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        path_text(&folder.path().join("data")),
        "--model",
        model,
    ])
    .refused(1, &["it is torn"]);
    let mut changed = whole.clone();
    changed[whole.len() / 2] ^= 1;
    fs::write(&file, &changed).expect("writes");
    check_with(input, &["--model", model]).refused(1, &["digest does not match"]);
    fs::write(&file, "").expect("writes");
    check_with(input, &["--model", model]).refused(1, &["does not begin like a phin model"]);
    check_with(input, &["--model", "/no/such/model"]).refused(1, &["/no/such/model"]);
}

#[test]
fn training_twice_gives_the_same_bytes_and_a_model_that_can_be_used() {
    let folder = folder();
    let file = labelled(folder.path(), 240);
    let train = |name: &str, more: &[&str]| {
        let out = folder.path().join(name);
        let done =
            run(&[&["train", "--out", path_text(&out), path_text(&file)], more].concat()).well();
        assert!(
            done.out.contains("120 spam, 120 ham")
                && done.out.trim_end().ends_with(path_text(&out)),
            "{done:?}"
        );
        assert!(
            done.err.contains("false positives"),
            "the report on left-out parts is shown: {}",
            done.err
        );
        [
            "model.bin",
            "card.toml",
            "report/index.html",
            "report/report.json",
        ]
        .map(|name| fs::read(out.join(name)).expect("is there"))
    };
    let (one, two) = (train("one", &[]), train("two", &["--seed", "1"]));
    assert!(one == two, "the same input and seed gave other bytes");
    let verdicts = run(&[
        "check",
        "--model",
        path_text(&folder.path().join("one")),
        path_text(&file),
    ])
    .well()
    .json_lines();
    let spam = |line: &Value| line["log_odds"].as_f64().is_some_and(|x| x > 0.0);
    let right = verdicts
        .iter()
        .enumerate()
        .filter(|(n, line)| spam(line) == (n % 2 == 0))
        .count();
    assert!(right > 220, "{right} of the 240 it learnt from");
}

#[test]
fn training_on_one_label_is_refused_in_a_sentence_and_leaves_no_folder() {
    let folder = folder();
    let out = folder.path().join("model");
    let ham = write_file(
        folder.path(),
        "ham.jsonl",
        "{\"text\":\"a b\",\"label\":\"ham\"}\n{\"text\":\"c\",\"label\":\"ham\"}\n{\"text\":\"d\",\"label\":null}\n",
    );
    run(&["train", "--out", path_text(&out), path_text(&ham)]).refused(
        1,
        &[
            "nothing to learn from: 0 spam and 2 ham",
            "1 rows without a label",
        ],
    );
    let empty = write_file(folder.path(), "empty.jsonl", "");
    run(&["train", "--out", path_text(&out), path_text(&empty)]).refused(1, &["0 spam and 0 ham"]);
    let bad = write_file(
        folder.path(),
        "bad.jsonl",
        "{\"text\":\"a\",\"label\":\"spam\"}\n{\"text\":\"b\",\"label\":\"eggs\"}\n",
    );
    run(&["train", "--out", path_text(&out), path_text(&bad)]).refused(1, &["line 2", "eggs"]);
    assert!(!out.exists());
}

#[test]
fn replay_prints_a_line_for_each_label_and_the_summary_on_stderr() {
    let folder = folder();
    let mut input = fs::read_to_string(labelled(folder.path(), 120)).expect("reads");
    input.push_str("{\"text\":\"nobody said anything about this one\"}\n{\"id\":\"last\",\"text\":\"cảm ơn\",\"label\":\"ham\"}\n");
    let file = write_file(folder.path(), "stream.jsonl", input);
    let done = run(&["replay", "--model", "none", path_text(&file)]).well();
    let lines = done.json_lines();
    assert_eq!(
        (lines.len(), lines[120]["id"].as_str()),
        (121, Some("last"))
    );
    assert_eq!(
        lines[0]["log_odds"], 0.0,
        "the first is judged before anything is learnt"
    );
    assert!(
        lines[100..].iter().any(|line| line["log_odds"] != 0.0),
        "nothing was learnt"
    );
    for part in [
        "121 comments replayed",
        "1 without a label",
        "false positives",
        "ROC AUC",
    ] {
        assert!(
            done.err.contains(part),
            "{part:?} is missing in: {}",
            done.err
        );
    }
}

#[test]
fn evaluate_shows_a_table_or_json_and_writes_a_page() {
    let folder = folder();
    let file = labelled(folder.path(), 80);
    let out = folder.path().join("report");
    let table = run(&["evaluate", path_text(&file), "--out", path_text(&out)]).well();
    for part in [
        "false positives",
        "missed spam",
        "unsure",
        "ROC AUC",
        "labelled.jsonl",
    ] {
        assert!(
            table.out.contains(part),
            "{part:?} is missing in:\n{}",
            table.out
        );
    }
    assert!(
        table.out.find("false positives") < table.out.find("missed spam"),
        "the costlier error comes first"
    );
    assert!(
        table.out.lines().all(|line| line.chars().count() <= 100),
        "{}",
        table.out
    );
    let page = fs::read_to_string(out.join("index.html")).expect("the page is there");
    assert!(
        page.starts_with("<!doctype html>") || page.starts_with("<!DOCTYPE html>"),
        "{}",
        &page[..80.min(page.len())]
    );
    assert!(
        page.contains("<svg") && !page.contains("http://cdn") && !page.contains("<script src"),
        "it needs nothing but a browser"
    );
    let report: Value =
        serde_json::from_str(&run(&["evaluate", path_text(&file), "--json"]).well().out)
            .expect("JSON");
    assert_eq!(
        (
            report["all"]["n"].as_u64(),
            report["all"]["spam"].as_u64(),
            report["all"]["ham"].as_u64()
        ),
        (Some(80), Some(40), Some(40))
    );
    let unlabelled = write_file(folder.path(), "bare.jsonl", "{\"text\":\"a\"}\n");
    run(&["evaluate", path_text(&unlabelled)]).refused(1, &["none of the rows has a label"]);
    let bad = write_file(
        folder.path(),
        "bad.jsonl",
        "{\"text\":\"a\",\"label\":\"ham\"}\n}\n",
    );
    run(&["evaluate", path_text(&bad)]).refused(1, &["bad.jsonl, line 2"]);
    assert!(
        run(&["evaluate", "--skip-bad", path_text(&bad)])
            .well()
            .err
            .contains("1 malformed lines")
    );
    run(&[
        "evaluate",
        "--task",
        "no-such-task",
        "--corpora",
        path_text(folder.path()),
    ])
    .refused(1, &["no-such-task", "youtube"]);
}

#[test]
fn keys_are_made_listed_and_revoked_on_a_stopped_store() {
    let store = empty_store();
    keys_can_be_kept(store.path());
    run(&[
        "keys",
        "list",
        "--data-dir",
        path_text(&store.path().join("elsewhere")),
    ])
    .refused(1, &["there is no store in", "phin serve"]);
}

#[test]
fn keys_are_made_listed_and_revoked_through_a_running_server_and_count_at_once() {
    let folder = folder();
    let server = Server::start(folder.path());
    let data = path_text(folder.path());
    let key = run(&["keys", "create", "late", "--data-dir", data])
        .well()
        .out
        .trim()
        .to_owned();
    let mut connection = server.connect();
    let mut verify = || {
        connection
            .post("/1.1/verify-key", &form(&[("api_key", &key)]))
            .expect("answered")
            .body
    };
    assert_eq!(verify(), "valid");
    run(&["keys", "revoke", "late", "--data-dir", data]).well();
    assert_eq!(verify(), "invalid");
    keys_can_be_kept(folder.path());
}

fn keys_can_be_kept(data: &Path) {
    let keys = |args: &[&str]| run(&[&["keys"], args, &["--data-dir", path_text(data)]].concat());
    let made = keys(&["create", "my-blog"]).well().out;
    let secret = made.trim();
    assert!(
        secret.len() == 12
            && secret.bytes().all(|b| b.is_ascii_hexdigit())
            && made == format!("{secret}\n"),
        "{made:?}"
    );
    assert_eq!(
        keys(&["create", "mine", "--key", "abc123-chosen"])
            .well()
            .out,
        "abc123-chosen\n"
    );
    keys(&["create", "mine too", "--key", "abc123-chosen"])
        .refused(1, &["there is such a key already"]);
    keys(&["create", "mine"]).refused(1, &["a key named \"mine\" already", "phin keys renew mine"]);
    keys(&["create", "import"]).refused(1, &["imported histories"]);
    keys(&["create", "bad", "--key", "Nope!"]).refused(1, &["8 to 63 lower-case letters"]);
    let list = keys(&["list"]).well().out;
    assert!(
        list.contains(&format!("{}...  my-blog\n", &secret[..4]))
            && list.contains("abc1...  mine\n")
            && !list.contains(secret),
        "{list}"
    );
    assert!(
        keys(&["revoke", "my-blog"])
            .well()
            .err
            .contains("admits nobody any more")
    );
    keys(&["revoke", "abc123-chosen"]).well();
    keys(&["revoke", "nobody"]).refused(1, &["there is no key \"nobody\""]);
    let list = keys(&["list"]).well().out;
    assert!(
        list.contains(&format!("{}...  my-blog  (revoked)\n", &secret[..4]))
            && list.contains("abc1...  mine  (revoked)\n"),
        "{list}"
    );
}

/// A store with keys, checks, labels and a change of mind, and its export.
fn lived_in(folder: &Path) -> String {
    let mut server = Server::start(folder);
    let mut connection = server.connect();
    for n in 0..40 {
        let text = format!("bình luận số {n} \"có ngoặc\", \\ và\nxuống dòng 🙂");
        let form = form(&[
            ("comment_content", &text),
            ("comment_author", "Ân"),
            (
                "blog",
                ["http://one.example", "http://two.example/blog"][n % 2],
            ),
        ]);
        assert_eq!(
            connection
                .post("/1.1/comment-check", &form)
                .expect("answered")
                .status(),
            200
        );
        for label in [["submit-spam", "submit-ham"][n % 2], "submit-spam"] {
            assert_eq!(
                connection
                    .post(&format!("/1.1/{label}"), &form)
                    .expect("answered")
                    .body,
                THANKS
            );
        }
    }
    let data = path_text(folder);
    run(&["keys", "create", "second", "--data-dir", data]).well();
    run(&["keys", "revoke", "second", "--data-dir", data]).well();
    let through_the_server = run(&["export", "--data-dir", data]).well().out;
    server.terminate();
    assert_eq!(server.ended().code(), Some(0));
    let stopped = run(&["export", "--data-dir", data]).well();
    let count = |what: &str| {
        stopped
            .json_lines()
            .iter()
            .filter(|line| line["what"] == what)
            .count()
    };
    assert_eq!((count("key"), count("check"), count("label")), (2, 40, 60));
    assert_eq!(
        through_the_server
            .lines()
            .filter(|line| line.contains("\"what\":\"label\""))
            .count(),
        60
    );
    assert!(!stopped.out.contains(KEY));
    stopped.out
}

#[test]
fn an_export_imported_into_an_empty_store_is_that_store_and_importing_again_adds_nothing() {
    let (old, new) = (folder(), empty_store());
    let export = lived_in(old.path());
    let file = write_file(old.path(), "export.jsonl", &export);
    let data = path_text(new.path());
    let first = run(&["import", path_text(&file), "--data-dir", data]).well();
    assert!(
        first
            .err
            .contains("imported 2 keys, 40 checks, 60 labels, 1 rulings, "),
        "{}",
        first.err
    );
    assert_eq!(run(&["export", "--data-dir", data]).well().out, export);
    let again = run(&["import", path_text(&file), "--data-dir", data]).well();
    assert!(
        again
            .err
            .contains("imported 0 keys, 0 checks, 0 labels, 0 rulings, 0 counts of usage, 0 counts of checks, 0 checks of the queue, 0 portraits of days, 0 counts of what labels changed, 0 corrections, 0 list entries, 0 evidence lists, the settings of 0 sites "),
        "{}",
        again.err
    );
    assert_eq!(run(&["export", "--data-dir", data]).well().out, export);
    // What it says is the same as well: a server on either folder judges alike.
    let judge = |data: &Path| {
        let server = Server::start(data);
        let answer = server
            .connect()
            .post(
                "/1.1/comment-check",
                &form(&[
                    ("comment_content", "bình luận số 3"),
                    ("blog", "one.example"),
                    ("is_test", "1"),
                ]),
            )
            .expect("answered");
        answer
            .header("x-spam-probability")
            .expect("judged")
            .to_owned()
    };
    assert_eq!(judge(old.path()), judge(new.path()));
}

#[test]
fn an_export_can_be_taken_in_while_the_server_runs_and_from_a_pipe() {
    let (old, new) = (folder(), folder());
    let export = lived_in(old.path());
    let server = Server::start(new.path());
    let form = form(&[
        ("comment_content", "bình luận số 3"),
        ("blog", "two.example/blog"),
        ("is_test", "1"),
    ]);
    let mut connection = server.connect();
    let mut probability = || {
        connection
            .post("/1.1/comment-check", &form)
            .expect("answered")
            .header("x-spam-probability")
            .expect("judged")
            .to_owned()
    };
    let before = probability();
    let mut import = phin();
    import.args(["import", "-", "--data-dir", path_text(new.path())]);
    let done = run_with(import, export.as_bytes()).well();
    assert!(done.err.contains("40 checks, 60 labels"), "{}", done.err);
    assert_ne!(
        probability(),
        before,
        "the running server has learnt from what it took in"
    );
}

#[test]
fn an_import_makes_the_store_it_is_to_fill() {
    let (old, new) = (folder(), folder());
    let export = lived_in(old.path());
    let file = write_file(old.path(), "export.jsonl", &export);
    let data = new.path().join("not/yet/there");
    run(&["import", path_text(&file), "--data-dir", path_text(&data)]).well();
    // No key beside those of the export: a server started only to make the store would have invented one.
    assert_eq!(
        run(&["export", "--data-dir", path_text(&data)]).well().out,
        export
    );
}

#[test]
fn of_an_export_with_a_broken_line_nothing_is_taken() {
    let (old, new) = (folder(), empty_store());
    let export = lived_in(old.path());
    let lines: Vec<&str> = export.lines().collect();
    let data = path_text(new.path());
    for broken in [
        "{\"what\":\"label\",\"seq\":1}",
        "not json",
        "{\"what\":\"song\"}",
        &lines[50][..lines[50].len() / 2],
    ] {
        let text = [&lines[..60], &[broken], &lines[60..]].concat().join("\n");
        let file = write_file(old.path(), "broken.jsonl", text);
        run(&["import", path_text(&file), "--data-dir", data])
            .refused(1, &["line 61", "nothing was imported"]);
    }
    let file = write_file(
        old.path(),
        "bytes.jsonl",
        [export.as_bytes(), b"\xff\xfe"].concat(),
    );
    run(&["import", path_text(&file), "--data-dir", data])
        .refused(1, &["not UTF-8", "nothing was imported"]);
    // Cut between two lines, or in the last one.
    for (at, whole) in [(lines.len() - 1, ""), (60, ""), (60, &lines[60][..30])] {
        let text = [&lines[..at], &[whole]].concat().join("\n");
        let file = write_file(old.path(), "cut.jsonl", text);
        run(&["import", path_text(&file), "--data-dir", data])
            .refused(1, &["nothing was imported"]);
    }
    let end = "{\"what\":\"end\"}\n";
    assert_eq!(run(&["export", "--data-dir", data]).well().out, end);
    let cut = path_text(&old.path().join("cut.jsonl")).to_owned();
    let part = run(&["import", "--partial", &cut, "--data-dir", data]).well();
    assert!(
        part.err.contains("imported 2 keys, 40 checks"),
        "{}",
        part.err
    );
}

#[test]
fn fifty_four_thousand_comments_are_judged_and_the_rate_is_told() {
    let Some(file) = corpus("reddit_goemotions") else {
        return;
    };
    let done = run(&["check", path_text(&file)]).well();
    assert_eq!(done.lines().len(), 54_263);
    let rate = done
        .err
        .lines()
        .find(|line| line.contains("54,263 comments checked in"))
        .unwrap_or_else(|| panic!("{}", done.err));
    assert!(rate.contains(" a second)"), "{rate}");
    println!("{rate}");
    let spam = done
        .lines()
        .iter()
        .filter(|line| {
            line.contains("\"verdict\":\"spam\"") || line.contains("\"verdict\":\"discard\"")
        })
        .count();
    println!("{spam} of them called spam");
}
