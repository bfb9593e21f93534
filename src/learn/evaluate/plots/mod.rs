//! Figures as pictures. In: judged comments, or the error counts of a report. Out: SVG text to put into a page.
//!
//! Lines and words take the page's text colour (`currentColor`), so a plot is as readable in the dark; ham is blue and spam orange, which every common
//! kind of colour blindness tells apart. It never writes a file, and gives `None` where there would be nothing to see.

pub mod balance;

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::learn::metrics::figures::{CALIBRATION_BINS, Judged, Rate};
use crate::learn::metrics::measures::{Ranking, Step, calibration_bins};
use crate::verdict::Label;

/// Pixels of a plot; the page scales it. Large, for plotters draws on whole pixels.
const SIZE: (u32, u32) = (800, 600);
/// Height of letters; about 10 pixels on a phone.
const LETTERS: u32 = 28;
const HAM: RGBColor = RGBColor(0x3b, 0x8f, 0xd1);
const SPAM: RGBColor = RGBColor(0xd9, 0x66, 0x1f);
/// Becomes the page's text colour.
const INK: RGBColor = RGBColor(0, 0, 0);
/// Scores beyond are drawn here.
const CLIP: f64 = 15.0;
/// Bars of the score histogram.
const BARS: usize = 60;
/// The lowest false-positive rate of the ROC plot, as a power of ten.
const LEAST_FP: f64 = -4.0;
/// An error rate of fewer rows says nothing.
const FEW: u64 = 20;

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Chart<'a, 'b> = ChartContext<'b, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;
type Broken = DrawingAreaErrorKind<std::io::Error>;

/// Spam caught against false positives, these on a logarithmic scale from .01 %: where a filter works is near 0. The ring is the verdict spam.
pub fn roc(judged: &[Judged]) -> Option<String> {
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
pub fn precision_recall(judged: &[Judged]) -> Option<String> {
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

/// Share of spam against the probability stated, in equal-mass bins with 95 % intervals; below, how many comments each bin holds.
pub fn reliability(judged: &[Judged]) -> Option<String> {
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
pub fn scores(judged: &[Judged]) -> Option<String> {
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

/// What an axis measures, from where to where, and how its marks read.
#[derive(Clone)]
struct Axis<'a> {
    name: &'a str,
    range: Range<f64>,
    ticks: usize,
    mark: &'a dyn Fn(f64) -> String,
}

impl<'a> Axis<'a> {
    fn new(name: &'a str, range: Range<f64>, mark: &'a dyn Fn(f64) -> String) -> Self {
        Self {
            name,
            range,
            ticks: 6,
            mark,
        }
    }
}

/// Paints an SVG image that a screen reader announces by its title.
fn draw(title: &str, paint: impl FnOnce(&Canvas<'_>) -> Result<(), Broken>) -> String {
    draw_sized(SIZE, title, paint)
}

/// The same in so many pixels.
fn draw_sized(
    size: (u32, u32),
    title: &str,
    paint: impl FnOnce(&Canvas<'_>) -> Result<(), Broken>,
) -> String {
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        paint(&canvas)
            .and_then(|()| canvas.present())
            .expect("drawing into a string cannot fail");
    }
    svg.replacen("<svg ", "<svg role=\"img\" ", 1)
        .replacen(">\n", &format!(">\n<title>{title}</title>\n"), 1)
        .replace("\"#000000\"", "\"currentColor\"")
}

/// A chart with its title, axes and a faint grid.
fn axes<'a, 'b>(
    canvas: &'b Canvas<'a>,
    title: &str,
    x: &Axis<'_>,
    y: &Axis<'_>,
) -> Result<Chart<'a, 'b>, Broken> {
    let letters = |size: u32| ("sans-serif", size).into_font().color(&INK);
    let mut builder = ChartBuilder::on(canvas);
    builder.margin(10).margin_right(30).y_label_area_size(95);
    builder.x_label_area_size(if x.name.is_empty() { 15 } else { 75 });
    if !title.is_empty() {
        builder.caption(title, letters(LETTERS + 6));
    }
    let mut chart = builder.build_cartesian_2d(x.range.clone(), y.range.clone())?;
    let (mark_x, mark_y) = (
        |value: &f64| (x.mark)(*value),
        |value: &f64| (y.mark)(*value),
    );
    let mut mesh = chart.configure_mesh();
    mesh.x_labels(if x.name.is_empty() { 0 } else { x.ticks })
        .y_labels(y.ticks)
        .x_desc(x.name)
        .y_desc(y.name);
    mesh.label_style(letters(LETTERS))
        .axis_desc_style(letters(LETTERS))
        .axis_style(INK.mix(0.6));
    mesh.bold_line_style(INK.mix(0.15))
        .light_line_style(TRANSPARENT);
    mesh.x_label_formatter(&mark_x)
        .y_label_formatter(&mark_y)
        .draw()?;
    Ok(chart)
}

/// A ring around the point where the filter works.
fn ring(chart: &mut Chart<'_, '_>, point: (f64, f64)) -> Result<(), Broken> {
    chart.draw_series([Circle::new(point, 10, INK.stroke_width(4))])?;
    Ok(())
}

/// Names a series.
fn legend<'a>(
    series: &mut plotters::chart::SeriesAnno<'a, SVGBackend<'_>>,
    name: &str,
    colour: RGBColor,
) {
    series
        .label(name)
        .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 24, y + 4)], colour.filled()));
}

