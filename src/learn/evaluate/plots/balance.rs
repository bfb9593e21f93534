//! Learning curves by balance: panels of lines in, one picture out. All panels of a row have one
//! scale, so that blogs can be compared. It writes no file.

use plotters::prelude::*;

use crate::learn::evaluate::plots::canvas::{
    Axis, Broken, Canvas, HAM, SPAM, axes, draw_sized, legend, legends, plain,
};

/// A colour for each balance; they differ in lightness too. A fifth curve begins anew.
const COLOURS: [RGBColor; 4] = [
    HAM,
    RGBColor(0x1b, 0x9e, 0x77),
    SPAM,
    RGBColor(0x9a, 0x3f, 0x8f),
];

/// Pixels of one panel.
const PANEL: (u32, u32) = (600, 420);

/// One line.
pub struct Curve {
    /// Its name in the legend.
    pub name: String,
    /// Percent at each place of the axis, from the first on; it may end before the axis does.
    pub percents: Vec<f64>,
}

/// Some lines over the same labels.
pub struct Panel {
    /// What it shows.
    pub title: String,
    /// Its lines.
    pub curves: Vec<Curve>,
}

/// Panels in rows, over numbers of labels that stand side by side whatever lies between them.
/// `None` if there is nothing to see.
pub fn learning_by_balance(labels: &[usize], rows: &[Vec<Panel>]) -> Option<String> {
    let columns = rows.iter().map(Vec::len).max().filter(|&n| n > 0)?;
    if labels.len() < 2 {
        return None;
    }
    let size = (PANEL.0 * columns as u32, PANEL.1 * rows.len() as u32);
    Some(draw_sized(size, "Learning curve by balance", |canvas| {
        for (row, panels) in rows.iter().enumerate() {
            let curves = panels.iter().flat_map(|panel| &panel.curves);
            let percents = curves.flat_map(|curve| curve.percents.iter().copied());
            let highest = percents.fold(1.0, f64::max) * 1.1;
            for (column, panel) in panels.iter().enumerate() {
                let (x, y) = (PANEL.0 * column as u32, PANEL.1 * row as u32);
                let area = canvas.clone().shrink((x, y), PANEL);
                // The names of the lines stand once a row.
                let names = column + 1 == panels.len();
                draw_panel(&area, panel, labels, highest, names)?;
            }
        }
        Ok(())
    }))
}

fn draw_panel(
    area: &Canvas<'_>,
    panel: &Panel,
    labels: &[usize],
    highest: f64,
    names: bool,
) -> Result<(), Broken> {
    let mark = |x: f64| {
        let at = x.round();
        // Between two numbers there is no mark.
        let label = ((x - at).abs() < 0.01).then(|| labels.get(at as usize));
        label.flatten().map_or(String::new(), usize::to_string)
    };
    let mut x = Axis::new("labels", 0.0..(labels.len() - 1) as f64, &mark);
    x.ticks = labels.len();
    let y = Axis::new("", 0.0..highest, &plain);
    let mut chart = axes(area, &panel.title, &x, &y)?;
    for (curve, colour) in panel.curves.iter().zip(COLOURS.into_iter().cycle()) {
        let points: Vec<(f64, f64)> = curve
            .percents
            .iter()
            .enumerate()
            .map(|(at, &percent)| (at as f64, percent))
            .collect();
        let dots = points
            .iter()
            .map(|&point| Circle::new(point, 5, colour.filled()));
        chart.draw_series(dots)?;
        let line = chart.draw_series(LineSeries::new(points, colour.stroke_width(4)))?;
        legend(line, &curve.name, colour);
    }
    if names {
        legends(&mut chart)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(percents: Vec<f64>) -> Panel {
        let name = "4:1".to_owned();
        Panel {
            title: "missed".to_owned(),
            curves: vec![Curve { name, percents }],
        }
    }

    #[test]
    fn curves_of_any_length_are_drawn_and_nothing_is_not() {
        let rows = [
            vec![panel(vec![9.0, 3.0, 0.0]), panel(vec![2.0])],
            vec![panel(vec![]), panel(vec![0.0, 0.0])],
        ];
        let svg = learning_by_balance(&[0, 10, 300], &rows).expect("a plot");
        assert!(svg.starts_with("<svg role=\"img\" ") && !svg.contains("NaN"));
        assert_eq!(svg.matches("4:1").count(), 2, "once a row");
        for told in ["4:1", "300", "missed", "Learning curve by balance"] {
            assert!(svg.contains(told), "{told}");
        }
        assert_eq!(learning_by_balance(&[0, 10], &[]), None);
        assert_eq!(learning_by_balance(&[0], &rows), None);
    }
}
