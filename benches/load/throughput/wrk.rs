//! wrk as the load generator: forms in, a script for it and its figures out.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::child::Child;

/// What one run showed; times in milliseconds.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) requests: u64,
    pub(crate) seconds: f64,
    pub(crate) failures: u64,
    pub(crate) p50: f64,
    pub(crate) p99: f64,
    pub(crate) p999: f64,
    pub(crate) cpu_seconds: f64,
}

/// The part of the script that does not change. Requests are built once, before the measurement.
const SCRIPT: &str = r#"
local requests, at = {}, 0
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/x-www-form-urlencoded"
local threads = 0
function setup(thread) thread:set("begin", threads * 331) threads = threads + 1 end
function init(args)
    for line in io.lines(forms) do
        local path, body = line:match("^(%S+) (.*)$")
        requests[#requests + 1] = wrk.format("POST", path, nil, body)
    end
    at = begin
end
function request()
    at = at % #requests + 1
    return requests[at]
end
function done(summary, latency)
    local errors = summary.errors
    io.write(string.format("figures %d %d %d %d %d %d\n", summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout,
        latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
end
"#;

/// Writes the script that sends these checks in turn; each `label_every`-th is a report instead, in
/// turn spam and ham.
pub(crate) fn script(
    folder: &Path,
    forms: &[String],
    label_every: usize,
) -> std::io::Result<PathBuf> {
    let mut lines = String::new();
    for (at, form) in forms.iter().enumerate() {
        let call = match label_every {
            0 => "comment-check",
            every if at % every != every - 1 => "comment-check",
            every if at / every % 2 == 0 => "submit-spam",
            _ => "submit-ham",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(lines, "/1.1/{call} {form}");
    }
    let data = folder.join(format!("forms-{label_every}.txt"));
    std::fs::write(&data, lines)?;
    let script = folder.join(format!("script-{label_every}.lua"));
    std::fs::write(&script, format!("local forms = {data:?}\n{SCRIPT}"))?;
    Ok(script)
}

/// Drives a server for so many seconds.
pub(crate) fn run(
    child: &Child,
    script: &Path,
    connections: usize,
    seconds: u32,
) -> anyhow::Result<Run> {
    let before = child.cpu_seconds()?;
    let done = Command::new("wrk")
        .args(["--threads", if connections == 1 { "1" } else { "2" }])
        .args(["--connections", &connections.to_string()])
        .args(["--duration", &format!("{seconds}s"), "--timeout", "10s"])
        .arg("--script")
        .arg(script)
        .arg(format!("http://{}/1.1/comment-check", child.address))
        .output()
        .context("wrk cannot be run; Debian has it in the package wrk")?;
    let cpu_seconds = child.cpu_seconds()? - before;
    let said = String::from_utf8_lossy(&done.stdout);
    let figures = said.lines().find_map(|line| line.strip_prefix("figures "));
    let Some(figures) = figures else {
        bail!("wrk said: {said}{}", String::from_utf8_lossy(&done.stderr));
    };
    let numbers: Vec<u64> = figures
        .split(' ')
        .filter_map(|number| number.parse().ok())
        .collect();
    let [requests, micros, failures, p50, p99, p999] = numbers[..] else {
        bail!("wrk said: {said}");
    };
    Ok(Run {
        requests,
        seconds: micros as f64 / 1e6,
        failures,
        p50: p50 as f64 / 1e3,
        p99: p99 as f64 / 1e3,
        p999: p999 as f64 / 1e3,
        cpu_seconds,
    })
}