/// Shows the names of all series.
fn legends<'a: 'b, 'b>(chart: &mut Chart<'a, 'b>) -> Result<(), Broken> {
    let letters = ("sans-serif", LETTERS).into_font().color(&INK);
    let mut labels = chart.configure_series_labels();
    labels
        .position(SeriesLabelPosition::UpperRight)
        .legend_area_size(34)
        .label_font(letters)
        .draw()
}

/// What the verdicts spam and discard catch, as if they were a threshold.
fn working_point(judged: &[Judged]) -> Step {
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
fn shares(judged: &[Judged], label: Label) -> Vec<f64> {
    let mut bars = vec![0; BARS];
    let mut all = 0;
    for row in judged.iter().filter(|row| row.label == label) {
        let place = (row.log_odds.clamp(-CLIP, CLIP) + CLIP) / (2.0 * CLIP) * BARS as f64;
        bars[(place as usize).min(BARS - 1)] += 1;
        all += 1;
    }
    bars.into_iter().map(|n| percent(n, all)).collect()
}

/// Points joined by stairs, since between two thresholds nothing is caught, beginning at `start`.
fn stairs(points: impl Iterator<Item = (f64, f64)>, start: (f64, f64)) -> Vec<(f64, f64)> {
    let mut stairs = vec![start];
    let mut height = start.1;
    for (x, y) in points {
        stairs.extend([(x, height), (x, y)]);
        height = y;
    }
    stairs
}

/// The points that lie visibly apart, and the last: a hundred thousand thresholds make no better picture than a few hundred.
fn thin(points: Vec<(f64, f64)>, dx: f64, dy: f64) -> Vec<(f64, f64)> {
    let mut kept: Vec<(f64, f64)> = Vec::new();
    let end = points.last().copied();
    for point in points {
        if kept
            .last()
            .is_none_or(|last| (point.0 - last.0).abs() >= dx || (point.1 - last.1).abs() >= dy)
        {
            kept.push(point);
        }
    }
    kept.extend(end);
    kept
}

/// Percentage; 0 of nothing.
fn percent(part: u64, whole: u64) -> f64 {
    Rate {
        hits: part,
        of: whole,
    }
    .value()
    .map_or(0.0, |share| share * 100.0)
}

/// A number with no more digits than it needs.
fn plain(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // `+ 0.0` makes of -0 a 0.
    (rounded + 0.0).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learn::metrics::figures::Report;
    use crate::learn::metrics::measures::tests::rows;

    #[track_caller]
    fn check(svg: Option<String>, title: &str) {
        let svg = svg.expect("a plot");
        assert!(svg.starts_with("<svg role=\"img\" "), "{svg:.200}");
        assert!(
            svg.contains(&format!("<title>{title}</title>")) && svg.trim_end().ends_with("</svg>")
        );
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
}
