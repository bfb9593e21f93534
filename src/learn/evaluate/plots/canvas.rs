//! Points and names in, SVG text out: colours, axes, legends and the frame of all plots. It knows
//! nothing of comments or scores.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::*;

use crate::learn::metrics::measures::Rate;

/// Pixels of a plot; the page scales it. Large, for plotters draws on whole pixels.
pub(super) const SIZE: (u32, u32) = (800, 600);

/// Height of letters; about 10 pixels on a phone.
pub(super) const LETTERS: u32 = 28;

pub(super) const HAM: RGBColor = RGBColor(0x3b, 0x8f, 0xd1);

pub(super) const SPAM: RGBColor = RGBColor(0xd9, 0x66, 0x1f);

/// Becomes the page's text colour.
pub(super) const INK: RGBColor = RGBColor(0, 0, 0);

pub(super) type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

pub(super) type Chart<'a, 'b> =
    ChartContext<'b, SVGBackend<'a>, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

pub(super) type Broken = DrawingAreaErrorKind<std::io::Error>;

/// What an axis measures, from where to where, and how its marks read.
#[derive(Clone)]
pub(super) struct Axis<'a> {
    pub(super) name: &'a str,
    pub(super) range: Range<f64>,
    pub(super) ticks: usize,
    pub(super) mark: &'a dyn Fn(f64) -> String,
}

impl<'a> Axis<'a> {
    pub(super) fn new(name: &'a str, range: Range<f64>, mark: &'a dyn Fn(f64) -> String) -> Self {
        Self {
            name,
            range,
            ticks: 6,
            mark,
        }
    }
}

/// Paints an SVG image that a screen reader announces by its title.
pub(super) fn draw(title: &str, paint: impl FnOnce(&Canvas<'_>) -> Result<(), Broken>) -> String {
    draw_sized(SIZE, title, paint)
}

/// The same in so many pixels.
pub(super) fn draw_sized(
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
pub(super) fn axes<'a, 'b>(
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
pub(super) fn ring(chart: &mut Chart<'_, '_>, point: (f64, f64)) -> Result<(), Broken> {
    chart.draw_series([Circle::new(point, 10, INK.stroke_width(4))])?;
    Ok(())
}

/// Names a series.
pub(super) fn legend<'a>(
    series: &mut plotters::chart::SeriesAnno<'a, SVGBackend<'_>>,
    name: &str,
    colour: RGBColor,
) {
    series
        .label(name)
        .legend(move |(x, y)| Rectangle::new([(x, y - 4), (x + 24, y + 4)], colour.filled()));
}

/// Shows the names of all series.
pub(super) fn legends<'a: 'b, 'b>(chart: &mut Chart<'a, 'b>) -> Result<(), Broken> {
    let letters = ("sans-serif", LETTERS).into_font().color(&INK);
    let mut labels = chart.configure_series_labels();
    labels
        .position(SeriesLabelPosition::UpperRight)
        .legend_area_size(34)
        .label_font(letters)
        .draw()
}

/// Points joined by stairs, since between two thresholds nothing is caught, beginning at `start`.
pub(super) fn stairs(
    points: impl Iterator<Item = (f64, f64)>,
    start: (f64, f64),
) -> Vec<(f64, f64)> {
    let mut stairs = vec![start];
    let mut height = start.1;
    for (x, y) in points {
        stairs.extend([(x, height), (x, y)]);
        height = y;
    }
    stairs
}

/// The points that lie visibly apart, and the last: a hundred thousand thresholds make no better
/// picture than a few hundred.
pub(super) fn thin(points: Vec<(f64, f64)>, dx: f64, dy: f64) -> Vec<(f64, f64)> {
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
pub(super) fn percent(part: u64, whole: u64) -> f64 {
    Rate {
        hits: part,
        of: whole,
    }
    .value()
    .map_or(0.0, |share| share * 100.0)
}

/// A number with no more digits than it needs.
pub(super) fn plain(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    // `+ 0.0` makes of -0 a 0.
    (rounded + 0.0).to_string()
}
