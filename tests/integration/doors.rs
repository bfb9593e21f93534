//! What strangers may hold of the server: connections, descriptors, memory. And that half a request is none.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::program::{Server, clean, path_text, phin, run};
use crate::world::{KEY, THANKS, World, form};

/// Starts a server that may open so many files.
fn with_files(files: u32, data: &Path, settings: &[(&str, &str)]) -> Server {
    let mut shell = clean(Command::new("sh"));
    let limited = format!("ulimit -n {files}; exec \"$@\"");
    shell.args(["-c", &limited, "sh"]).arg(phin().get_program());
    Server::start_with(shell, data, settings)
}

/// Memory of the server in MiB: at this moment, and the most so far.
fn memory(server: &Server) -> (u64, u64) {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid()));
    let status = status.expect("the server runs");
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number
            .and_then(|n| n.parse::<u64>().ok())
            .expect("a number")
            / 1_024
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn stranger(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(server.address).expect("the server listens");
    let patience = Some(Duration::from_secs(60));
    stream.set_read_timeout(patience).expect("can be set");
    stream.set_write_timeout(patience).expect("can be set");
    stream
}

fn head(path: &str, length: usize) -> String {
    format!("POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n")
}

fn labels_in(data: &Path) -> usize {
    let exported = run(&["export", "--data-dir", path_text(data)]).well();
    let lines = exported.json_lines();
    lines.iter().filter(|line| line["what"] == "label").count()
}

#[test]
fn idle_connections_take_no_descriptor_from_the_store() {
    let data = tempfile::tempdir().expect("a folder");
    let mut server = with_files(256, data.path(), &[]);
    let mut old = server.connect();
    let greeted = old.post(
        "/1.1/submit-spam",
        &form(&[("comment_content", "cheap pills")]),
    );
    assert_eq!(greeted.expect("answered").body, THANKS);
    let idle: Vec<TcpStream> = (0..400).map(|_| stranger(&server)).collect();
    // Pages too large for the store's log have a file each.
    for n in 0..60 {
        let words =
            (1..4_000_u64).map(|word| word.wrapping_mul(n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let text: String = words.map(|word| format!("{word:x} ")).collect();
        let site = format!("http://s{n}.example");
        let mut new = server.connect();
        let checked = new.post(
            "/1.1/comment-check",
            &form(&[("blog", &site), ("comment_content", &text)]),
        );
        assert_eq!(checked.expect("answered").status(), 200);
        if n % 10 == 0 {
            let said = new.post(
                "/1.1/submit-ham",
                &form(&[("blog", &site), ("comment_content", &text)]),
            );
            assert_eq!(said.expect("answered").body, THANKS, "{n}");
        }
    }
    let open = std::fs::read_dir(format!("/proc/{}/fd", server.pid()))
        .expect("it runs")
        .count();
    assert!(open < 220, "{open} descriptors");
    assert_eq!(
        server
            .connect()
            .fetch("/readyz")
            .expect("answered")
            .status(),
        200
    );
    assert!(
        server.errors().contains("max_connections"),
        "{}",
        server.errors()
    );
    server.terminate();
    assert!(server.ended().success());
    drop(idle);
}

#[test]
fn too_few_files_to_serve_are_refused_in_a_sentence() {
    let data = tempfile::tempdir().expect("a folder");
    let mut shell = clean(Command::new("sh"));
    shell
        .args(["-c", "ulimit -n 60; exec \"$@\"", "sh"])
        .arg(phin().get_program());
    shell.args([
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        path_text(data.path()),
    ]);
    crate::program::run_with(shell, b"").refused(1, &["60 files", "ulimit -n"]);
}

#[test]
fn half_a_request_teaches_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let whole = form(&[
        ("comment_content", "I do not like casinos"),
        ("comment_author", "An"),
    ]);
    let half = &whole[..whole.len() - 12];
    let long = form(&[("comment_content", &"word ".repeat(20_000))]);
    let chunk = format!("{:x}\r\n{half}\r\n", half.len());
    let chunked =
        "POST /1.1/submit-spam HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let report = json!({ "site": "blog.example", "text": "half", "label": "spam" }).to_string();
    let told = format!(
        "POST /v1/label HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {KEY}\r\nContent-Length: {}\r\n\r\n{report}",
        report.len() + 1
    );
    for request in [
        head("/1.1/submit-spam", whole.len()) + half,
        head("/1.1/submit-spam", long.len() + 1) + &long,
        head("/1.1/comment-check", whole.len()) + half,
        format!("{chunked}{chunk}"),
        format!("{chunked}{chunk}ZZZZ\r\n"),
        told,
    ] {
        let mut client = stranger(&server);
        client.write_all(request.as_bytes()).expect("sent");
        client.shutdown(Shutdown::Write).expect("broken off");
        let mut answer = String::new();
        let _ = client.read_to_string(&mut answer);
        assert!(
            !answer.starts_with("HTTP/1.1 200"),
            "{answer} to {request:.200}"
        );
    }
    assert_eq!(labels_in(data.path()), 0);
    let thanked = server.connect().post("/1.1/submit-spam", &whole);
    assert_eq!(thanked.expect("answered").body, THANKS);
    assert_eq!(labels_in(data.path()), 1);
}

#[test]
fn large_forms_of_strangers_take_little_memory() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path());
    let (before, _) = memory(&server);
    let form = "a&".repeat(4 << 20);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let answer = server.connect().post("/1.1/comment-check", &form);
                let answer = answer.expect("answered");
                assert!(
                    answer.body == "invalid" || answer.status() == 503,
                    "{answer:?}"
                );
            });
        }
    });
    // The last byte never comes.
    let many: Vec<TcpStream> = (0..60)
        .map(|_| {
            let mut client = stranger(&server);
            let sent =
                client.write_all((head("/1.1/comment-check", form.len() + 1) + &form).as_bytes());
            // Where there is no room for it, the server hangs up.
            let _ = sent;
            client
        })
        .collect();
    let (_, most) = memory(&server);
    assert!(most < before + 150, "{before} -> {most} MiB");
    // Meanwhile a short comment is checked as ever.
    let short = crate::world::form(&[("comment_content", "cảm ơn bạn")]);
    let checked = server
        .connect()
        .post("/1.1/comment-check", &short)
        .expect("answered");
    assert_eq!((checked.status(), checked.body.as_str()), (200, "false"));
    drop(many);
}

