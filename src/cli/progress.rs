//! Progress of long work in, bars on stderr out; silent where stderr is no terminal. Never on
//! stdout.

use std::sync::Mutex;
use std::time::Instant;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

/// A bar whose length is not known: counts comments and their rate.
pub(super) struct Counter {
    bar: ProgressBar,
    began: Instant,
    what: &'static str,
}

impl Counter {
    pub(super) fn new(what: &'static str) -> Self {
        let bar = ProgressBar::new_spinner()
            .with_style(style("{spinner} {human_pos} {msg} ({per_sec})"))
            .with_message(what);
        Self {
            bar,
            began: Instant::now(),
            what,
        }
    }

    pub(super) fn add(&self, n: usize) {
        self.bar.inc(n as u64);
    }

    /// Takes the bar away and says what was done, and how fast.
    pub(super) fn finish(self) {
        let n = self.bar.position();
        self.bar.finish_and_clear();
        let seconds = self.began.elapsed().as_secs_f64().max(1e-9);
        eprintln!(
            "{} {} in {seconds:.1} s ({} a second)",
            HumanCount(n),
            self.what,
            HumanCount((n as f64 / seconds) as u64)
        );
    }
}

/// A bar per named step.
#[derive(Default)]
pub(super) struct Steps {
    current: Mutex<Option<(String, ProgressBar)>>,
}

impl Steps {
    pub(super) fn show(&self, step: &str, done: usize, all: usize) {
        let Ok(mut current) = self.current.lock() else {
            return;
        };
        match current.as_ref() {
            Some((name, bar)) if name == step => bar.set_position(done as u64),
            before => {
                if let Some((_, bar)) = before {
                    bar.finish_and_clear();
                }
                let bar = ProgressBar::new(all as u64)
                    .with_style(style("{msg:28} [{wide_bar}] {human_pos}/{human_len} {eta}"))
                    .with_message(step.to_owned());
                bar.set_position(done as u64);
                *current = Some((step.to_owned(), bar));
            }
        }
    }

    /// The same where nobody knows how many there are.
    pub(super) fn count(&self, step: &str, done: usize) {
        self.show(step, done, 0);
        if let Ok(current) = self.current.lock()
            && let Some((_, bar)) = current.as_ref()
        {
            bar.set_style(style("{msg:28} {human_pos} ({per_sec})"));
        }
    }

    pub(super) fn clear(&self) {
        if let Ok(mut current) = self.current.lock()
            && let Some((_, bar)) = current.take()
        {
            bar.finish_and_clear();
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner())
}

/// A bar over the bytes of a file.
pub(super) struct ByteBar(ProgressBar);

impl ByteBar {
    pub(super) fn new(what: &'static str) -> Self {
        let style = style("{msg} [{wide_bar}] {binary_bytes}/{binary_total_bytes} {eta}");
        Self(ProgressBar::new(0).with_style(style).with_message(what))
    }

    /// From the start, over this many bytes.
    pub(super) fn begin(&self, length: u64) {
        self.0.set_length(length);
        self.0.set_position(0);
    }

    /// Moves the bar while somebody reads.
    pub(super) fn watch<R: std::io::Read>(&self, reader: R) -> impl std::io::Read + use<R> {
        self.0.wrap_read(reader)
    }

    pub(super) fn finish(self) {
        self.0.finish_and_clear();
    }
}
