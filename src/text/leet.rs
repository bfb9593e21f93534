//! A word without marks in, the word with letters for its digits out, if letters are meant. Words
//! such as `mp3`, `10k` and `2nd` are never changed.

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::vietnamese::is_syllable;

/// Words of adverts with an l or another letter that a digit may stand for, and which are no
/// Vietnamese syllables.
const WORDS: &str = "zalo telegram facebook instagram whatsapp viber tiktok email gmail mail hotmail link links click online free loan loans call \
    casino slot slots baccarat poker roulette lottery viagra cialis pills pill bitcoin crypto wallet dollar dollars million billion credit sale \
    sales sell deal deals girl girls sexy escort follow followers like likes subscribe channel clone account full live club vip gold \
    offer order hello please lose weight replica luxury original invest income earn profit bonus winner help money cash bet website site";

static KNOWN: LazyLock<Lexicon<()>> = LazyLock::new(|| {
    let words: Vec<_> = WORDS.split_whitespace().map(|word| (word, ())).collect();
    Lexicon::new(&words)
});

/// The word with letters for its digits; `None` if no letter is meant. A 1 is an l where that makes
/// a word (`za1o`), else an i (`t1en`).
pub(super) fn undo(word: &str) -> Option<String> {
    let bytes = word.as_bytes();
    let digits = bytes.iter().filter(|b| b.is_ascii_digit()).count();
    // Where most characters are digits, it is a number.
    if digits == 0 || digits * 2 > bytes.len() {
        return None;
    }
    let letters = |one: char| -> String {
        word.chars()
            .map(|c| if c == '1' { one } else { letter(c) })
            .collect()
    };
    let whole = [letters('i'), letters('l')];
    let is_word = |word: &&String| KNOWN.get(word).is_some();
    if bytes.len() >= 3
        && let Some(known) = whole.iter().find(is_word)
    {
        return Some(known.clone());
    }
    // At the ends of a word digits are more often numbers: `bai1`, `5kg`. Inside a word they are
    // letters, and so is a zero at the end.
    let is_letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    // `g00gle`: zeros may follow each other.
    let is_beside = |at: usize, c: char| is_letter(at) || c == '0' && bytes.get(at) == Some(&b'0');
    let stands_for_a_letter = |at: usize, c: char| {
        let between = at > 0 && is_beside(at - 1, c) && is_beside(at + 1, c);
        let ends = at > 0 && at + 1 == bytes.len() && c == '0' && is_letter(at - 1);
        let opens = at == 0 && digits == 1 && bytes.len() >= 3 && c == '0';
        between || ends || opens
    };
    let meant = |whole: &str| -> String {
        let pairs = word.char_indices().zip(whole.chars());
        pairs
            .map(|((at, c), letter)| {
                if c.is_ascii_digit() && stands_for_a_letter(at, c) {
                    letter
                } else {
                    c
                }
            })
            .collect()
    };
    let [i, l] = [meant(&whole[0]), meant(&whole[1])];
    let opens_a_syllable =
        |word: &&String| bytes[0] == b'1' && digits == 1 && bytes.len() >= 3 && is_syllable(word);
    let best = match () {
        () if i != l && !is_syllable(&i) && is_syllable(&l) => l,
        // `1uon`: only an l opens a syllable.
        () if i == word => whole[1..].iter().find(opens_a_syllable)?.clone(),
        () => i,
    };
    (best != word).then_some(best)
}

fn letter(digit: char) -> char {
    match digit {
        '0' => 'o',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        '7' => 't',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(word: &str, expected: &str) {
        let found = undo(word);
        assert_eq!(found.as_deref().unwrap_or(word), expected);
    }

    #[test]
    fn a_digit_is_the_letter_that_makes_a_word() {
        for (word, expected) in [
            ("za1o", "zalo"),
            ("zal0", "zalo"),
            ("t1en", "tien"),
            ("v4y", "vay"),
            ("0nline", "online"),
            ("0nl1ne", "online"),
            ("1ink", "link"),
            ("emai1", "email"),
            ("1uon", "luon"),
            ("k1em", "kiem"),
            ("g1ai", "giai"),
            ("s0", "so"),
            ("h3llo", "hello"),
            ("g00gle", "google"),
            ("f1nal", "final"),
            ("n00b", "noob"),
        ] {
            check(word, expected);
        }
    }

    #[test]
    fn numbers_beside_letters_stay() {
        for word in [
            "mp3", "10k", "2nd", "covid19", "5kg", "4gb", "1st", "100k", "win10", "x86", "bai1",
            "a1", "3g", "h264", "k8s",
        ] {
            check(word, word);
        }
    }
}
