//! Checks and labels go on while the disk fails, hangs and fills, while connections take all descriptors, while the server is killed and its files are damaged.
//! A supervisor starts it again whenever it ends. At the end every label that was thanked for is there once, and every refusal was a sentence. The faults come in
//! an order drawn from a seed; the real binary, a disk made to fail by `tests/fixtures/failing_disk.c`.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rand::seq::SliceRandom;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::program::{Connection, Server, clean, path_text, run};
use crate::world::{THANKS, form};

/// Ends the server is started again after.
const START_AGAIN: i32 = 75;
const SENDERS: usize = 4;

/// What became of the labels.
#[derive(Default)]
struct History {
    thanked: BTreeSet<usize>,
    refused: BTreeMap<usize, String>,
    /// Nobody answered.
    unknown: BTreeSet<usize>,
}

/// Whoever sends checks and labels, to whatever server runs.
struct Load {
    address: Arc<Mutex<Option<SocketAddr>>>,
    stop: Arc<AtomicBool>,
    history: Arc<Mutex<History>>,
    threads: Vec<JoinHandle<()>>,
}

impl Load {
    fn start() -> Self {
        let address = Arc::new(Mutex::new(None));
        let stop = Arc::new(AtomicBool::new(false));
        let history = Arc::new(Mutex::new(History::default()));
        let next = Arc::new(AtomicUsize::new(0));
        let threads = (0..SENDERS)
            .map(|_| {
                let (address, stop) = (Arc::clone(&address), Arc::clone(&stop));
                let (history, next) = (Arc::clone(&history), Arc::clone(&next));
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let to = *address.lock().expect("whole");
                        let connection = to.and_then(|to| Connection::to(to).ok());
                        match connection {
                            Some(connection) => send(connection, &stop, &history, &next),
                            None => std::thread::sleep(Duration::from_millis(20)),
                        }
                    }
                })
            })
            .collect();
        Self {
            address,
            stop,
            history,
            threads,
        }
    }

    fn point_at(&self, address: Option<SocketAddr>) {
        *self.address.lock().expect("whole") = address;
    }

    fn thanked(&self) -> usize {
        self.history.lock().expect("whole").thanked.len()
    }

    fn end(self) -> History {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads {
            thread.join().expect("a sender ends");
        }
        std::mem::take(&mut self.history.lock().expect("whole"))
    }
}

/// Labels and checks over one connection, until it breaks.
fn send(
    mut connection: Connection,
    stop: &AtomicBool,
    history: &Mutex<History>,
    next: &AtomicUsize,
) {
    while !stop.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let (text, reporter) = (
            format!("bài số {n} rất hay {}", n * 7),
            format!("person {n}"),
        );
        let fields = [
            ("comment_content", text.as_str()),
            ("reporter", &reporter),
            ("user_ip", "198.51.100.7"),
        ];
        if n.is_multiple_of(3)
            && connection
                .post("/1.1/comment-check", &form(&fields))
                .is_err()
        {
            return;
        }
        let call = ["submit-spam", "submit-ham"][n % 2];
        let answer = connection.post(&format!("/1.1/{call}"), &form(&fields));
        let mut history = history.lock().expect("whole");
        let Ok(answer) = answer else {
            history.unknown.insert(n);
            return;
        };
        if answer.status() == 200 && answer.body == THANKS {
            history.thanked.insert(n);
        } else {
            history.refused.insert(n, answer.body);
        }
        drop(history);
        std::thread::sleep(Duration::from_millis(3));
    }
}

/// What happens.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// One sync fails.
    SyncOnce,
    /// All do, for two seconds.
    Sync,
    /// A sync never comes back.
    Hang,
    /// No write finds room, for two seconds.
    Full,
    /// Connections that say nothing take all descriptors, and long comments come.
    Descriptors,
    Kill,
    /// Killed, and some bytes of a file are others afterwards.
    Flip,
}

/// A server that is started again whenever it ends.
struct Supervised {
    folder: tempfile::TempDir,
    shim: PathBuf,
    told: PathBuf,
    data: PathBuf,
    server: Option<Server>,
    salvaged: usize,
}

