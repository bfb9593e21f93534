//! Letters and words in, letters and words out: Vietnamese spelling. It removes tone marks, moves
//! tone marks to their new place, and knows which letters and syllables are Vietnamese. It never
//! looks at a sentence.
//!
//! Words are kept with and without marks, because each is needed: words with marks tell `bán`
//! (sell) from `bạn` (friend); words without marks match comments typed without them, and spam that
//! drops them to hide.

use std::borrow::Cow;
use std::sync::LazyLock;

use unicode_normalization::char::decompose_canonical;

use super::lexicon::Lexicon;

/// For each character up to U+1EFF its base letter in ASCII; 0 where it has none.
static BASE_LETTERS: LazyLock<Vec<u8>> = LazyLock::new(|| {
    (0..0x1f00_u32)
        .map(|code| {
            let mut base = 0;
            if let Some(c) = char::from_u32(code) {
                let mut first = true;
                decompose_canonical(c, |part| {
                    if first && part.is_ascii_alphabetic() {
                        base = part.to_ascii_lowercase() as u8;
                    }
                    first = false;
                });
                if matches!(c, 'đ' | 'Đ') {
                    base = b'd';
                }
            }
            base
        })
        .collect()
});

/// The letter without its marks: `ề` -> `e`, `đ` -> `d`; everything else stays.
pub fn base_letter(c: char) -> char {
    match BASE_LETTERS.get(c as usize) {
        Some(&base) if base != 0 => base as char,
        _ => c,
    }
}

/// Whether a letter carries a mark that Vietnamese uses, or is đ.
pub fn is_vietnamese(c: char) -> bool {
    matches!(c, '\u{1ea0}'..='\u{1ef9}')
        || matches!(
            c,
            'à' | 'á'
                | 'â'
                | 'ã'
                | 'è'
                | 'é'
                | 'ê'
                | 'ì'
                | 'í'
                | 'ò'
                | 'ó'
                | 'ô'
                | 'õ'
                | 'ù'
                | 'ú'
                | 'ý'
                | 'ă'
                | 'đ'
                | 'ĩ'
                | 'ũ'
                | 'ơ'
                | 'ư'
        )
        || matches!(
            c,
            'À' | 'Á'
                | 'Â'
                | 'Ã'
                | 'È'
                | 'É'
                | 'Ê'
                | 'Ì'
                | 'Í'
                | 'Ò'
                | 'Ó'
                | 'Ô'
                | 'Õ'
                | 'Ù'
                | 'Ú'
                | 'Ý'
                | 'Ă'
                | 'Đ'
                | 'Ĩ'
                | 'Ũ'
                | 'Ơ'
                | 'Ư'
        )
}

/// The same as `char::is_alphabetic`, but faster: that searches a table for all letters outside
/// ASCII, and here the Latin letters are known by their ranges.
pub(super) fn is_letter(c: char) -> bool {
    match c {
        'a'..='z' | 'A'..='Z' | '\u{1e00}'..='\u{1eff}' => true,
        '\0'..='\u{7f}' => false,
        '\u{c0}'..='\u{24f}' => c != '×' && c != '÷',
        _ => c.is_alphabetic(),
    }
}

/// What a Vietnamese syllable may begin with, by its first letter.
fn initials(first: u8) -> &'static [&'static str] {
    match first {
        b'n' => &["ngh", "ng", "nh", "n"],
        b'g' => &["gh", "gi", "g"],
        b'k' => &["kh", "k"],
        b'p' => &["ph", "p"],
        b't' => &["th", "tr", "t"],
        b'c' => &["ch", "c"],
        b'q' => &["qu", "q"],
        b'b' => &["b"],
        b'd' => &["d"],
        b'h' => &["h"],
        b'l' => &["l"],
        b'm' => &["m"],
        b'r' => &["r"],
        b's' => &["s"],
        b'v' => &["v"],
        b'x' => &["x"],
        _ => &[],
    }
}

/// What may follow its beginning, without marks.
const RHYMES: &str = "a ac ach ai am an ang anh ao ap at au ay e ec ech em en eng enh eo ep et eu i ia ich iec iem ien ieng iep iet ieu im in inh ip it iu \
    o oa oac oach oai oam oan oang oanh oao oap oat oay oc oe oen oeo oet oi om on ong ooc oong op ot \
    u ua uac uan uang uat uay uc ue uech uenh ui um un ung uo uoanh uoc uoi uom uon uong uop uot uou up ut uu uy uya uych uyen uyet uynh uyp uyt uyu \
    y yem yen yet yeu";

