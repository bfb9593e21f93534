//! After damage to any one file of the data folder, the next start has every acknowledged label, or refuses in a sentence with a command that brings them back.
//! The real binary; a folder as `kill -9` left it and one that was closed; every file flipped, cut, zeroed, emptied, removed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::program::{Done, Server, ask_operator, clean, path_text, phin, run, run_with};
use crate::world::{THANKS, form};

const LABELS: usize = 300;

/// Makes a data folder with labels, checks and a list, and says whom was thanked.
fn fill(data: &Path) -> (Server, BTreeSet<String>) {
    let server = Server::start(data);
    let mut connection = server.connect();
    let mut thanked = BTreeSet::new();
    for n in 0..LABELS {
        let text = format!("bài số {n} rất hay, cảm ơn bạn, mình chờ bài {}", n * 7);
        let reporter = format!("person {n}");
        let fields = [
            ("comment_content", text.as_str()),
            ("reporter", &reporter),
            ("user_ip", "198.51.100.7"),
        ];
        connection
            .post("/1.1/comment-check", &form(&fields))
            .expect("answered");
        let call = ["submit-spam", "submit-ham"][n % 2];
        let answer = connection.post(&format!("/1.1/{call}"), &form(&fields));
        assert_eq!(answer.expect("answered").body, THANKS);
        thanked.insert(reporter);
    }
    (server, thanked)
}

fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from).arg(to).status();
    assert!(copied.expect("cp runs").success());
}

fn files(folder: &Path, below: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            files(&path, below, found);
        } else if path.is_file() {
            found.push(path.strip_prefix(below).expect("below").to_owned());
        }
    }
}

/// One way to damage a file.
#[derive(Debug, Clone)]
enum Harm {
    Flip(Vec<usize>),
    Zero(usize, usize),
    Cut(usize),
    Remove,
    Folder,
}

impl Harm {
    fn all(length: usize, random: &mut StdRng) -> Vec<Self> {
        let mut harms = vec![Self::Remove, Self::Folder, Self::Cut(0)];
        if length == 0 {
            return harms;
        }
        // Every region, and a place in it that nobody chose.
        for region in 0..8 {
            let (from, to) = (length * region / 8, length * (region + 1) / 8);
            if from < to {
                harms.push(Self::Flip(vec![random.random_range(from..to)]));
            }
        }
        harms.extend([
            Self::Flip((0..100).map(|_| random.random_range(0..length)).collect()),
            Self::Zero(length / 2, (length / 8).max(1)),
            Self::Zero(length - (length / 16).max(1), (length / 16).max(1)),
            Self::Cut(length - 1),
            Self::Cut(length - length / 4),
            Self::Cut(length / 2),
        ]);
        harms
    }

    fn does(&self, file: &Path) {
        let change = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = std::fs::read(file).expect("readable");
            change(&mut bytes);
            std::fs::write(file, bytes).expect("writable");
        };
        match self {
            Self::Flip(places) => change(&|bytes| places.iter().for_each(|at| bytes[*at] ^= 0x5a)),
            Self::Zero(from, many) => change(&|bytes| bytes[*from..from + many].fill(0)),
            Self::Cut(length) => change(&|bytes| bytes.truncate(*length)),
            Self::Remove => std::fs::remove_file(file).expect("removed"),
            Self::Folder => {
                std::fs::remove_file(file).expect("removed");
                std::fs::create_dir(file).expect("made");
            }
        }
    }
}

/// Runs a command that must not hang.
fn timed(args: &[&str]) -> Done {
    let mut command = clean(Command::new("timeout"));
    command.args(["--signal=KILL", "100"]);
    command.arg(phin().get_program()).args(args);
    run_with(command, b"")
}

fn reporters(done: &Done) -> BTreeSet<String> {
    let labels = done.json_lines().into_iter();
    let labels = labels.filter(|line| line["what"] == "label");
    let mut found = BTreeSet::new();
    for label in labels {
        let reporter = label["reporter"].as_str().expect("ours").to_owned();
        assert!(found.insert(reporter), "twice: {label}");
    }
    found
}

/// What an export says, or what a salvage brings back.
fn labels_after(data: &Path, what: &str) -> BTreeSet<String> {
    let export = timed(&["export", "--data-dir", path_text(data)]);
    assert!(!export.err.contains("panicked"), "{what}: {}", export.err);
    if export.code == Some(0) {
        return reporters(&export);
    }
    assert_eq!(export.code, Some(1), "{what}: {export:?}");
    let into = data.with_extension("salvaged");
    if export.err.contains("phin salvage") {
        let salvage = timed(&[
            "salvage",
            "--data-dir",
            path_text(data),
            "--into",
            path_text(&into),
        ]);
        assert_eq!(salvage.code, Some(0), "{what}: {salvage:?}");
    } else {
        // The sentence ends with the exact command.
        let command = export.err.find("mv ").map(|at| export.err[at..].trim());
        let command = command.unwrap_or_else(|| panic!("{what}: {}", export.err));
        copy(data, &into);
        let command = command.replace(path_text(data), path_text(&into));
        let moved = Command::new("sh").args(["-c", &command]).status();
        assert!(moved.expect("sh runs").success(), "{what}: {command}");
    }
    let found = reporters(&timed(&["export", "--data-dir", path_text(&into)]).well());
    std::fs::remove_dir_all(&into).expect("removed");
    found
}

