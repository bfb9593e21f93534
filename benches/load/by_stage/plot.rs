//! Rows of figures in, one picture out: time per byte against size, a panel for each stage. Both
//! axes are logarithmic, so a line that falls or is level never grows.

use anyhow::anyhow;
use plotters::coord::Shift;
use plotters::prelude::*;

use crate::figures::Row;
use crate::names::{LONGEST, SIZES, STAGES};

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const COLUMNS: usize = 3;
/// Pixels of one panel.
const PANEL: (u32, u32) = (400, 280);
const INK: RGBColor = RGBColor(0x88, 0x88, 0x88);
/// One for each kind of text.
const COLOURS: [RGBColor; 6] = [
    RGBColor(0x3b, 0x8f, 0xd1),
    RGBColor(0x1b, 0x9e, 0x77),
    RGBColor(0x9a, 0x3f, 0x8f),
    RGBColor(0xd9, 0x66, 0x1f),
    RGBColor(0xb8, 0x9b, 0x1d),
    RGBColor(0xc7, 0x3e, 0x54),
];

/// What one panel shows.
struct Panel<'a> {
    title: String,
    rows: Vec<&'a Row>,
    longest: usize,
}

pub(crate) fn draw(rows: &[Row]) -> anyhow::Result<String> {
    let panels = panels(rows);
    let lines = panels.len().div_ceil(COLUMNS);
    let size = (PANEL.0 * COLUMNS as u32, PANEL.1 * lines as u32);
    let mut svg = String::new();
    {
        let canvas = SVGBackend::with_string(&mut svg, size).into_drawing_area();
        for (panel, area) in panels.iter().zip(canvas.split_evenly((lines, COLUMNS))) {
            draw_panel(panel, &area).map_err(|e| anyhow!("{}: {e}", panel.title))?;
        }
        canvas.present()?;
    }
    Ok(svg)
}

fn panels(rows: &[Row]) -> Vec<Panel<'_>> {
    let of = |stage: usize, disguises: bool| -> Vec<&Row> {
        rows.iter()
            .filter(|row| row.stage == stage && row.is_one_disguise() == disguises)
            .collect()
    };
    let stages = STAGES.iter().enumerate().map(|(at, (name, _))| Panel {
        title: (*name).to_owned(),
        rows: of(at, false),
        longest: SIZES[SIZES.len() - 1],
    });
    let disguises = STAGES.iter().enumerate().map(|(at, (name, _))| Panel {
        title: format!("{name}, each disguise"),
        rows: of(at, true),
        longest: LONGEST,
    });
    stages
        .chain(disguises)
        .filter(|panel| !panel.rows.is_empty())
        .collect()
}

fn draw_panel(panel: &Panel<'_>, area: &Area<'_>) -> Result<(), Box<dyn std::error::Error>> {
    let times = || panel.rows.iter().flat_map(|row| row.by_size.values());
    let least = times().map(|time| time.median).fold(f64::MAX, f64::min);
    let most = times().map(|time| time.median).fold(0.0, f64::max);
    let x = (SIZES[0] as f64 * 0.8..panel.longest as f64 * 1.3).log_scale();
    // Room for the legend above the lines.
    let y = (least * 0.7..most * 4.0).log_scale();
    let mut chart = ChartBuilder::on(area)
        .caption(&panel.title, ("sans-serif", 18, &INK))
        .margin(8)
        .x_label_area_size(36)
        .y_label_area_size(56)
        .build_cartesian_2d(x, y)?;
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_desc("bytes of text")
        .y_desc("ns a byte")
        .x_labels(4)
        .y_labels(5)
        .x_label_formatter(&f64::to_string)
        .y_label_formatter(&f64::to_string)
        .axis_style(INK)
        .light_line_style(TRANSPARENT)
        .bold_line_style(INK.mix(0.3))
        .label_style(("sans-serif", 13, &INK))
        .draw()?;
    for (row, colour) in panel.rows.iter().zip(COLOURS) {
        let points = || row.by_size.iter().map(|(&x, y)| (x as f64, y.median));
        let dots = points().map(|point| Circle::new(point, 3, colour.filled()));
        chart.draw_series(dots)?;
        chart
            .draw_series(LineSeries::new(points(), colour.stroke_width(2)))?
            .label(row.kind.trim_start_matches("hostile, "))
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 16, y)], colour.stroke_width(2)));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .label_font(("sans-serif", 13, &INK))
        .draw()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::PerByte;

    #[test]
    fn each_stage_has_a_panel_and_disguises_have_their_own() {
        let row = |stage, kind: &str| Row {
            stage,
            kind: kind.into(),
            by_size: [60, 300]
                .map(|size| {
                    let time = PerByte {
                        median: size as f64,
                        least: 1.0,
                        most: 1.0,
                    };
                    (size, time)
                })
                .into(),
        };
        let rows = [row(3, "vi"), row(3, "hostile, runs"), row(5, "en")];
        let svg = draw(&rows).expect("draws");
        for told in ["read", "read, each disguise", "runs", "score", "ns a byte"] {
            assert!(svg.contains(&format!("\n{told}\n")), "{told}");
        }
        assert!(!svg.contains("NaN"));
    }
}
