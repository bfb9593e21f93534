//! What features add to a score in, reasons for a person out: one for each word or phrase of the
//! text, and one for each other view. A word gets all that its letters, stems and word sequences
//! add. What is in no clue is the rest, so that clues and rest sum to the score. It never changes a
//! score (docs/DECISIONS.md, "Explanations are attached to words").

use crate::features::{Features, Kind, Reason, View};
use crate::text::Span;
use crate::verdict::{Clue, Layer, MOST_CLUES};

/// The evidence of one piece of a comment, by layer, in raw units.
#[derive(Debug, Clone, Copy, Default)]
struct Said {
    by_layer: [f64; 3],
    /// The feature with the largest absolute weight (its place), and that weight.
    loudest: Option<(usize, f64)>,
}

impl Said {
    fn add(&mut self, weight: f64, layer: Layer) {
        self.by_layer[layer as usize] += weight;
    }

    fn note_loudest(&mut self, at: usize, weight: f64) {
        if self
            .loudest
            .is_none_or(|(_, loudest)| weight.abs() > loudest.abs())
        {
            self.loudest = Some((at, weight));
        }
    }

    fn plus(&mut self, other: &Self) {
        for (mine, theirs) in self.by_layer.iter_mut().zip(other.by_layer) {
            *mine += theirs;
        }
    }

    fn sum(&self) -> f64 {
        self.by_layer.iter().sum()
    }

    /// The layer that most of it comes from.
    fn layer(&self) -> Layer {
        let [base, shared, site] = self.by_layer.map(f64::abs);
        if site >= shared && site > base {
            Layer::Site
        } else if shared > base {
            Layer::Shared
        } else {
            Layer::Base
        }
    }
}

/// Neighbouring words are one phrase, as long as each has at least this share of the evidence of
/// the strongest of them, and the same sign.
const PHRASE_SHARE: f64 = 0.3;

/// A phrase has at most this many words.
const LONGEST_PHRASE: usize = 5;

/// `1 / length`, from a table for short lengths: spans are short, and a division for each of
/// hundreds of features would cost as much as all else here.
#[inline]
fn each_of(length: usize) -> f64 {
    const SHORT: [f64; 32] = {
        let mut table = [1.0; 32];
        let mut length = 1;
        while length < table.len() {
            table[length] = 1.0 / length as f64;
            length += 1;
        }
        table
    };
    SHORT
        .get(length)
        .copied()
        .unwrap_or_else(|| 1.0 / length as f64)
}

/// Collects what features add while a score is computed. `LAYERS` is 1 where no label touches the
/// comment, and all evidence is of the model; else 3.
pub(super) struct Explanation<'a, const LAYERS: usize> {
    features: &'a Features,
    /// By byte of the two readings of the text (folded and with marks): the evidence that begins at
    /// the byte, less the evidence that ends there. Running sums of these differences give the
    /// evidence on each byte, by layer.
    said: Vec<[f64; LAYERS]>,
    views: [Said; View::ALL.len()],
}

impl<'a, const LAYERS: usize> Explanation<'a, LAYERS> {
    pub(super) fn new(features: &'a Features) -> Self {
        Self {
            said: vec![[0.0; LAYERS]; features.text_len() + 1],
            views: [Said::default(); View::ALL.len()],
            features,
        }
    }

    /// Adds what one feature adds to the score, in raw units. `at` is its place in the features.
    pub(super) fn add(&mut self, at: usize, weight: f64, layer: Layer) {
        let feature = &self.features.items[at];
        let view = feature.kind.view();
        match self.features.span_in_text(feature) {
            Some(span) if view == View::Text && feature.kind != Kind::Whole => {
                // The weight is spread evenly over the bytes of the span. Two entries of the
                // differences are enough for a span of any length.
                let each = weight * each_of(span.len());
                self.said[span.start()][layer as usize] += each;
                self.said[span.start() + span.len()][layer as usize] -= each;
            }
            _ => {
                let said = &mut self.views[view as usize];
                said.add(weight, layer);
                said.note_loudest(at, weight);
            }
        }
    }