impl Supervised {
    /// `None` where there is no C compiler.
    fn new() -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        let shim = folder.path().join("failing_disk.so");
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/failing_disk.c");
        let made = Command::new("cc")
            .args(["-shared", "-fPIC", "-o"])
            .args([shim.as_path(), source.as_path()])
            .arg("-ldl")
            .status();
        if !made.is_ok_and(|made| made.success()) {
            return None;
        }
        Some(Self {
            told: folder.path().join("told"),
            data: folder.path().join("data"),
            shim,
            folder,
            server: None,
            salvaged: 0,
        })
    }

    fn start(&mut self, load: &Load) {
        let mut command = clean(Command::new("sh"));
        command.args(["-c", "ulimit -n 256; exec \"$0\" \"$@\""]);
        command.arg(env!("CARGO_BIN_EXE_phin"));
        let settings = [
            ("LD_PRELOAD", path_text(&self.shim)),
            ("FAILING_DISK", path_text(&self.told)),
            ("PHIN_LONGEST_WRITE_SECONDS", "4"),
        ];
        let server = Server::start_with(command, &self.data, &settings);
        load.point_at(Some(server.address));
        self.server = Some(server);
    }

    fn tell(&self, word: &str) {
        // Whole at once: the server reads it all the time.
        let new = self.folder.path().join("told.new");
        std::fs::write(&new, word).expect("written");
        std::fs::rename(&new, &self.told).expect("renamed");
    }

    fn calm(&self) {
        let _ = std::fs::remove_file(&self.told);
    }

    fn kill(&mut self, load: &Load) {
        load.point_at(None);
        if let Some(mut server) = self.server.take() {
            server.kill();
        }
    }

    /// Does it to the running server, and waits until labels are thanked for again.
    fn suffer(&mut self, fault: Fault, load: &Load, random: &mut StdRng) {
        match fault {
            Fault::SyncOnce => self.tell("once"),
            Fault::Sync | Fault::Full => {
                let word = if matches!(fault, Fault::Full) {
                    "full"
                } else {
                    "fail"
                };
                self.tell(word);
                std::thread::sleep(Duration::from_secs(2));
                self.calm();
            }
            Fault::Hang => {
                self.tell("hang");
                let code = self.server.as_mut().expect("runs").ended().code();
                assert_eq!(code, Some(START_AGAIN), "{}", self.errors());
                self.calm();
            }
            Fault::Descriptors => self.take_descriptors(),
            Fault::Kill => self.kill(load),
            Fault::Flip => {
                self.kill(load);
                self.flip(random);
            }
        }
        self.until_it_learns(fault, load);
    }

    fn errors(&self) -> String {
        self.server.as_ref().map_or(String::new(), Server::errors)
    }

    fn take_descriptors(&self) {
        let address = self.server.as_ref().expect("runs").address;
        let idle: Vec<_> = (0..300)
            .map_while(|_| TcpStream::connect(address).ok())
            .collect();
        std::thread::sleep(Duration::from_millis(500));
        let long = form(&[("comment_content", &"Một bình luận rất dài. ".repeat(2_500))]);
        if let Ok(mut connection) = Connection::to(address) {
            for _ in 0..20 {
                if connection.post("/1.1/comment-check", &long).is_err() {
                    break;
                }
            }
        }
        drop(idle);
    }

    fn flip(&mut self, random: &mut StdRng) {
        let files = ["store/db", "journal/00000001.journal"].map(|file| self.data.join(file));
        let files: Vec<_> = files.iter().filter(|file| file.exists()).collect();
        let file = files[random.random_range(0..files.len())];
        let mut bytes = std::fs::read(file).expect("readable");
        for _ in 0..3 {
            let at = random.random_range(0..bytes.len());
            bytes[at] ^= 0x5a;
        }
        std::fs::write(file, bytes).expect("writable");
        let doctor = run(&["doctor", "--data-dir", path_text(&self.data)]);
        assert!(!doctor.err.contains("panicked"), "{doctor:?}");
        if doctor.out.contains("phin salvage") {
            let into = self.folder.path().join(format!("data {}", self.salvaged));
            let (from, to) = (path_text(&self.data), path_text(&into));
            run(&["salvage", "--data-dir", from, "--into", to]).well();
            self.data = into;
            self.salvaged += 1;
        }
    }

    fn until_it_learns(&mut self, fault: Fault, load: &Load) {
        let (began, before) = (Instant::now(), load.thanked());
        while load.thanked() < before + 50 {
            assert!(
                began.elapsed() < Duration::from_secs(60),
                "after {fault:?} no label was taken for a minute: {}",
                self.errors()
            );
            let ended = self.server.as_mut().and_then(Server::has_ended);
            if let Some(status) = ended {
                assert_eq!(status.code(), Some(START_AGAIN), "{}", self.errors());
                assert!(
                    self.errors().contains("starts it again"),
                    "{}",
                    self.errors()
                );
                load.point_at(None);
                self.server = None;
            }
            if self.server.is_none() {
                self.start(load);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn whatever_fails_no_label_that_was_thanked_for_is_lost_or_doubled() {
    let Some(mut supervised) = Supervised::new() else {
        println!("skipped: needs a C compiler");
        return;
    };
    let mut random = StdRng::seed_from_u64(13);
    let mut faults = vec![
        Fault::SyncOnce,
        Fault::Sync,
        Fault::Hang,
        Fault::Full,
        Fault::Descriptors,
        Fault::Kill,
        Fault::Flip,
        Fault::Kill,
        Fault::Flip,
        Fault::SyncOnce,
        Fault::Descriptors,
    ];
    faults.shuffle(&mut random);
    let load = Load::start();
    supervised.start(&load);
    supervised.until_it_learns(Fault::Kill, &load);
    for fault in faults {
        let began = Instant::now();
        supervised.suffer(fault, &load, &mut random);
        println!("{fault:?}: {:.1} s", began.elapsed().as_secs_f64());
    }
    let history = load.end();
    supervised.server.take().expect("runs").terminate();
    for (n, body) in &history.refused {
        assert!(body.contains("please send it again"), "label {n}: {body:?}");
    }
    let data = supervised.data.clone();
    let stored = run(&["export", "--data-dir", path_text(&data)]).well();
    let mut found = BTreeSet::new();
    for line in stored.json_lines() {
        if line["what"] == "label" {
            let reporter = line["reporter"]
                .as_str()
                .and_then(|r| r.strip_prefix("person "));
            let n: usize = reporter.and_then(|n| n.parse().ok()).expect("ours");
            assert!(found.insert(n), "label {n} is there twice");
        }
    }
    let lost: Vec<_> = history.thanked.difference(&found).collect();
    assert!(
        lost.is_empty(),
        "{} of {} are lost: {lost:?}",
        lost.len(),
        history.thanked.len()
    );
    assert!(history.thanked.len() > 500, "{}", history.thanked.len());
    assert!(!history.refused.is_empty(), "nothing was ever refused");
}
