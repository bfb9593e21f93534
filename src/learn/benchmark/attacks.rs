//! Ways in which spam hides, as pure functions: a text in, the same text as a spammer would
//! disguise it out. No attack knows the model, and none draws at random.

use crate::text::vietnamese::base_letter;

/// One way to hide.
pub struct Attack {
    /// Its name in tables.
    pub name: &'static str,
    /// What it does.
    pub apply: fn(&str) -> String,
}

/// All attacks.
pub const ATTACKS: &[Attack] = &[
    Attack {
        name: "drop marks",
        apply: drop_marks,
    },
    Attack {
        name: "decompose",
        apply: decompose,
    },
    Attack {
        name: "zero width",
        apply: zero_width,
    },
    Attack {
        name: "homoglyphs",
        apply: homoglyphs,
    },
    Attack {
        name: "mathematical",
        apply: mathematical,
    },
    Attack {
        name: "leetspeak",
        apply: leetspeak,
    },
    Attack {
        name: "dots in words",
        apply: dots_in_words,
    },
    Attack {
        name: "case noise",
        apply: case_noise,
    },
    Attack {
        name: "lower case",
        apply: str::to_lowercase,
    },
    Attack {
        name: "entities and tags",
        apply: entities_and_tags,
    },
    Attack {
        name: "link hiding",
        apply: link_hiding,
    },
    Attack {
        name: "good words",
        apply: good_words,
    },
    Attack {
        name: "shuffled",
        apply: shuffled,
    },
    Attack {
        name: "emoji stuffing",
        apply: emoji_stuffing,
    },
    Attack {
        name: "mixed scripts",
        apply: mixed_scripts,
    },
    Attack {
        name: "long repeats",
        apply: long_repeats,
    },
    Attack {
        name: "title before href",
        apply: |text| links_with(text, "title=\"href\" "),
    },
    Attack {
        name: "data-href",
        apply: |text| links_with(text, "data-href=\"/about\" "),
    },
    Attack {
        name: "backslash in address",
        apply: backslash,
    },
    Attack {
        name: "(dot)com",
        apply: dot_in_words,
    },
    Attack {
        name: "h t t p",
        apply: spaced_scheme,
    },
    Attack {
        name: "link before full stop",
        apply: blank_before_full_stop,
    },
    Attack {
        name: "digits for letters",
        apply: |text| letters_as(text, &[('i', '1'), ('l', '1'), ('o', '0')]),
    },
    Attack {
        name: "one for l, zero for o",
        apply: |text| letters_as(text, &[('l', '1'), ('o', '0')]),
    },
    Attack {
        name: "z for l",
        apply: |text| letters_as(text, &[('l', 'z')]),
    },
];

fn drop_marks(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfc()
        .map(|c| match base_letter(c) {
            base if !c.is_ascii() && c.is_uppercase() => base.to_ascii_uppercase(),
            _ if c.is_ascii() => c,
            base => base,
        })
        .collect()
}

fn decompose(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    text.nfd().collect()
}

/// Changes words one by one. Links stay whole, otherwise readers could not follow them.
fn each_word(text: &str, change: impl Fn(usize, &str) -> String) -> String {
    let mut at = 0;
    text.split_inclusive(char::is_whitespace)
        .map(|piece| {
            let word = piece.trim_end();
            let space = &piece[word.len()..];
            at += 1;
            let is_link = word.contains("://")
                || word.contains("www.")
                || word.contains('@')
                || word.contains('<')
                || word.contains('[')
                || word.contains('.');
            if is_link || word.is_empty() {
                piece.to_owned()
            } else {
                change(at, word) + space
            }
        })
        .collect()
}

fn between_letters(word: &str, what: &str) -> String {
    let letters: Vec<String> = word.chars().map(String::from).collect();
    letters.join(what)
}

fn zero_width(text: &str) -> String {
    each_word(text, |at, word| {
        if at % 2 == 0 {
            between_letters(word, "\u{200b}")
        } else {
            word.to_owned()
        }
    })
}

fn homoglyphs(text: &str) -> String {
    each_word(text, |_, word| {
        word.chars()
            .map(|c| match c {
                'a' => 'а',
                'e' => 'е',
                'o' => 'о',
                'p' => 'р',
                'c' => 'с',
                'x' => 'х',
                'A' => 'А',
                'E' => 'Е',
                'O' => 'О',
                other => other,
            })
            .collect()
    })
}

fn mathematical(text: &str) -> String {
    each_word(text, |at, word| {
        if at % 3 != 0 {
            return word.to_owned();
        }
        word.chars()
            .map(|c| match c {
                'a'..='z' => char::from_u32(0x1d5ee + c as u32 - 'a' as u32).unwrap_or(c),
                'A'..='Z' => char::from_u32(0x1d5d4 + c as u32 - 'A' as u32).unwrap_or(c),
                other => other,
            })
            .collect()
    })
}

fn leetspeak(text: &str) -> String {
    each_word(text, |at, word| {
        if at % 2 == 0 || word.chars().count() < 3 {
            return word.to_owned();
        }
        let last = word.chars().count() - 1;
        word.chars()
            .enumerate()
            .map(|(place, c)| match c {
                _ if place == 0 || place == last => c,
                'o' | 'O' => '0',
                'i' | 'I' => '1',
                'e' | 'E' => '3',
                'a' | 'A' => '4',
                other => other,
            })
            .collect()
    })
}

