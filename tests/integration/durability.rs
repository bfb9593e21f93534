//! What was acknowledged is there: after kill -9, after SIGTERM, after the disk was full. The real binary, several connections at once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::program::{Server, clean, path_text, phin, run, run_with, until, write_file};
use crate::world::{THANKS, form};

const LABELS: usize = 10_000;
const CONNECTIONS: usize = 16;

/// The label numbered `n`: its number is its reporter, so that it can be found again.
fn label(n: usize) -> (&'static str, String) {
    let (call, text) = match n % 3 {
        0 => ("submit-spam", format!("vay tiền nhanh {n} zalo 0912 {n}")),
        _ => (
            "submit-ham",
            format!("mình thấy bài số {n} rất hay, cảm ơn bạn {}", n / 7),
        ),
    };
    let reporter = format!("person {n}");
    (
        call,
        form(&[
            ("comment_content", &text),
            ("reporter", &reporter),
            ("user_ip", "198.51.100.7"),
        ]),
    )
}

/// How each label of a crowd fared.
#[derive(Default)]
struct Fared {
    thanked: BTreeSet<usize>,
    refused: BTreeMap<usize, String>,
}

/// Many connections, each sending its share of the labels one after another until the server is gone.
struct Crowd {
    fared: Arc<Mutex<Fared>>,
    thanked: Arc<AtomicUsize>,
    threads: Vec<JoinHandle<()>>,
}

impl Crowd {
    fn gather(server: &Server) -> Self {
        let (fared, thanked, next) = (
            Arc::new(Mutex::new(Fared::default())),
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicUsize::new(0)),
        );
        let threads = (0..CONNECTIONS)
            .map(|_| {
                let (mut connection, fared, thanked, next) = (
                    server.connect(),
                    Arc::clone(&fared),
                    Arc::clone(&thanked),
                    Arc::clone(&next),
                );
                std::thread::spawn(move || {
                    loop {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let (call, form) = label(n);
                        if n >= LABELS {
                            return;
                        }
                        let Ok(answer) = connection.post(&format!("/1.1/{call}"), &form) else {
                            return;
                        };
                        let mut fared = fared.lock().expect("whole");
                        if answer.status() == 200 && answer.body == THANKS {
                            fared.thanked.insert(n);
                            thanked.fetch_add(1, Ordering::Release);
                        } else {
                            fared.refused.insert(n, answer.body);
                        }
                    }
                })
            })
            .collect();
        Self {
            fared,
            thanked,
            threads,
        }
    }

    fn wait_for(&self, labels: usize) {
        until("enough labels are acknowledged", || {
            self.thanked.load(Ordering::Acquire) >= labels
        });
    }

    fn leave(self) -> Fared {
        for thread in self.threads {
            thread.join().expect("a connection ends");
        }
        std::mem::take(&mut self.fared.lock().expect("whole"))
    }
}

fn export(data: &Path) -> Vec<serde_json::Value> {
    run(&["export", "--data-dir", path_text(data)])
        .well()
        .json_lines()
}

/// Numbers of the labels in an export; fails if one is there twice.
#[track_caller]
fn stored(lines: &[serde_json::Value]) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut events = BTreeSet::new();
    for line in lines.iter().filter(|line| line["what"] == "label") {
        let n = line["reporter"]
            .as_str()
            .and_then(|r| r.strip_prefix("person "))
            .and_then(|n| n.parse().ok())
            .expect("our reporter");
        assert!(found.insert(n), "label {n} is there twice");
        assert!(
            events.insert(line["event"].as_u64()),
            "two labels are one event: {line}"
        );
        let expected = if n % 3 == 0 { "spam" } else { "ham" };
        assert_eq!(line["label"], expected, "{line}");
    }
    found
}

#[test]
fn after_kill_nine_in_the_middle_every_acknowledged_label_is_there_and_none_twice() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = StdRng::seed_from_u64(9);
    let mut before = BTreeSet::new();
    // The second round dies on a store that was torn before.
    for round in 0..2 {
        let data = folder.path().join(format!("round {round}"));
        let mut server = Server::start(&data);
        let crowd = Crowd::gather(&server);
        crowd.wait_for(2_000 + random.random_range(0..3_000));
        server.kill();
        let fared = crowd.leave();
        assert!(
            (2_000..LABELS).contains(&fared.thanked.len()),
            "{} acknowledged: it was not killed in the middle",
            fared.thanked.len()
        );
        assert_eq!(fared.refused, BTreeMap::new());
        let found = stored(&export(&data));
        let lost: Vec<_> = fared.thanked.difference(&found).collect();
        assert!(
            lost.is_empty(),
            "{} acknowledged labels are lost, among them {:?}",
            lost.len(),
            &lost[..lost.len().min(5)]
        );
        before = fared.thanked;
    }
    // It also starts and counts them.
    let data = folder.path().join("round 1");
    let server = Server::start(&data);
    let answer = server
        .connect()
        .post("/1.1/comment-check", &form(&[("comment_content", "hay")]))
        .expect("answered");
    assert_eq!(answer.status(), 200);
    drop(server);
    assert!(stored(&export(&data)).is_superset(&before));
}

