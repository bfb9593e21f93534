//! What a check costs beside the HTTP around it: phin against a bare handler that walks the same
//! form and answers `true`, in turn, driven by wrk with whole checks of real comments.
//!
//! `cargo run --release --example throughput -- --binary target/release/phin` prints the table of
//! docs/PERFORMANCE.md after some four minutes. wrk is a package of Debian. The generator and the
//! server share the cores, so only ratios of one run say something. Leave the machine alone
//! meanwhile.

mod bare;
mod child;
mod forms;
mod wrk;

use std::path::PathBuf;

use anyhow::{Context, ensure};
use clap::Parser;

use child::Child;
use wrk::Run;

#[derive(Parser)]
struct Args {
    /// The phin to measure
    #[arg(long, value_name = "PATH", default_value = "target/release/phin")]
    binary: PathBuf,
    /// The folder of the public corpora
    #[arg(
        long,
        value_name = "DIR",
        env = "PHIN_CORPORA",
        default_value = "../shared/corpora"
    )]
    corpora: PathBuf,
    /// Rounds; medians are printed
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// Seconds of each measurement
    #[arg(long, default_value_t = 6)]
    seconds: u32,
    /// Connections at the same time
    #[arg(long, value_delimiter = ',', default_values_t = [1, 16, 64, 256])]
    connections: Vec<usize>,
    /// Serve the bare handler, and nothing else
    #[arg(long, hide = true)]
    bare: bool,
}

/// What is measured, and how many of its requests are labels.
const CONTESTANTS: [(&str, usize); 3] =
    [("bare handler", 0), ("phin", 0), ("phin, 1 % labels", 100)];

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    if args.bare {
        return bare::serve();
    }
    ensure!(args.rounds > 0, "--rounds is at least 1");
    let forms = forms::of_blogs(&args.corpora)?;
    let bytes: usize = forms.iter().map(String::len).sum();
    println!(
        "{} whole checks of blog_queues, {} bytes of form on average",
        forms.len(),
        bytes / forms.len()
    );
    let folder = tempfile::tempdir()?;
    let scripts = CONTESTANTS.map(|(_, every)| wrk::script(folder.path(), &forms, every));
    let mut children = vec![Child::bare()?];
    for _ in 1..CONTESTANTS.len() {
        children.push(Child::phin(&args.binary)?);
    }
    println!(
        "\n| connections | what | requests/s | p50, ms | p99, ms | p99.9, ms | CPU, us | memory, MB | requests, p99, CPU against bare |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    for &connections in &args.connections {
        let mut runs: Vec<Vec<Run>> = vec![Vec::new(); CONTESTANTS.len()];
        for _ in 0..args.rounds {
            for (at, child) in children.iter().enumerate() {
                let script = scripts[at].as_ref().map_err(|e| anyhow::anyhow!("{e}"))?;
                let run = wrk::run(child, script, connections, args.seconds)?;
                ensure!(
                    run.failures == 0,
                    "{} of {} requests failed: {}",
                    run.failures,
                    run.requests,
                    CONTESTANTS[at].0
                );
                runs[at].push(run);
            }
        }
        let bare = Figures::of(&runs[0]);
        for (at, (name, _)) in CONTESTANTS.iter().enumerate() {
            let memory = children[at].memory().context("the server has ended")?;
            Figures::of(&runs[at]).print(connections, name, memory, &bare);
        }
    }
    Ok(())
}

/// Medians of some runs.
struct Figures {
    per_second: f64,
    p50: f64,
    p99: f64,
    p999: f64,
    cpu: f64,
}

impl Figures {
    fn of(runs: &[Run]) -> Self {
        let median = |of: fn(&Run) -> f64| {
            let mut values: Vec<f64> = runs.iter().map(of).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        Self {
            per_second: median(|run| run.requests as f64 / run.seconds),
            p50: median(|run| run.p50),
            p99: median(|run| run.p99),
            p999: median(|run| run.p999),
            cpu: median(|run| run.cpu_seconds * 1e6 / run.requests as f64),
        }
    }

    fn print(&self, connections: usize, name: &str, memory: u64, bare: &Self) {
        println!(
            "| {connections} | {name} | {:.0} | {:.2} | {:.2} | {:.2} | {:.0} | {memory} | {:.2}, {:.1}, {:.1} |",
            self.per_second,
            self.p50,
            self.p99,
            self.p999,
            self.cpu,
            self.per_second / bare.per_second,
            self.p99 / bare.p99,
            self.cpu / bare.cpu,
        );
    }
}
