//! As many labelled comments as wanted, put together from our own training comments: a sentence of
//! one behind a sentence of another of its label and language, with a number, so that none is a
//! copy. For training at scale, never for quality.
//!
//! `cargo run --release --example recombined -- 1000000 > million.jsonl`, then
//! `/usr/bin/time -v target/release/phin train --out target/million million.jsonl`

use std::io::Write;
use std::path::Path;

use phin::learn::train::catalogue::{HeldOut, TrainingExamples};
use phin::verdict::Label;
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

fn main() {
    let wanted: usize = std::env::args()
        .nth(1)
        .and_then(|n| n.parse().ok())
        .expect("how many comments");
    let lesson = TrainingExamples::gather(Path::new("training-data"), None, HeldOut::LeaveOut, 1)
        .expect("our own comments can be read");
    let mut groups: Vec<((bool, bool), Vec<&str>)> = Vec::new();
    for row in &lesson.examples {
        let group = (
            row.label == Some(Label::Spam),
            row.lang.as_deref() == Some("vi"),
        );
        let text = row.comment.text.as_str();
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, texts)) => texts.push(text),
            None => groups.push((group, vec![text])),
        }
    }
    let mut random = StdRng::seed_from_u64(1);
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for n in 0..wanted {
        let ((is_spam, is_vietnamese), texts) =
            groups.choose(&mut random).expect("there are comments");
        let mut half = |from_end: bool| {
            let text = texts.choose(&mut random).expect("a group has comments");
            let at = text.floor_char_boundary(text.len() / 2);
            let at = text[at..].find(' ').map_or(at, |space| at + space);
            if from_end { &text[at..] } else { &text[..at] }
        };
        let (begin, end) = (half(false), half(true));
        let row = serde_json::json!({
            "id": n.to_string(),
            "text": format!("{begin} {} {end}", random.random_range(0..1_000_000)),
            "label": if *is_spam { "spam" } else { "ham" },
            "lang": if *is_vietnamese { "vi" } else { "en" },
            "author": format!("Khách {}", random.random_range(0..50_000)),
            "ip": format!("{}.{}.{}.7", random.random_range(11..200), random.random_range(0..256), random.random_range(0..256)),
        });
        writeln!(out, "{row}").expect("standard output takes it");
    }
}
