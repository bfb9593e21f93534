//! Measures the house: `cargo run --example house` prints what docs/ARCHITECTURE.md quotes.

mod figures;
// The test of the order uses more of it.
#[allow(dead_code)]
mod sources;

use figures::Figures;
use sources::{Graph, sources, texts};

fn main() {
    let figures = Figures::of(&texts());
    let graph = Graph::of(&sources());
    println!("| measured | |");
    println!("|---|---|");
    let row = |name: &str, value: String| println!("| {name} | {value} |");
    row("lines below `src/`", figures.lines.to_string());
    row(
        "files, lines: median / longest",
        format!("{} / {}", figures.files.median(), figures.files.most()),
    );
    row(
        "functions, lines: median / longest",
        format!(
            "{} / {}",
            figures.functions.median(),
            figures.functions.most()
        ),
    );
    row("lines of documentation", percent(figures.docs));
    row("comments inside code", percent(figures.why));
    row("lines over 100 characters", figures.long_lines.to_string());
    row("circles of files", graph.circles().len().to_string());
    row(
        "arrows up inside a room",
        graph.arrows_up().len().to_string(),
    );
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}
