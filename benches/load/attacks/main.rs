//! What attacks do to everybody else: for each of them a server of its own, an honest client
//! before, during and after, and the server's memory.
//!
//! `cargo run --release --example attacks -- docs/SECURITY.md` builds the release binary, attacks
//! it for some eight minutes and writes the table between the two marks of that file. `--only WORD`
//! runs the attacks that have the word in their name and leaves the file alone; `--binary PATH`
//! attacks another build.
//!
//! All of it listens on loopback and is bounded: some seconds and some hundred connections for each
//! attack. Leave the machine alone meanwhile.

mod attack;
mod every;
mod honest;
#[path = "../marks.rs"]
mod marks;
mod report;
mod server;
mod wire;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;

use attack::Attack;
use honest::Waits;
use report::{Memory, Row};
use server::Server;

/// How long the honest client is alone.
const ALONE: Duration = Duration::from_secs(4);
/// How long an attack lasts.
const ATTACK: Duration = Duration::from_secs(6);
/// How long the server has to recover.
const REST: Duration = Duration::from_secs(3);
/// How long the honest client is asked afterwards.
const AFTER: Duration = Duration::from_secs(2);
/// Checks that a server has answered before it is measured: its caches are full then, as those of a
/// server that has run for a day. With empty ones every flood of ordinary checks would look as if
/// it leaked memory.
const WARM_UP: usize = 60_000;

#[derive(Parser)]
struct Args {
    /// The file that holds the table
    file: PathBuf,
    /// Attack this program, instead of one that is built first
    #[arg(long, value_name = "PATH")]
    binary: Option<PathBuf>,
    /// Run only the attacks that have this in their name, and only print
    #[arg(long, value_name = "WORD")]
    only: Option<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let binary = match args.binary {
        Some(binary) => binary,
        None => built()?,
    };
    let wanted = |attack: &Attack| {
        args.only
            .as_ref()
            .is_none_or(|word| attack.name.contains(word))
    };
    let attacks: Vec<Attack> = every::attacks().into_iter().filter(wanted).collect();
    ensure!(!attacks.is_empty(), "no attack has that in its name");
    let mut rows = Vec::new();
    for attack in attacks {
        eprint!("{}: ", attack.name);
        let row = measured(&binary, &attack)
            .with_context(|| format!("while measuring {:?}", attack.name))?;
        eprintln!("{}", report::in_words(&row));
        rows.push(row);
    }
    let table = report::markdown(&rows);
    println!("{table}");
    if args.only.is_none() {
        report::put_into(&args.file, &table)?;
    }
    Ok(())
}

/// Builds the release binary from the sources as they are now: a table about an older program would
/// prove nothing.
fn built() -> anyhow::Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut build = Command::new(cargo);
    // Together with the example, otherwise cargo would choose other features of shared crates and
    // build all of them again.
    build.args(["build", "--release"]);
    build.args(["--bin", "phin", "--example", "attacks"]);
    // What `cargo run` told this process of its package: ring is built again whenever it changes.
    for (name, _) in std::env::vars_os() {
        let told = name.to_string_lossy();
        if told.starts_with("CARGO_PKG_") || told.starts_with("CARGO_MANIFEST_") {
            build.env_remove(name);
        }
    }
    let built = build
        .status()
        .context("cargo cannot be run; say --binary PATH")?;
    ensure!(
        built.success(),
        "the program does not build; say --binary PATH to attack another build"
    );
    let here = std::env::current_exe()?;
    // target/release/examples/attacks
    let target = here.ancestors().nth(3).unwrap_or(Path::new("target"));
    Ok(target.join("release/phin"))
}

fn measured(binary: &Path, attack: &Attack) -> anyhow::Result<Row> {
    let mut server = Server::start(binary, attack.open_files)?;
    let attackers_key = server.another_key(binary)?;
    honest::warm_up(server.address, WARM_UP)?;
    let before = honest::measure(server.address, ALONE);
    let memory_before = server.memory()?;
    server.forget_peak();
    let end = Instant::now() + ATTACK;
    let (during, done) = std::thread::scope(|scope| {
        let address = server.address;
        let honest = scope.spawn(move || honest::measure(address, ATTACK));
        let done = attack.run(address, &attackers_key, end);
        let during = honest.join().expect("the honest client does not panic");
        (during, done)
    });
    let most = server.peak().unwrap_or(memory_before);
    std::thread::sleep(REST);
    // What was under way at the end may have gone on.
    let most = server.peak().unwrap_or(most);
    let ended = server.has_ended();
    let memory_after = server.memory().ok();
    let after = match &ended {
        None => honest::measure(server.address, AFTER),
        Some(_) => Waits::default(),
    };
    Ok(Row {
        attack: attack.name,
        key: attack.key,
        control: attack.is_control(),
        before,
        during,
        after,
        memory: Memory {
            before: memory_before,
            most,
            after: memory_after,
        },
        ended,
        done,
    })
}
