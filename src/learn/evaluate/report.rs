//! A [`Report`] and its judged comments in, a folder out: `index.html`, which needs nothing but a
//! browser, and `report.json`.
//!
//! Each file appears whole or not at all. It computes no figure, fetches nothing, and no comment's
//! text can reach it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use askama::Template;

use crate::learn::evaluate::comparison::Comparison;
use crate::learn::evaluate::plots;
use crate::learn::evaluate::text_report::{
    CELLS, Line, cells, checkpoints, lines, percent, share, thousands,
};
use crate::learn::metrics::figures::{CALIBRATION_BINS, Report, ScoredExample};
use crate::learn::metrics::measures::{Bin, calibration_bins};

/// How many lines stand at the top in large letters: false positives, ham discarded, missed spam,
/// unsure.
const FIRST: usize = 4;

#[derive(Template)]
#[template(path = "learn/evaluate/report.html")]
struct Page<'a> {
    report: &'a Report,
    counts: [String; 3],
    first: Vec<Line>,
    lines: Vec<Line>,
    checkpoints: Vec<Line>,
    plots: Vec<Plot>,
    bins: Vec<[String; 4]>,
    slices: Vec<(&'static str, Vec<[String; CELLS]>)>,
}

/// A picture and what it says.
struct Plot {
    svg: String,
    caption: &'static str,
}

/// Writes `dir/index.html` and `dir/report.json`, making the folder if need be. `judged` are the
/// rows the report is of; the plots show them.
///
/// # Errors
///
/// If the folder cannot be made or a file in it cannot be written.
pub fn write_html(report: &Report, judged: &[ScoredExample], dir: &Path) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    write_whole(dir, "report.json", &serde_json::to_vec_pretty(report)?)?;
    write_whole(dir, "index.html", page(report, judged).render()?.as_bytes())
}

#[derive(Template)]
#[template(path = "learn/evaluate/comparison.html")]
struct ComparisonPage<'a> {
    comparison: &'a Comparison,
    refused: Option<&'a str>,
}

/// Writes `dir/index.html` and `dir/comparison.json` about two models; `refused` is why the
/// candidate may not take the live one's place.
///
/// # Errors
///
/// If the folder cannot be made or a file in it cannot be written.
pub fn write_comparison(
    comparison: &Comparison,
    refused: Option<&str>,
    json: &[u8],
    dir: &Path,
) -> io::Result<()> {
    fs::create_dir_all(dir)?;
    write_whole(dir, "comparison.json", json)?;
    let page = ComparisonPage {
        comparison,
        refused,
    };
    write_whole(dir, "index.html", page.render()?.as_bytes())
}

fn page<'a>(report: &'a Report, judged: &[ScoredExample]) -> Page<'a> {
    let all = &report.all;
    let mut first = lines(all);
    let lines = first.split_off(FIRST);
    let by = |slices: &[_]| slices.iter().map(cells).collect::<Vec<_>>();
    let slices = [
        ("language", by(&report.languages)),
        ("group", by(&report.groups)),
    ];
    Page {
        report,
        counts: [all.n, all.ham, all.spam].map(thousands),
        first,
        lines,
        checkpoints: checkpoints(&report.first_errors).collect(),
        plots: drawn(report, judged),
        bins: calibration_bins(judged, CALIBRATION_BINS)
            .iter()
            .map(bin_cells)
            .collect(),
        slices: slices
            .into_iter()
            .filter(|slices| !slices.1.is_empty())
            .collect(),
    }
}

/// The plots that there is something to show in.
fn drawn(report: &Report, judged: &[ScoredExample]) -> Vec<Plot> {
    let plots = [
        (
            plots::roc(judged),
            "How much spam each threshold catches, and how much ham with it, on a logarithmic scale. The ring is the verdict spam; the thin line is chance.",
        ),
        (
            plots::precision_recall(judged),
            "Of what is caught, how much is spam; at each share of spam caught. The ring is the verdict spam.",
        ),
        (
            plots::scores(judged),
            "Where ham and spam score. Each is a share of its own kind; scores beyond ±15 stand at the ends.",
        ),
        (
            plots::reliability(judged),
            "Is a probability a probability? Dots on the diagonal say yes; the bars are 95 % intervals. Below, the comments behind each dot.",
        ),
        (
            plots::learning_curve(&report.running_errors),
            "Share of errors in the order the comments were judged.",
        ),
    ];
    plots
        .into_iter()
        .filter_map(|(svg, caption)| svg.map(|svg| Plot { svg, caption }))
        .collect()
}

/// A bin in words: probability stated, spam found, its interval, comments.
fn bin_cells(bin: &Bin) -> [String; 4] {
    let found = share("", bin.spam);
    [
        percent(bin.mean_probability),
        found.value,
        found.interval,
        thousands(bin.spam.of),
    ]
}

/// Writes beside the place and renames into it, so that a reader finds the old file or the new one,
/// never a half.
fn write_whole(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = dir.join(format!(".{name}.{}", std::process::id()));
    let written = File::create(&unfinished).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written
        .and_then(|()| fs::rename(&unfinished, dir.join(name)))
        .inspect_err(|_| {
            // What went wrong is told already; an unfinished file left behind is the lesser matter.
            let _ = fs::remove_file(&unfinished);
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::metrics::measures::tests::rows;

    /// The page and the JSON of a report on these rows.
    fn written(title: &str, judged: &[ScoredExample]) -> (String, Report) {
        let dir = tempfile::tempdir().expect("a folder");
        let inner = dir.path().join("new/report");
        let report = Report::of(title, "tiny", judged);
        write_html(&report, judged, &inner).expect("written");
        write_html(&report, judged, &inner).expect("written over");
        let mut names: Vec<_> = fs::read_dir(&inner)
            .expect("listed")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        names.sort();
        assert_eq!(names, ["index.html", "report.json"]);
        let read = |name| fs::read_to_string(inner.join(name)).expect("read");
        (
            read("index.html"),
            serde_json::from_str(&read("report.json")).expect("JSON"),
        )
    }

    #[test]
    fn a_page_holds_every_plot_and_nothing_from_elsewhere() {
        let judged = rows(&[3.0, 2.0, -1.0].repeat(20), &[-3.0, -2.0, 1.0].repeat(20));
        let (html, json) = written("<script>bình luận & co</script>", &judged);
        assert_eq!(
            (json.title.as_str(), json.all.n),
            ("<script>bình luận & co</script>", 120)
        );
        assert_eq!(html.matches("<svg ").count(), 5);
        assert_eq!(html.matches("<figcaption>").count(), 5);
        assert!(!html.contains("<script") && html.contains("bình luận"));
        let elsewhere = html.replace("http://www.w3.org/2000/svg", "");
        assert!(
            !elsewhere.contains("http")
                && !elsewhere.contains("src=")
                && !elsewhere.contains("url(")
        );
        let first = |text| html.find(text).expect("in the page");
        assert!(first("false positives") < first("missed spam"));
    }

    #[test]
    fn one_label_and_nothing_make_a_page_too() {
        let (ham, _) = written("ham", &rows(&[], &[-3.0; 30]));
        assert_eq!(ham.matches("<svg ").count(), 3);
        assert!(ham.contains('–') && !ham.contains("NaN"));
        let (nothing, _) = written("nothing", &[]);
        assert_eq!(nothing.matches("<svg ").count(), 0);
        assert!(!nothing.contains("NaN"));
    }

    #[test]
    fn a_folder_that_cannot_be_is_an_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        assert!(write_html(&Report::of("t", "m", &[]), &[], file.path()).is_err());
    }
}
