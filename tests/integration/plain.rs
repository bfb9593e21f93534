//! What strangers wrote steers no terminal and forges no line, whatever command prints it and whatever log quotes it; JSON says it as it is.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::program::{Done, Server, path_text, phin, run, run_with, write_file};
use crate::world::{KEY, form};

/// Clears the screen, names the window, forges a line, turns the direction of reading.
const HOSTILE: &str = "x\x1b[2J\x1b]0;owned\x07\r\nFAKE LINE\n\u{9b}31m\u{202e}\u{2028}y";

/// What is let through where line breaks are refused.
const TURNING: &str = "FAKE LINE\u{202e}\u{2066}";

/// What may not reach a terminal: anything that acts, but for our own line breaks; and no line is theirs.
#[track_caller]
fn is_plain(what: &str, text: &str) {
    let acts = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(
                c,
                '\u{202a}'..='\u{202e}' | '\u{2066}' | '\u{2028}' | '\u{2029}'
            )
    };
    if let Some(c) = text.chars().find(|&c| acts(c)) {
        panic!("{what} lets {c:?} through: {text:?}");
    }
    assert!(
        !text.lines().any(|line| line.starts_with("FAKE")),
        "{what} has a forged line: {text}"
    );
}

/// Runs a command and looks at all it says.
#[track_caller]
fn plain(args: &[&str]) -> Done {
    let done = run(args);
    is_plain(&format!("{args:?}"), &done.out);
    is_plain(&format!("{args:?}"), &done.err);
    done
}

/// A server that was told hostile things through every door.
fn told(data: &Path) -> Server {
    let server = Server::start_with(
        phin(),
        data,
        &[
            ("PHIN_LOG", "trace"),
            ("PHIN_AUDIT_ONE_IN_HAM", "1"),
            ("PHIN_AUDIT_ONE_IN_SPAM", "1"),
        ],
    );
    let mut door = server.connect();
    let site = "e.example";
    for n in 0..20 {
        door.tell(
            "/v1/check",
            &json!({
                "site": site,
                "text": format!("casino? {HOSTILE} maybe bonus {n}"),
                "author": HOSTILE,
                "email": "a@b.example",
                "url": format!("http://h.example/{HOSTILE}"),
                "ip": "203.0.113.9",
            }),
        );
    }
    let said = door.tell(
        "/v1/label",
        &json!({
            "site": site,
            "text": format!("zz {HOSTILE}"),
            "author": HOSTILE,
            "label": "spam",
            "reporter": HOSTILE,
        }),
    );
    assert!(said.get("error").is_none(), "{said}");
    let listed = door.tell(
        "/v1/lists",
        &json!({
            "site": site, "list": "deny", "kind": "author", "value": "FAKE LINE", "reason": TURNING, "by": TURNING,
        }),
    );
    assert!(listed.get("error").is_none(), "{listed}");
    for blog in ["http://=1+1.example", "http://x.example/\u{202e}"] {
        door.post(
            "/1.1/comment-check",
            &form(&[("api_key", KEY), ("blog", blog), ("comment_content", "hi")]),
        )
        .expect("answered");
    }
    server
}

#[test]
fn no_command_that_asks_a_store_prints_what_acts() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let server = told(&data);
    let at = path_text(&data);
    let hosts = write_file(folder.path(), "hosts.txt", "a.example\n");
    // What acts on a terminal is no name of a key; what turns the direction of reading may be one.
    plain(&["keys", "create", HOSTILE, "--data-dir", at]).refused(1, &["a key needs a name"]);
    let name = &format!("x {TURNING}");
    plain(&["keys", "create", name, "--data-dir", at]).well();
    // The name of a list is one of its own, or a refusal that quotes it.
    plain(&[
        "lists",
        "evidence",
        "add",
        path_text(&hosts),
        "--name",
        name,
        "--data-dir",
        at,
    ]);
    let quoting: [&[&str]; 9] = [
        &["labels"],
        &["queue"],
        &["queue", "--verdicts"],
        &["lists", "show"],
        &["keys", "list"],
        &["keys", "suspend", name],
        &["keys", "vouch", name],
        &["forget", "--ip", "203.0.113.9", "--dry-run"],
        &[
            "lists",
            "remove",
            "--author",
            "FAKE LINE",
            "--site",
            "e.example",
        ],
    ];
    for args in quoting {
        let done = plain(&[args, &["--data-dir", at]].concat()).well();
        let said = format!("{}{}", done.out, done.err);
        assert!(
            said.contains("FAKE LINE"),
            "{args:?} quotes nothing: {said}"
        );
    }
    let others: [&[&str]; 16] = [
        &["figures"],
        &["sites", "standing"],
        &["sites", "show"],
        &["sites", "set", name, "unsure=ham"],
        &["sites", "give", "e.example", "--to", name],
        &["keys", "sites", "first"],
        &["keys", "limit", name, "7"],
        &["keys", "revoke", name],
        &["keys", "resume", "no such\x1b[2J\nFAKE"],
        &[
            "keys",
            "revoke-site",
            "first",
            "http://no\x1b[2J\nFAKE.example",
        ],
        &["undo", "--reporter", name, "--dry-run"],
        &["lists", "evidence", "show"],
        &["models", "list"],
        &["models", "show", name],
        &["export", "--site", "nobody\x1b\nFAKE.example"],
        &["labels", "--since", name],
    ];
    for args in others {
        plain(&[args, &["--data-dir", at]].concat());
    }
    let log = server.errors();
    is_plain("the log", &log);
    assert!(log.lines().count() > 20, "it says something: {log}");
}

