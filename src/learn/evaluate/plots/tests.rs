//! Rows in, pictures out: small, readable in the dark, and none of nothing.

use super::*;
use crate::learn::metrics::figures::Report;
use crate::learn::metrics::measures::tests::rows;

#[track_caller]
fn check(svg: Option<String>, title: &str) {
    let svg = svg.expect("a plot");
    assert!(svg.starts_with("<svg role=\"img\" "), "{svg:.200}");
    assert!(svg.contains(&format!("<title>{title}</title>")) && svg.trim_end().ends_with("</svg>"));
    assert!(!svg.contains("NaN") && !svg.contains("#000000"));
    assert!(svg.len() < 60_000, "{title}: {} bytes", svg.len());
}

#[test]
fn plots_of_many_rows_stay_small() {
    let scores: Vec<f64> = (0..50_000).map(|i| f64::from(i) / 2500.0 - 10.0).collect();
    let judged = rows(
        &scores.iter().map(|x| x + 4.0).collect::<Vec<_>>(),
        &scores.iter().map(|x| x - 4.0).collect::<Vec<_>>(),
    );
    check(roc(&judged), "ROC curve");
    check(precision_recall(&judged), "Precision and recall");
    check(reliability(&judged), "Reliability");
    check(super::scores(&judged), "Scores of ham and spam");
    check(
        learning_curve(&Report::of("t", "m", &judged).running_errors),
        "Learning curve",
    );
}

#[test]
fn there_is_no_plot_of_nothing() {
    assert_eq!(
        [
            roc(&[]),
            precision_recall(&[]),
            reliability(&[]),
            scores(&[]),
            learning_curve(&[])
        ],
        [const { None }; 5]
    );
    let ham = rows(&[], &[1e300, -1e300, 0.0]);
    assert_eq!([roc(&ham), precision_recall(&ham)], [const { None }; 2]);
    check(reliability(&ham), "Reliability");
    check(scores(&ham), "Scores of ham and spam");
}

#[test]
fn a_single_score_is_drawn() {
    let judged = rows(&[0.0; 30], &[0.0; 30]);
    check(roc(&judged), "ROC curve");
    check(precision_recall(&judged), "Precision and recall");
    check(
        learning_curve(&Report::of("t", "m", &judged).running_errors),
        "Learning curve",
    );
}

#[test]
fn thinning_keeps_the_ends() {
    let line: Vec<_> = (0..=1000).map(|i| (f64::from(i), 0.0)).collect();
    let kept = thin(line, 300.0, 1.0);
    assert_eq!(
        kept.iter().map(|point| point.0).collect::<Vec<_>>(),
        [0.0, 300.0, 600.0, 900.0, 1000.0]
    );
}