#[test]
fn fields_of_visitors_are_cut_before_they_are_kept() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(phin(), data.path(), &[("PHIN_MAX_BODY_BYTES", "8388608")]);
    let long = "z".repeat(2 << 20);
    let fields = [
        "comment_post_ID",
        "comment_parent",
        "comment_author",
        "callback",
        "comment_content",
        "comment_context[]",
    ];
    let all = |n: usize| {
        let mut fields: Vec<(&str, &str)> = vec![(fields[n % fields.len()], &long)];
        fields.push(("permalink", "http://blog.example/1"));
        form(&fields)
    };
    let mut client = server.connect();
    (0..6).for_each(|n| {
        assert_eq!(
            client
                .post("/1.1/comment-check", &all(n))
                .expect("answered")
                .status(),
            200
        )
    });
    let (before, _) = memory(&server);
    (0..90).for_each(|n| {
        assert_eq!(
            client
                .post("/1.1/comment-check", &all(n))
                .expect("answered")
                .status(),
            200
        )
    });
    let (after, _) = memory(&server);
    assert!(after < before + 60, "{before} -> {after} MiB");
    drop(server);
    let stored = std::fs::metadata(data.path().join("store/db"))
        .expect("the store")
        .len();
    assert!(stored < 40 << 20, "{stored} bytes on disk");
    assert!(
        std::fs::read_dir(data.path().join("store/blobs")).is_ok_and(|blobs| blobs.count() == 0)
    );
}

#[tokio::test]
async fn of_a_long_text_both_ends_are_judged_and_a_label_teaches_the_same() {
    let world = World::new();
    let long = |middle: &str| {
        format!(
            "Cảm ơn bạn nhé.\n{}\nTôi đồng ý.",
            format!("{middle} ").repeat(20_000)
        )
    };
    let comment = |text: &str| json!({ "site": "blog.example", "text": text, "author": "An", "ip": "203.0.113.9" });
    let (one, other) = (long("hay"), long("vui"));
    let checked = world.check_json(&comment(&one)).await;
    assert!(checked["guid"].is_string());
    let said = |text: &str| {
        let mut label = comment(text);
        label["label"] = "spam".into();
        label
    };
    assert_eq!(world.label_json(&said(&one)).await["effect"], "learnt");
    assert_eq!(
        world.label_json(&said(&one)).await["effect"],
        "known already"
    );
    assert_eq!(world.label_json(&said(&other)).await["effect"], "learnt");
    // What stands at the end is judged, and shown where it stands.
    let hidden = format!(
        "{} vay tiền nhanh không thế chấp zalo 0912000345",
        "hay ".repeat(20_000)
    );
    let checked = world.check_json(&comment(&hidden)).await;
    let clues = checked["clues"].as_array().expect("clues");
    let placed = clues.iter().filter_map(|clue| {
        let at = |name: &str| clue[name].as_u64().map(|at| at as usize);
        Some((
            clue["text"].as_str()?,
            hidden.get(at("start")?..at("end")?)?,
        ))
    });
    let placed: Vec<_> = placed.filter(|(text, _)| text.contains("vay")).collect();
    assert!(!placed.is_empty(), "{clues:?}");
    for (text, shown) in placed {
        assert_eq!(shown, text);
    }
}