fn every_harm(data: &Path, thanked: &BTreeSet<String>, seed: u64) {
    let folder = data.parent().expect("below a folder");
    let mut random = StdRng::seed_from_u64(seed);
    let mut all = Vec::new();
    files(data, data, &mut all);
    all.sort();
    assert!(
        all.iter().any(|file| file.starts_with("journal")),
        "{all:?}"
    );
    let mut tried = 0;
    let mut wrong = Vec::new();
    for file in &all {
        let length = std::fs::metadata(data.join(file)).expect("there").len() as usize;
        for harm in Harm::all(length, &mut random) {
            let broken = folder.join("broken");
            copy(data, &broken);
            harm.does(&broken.join(file));
            let what = format!("{} {harm:?}", file.display());
            let found = labels_after(&broken, &what);
            let lost = thanked.difference(&found).count();
            if lost > 0 {
                wrong.push(format!("{what}: {lost} labels are lost"));
            }
            std::fs::remove_dir_all(&broken).expect("removed");
            tried += 1;
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(tried > 40, "{tried} tried");
}

#[test]
fn after_damage_to_any_file_of_a_killed_server_no_label_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (mut server, thanked) = fill(&data);
    server.kill();
    every_harm(&data, &thanked, 3);
}

#[test]
fn after_damage_to_any_file_of_a_stopped_server_no_label_is_missing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (mut server, thanked) = fill(&data);
    server.terminate();
    server.ended();
    every_harm(&data, &thanked, 4);
}

#[test]
fn a_store_that_is_gone_is_no_new_one_and_is_salvaged_with_its_keys() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (mut server, thanked) = fill(&data);
    server.kill();
    std::fs::remove_dir_all(data.join("store")).expect("removed");
    let into = folder.path().join("new");
    let (data, new) = (path_text(&data), path_text(&into));
    let says = ["is gone", "300 labels", "phin salvage --data-dir"];
    run(&["serve", "--listen", "127.0.0.1:0", "--data-dir", data]).refused(1, &says);
    let doctor = run(&["doctor", "--data-dir", data]);
    assert_eq!(doctor.code, Some(1), "{doctor:?}");
    assert!(
        doctor.out.contains("MEND  store and journal: the store in"),
        "{}",
        doctor.out
    );
    run(&["salvage", "--data-dir", data, "--into", new]).well();
    run(&["salvage", "--data-dir", data, "--into", new]).refused(1, &["not empty"]);
    let server = Server::start(&into);
    let mut connection = server.connect();
    let answer = connection.post("/1.1/verify-key", &form(&[]));
    assert_eq!(answer.expect("answered").body, "valid");
    drop(server);
    let exported = run(&["export", "--data-dir", new]).well();
    assert_eq!(reporters(&exported), thanked);
    let doctor = run(&["doctor", "--data-dir", new]);
    assert!(
        doctor
            .out
            .contains("well  store and journal: both hold the same 300 labels"),
        "{}",
        doctor.out
    );
}

/// Takes rows out of the store behind its back, as damage that sled does not notice.
#[test]
fn what_the_store_lost_in_silence_is_put_back_loudly() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("data");
    let (mut server, thanked) = fill(&data);
    server.terminate();
    server.ended();
    {
        let store = sled::Config::new()
            .path(data.join("store"))
            .segment_size(4 << 20);
        let store = store.open().expect("opens");
        let ledger = store.open_tree("ledger").expect("opens");
        for n in 100..150_u64 {
            ledger
                .remove(n.to_be_bytes())
                .expect("removed")
                .expect("was there");
        }
        let keys = store.open_tree("hashed_keys").expect("opens");
        keys.clear().expect("cleared");
        store.flush().expect("flushed");
    }
    let doctor = run(&["doctor", "--data-dir", path_text(&data)]);
    assert!(
        doctor
            .out
            .contains("the store lacks 51 rows that the journal has"),
        "{}",
        doctor.out
    );
    let server = Server::start(&data);
    let said = server.errors();
    assert!(said.contains("the store was damaged: 50 labels"), "{said}");
    let mut connection = server.connect();
    let answer = connection.post("/1.1/verify-key", &form(&[]));
    assert_eq!(answer.expect("answered").body, "valid");
    let ready = ask_operator(&data, "/readyz");
    assert!(ready.contains("were put back"), "{ready}");
    drop(server);
    let exported = run(&["export", "--data-dir", path_text(&data)]).well();
    assert_eq!(reporters(&exported), thanked);
}
