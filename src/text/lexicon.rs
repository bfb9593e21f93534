//! A list of words with meanings in, a fixed hash table out, in which a look-up takes one hash and
//! mostly one slot. It never changes after it is made.

use rapidhash::v3::rapidhash_v3;

/// A fixed table of words.
pub(super) struct Lexicon<V> {
    /// At most a quarter of the slots are taken, so that most words that are not in the table meet
    /// an empty slot at once.
    slots: Vec<Option<(&'static str, V)>>,
}

impl<V: Copy> Lexicon<V> {
    /// Makes the table; where a word comes twice the first meaning stands.
    pub(super) fn new(words: &[(&'static str, V)]) -> Self {
        let mut lexicon = Self {
            slots: vec![None; (words.len() * 4).next_power_of_two()],
        };
        for &(word, meaning) in words {
            let at = lexicon.place(word);
            lexicon.slots[at].get_or_insert((word, meaning));
        }
        lexicon
    }

    /// What a word means, if it is known.
    pub(super) fn get(&self, word: &str) -> Option<V> {
        self.slots[self.place(word)].map(|(_, meaning)| meaning)
    }

    /// The slot of the word, or the empty one where it would be.
    fn place(&self, word: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = rapidhash_v3(word.as_bytes()) as usize & mask;
        // Ends, because three quarters of the slots are empty.
        while self.slots[at].is_some_and(|(other, _)| other != word) {
            at = (at + 1) & mask;
        }
        at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_words_are_found_and_others_are_not() {
        let words: Vec<String> = (0..100).map(|n| format!("w{n}")).collect();
        let table: Vec<(&'static str, usize)> = words
            .iter()
            .enumerate()
            .map(|(n, w)| (&*Box::leak(w.clone().into_boxed_str()), n))
            .collect();
        let lexicon = Lexicon::new(&table);
        assert!(
            words
                .iter()
                .enumerate()
                .all(|(n, word)| lexicon.get(word) == Some(n))
        );
        assert!((100..1000).all(|n| lexicon.get(&format!("w{n}")).is_none()));
        assert_eq!(Lexicon::new(&[("a", 1), ("a", 2)]).get("a"), Some(1));
    }
}