#[test]
fn json_says_what_strangers_wrote_as_they_wrote_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let _server = told(&data);
    let at = path_text(&data);
    let labels = run(&["labels", "--json", "--data-dir", at]).well();
    let lines = labels.json_lines();
    assert!(
        lines.iter().any(|line| line["reporter"] == HOSTILE),
        "{}",
        labels.out
    );
    let lists = run(&["lists", "export", "--data-dir", at]).well();
    assert_eq!(lists.json_lines()[0]["reason"], TURNING);
    let queue = run(&["queue", "--json", "--data-dir", at]).well();
    let queue: Value = serde_json::from_str(&queue.out).expect("JSON");
    let checks = queue["checks"].as_array().expect("a list");
    assert!(
        checks
            .iter()
            .any(|check| check["comment"]["author"] == HOSTILE),
        "{queue}"
    );
}

#[test]
fn a_site_that_is_a_formula_is_text_in_a_spreadsheet() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = told(folder.path());
    let answer = server
        .connect()
        .post(
            "/1.2/key-sites",
            &form(&[("api_key", KEY), ("format", "csv")]),
        )
        .expect("answered");
    assert!(
        answer
            .body
            .lines()
            .any(|line| line.starts_with("'=1+1.example,")),
        "{}",
        answer.body
    );
}

/// A model whose card was written by a stranger.
fn foreign_model(folder: &Path) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/shipped");
    let model = folder.join("model");
    std::fs::create_dir(&model).expect("a folder");
    std::fs::copy(from.join("model.bin"), model.join("model.bin")).expect("copied");
    let card = std::fs::read_to_string(from.join("card.toml")).expect("read");
    let hostile = card.replacen("name = \"", "name = \"x\\u001b[2J\\nFAKE\\u202e", 1);
    assert_ne!(card, hostile, "a card names what taught");
    std::fs::write(model.join("card.toml"), hostile).expect("written");
    model
}

#[test]
fn no_command_that_reads_a_file_prints_what_acts() {
    let folder = tempfile::tempdir().expect("a folder");
    let name = "rows\x1b[2J\nFAKE\u{202e}";
    let row = |group: usize, label: &str| {
        let line = json!({
            "id": HOSTILE, "text": format!("hello {HOSTILE} {group}"), "label": label,
            "group": format!("{group}{HOSTILE}"), "lang": HOSTILE, "kind": HOSTILE,
        });
        format!("{line}\n")
    };
    let rows: String = (0..6)
        .map(|n| row(n % 2, if n < 3 { "spam" } else { "ham" }))
        .collect();
    let labelled = write_file(folder.path(), &format!("{name}.jsonl"), rows + "no json\n");
    let labelled = path_text(&labelled);
    let evaluated = plain(&["evaluate", "--skip-bad", labelled]).well();
    assert!(evaluated.out.contains("FAKE"), "{}", evaluated.out);
    plain(&["evaluate", labelled]).refused(1, &["line 7"]);
    let replayed = run(&["replay", "--skip-bad", labelled]).well();
    is_plain("replay", &replayed.err);
    is_plain("check", &run(&["check", "--skip-bad", labelled]).well().err);
    plain(&["check", "--text", &format!("casino {HOSTILE} viagra")]).well();
    plain(&[
        "check",
        path_text(&folder.path().join(format!("{name}.none"))),
    ])
    .refused(1, &["cannot read"]);
    let table = format!(
        "text,label,author,site,\"{0}\"\nhi,spam,a,http://b.example/{1},z\nho,\"{0}\",b,b.example,z\n",
        HOSTILE.replace('"', ""),
        "\u{202e}"
    );
    let table = write_file(folder.path(), &format!("{name}.csv"), table);
    let table = path_text(&table);
    let imported = plain(&["import", "--dry-run", "--from", "csv", table]).well();
    assert!(imported.err.contains("FAKE LINE"), "{}", imported.err);
    plain(&[
        "import",
        "--dry-run",
        "--from",
        "csv",
        "--map",
        "text=nothing",
        table,
    ])
    .refused(1, &["--map"]);
    let other = write_file(
        folder.path(),
        &format!("{name}.txt"),
        format!("{HOSTILE},b\n1,2\n"),
    );
    plain(&["import", "--dry-run", path_text(&other)]).refused(1, &["this looks like"]);
    let model = foreign_model(folder.path());
    let model = path_text(&model);
    let shown = plain(&["models", "show", model]).well();
    assert!(shown.out.contains("FAKE"), "{}", shown.out);
    plain(&["models", "diff", "shipped", model]).well();
    plain(&[
        "models",
        "merge",
        labelled,
        "--out",
        path_text(&folder.path().join("m")),
    ])
    .refused(1, &["is no part"]);
}

#[test]
fn the_log_has_no_colours_in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(phin(), folder.path(), &[("PHIN_LOG", "trace")]);
    server.connect().fetch("/healthz").expect("answered");
    server.terminate();
    let mut server = server;
    server.ended();
    let log = server.errors();
    assert!(log.contains("INFO"), "{log}");
    assert!(!log.contains('\x1b'), "{log}");
}

/// A command of a person, at a pipe: none of the tests above is of a terminal.
#[test]
fn a_refusal_quotes_on_lines_of_its_own() {
    let done = run_with(
        {
            let mut command = phin();
            command.args([
                "import",
                "--dry-run",
                "--site",
                "e.example",
                "--from",
                "csv",
            ]);
            command
        },
        b"a\x1b[2J,b\n1,2\n",
    );
    is_plain("import", &done.err);
    done.refused(1, &["there are: a\\u{1b}[2J, b"]);
}
