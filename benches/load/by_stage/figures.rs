//! The files that criterion leaves in, rows of figures out.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::names::STAGES;

/// What all stages are measured on, as it is shown.
const KINDS: [&str; 4] = ["vi", "vi without marks", "en", "hostile"];

/// Nanoseconds per byte of text, over the measurements of one size.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PerByte {
    pub(crate) median: f64,
    /// The median is between these with 95 % confidence.
    pub(crate) least: f64,
    pub(crate) most: f64,
}

/// One stage on one kind of text.
#[derive(Debug, PartialEq)]
pub(crate) struct Row {
    /// Its place among the stages.
    pub(crate) stage: usize,
    pub(crate) kind: String,
    pub(crate) by_size: BTreeMap<usize, PerByte>,
}

/// Time per byte that is so many times that of the shorter text has grown; less is noise.
const GROWN: f64 = 1.1;

impl Row {
    pub(crate) fn name(&self) -> &'static str {
        STAGES[self.stage].0
    }

    /// Whether it is one disguise by itself.
    pub(crate) fn is_one_disguise(&self) -> bool {
        !KINDS.contains(&self.kind.as_str())
    }

    /// From which size to which time per byte grew, and how many times: beyond doubt, as far as
    /// confidence goes.
    pub(crate) fn growth(&self) -> Option<(usize, usize, f64)> {
        let pairs = self.by_size.iter().zip(self.by_size.iter().skip(1));
        pairs
            .filter(|((_, short), (_, long))| long.least > GROWN * short.most)
            .map(|((&from, short), (&to, long))| (from, to, long.median / short.median))
            .max_by(|a, b| a.2.total_cmp(&b.2))
    }
}

/// All stages that a folder of criterion has figures of, in their order.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Row>> {
    let mut rows: BTreeMap<(usize, usize, String), BTreeMap<usize, PerByte>> = BTreeMap::new();
    for (stage, (name, _)) in STAGES.iter().enumerate() {
        let kinds = folders(&folder.join(name))?;
        for new in kinds.iter().map(|kind| folders(kind)) {
            for size in new? {
                let Some((kind, bytes, time)) = measured(&size.join("new"))? else {
                    continue;
                };
                let rank = KINDS.iter().position(|&known| known == kind);
                let row = rows
                    .entry((stage, rank.unwrap_or(KINDS.len()), kind))
                    .or_default();
                row.insert(bytes, time);
            }
        }
    }
    let row = |((stage, _, kind), by_size)| Row {
        stage,
        kind,
        by_size,
    };
    Ok(rows.into_iter().map(row).collect())
}

/// None of a folder that is not there.
fn folders(of: &Path) -> anyhow::Result<Vec<std::path::PathBuf>> {
    let Ok(entries) = std::fs::read_dir(of) else {
        return Ok(Vec::new());
    };
    let paths: Result<Vec<_>, _> = entries.map(|entry| entry.map(|e| e.path())).collect();
    Ok(paths?)
}

/// Kind and size of the texts, and the time. Nothing where criterion measured nothing.
fn measured(new: &Path) -> anyhow::Result<Option<(String, usize, PerByte)>> {
    if !new.join("estimates.json").exists() {
        return Ok(None);
    }
    let json = |file: &str| -> anyhow::Result<Value> {
        Ok(serde_json::from_reader(File::open(new.join(file))?)?)
    };
    let (what, estimates) = (json("benchmark.json")?, json("estimates.json")?);
    let found = figures(&what, &estimates);
    found
        .with_context(|| format!("{} is not as criterion writes it", new.display()))
        .map(Some)
}

/// Nanoseconds are of one run, which may take many texts.
fn figures(what: &Value, estimates: &Value) -> Option<(String, usize, PerByte)> {
    let kind = what["function_id"].as_str()?.to_owned();
    let bytes = what["value_str"].as_str()?.parse().ok()?;
    let of_one_run = what["throughput"]["Bytes"].as_f64()?;
    let median = &estimates["median"];
    let bounds = &median["confidence_interval"];
    let per_byte = |nanoseconds: &Value| Some(nanoseconds.as_f64()? / of_one_run);
    let time = PerByte {
        median: per_byte(&median["point_estimate"])?,
        least: per_byte(&bounds["lower_bound"])?,
        most: per_byte(&bounds["upper_bound"])?,
    };
    Some((kind, bytes, time))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn time(median: f64) -> PerByte {
        PerByte {
            median,
            least: 0.9 * median,
            most: 1.1 * median,
        }
    }

    #[test]
    fn what_criterion_leaves_is_read() {
        let folder = tempfile::tempdir().expect("a folder");
        let put = |kind: &str, bytes: usize, nanoseconds: f64| {
            let new = folder.path().join(format!("score/{kind}/{bytes}/new"));
            std::fs::create_dir_all(&new).expect("a folder");
            let what = json!({"group_id": "score", "function_id": kind, "value_str": bytes.to_string(), "throughput": {"Bytes": 2 * bytes}});
            let median = json!({"point_estimate": nanoseconds, "confidence_interval": {"lower_bound": nanoseconds, "upper_bound": nanoseconds}});
            std::fs::write(new.join("benchmark.json"), what.to_string()).expect("written");
            let estimates = json!({ "median": median }).to_string();
            std::fs::write(new.join("estimates.json"), estimates).expect("written");
        };
        put("en", 300, 600.0);
        put("en", 60, 240.0);
        put("hostile, runs", 60, 120.0);
        put("vi", 60, 120.0);
        // A plot of criterion's own.
        std::fs::create_dir_all(folder.path().join("score/report/new")).expect("a folder");
        let rows = read(folder.path()).expect("reads");
        let kinds: Vec<&str> = rows.iter().map(|row| row.kind.as_str()).collect();
        assert_eq!(kinds, ["vi", "en", "hostile, runs"]);
        assert!(rows[2].is_one_disguise() && !rows[1].is_one_disguise());
        let medians: Vec<_> = rows[1]
            .by_size
            .iter()
            .map(|(b, t)| (*b, t.median))
            .collect();
        assert_eq!(medians, [(60, 2.0), (300, 1.0)]);
        assert_eq!(rows[1].name(), "score");
        assert_eq!(read(&folder.path().join("none")).expect("reads"), []);
    }

    #[test]
    fn time_per_byte_has_grown_only_beyond_doubt() {
        let row = |medians: [f64; 3]| Row {
            stage: 0,
            kind: "vi".into(),
            by_size: [60, 300, 3_000]
                .into_iter()
                .zip(medians.map(time))
                .collect(),
        };
        assert_eq!(row([9.0, 3.0, 1.0]).growth(), None);
        assert_eq!(row([9.0, 3.0, 4.0]).growth(), None, "bounds overlap");
        assert_eq!(row([9.0, 3.0, 6.0]).growth(), Some((300, 3_000, 2.0)));
        assert_eq!(row([1.0, 2.0, 6.0]).growth(), Some((300, 3_000, 3.0)));
    }
}