#[test]
fn a_store_torn_twice_still_has_everything() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut random = StdRng::seed_from_u64(10);
    let mut thanked = BTreeSet::new();
    for _ in 0..3 {
        let mut server = Server::start(folder.path());
        let crowd = Crowd::gather(&server);
        crowd.wait_for(500 + random.random_range(0..500));
        server.kill();
        thanked.extend(crowd.leave().thanked);
    }
    let found = stored(&export(folder.path()));
    assert!(
        found.is_superset(&thanked),
        "{:?} are lost",
        thanked.difference(&found).take(5).collect::<Vec<_>>()
    );
}

#[test]
fn a_second_phin_on_the_same_folder_is_refused_in_a_sentence_and_the_first_goes_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start(folder.path());
    let mut connection = server.connect();
    assert_eq!(
        connection
            .post("/1.1/submit-spam", &label(0).1)
            .expect("answered")
            .body,
        THANKS
    );
    let second = run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        path_text(folder.path()),
    ]);
    second.refused(
        1,
        &[
            "phin: ",
            "in use by another phin",
            path_text(folder.path()),
            "--data-dir",
        ],
    );
    assert_eq!(
        connection
            .post("/1.1/submit-spam", &label(3).1)
            .expect("answered")
            .body,
        THANKS
    );
    assert_eq!(
        connection.fetch("/readyz").expect("answered").body,
        "ready\n"
    );
    // Through the first one's socket, which the second must not have taken away.
    assert_eq!(stored(&export(folder.path())), BTreeSet::from([0, 3]));
}

#[test]
fn a_taken_port_is_named_in_a_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let folder = tempfile::tempdir().expect("a folder");
    run(&[
        "serve",
        "--listen",
        &address,
        "--data-dir",
        path_text(folder.path()),
    ])
    .refused(1, &["cannot listen on", &address, "--listen"]);
}

#[test]
fn settings_that_make_no_sense_are_refused_in_sentences() {
    let folder = tempfile::tempdir().expect("a folder");
    let serve =
        |more: &[&str]| run(&[&["serve", "--data-dir", path_text(folder.path())], more].concat());
    serve(&["--listen", "8080"]).refused(1, &["listen", "127.0.0.1:8080"]);
    serve(&["--listen", "127.0.0.1:0", "--model", "no/such/model"]).refused(1, &["no/such/model"]);
    serve(&["--config", "no-such.toml"]).refused(1, &["no-such.toml"]);
    let odd = write_file(folder.path(), "odd.toml", "lisen = \"127.0.0.1:0\"\n");
    serve(&["--config", path_text(&odd)]).refused(1, &["lisen"]);
    let file = write_file(folder.path(), "file", "x");
    run(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--data-dir",
        path_text(&file),
    ])
    .refused(1, &["data folder", path_text(&file)]);
}

#[test]
fn the_folder_of_corpora_in_the_environment_is_no_setting_of_the_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let server = Server::start_with(phin(), folder.path(), &[("PHIN_CORPORA", "/nowhere")]);
    assert_eq!(
        server
            .connect()
            .fetch("/healthz")
            .expect("answered")
            .status(),
        200
    );
}

#[test]
fn told_to_stop_it_answers_what_is_open_writes_everything_down_and_ends_well() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path());
    let mut connection = server.connect();
    let mut guids = BTreeSet::new();
    for n in 0..300 {
        let answer = connection
            .post(
                "/1.1/comment-check",
                &form(&[("comment_content", &format!("bình luận {n}"))]),
            )
            .expect("answered");
        guids.insert(answer.header("x-akismet-guid").expect("a guid").to_owned());
    }
    let crowd = Crowd::gather(&server);
    crowd.wait_for(1_000);
    let answer = connection
        .post(
            "/1.1/comment-check",
            &form(&[("comment_content", "cuối cùng")]),
        )
        .expect("answered");
    guids.insert(answer.header("x-akismet-guid").expect("a guid").to_owned());
    server.terminate();
    let fared = crowd.leave();
    let status = server.ended();
    assert_eq!(status.code(), Some(0), "{}", server.errors());
    assert!(!server.errors().contains("panicked"), "{}", server.errors());
    assert!(
        fared.thanked.len() < LABELS,
        "it was not told in the middle"
    );
    let lines = export(folder.path());
    // Not one more and not one less: nobody is left without an answer about a label that is there.
    let found = stored(&lines);
    assert_eq!(
        found
            .symmetric_difference(&fared.thanked)
            .collect::<Vec<_>>(),
        Vec::<&usize>::new()
    );
    assert!(
        fared
            .refused
            .values()
            .all(|why| why.contains("shutting down")),
        "{:?}",
        fared.refused
    );
    let kept: BTreeSet<String> = lines
        .iter()
        .filter(|line| line["what"] == "check")
        .map(|line| line["guid"].as_str().expect("a guid").to_owned())
        .collect();
    assert!(
        kept.is_superset(&guids),
        "{} records are missing",
        guids.difference(&kept).count()
    );
}

