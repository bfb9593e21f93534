//! One phrase of a list: words of a comment in, whether they begin with the phrase out. It never
//! searches a text; `phrases` does.
//!
//! The rule (docs/DECISIONS.md, "Words of a list match whole words in a row"): a phrase matches
//! where its words are whole and in a row in the *folded* view of the reading, whatever disguise
//! was undone to read them (`V.a.y t1ền` is `vay tien`). Punctuation between them does not matter.
//! Marks count where both sides write them: a letter without a mark, in the entry or in the text,
//! matches all its marked forms. So `vay tien` matches `vay tiền` and the other way round, but `vay
//! tiền` does not match `váy tiên`. A single word is too short for that: `bán` (sell) does not
//! match a bare `ban`, which is mostly `bạn` (friend). Letters that were set apart are joined when
//! read, without the blanks between words. So where the reading had such words, a phrase also
//! matches itself written as one word.

use rapidhash::v3::rapidhash_v3;

use crate::text::vietnamese::base_letter;
use crate::text::{self, Reading, TokenKind};

/// One word of a reading, in both views.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub(super) marked: &'a str,
    pub(super) folded: &'a str,
    pub(super) hash: u64,
}

/// The words of a reading that phrases are made of: all but punctuation and what was only spelt out
/// for the model.
pub(super) fn words(reading: &Reading) -> Vec<Word<'_>> {
    let tokens = reading.tokens.iter();
    tokens
        .filter(|token| !matches!(token.kind, TokenKind::SpeltOut | TokenKind::Emoticon))
        .map(|token| {
            let folded = reading.folded(token);
            Word {
                marked: reading.marked(token),
                folded,
                hash: rapidhash_v3(folded.as_bytes()),
            }
        })
        .collect()
}

/// Words of an entry.
#[derive(Debug, Clone, Default)]
pub(super) struct Phrase {
    /// With marks and without.
    pub(super) words: Vec<(String, String)>,
}

/// How marks are compared, where the letters without marks are the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// A letter without a mark matches every marked form.
    MayBeMissing,
    /// The text must write the entry's marks.
    MustBeWritten,
}

fn is_bare(letter: char) -> bool {
    base_letter(letter) == letter
}

fn same_marks(of_entry: &str, of_text: &str, marks: Marks) -> bool {
    of_entry
        .chars()
        .zip(of_text.chars())
        .all(|(wanted, found)| {
            wanted == found || is_bare(wanted) || (is_bare(found) && marks == Marks::MayBeMissing)
        })
}

impl Phrase {
    /// Reads an entry just as comments are read.
    pub(super) fn read(value: &str) -> Self {
        let reading = text::read(value);
        let words = words(&reading);
        Self {
            words: words
                .iter()
                .map(|w| (w.marked.to_owned(), w.folded.to_owned()))
                .collect(),
        }
    }

    /// Reads an entry, if it can be written down so that reading it again gives the same words.
    pub(super) fn read_stable(value: &str) -> Option<Self> {
        let first = Self::read(value);
        let again = Self::read(&first.spelling());
        (again.words == first.words).then_some(first)
    }

    /// How it is written down: its words with marks, single spaces between.
    pub(super) fn spelling(&self) -> String {
        let words: Vec<&str> = self
            .words
            .iter()
            .map(|(marked, _)| marked.as_str())
            .collect();
        words.join(" ")
    }

    fn marks(&self) -> Marks {
        if self.words.len() == 1 {
            Marks::MustBeWritten
        } else {
            Marks::MayBeMissing
        }
    }

    /// Whether these words begin with the phrase.
    pub(super) fn begins(&self, words: &[Word<'_>]) -> bool {
        words.len() >= self.words.len()
            && self
                .words
                .iter()
                .zip(words)
                .all(|((marked, folded), word)| {
                    folded == word.folded && same_marks(marked, word.marked, self.marks())
                })
    }

    /// Whether this one word is the phrase without its blanks.
    pub(super) fn is_glued(&self, word: &Word<'_>) -> bool {
        let glue =
            |part: fn(&(String, String)) -> &str| self.words.iter().map(part).collect::<String>();
        glue(|word| &word.1) == word.folded
            && same_marks(&glue(|word| &word.0), word.marked, self.marks())
    }

    /// A hash of each beginning of the phrase, the whole last.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = u64> {
        beginnings(
            self.words
                .iter()
                .map(|(_, folded)| rapidhash_v3(folded.as_bytes())),
        )
    }

    pub(super) fn glued(&self) -> Option<u64> {
        let folded: String = self
            .words
            .iter()
            .map(|(_, folded)| folded.as_str())
            .collect();
        (self.words.len() > 1).then(|| rapidhash_v3(folded.as_bytes()))
    }
}

/// Hashes of words in; a hash of each sequence of them that begins with the first out.
pub(super) fn beginnings(words: impl Iterator<Item = u64>) -> impl Iterator<Item = u64> {
    words.scan(0_u64, |hash, word| {
        *hash = hash.rotate_left(23) ^ word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Some(*hash)
    })
}

pub(super) fn joined(words: &[Word<'_>]) -> String {
    let words: Vec<&str> = words.iter().map(|word| word.marked).collect();
    words.join(" ")
}