static KNOWN_RHYMES: LazyLock<Lexicon<()>> = LazyLock::new(|| {
    let rhymes: Vec<_> = RHYMES.split_whitespace().map(|rhyme| (rhyme, ())).collect();
    Lexicon::new(&rhymes)
});

/// Whether a word without marks is spelt as a Vietnamese syllable could be: `nghieng`, `vay`; not
/// `street`, `this`.
pub(super) fn is_syllable(word: &str) -> bool {
    // The longest syllable is `nghieng`, so longer words need no look-up.
    if word.len() > 7 {
        return false;
    }
    let Some(&first) = word.as_bytes().first() else {
        return false;
    };
    let is_rhyme = |rest: &str| KNOWN_RHYMES.get(rest).is_some();
    let mut initials = initials(first).iter();
    is_rhyme(word)
        || word == "gi"
        || initials.any(|initial| word.strip_prefix(initial).is_some_and(is_rhyme))
}

/// Moves the tone mark at the end of a syllable from its old place to the new one: `hoà` -> `hòa`,
/// `thuý` -> `thúy`. Not after `q`, where the u belongs to the `qu`.
pub fn modern_tone(word: &str) -> Cow<'_, str> {
    // Every old ending is an `o` or `u` before one letter of two or three bytes. Most words have
    // neither there, and need no search of the table.
    let vowel = |back: usize| {
        word.len()
            .checked_sub(back)
            .is_some_and(|at| matches!(word.as_bytes()[at], b'o' | b'u'))
    };
    if !vowel(3) && !vowel(4) {
        return Cow::Borrowed(word);
    }
    const ENDINGS: [(&str, &str); 15] = [
        ("oà", "òa"),
        ("oá", "óa"),
        ("oả", "ỏa"),
        ("oã", "õa"),
        ("oạ", "ọa"),
        ("oè", "òe"),
        ("oé", "óe"),
        ("oẻ", "ỏe"),
        ("oẽ", "õe"),
        ("oẹ", "ọe"),
        ("uỳ", "ùy"),
        ("uý", "úy"),
        ("uỷ", "ủy"),
        ("uỹ", "ũy"),
        ("uỵ", "ụy"),
    ];
    let new = ENDINGS.iter().find_map(|(old, new)| {
        let begin = word.strip_suffix(*old)?;
        (!word.starts_with('q')).then(|| [begin, *new].concat())
    });
    new.map_or(Cow::Borrowed(word), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_come_off() {
        let folded: String = "Đường về nhà thật xa; ỡ Ỹ"
            .chars()
            .map(base_letter)
            .collect();
        assert_eq!(folded, "duong ve nha that xa; o y");
    }

    #[test]
    fn quick_answers_about_letters_are_the_slow_ones() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_letter(c), c.is_alphabetic(), "{c:?}");
            let lower = c.to_lowercase().next().unwrap_or(c);
            assert_eq!(
                is_vietnamese(c),
                is_vietnamese(lower) || matches!(c, '\u{1ea0}'..='\u{1ef9}'),
                "{c:?}"
            );
        }
    }

    #[test]
    fn a_syllable_is_known_by_its_spelling() {
        for word in [
            "nghieng", "vay", "gi", "khong", "uyen", "tien", "a", "quyen",
        ] {
            assert!(is_syllable(word), "{word}");
        }
        for word in [
            "street", "with", "this", "free", "b", "zalo", "ngh", "was", "",
        ] {
            assert!(!is_syllable(word), "{word}");
        }
    }

    #[track_caller]
    fn tone(old: &str, new: &str) {
        assert_eq!(modern_tone(old), new);
    }

    #[test]
    fn old_and_new_tone_placement_meet() {
        tone("hoà", "hòa");
        tone("thuý", "thúy");
        tone("quý", "quý");
        tone("toán", "toán");
    }

    #[test]
    fn teencode_is_spelt_out_in_vietnamese_only() {
        assert!(
            crate::text::read("mk ko bik j luôn á bn ơi")
                .folded
                .ends_with(" minh khong biet gi ban")
        );
        assert!(
            !crate::text::read("ok r u there or what is going on with you")
                .folded
                .contains("roi")
        );
    }
}
