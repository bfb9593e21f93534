//! Judged comments, or the error counts of a report, in, SVG text for a page out.
//!
//! Lines and words take the page's text colour (`currentColor`), so a plot is as readable in the
//! dark; ham is blue and spam orange, which every common kind of colour blindness tells apart. It
//! never writes a file, and gives `None` where there would be nothing to see.

pub mod balance;
mod canvas;

use plotters::prelude::*;

use crate::learn::evaluate::plots::canvas::{
    Axis, Broken, Chart, HAM, INK, SPAM, axes, draw, legend, legends, percent, plain, ring, stairs,
    thin,
};
use crate::learn::metrics::figures::{CALIBRATION_BINS, Rate, ScoredExample};
use crate::learn::metrics::measures::{Ranking, Step, calibration_bins};
use crate::verdict::Label;

/// Scores beyond are drawn here.
const CLIP: f64 = 15.0;
/// Bars of the score histogram.
const BARS: usize = 60;
/// The lowest false-positive rate of the ROC plot, as a power of ten.
const LEAST_FP: f64 = -4.0;
/// An error rate of fewer rows says nothing.
const FEW: u64 = 20;

/// Spam caught against false positives, these on a logarithmic scale from .01 %: where a filter
/// works is near 0. The ring is the verdict spam.
pub fn roc(judged: &[ScoredExample]) -> Option<String> {
    let ranking = Ranking::of(judged);
    let place = |step: &Step| {
        let false_positives = step.false_positives as f64 / ranking.ham as f64;
        (
            false_positives.log10().max(LEAST_FP),
            percent(step.caught, ranking.spam),
        )
    };
    let curve = stairs(ranking.steps.iter().map(place), (LEAST_FP, 0.0));
    let x = Axis::new("false positives, % of ham", LEAST_FP..0.0, &|x| {
        plain(100.0 * 10f64.powf(x))
    });
    let y = Axis::new("caught, % of spam", 0.0..100.0, &plain);
    let chance = (0..=80)
        .map(|i| f64::from(i) / 20.0 + LEAST_FP)
        .map(|x| (x, 100.0 * 10f64.powf(x)));
    ranking.has_both().then(|| {
        draw("ROC curve", |canvas| {
            let mut chart = axes(canvas, "ROC curve", &x, &y)?;
            chart.draw_series(LineSeries::new(chance, INK.mix(0.4).stroke_width(2)))?;
            chart.draw_series(LineSeries::new(
                thin(curve, 0.01, 0.3),
                SPAM.stroke_width(4),
            ))?;
            ring(&mut chart, place(&working_point(judged)))
        })
    })
}

/// Share of spam in what is caught, against the share of spam caught. The ring is the verdict spam.
pub fn precision_recall(judged: &[ScoredExample]) -> Option<String> {
    let ranking = Ranking::of(judged);
    let place = |step: &Step| (percent(step.caught, ranking.spam), 100.0 * step.precision());
    let curve: Vec<_> = ranking
        .steps
        .iter()
        .filter(|step| step.caught > 0)
        .map(place)
        .collect();
    let x = Axis::new("caught (recall), % of spam", 0.0..100.0, &plain);
    let y = Axis::new("precision, %", 0.0..100.0, &plain);
    let working_point = working_point(judged);
    ranking.has_both().then(|| {
        draw("Precision and recall", |canvas| {
            let mut chart = axes(canvas, "Precision and recall", &x, &y)?;
            chart.draw_series(LineSeries::new(thin(curve, 0.3, 0.3), SPAM.stroke_width(4)))?;
            if working_point.caught > 0 {
                ring(&mut chart, place(&working_point))
            } else {
                Ok(())
            }
        })
    })
}

/// Share of spam against the probability stated, in equal-mass bins with 95 % intervals; below, how
/// many comments each bin holds.
pub fn reliability(judged: &[ScoredExample]) -> Option<String> {
    let bins = calibration_bins(judged, CALIBRATION_BINS);
    let most = bins.iter().map(|bin| bin.spam.of).max()? as f64;
    let observed = Axis::new("spam found, %", 0.0..100.0, &plain);
    let stated = Axis::new("probability stated, %", 0.0..100.0, &plain);
    let counts = Axis::new("comments", 0.0..most * 1.1, &plain);
    Some(draw("Reliability", |canvas| {
        let (upper, lower) = canvas.split_vertically(400);
        let mut chart = axes(
            &upper,
            "Reliability",
            &Axis {
                name: "",
                ..stated.clone()
            },
            &observed,
        )?;
        chart.draw_series(LineSeries::new(
            [(0.0, 0.0), (100.0, 100.0)],
            INK.mix(0.4).stroke_width(2),
        ))?;
        for bin in &bins {
            let (x, (low, high)) = (100.0 * bin.mean_probability, bin.spam.wilson());
            chart.draw_series(LineSeries::new(
                [(x, 100.0 * low), (x, 100.0 * high)],
                HAM.stroke_width(3),
            ))?;
            chart.draw_series([Circle::new(
                (x, percent(bin.spam.hits, bin.spam.of)),
                7,
                HAM.filled(),
            )])?;
        }
        let mut chart = axes(&lower, "", &stated, &Axis { ticks: 3, ..counts })?;
        let stem = |x: f64, n: u64| [(100.0 * x, 0.0), (100.0 * x, n as f64)];
        for bin in &bins {
            chart.draw_series(LineSeries::new(
                stem(bin.mean_probability, bin.spam.of),
                HAM.stroke_width(7),
            ))?;
        }
        Ok(())
    }))
}

