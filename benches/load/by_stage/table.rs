//! Rows of figures in, two Markdown tables and what they say out.

use std::fmt::Write;

use crate::figures::Row;
use crate::names::{LONGEST, SIZES, STAGES};

pub(crate) fn markdown(rows: &[Row]) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let today = jiff::Timestamp::now().strftime("%F");
    let mut text = format!(
        "Measured on {today} on {cores} cores; nanoseconds per byte of text, medians. \"Grows\" names a size whose time per byte is a tenth above that of the size before, beyond the 95 % intervals of both.\n\n"
    );
    let (disguises, rows): (Vec<&Row>, Vec<&Row>) =
        rows.iter().partition(|row| row.is_one_disguise());
    add_table(&mut text, &SIZES, &rows);
    text.push_str(
        "\nEach disguise by itself, also nearly as long as a text that is read whole:\n\n",
    );
    add_table(&mut text, &[&SIZES[..], &[LONGEST]].concat(), &disguises);
    text.push_str("\nWhat is timed:\n\n");
    for (name, what) in STAGES {
        let _ = writeln!(text, "- {name}: {what}.");
    }
    text
}

fn add_table(text: &mut String, sizes: &[usize], rows: &[&Row]) {
    let heads: String = sizes
        .iter()
        .map(|&size| format!(" {} |", named(size)))
        .collect();
    let _ = writeln!(
        text,
        "| stage | texts |{heads} a text of 300 bytes | grows |"
    );
    let _ = writeln!(text, "|---|---|{}---|---|", "---|".repeat(sizes.len()));
    for row in rows {
        let cells: String = sizes
            .iter()
            .map(|size| match row.by_size.get(size) {
                Some(time) => format!(" {} |", rounded(time.median)),
                None => " - |".into(),
            })
            .collect();
        let whole = row.by_size.get(&300).map(|time| 300.0 * time.median / 1e3);
        let whole = whole.map_or("-".into(), |us| format!("{} us", rounded(us)));
        let grows = row.growth().map_or("no".into(), |(_, to, times)| {
            format!("x{times:.2} at {}", named(to))
        });
        let _ = writeln!(
            text,
            "| {} | {} |{cells} {whole} | {grows} |",
            row.name(),
            row.kind
        );
    }
}

fn named(size: usize) -> String {
    match size {
        1_000.. => format!("{} KB", size / 1_000),
        _ => format!("{size} B"),
    }
}

/// Three digits that mean something.
fn rounded(figure: f64) -> String {
    match figure {
        100.0.. => format!("{figure:.0}"),
        10.0.. => format!("{figure:.1}"),
        _ => format!("{figure:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::PerByte;

    #[test]
    fn a_row_has_a_cell_for_each_size() {
        let time = |median| PerByte {
            median,
            least: median,
            most: median,
        };
        let row = |kind: &str, sizes: &[(usize, f64)]| Row {
            stage: 1,
            kind: kind.into(),
            by_size: sizes.iter().map(|&(size, ns)| (size, time(ns))).collect(),
        };
        let text = markdown(&[
            row("vi", &[(60, 123.4), (300, 40.0), (3_000, 60.0)]),
            row("hostile, runs", &[(60, 9.0), (300, 1.0), (30_000, 0.5)]),
        ]);
        for line in [
            "| stage | texts | 60 B | 300 B | 3 KB | a text of 300 bytes | grows |",
            "| normalise | vi | 123 | 40.0 | 60.0 | 12.0 us | x1.50 at 3 KB |",
            "| normalise | hostile, runs | 9.00 | 1.00 | - | 0.50 | 0.30 us | no |",
        ] {
            assert!(text.lines().any(|l| l == line), "{line} is not in {text}");
        }
    }
}