fn dots_in_words(text: &str) -> String {
    each_word(text, |at, word| {
        if at % 3 == 0 && word.chars().count() > 2 && word.chars().all(char::is_alphabetic) {
            between_letters(word, ".")
        } else {
            word.to_owned()
        }
    })
}

fn case_noise(text: &str) -> String {
    let mut up = false;
    each_word(text, |_, word| word.to_owned())
        .chars()
        .map(|c| {
            up = !up;
            if up {
                c.to_uppercase().next().unwrap_or(c)
            } else {
                c
            }
        })
        .collect()
}

fn entities_and_tags(text: &str) -> String {
    each_word(text, |at, word| match at % 3 {
        0 => word.chars().map(|c| format!("&#{};", c as u32)).collect(),
        1 if word.chars().count() > 2 => {
            let middle = word
                .char_indices()
                .nth(word.chars().count() / 2)
                .map_or(0, |(at, _)| at);
            format!("{}<b></b>{}", &word[..middle], &word[middle..])
        }
        _ => word.to_owned(),
    })
}

fn link_hiding(text: &str) -> String {
    text.replace("http://", "hxxp://")
        .replace("https://", "hxxps://")
        .replace(".com", " . com")
        .replace(".net", " . net")
}

const GOOD_WORDS: &str = "Cảm ơn bạn đã chia sẻ, bài viết rất hay và bổ ích. I really enjoyed reading this, it reminded me of the time when we went there with my family last summer. ";

fn good_words(text: &str) -> String {
    format!("{GOOD_WORDS}{text}")
}

fn shuffled(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    // Chunks of three words in another order: the sense stays readable, the sequence does not.
    let mut chunks: Vec<&[&str]> = words.chunks(3).collect();
    let len = chunks.len();
    for at in 0..len / 2 {
        if at % 2 == 0 {
            chunks.swap(at, len - 1 - at);
        }
    }
    chunks.concat().join(" ")
}

fn emoji_stuffing(text: &str) -> String {
    let mut at = 0;
    text.split_inclusive(' ')
        .map(|piece| {
            at += 1;
            if at % 4 == 0 {
                format!("{piece}🔥 ")
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

fn mixed_scripts(text: &str) -> String {
    each_word(text, |at, word| {
        if at % 2 == 0 {
            return word.to_owned();
        }
        word.chars()
            .map(|c| match c {
                'i' => 'і',
                'k' => 'κ',
                'v' => 'ν',
                'n' => 'ո',
                's' => 'ѕ',
                'u' => 'υ',
                't' => 'τ',
                other => other,
            })
            .collect()
    })
}

fn long_repeats(text: &str) -> String {
    each_word(text, |at, word| match word.chars().last() {
        Some(last) if at % 3 == 0 && last.is_alphabetic() => {
            format!("{word}{last}{last}{last}{last}")
        }
        _ => word.to_owned(),
    })
}

/// Every piece of a text that is an address, changed; the rest as it is.
fn each_address(text: &str, change: impl Fn(&str) -> String) -> String {
    use crate::text::links::{self, Place};
    text.split_inclusive(char::is_whitespace)
        .map(|piece| {
            let word = piece.trim_end();
            let is_address =
                !word.contains(['<', '[', '"']) && links::parse(word, Place::Text).is_some();
            if is_address {
                change(word) + &piece[word.len()..]
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

/// Addresses behind words, and a misleading attribute before the real target.
fn links_with(text: &str, attribute: &str) -> String {
    let linked = each_address(text, |address| {
        format!("<a href=\"{address}\">this page</a>")
    });
    linked.replace("<a href=", &format!("<a {attribute}href="))
}

/// `goo.gl\x`: browsers take it for a slash.
fn backslash(text: &str) -> String {
    each_address(text, |address| {
        let start = address.find("://").map_or(0, |at| at + 3);
        let (scheme, rest) = address.split_at(start);
        if rest.contains('/') {
            format!("{scheme}{}", rest.replacen('/', "\\", 1))
        } else {
            format!("{scheme}{rest}\\")
        }
    })
}

/// `shop(dot)com`: the scheme goes, for it would give the address away.
fn dot_in_words(text: &str) -> String {
    each_address(text, |address| {
        let address = address.split("://").last().unwrap_or(address);
        address.replace('.', "(dot)")
    })
}

fn spaced_scheme(text: &str) -> String {
    each_address(text, |address| {
        address
            .replace("https://", "h t t p s : / /")
            .replace("http://", "h t t p : / /")
            .replace("www.", "w w w .")
    })
}

/// `Visit http://x.com . Next sentence`: the blank before the full stop must not break the host.
fn blank_before_full_stop(text: &str) -> String {
    each_address(text, |address| {
        format!("{} .", address.trim_end_matches(['.', ',']))
    })
}

/// Letters replaced in every word, marks on them kept.
fn letters_as(text: &str, letters: &[(char, char)]) -> String {
    use unicode_normalization::UnicodeNormalization;
    each_word(text, |_, word| {
        let changed = word.nfd().map(|c| {
            let lower = c.to_lowercase().next().unwrap_or(c);
            let to = letters.iter().find(|(from, _)| *from == lower);
            to.map_or(c, |(_, to)| *to)
        });
        changed.nfc().collect()
    })
}

#[cfg(test)]
mod tests;