/// How spam and ham score, each as a share of its own; scores beyond ±15 stand at the ends.
pub fn scores(judged: &[ScoredExample]) -> Option<String> {
    let sides = [
        ("ham (blue)", HAM, shares(judged, Label::Ham)),
        ("spam (orange)", SPAM, shares(judged, Label::Spam)),
    ];
    let highest = sides
        .iter()
        .flat_map(|side| &side.2)
        .fold(0.0, |a: f64, &b| a.max(b));
    let x = Axis::new("log-odds of spam", -CLIP..CLIP, &plain);
    let y = Axis::new("% of ham, % of spam", 0.0..highest * 1.1, &plain);
    (highest > 0.0).then(|| {
        draw("Scores of ham and spam", |canvas| {
            let mut chart = axes(canvas, "Scores of ham and spam", &x, &y)?;
            for (name, colour, shares) in sides {
                bars(&mut chart, name, colour, &shares)?;
            }
            legends(&mut chart)
        })
    })
}

/// One side of the score histogram, filled and outlined; none if there is nothing on it.
fn bars(
    chart: &mut Chart<'_, '_>,
    name: &str,
    colour: RGBColor,
    shares: &[f64],
) -> Result<(), Broken> {
    let left = |bar: usize| bar as f64 * 2.0 * CLIP / BARS as f64 - CLIP;
    let each = || {
        shares
            .iter()
            .enumerate()
            .map(|(bar, &share)| (left(bar), left(bar + 1), share))
    };
    if shares.iter().all(|&share| share == 0.0) {
        return Ok(());
    }
    let filled = each().filter(|bar| bar.2 > 0.0);
    let filled = filled.map(|(from, to, share)| {
        Rectangle::new([(from, 0.0), (to, share)], colour.mix(0.4).filled())
    });
    chart.draw_series(filled)?;
    let outline = each().flat_map(|(from, to, share)| [(from, share), (to, share)]);
    legend(
        chart.draw_series(LineSeries::new(outline, colour.stroke_width(3)))?,
        name,
        colour,
    );
    Ok(())
}

/// Share of errors so far and among the latest tenth of the rows, from a report's running errors.
pub fn learning_curve(running_errors: &[Rate]) -> Option<String> {
    let rate = |rate: &Rate| (rate.of as f64, percent(rate.hits, rate.of));
    let so_far: Vec<_> = running_errors
        .iter()
        .filter(|rate| rate.of >= FEW)
        .map(rate)
        .collect();
    let tenth = running_errors.len().div_ceil(10);
    let since = |(now, before): (&Rate, &Rate)| {
        (
            now.of as f64,
            percent(now.hits - before.hits, now.of - before.of),
        )
    };
    let latest: Vec<_> = running_errors
        .iter()
        .skip(tenth)
        .zip(running_errors)
        .map(since)
        .collect();
    let highest = so_far
        .iter()
        .chain(&latest)
        .fold(1.0, |a: f64, point| a.max(point.1));
    let rows = running_errors.last()?.of as f64;
    let x = Axis::new("comments judged", 0.0..rows, &plain);
    let y = Axis::new("errors at p ≥ .5, %", 0.0..highest * 1.1, &plain);
    (so_far.len() > 1).then(|| {
        draw("Learning curve", |canvas| {
            let mut chart = axes(canvas, "Learning curve", &x, &y)?;
            legend(
                chart.draw_series(LineSeries::new(latest, HAM.stroke_width(2)))?,
                "latest tenth (blue)",
                HAM,
            );
            legend(
                chart.draw_series(LineSeries::new(so_far, SPAM.stroke_width(4)))?,
                "so far (orange)",
                SPAM,
            );
            legends(&mut chart)
        })
    })
}

/// What the verdicts spam and discard catch, as if they were a threshold.
fn working_point(judged: &[ScoredExample]) -> Step {
    let caught = |label| {
        let side = judged.iter().filter(|row| row.label == label);
        Rate::count(side, |row| row.verdict.side() == Some(Label::Spam)).hits
    };
    Step {
        score: f64::NAN,
        caught: caught(Label::Spam),
        false_positives: caught(Label::Ham),
    }
}

/// Percent of the rows of this label in each bar.
fn shares(judged: &[ScoredExample], label: Label) -> Vec<f64> {
    let mut bars = vec![0; BARS];
    let mut all = 0;
    for row in judged.iter().filter(|row| row.label == label) {
        let place = (row.log_odds.clamp(-CLIP, CLIP) + CLIP) / (2.0 * CLIP) * BARS as f64;
        bars[(place as usize).min(BARS - 1)] += 1;
        all += 1;
    }
    bars.into_iter().map(|n| percent(n, all)).collect()
}

#[cfg(test)]
mod tests;