    /// Adds what the text's evidence says of the signature.
    pub(super) fn add_echo(&mut self, weight: f64) {
        self.views[View::Signature as usize].add(weight, Layer::Base);
    }

    /// The strongest reasons, strongest first. `factor` is what one raw unit is worth in log-odds.
    pub(super) fn clues(mut self, factor: f64) -> Vec<Clue> {
        let facts = self.views[View::SignatureShape as usize];
        self.views[View::Signature as usize].plus(&facts);
        self.views[View::SignatureShape as usize] = Said::default();
        let mut all: Vec<(Said, What)> = self.phrases();
        for view in View::ALL {
            let said = self.views[view as usize];
            if said.sum() != 0.0 {
                all.push((said, What::View(view)));
            }
        }
        all.sort_by(|(a, _), (b, _)| b.sum().abs().total_cmp(&a.sum().abs()));
        all.truncate(MOST_CLUES - ROOM);
        all.iter()
            .filter(|(said, _)| (said.sum() * factor).abs() >= FAINTEST)
            .map(|(said, what)| {
                let Reason { en, vi, text } = self.reason(said, what);
                Clue {
                    reason: en,
                    reason_vi: vi,
                    text,
                    weight: said.sum() * factor,
                    layer: said.layer(),
                    place: None,
                }
            })
            .collect()
    }

    /// The evidence of each word; neighbouring words of one sign are joined to phrases.
    fn phrases(&self) -> Vec<(Said, What)> {
        // `running` sums the differences: the evidence on each byte. `total` sums that: then any
        // piece is one subtraction.
        let mut sums = Vec::with_capacity(self.said.len() + 1);
        let mut running = [0.0; LAYERS];
        let mut total = [0.0; LAYERS];
        sums.push(total);
        for step in &self.said {
            for ((running, total), step) in running.iter_mut().zip(&mut total).zip(step) {
                *running += step;
                *total += *running;
            }
            sums.push(total);
        }
        let between = |from: usize, to: usize| {
            let mut said = Said::default();
            let sums = sums[to].iter().zip(sums[from]);
            for (said, (to, from)) in said.by_layer.iter_mut().zip(sums) {
                *said = to - from;
            }
            said
        };
        let words: Vec<Said> = self
            .features
            .words()
            .iter()
            .map(|word| {
                // The blank behind a word belongs to it: character n-grams run across it.
                let of = |span: Span| {
                    let end = (span.start() + span.len() + 1).min(self.said.len());
                    between(span.start(), end)
                };
                let mut said = of(word.folded);
                said.plus(&of(word.marked));
                said
            })
            .collect();
        let mut phrases = Vec::with_capacity(words.len() + View::ALL.len());
        let mut at = 0;
        while at < words.len() {
            let mut said = words[at];
            let mut loudest = said.sum().abs();
            let mut end = at + 1;
            while end < words.len() && end - at < LONGEST_PHRASE {
                let next = words[end].sum();
                let is_alike = next * said.sum() > 0.0
                    && next.abs() >= PHRASE_SHARE * loudest
                    && loudest >= PHRASE_SHARE * next.abs();
                if !is_alike {
                    break;
                }
                loudest = loudest.max(next.abs());
                said.plus(&words[end]);
                end += 1;
            }
            if said.sum() != 0.0 {
                phrases.push((said, What::Words(at, end)));
            }
            at = end;
        }
        phrases
    }

    fn reason(&self, said: &Said, what: &What) -> Reason {
        match *what {
            What::Words(from, to) => {
                let (en, vi) = if to - from == 1 {
                    ("word", "từ")
                } else {
                    ("words", "cụm từ")
                };
                Reason {
                    en: en.into(),
                    vi: vi.into(),
                    text: self.features.words_between(from, to),
                }
            }
            What::View(view) => self
                .features
                .reason_of_view(view, said.loudest.map(|(at, _)| at)),
        }
    }
}

/// Places kept free for the text and the contact of a campaign, which must be shown even where they
/// add little.
const ROOM: usize = 2;

/// A reason with less than this in log-odds is not shown.
const FAINTEST: f64 = 0.05;

/// What a reason is about.
enum What {
    /// Words of the text, from the first to before the last.
    Words(usize, usize),
    View(View),
}