#[test]
fn the_records_of_checks_are_written_down_on_stopping_without_a_label_to_hurry_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path());
    let mut connection = server.connect();
    for n in 0..500 {
        let form = form(&[("comment_content", &format!("bình luận {n}"))]);
        assert_eq!(
            connection
                .post("/1.1/comment-check", &form)
                .expect("answered")
                .status(),
            200
        );
    }
    server.terminate();
    assert_eq!(server.ended().code(), Some(0), "{}", server.errors());
    assert_eq!(
        export(folder.path())
            .iter()
            .filter(|line| line["what"] == "check")
            .count(),
        500
    );
}

#[test]
fn an_idle_connection_does_not_keep_it_from_stopping() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = Server::start(folder.path());
    let mut idle = server.connect();
    idle.fetch("/healthz").expect("answered");
    let mut half = server.connect();
    half.write(b"POST /1.1/submit-spam HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\napi_")
        .expect("sent");
    server.terminate();
    assert_eq!(server.ended().code(), Some(0), "{}", server.errors());
}

/// A small disk of its own, in a mount namespace that is gone with its holder.
struct SmallDisk {
    holder: Child,
    folder: tempfile::TempDir,
}

impl SmallDisk {
    /// `None` where the system does not permit it.
    fn make(megabytes: u32) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m phin '{}' && echo mounted && read _",
            path_text(folder.path())
        );
        let mut holder = Command::new("unshare")
            .args(["-m", "sh", "-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut said = String::new();
        std::io::BufRead::read_line(
            &mut std::io::BufReader::new(holder.stdout.as_mut()?),
            &mut said,
        )
        .ok()?;
        let disk = Self { holder, folder };
        (said == "mounted\n"
            && disk
                .command("true")
                .status()
                .is_ok_and(|status| status.success()))
        .then_some(disk)
    }

    /// A command that sees the disk.
    fn command(&self, program: &str) -> Command {
        let mut command = clean(Command::new("nsenter"));
        command.args(["-m", "-t", &self.holder.id().to_string(), "--", program]);
        command
    }

    fn grow(&self, megabytes: u32) {
        let size = format!("remount,size={megabytes}m");
        assert!(
            self.command("mount")
                .args(["-o", &size, path_text(self.folder.path())])
                .status()
                .expect("runs")
                .success()
        );
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[test]
fn on_a_full_disk_labels_are_refused_in_words_and_checks_go_on() {
    let Some(disk) = SmallDisk::make(8) else {
        println!(
            "skipped: needs root, unshare and a tmpfs (on_a_full_disk_labels_are_refused_in_words_and_checks_go_on)"
        );
        return;
    };
    let program = env!("CARGO_BIN_EXE_phin");
    let mut server = Server::start_with(
        disk.command(program),
        &disk.data(),
        &[("PHIN_CACHE_BYTES", "1048576")],
    );
    let mut connection = server.connect();
    let (mut thanked, mut refusal) = (BTreeSet::new(), None);
    for n in 0..LABELS {
        let (call, form) = label(n);
        let answer = connection
            .post(&format!("/1.1/{call}"), &form)
            .expect("answered");
        if answer.body != THANKS {
            refusal = Some(answer);
            break;
        }
        thanked.insert(n);
    }
    let refusal = refusal.expect("the disk is full before all labels are written");
    assert!(thanked.len() > 10, "{}", thanked.len());
    assert_eq!(refusal.status(), 200);
    assert!(
        refusal.body.contains("not stored") && refusal.header("x-akismet-debug-help").is_some(),
        "{refusal:?}"
    );
    for n in 0..50 {
        let answer = connection
            .post(
                "/1.1/comment-check",
                &form(&[("comment_content", &format!("bình luận {n}"))]),
            )
            .expect("answered");
        assert!(
            answer.status() == 200
                && ["true", "false"].contains(&answer.body.as_str())
                && answer.header("x-akismet-guid").is_some(),
            "{answer:?}"
        );
    }
    // It may be in the journal all the same: whoever is not thanked knows nothing of it.
    let (call, form) = label(LABELS);
    let again = connection
        .post(&format!("/1.1/{call}"), &form)
        .expect("answered");
    assert_ne!(again.body, THANKS);
    let ready = connection.fetch("/readyz").expect("answered");
    assert_eq!((ready.status(), &*ready.body), (503, "not ready\n"));
    assert!(server.errors().contains("the store could not"));
    assert_eq!(
        connection.fetch("/healthz").expect("answered").status(),
        200
    );
    assert!(!server.errors().contains("panicked"), "{}", server.errors());
    server.terminate();
    server.ended();
    assert!(!server.errors().contains("panicked"), "{}", server.errors());
    // With room again, everything that was thanked for is there.
    disk.grow(64);
    let mut command = disk.command(program);
    command.args(["export", "--data-dir", path_text(&disk.data())]);
    let found = stored(&run_with(command, b"").well().json_lines());
    assert!(
        found.is_superset(&thanked),
        "{:?} are lost",
        thanked.difference(&found).take(5).collect::<Vec<_>>()
    );
}
