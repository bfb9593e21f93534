//! What each stage takes, by size and kind of text: runs the bench `stages` and shows its figures
//! as a table, and time per byte against size as a plot.
//!
//! `cargo run --release --example by_stage -- --write` measures for some six minutes, writes the
//! table between two marks of docs/PERFORMANCE.md, and docs/stages.svg. Without `--write` it prints
//! the table. `--no-bench` shows the figures of the last run. Leave the machine alone meanwhile.

mod figures;
#[path = "../marks.rs"]
mod marks;
#[path = "../../stages/names.rs"]
mod names;
mod plot;
mod table;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Parser;

const DOCUMENT: &str = "docs/PERFORMANCE.md";
const PLOT: &str = "docs/stages.svg";

#[derive(Parser)]
struct Args {
    /// Write the table into docs/PERFORMANCE.md and the plot to docs/stages.svg
    #[arg(long)]
    write: bool,
    /// Show the figures of the last run
    #[arg(long)]
    no_bench: bool,
    /// For criterion, for instance --quick
    #[arg(last = true)]
    criterion: Vec<String>,
}

fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let folder = figures_folder()?;
    if !args.no_bench {
        bench(&folder, &args.criterion)?;
    }
    let rows = figures::read(&folder)?;
    ensure!(
        !rows.is_empty(),
        "{} has no figures of a stage",
        folder.display()
    );
    let table = table::markdown(&rows);
    if !args.write {
        println!("{table}");
        return Ok(());
    }
    let document = std::fs::read_to_string(DOCUMENT)
        .with_context(|| format!("{DOCUMENT} cannot be read; run this in the repository"))?;
    std::fs::write(DOCUMENT, marks::replaced(&document, "stages", &table)?)?;
    std::fs::write(PLOT, plot::draw(&rows)?)?;
    Ok(())
}

/// Beside the folder of this program, and for these figures alone.
fn figures_folder() -> anyhow::Result<PathBuf> {
    let program = std::env::current_exe()?;
    let target = program
        .ancestors()
        .nth(3)
        .context("target/release/examples")?;
    Ok(target.join("criterion"))
}

fn bench(folder: &Path, criterion: &[String]) -> anyhow::Result<()> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let ended = Command::new(cargo)
        .args(["bench", "--locked", "--bench", "stages", "--"])
        .args(criterion)
        .env("CRITERION_HOME", folder)
        .status()
        .context("cargo cannot be started")?;
    ensure!(ended.success(), "the bench failed: {ended}");
    Ok(())
}
