//! Plain text in, one canonical spelling out: no invisible characters, composed marks, Latin
//! letters instead of their look-alikes, lower case, no long repeats. Doing it twice changes
//! nothing. It never looks at words. What was undone is counted, because honest people rarely need
//! it.

use std::sync::LazyLock;

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::look_alikes::{look_alike, undo_look_alikes};
pub use super::undone::Undone;

/// Largest number of rounds until nothing changes. Two are enough for all text seen; text that is
/// made to be hard needs a few more.
const MAX_ROUNDS: usize = 6;

/// Brings a text to its canonical spelling.
pub fn normalize(text: &str, undone: &mut Undone) -> String {
    if text.is_ascii() {
        let lower = text.to_ascii_lowercase();
        if !lower
            .as_bytes()
            .array_windows()
            .any(|[a, b, c]| a == b && b == c)
        {
            return lower;
        }
        return squeeze(lower.chars(), text.len(), undone);
    }
    // One step may make work for an earlier one: a capital look-alike, or marks that composing
    // brings together. So the long way is repeated until nothing changes.
    if let Some(quiet) = normalize_quiet(text, undone) {
        return quiet;
    }
    let mut current = one_round(text, undone);
    for _ in 1..MAX_ROUNDS {
        if current.chars().all(|c| quiet_lower(c) == Some(c)) {
            break;
        }
        let next = one_round(&current, &mut Undone::default());
        if next == current {
            break;
        }
        current = next;
    }
    current
}

/// All of `normalize` in one pass, for texts in which only capitals and repeats change: most of
/// them.
fn normalize_quiet(text: &str, undone: &mut Undone) -> Option<String> {
    let mut found = Undone::default();
    let mut squeezed = Squeezed::with_capacity(text.len());
    for c in text.chars() {
        squeezed.push(quiet_lower(c)?, &mut found);
    }
    undone.repeats += found.repeats;
    Some(squeezed.out)
}

/// The lower case of a character that no other step would change, wherever it is; `None` for all
/// others.
#[inline]
fn quiet_lower(c: char) -> Option<char> {
    match QUIET_LOWER.get(c as usize) {
        Some(0) => None,
        Some(&lower) => char::from_u32(u32::from(lower)),
        // Emoji proper.
        None => matches!(c, '\u{1f300}'..='\u{1faff}').then_some(c),
    }
}

/// For each character below U+2C00 its lower case by `quiet_lower`, or 0. The scripts and
/// punctuation of nearly all texts are below U+2C00.
static QUIET_LOWER: LazyLock<Vec<u16>> = LazyLock::new(|| {
    let lower = |c: char| {
        let mut lower = c.to_lowercase();
        lower.next().filter(|&first| {
            lower.next().is_none()
                && is_untouched(c)
                && is_untouched(first)
                && first.to_lowercase().eq([first])
        })
    };
    (0..0x2c00)
        .map(|code| {
            char::from_u32(code)
                .and_then(lower)
                .and_then(|c| u16::try_from(c as u32).ok())
                .unwrap_or(0)
        })
        .collect()
});

/// Whether no step before lower case changes a character, alone or beside others like it.
fn is_untouched(c: char) -> bool {
    let alone = c.to_string();
    !is_invisible(c)
        && look_alike(c).is_none()
        && canonical_combining_class(c) == 0
        && is_nfkc_quick([c].into_iter()) == IsNormalized::Yes
        && compose(&alone, &mut Undone::default()) == alone
}

/// The text with its capitals and repeats but without disguise. Its length, capitals and script are
/// counted on this.
pub fn undisguise(text: &str, undone: &mut Undone) -> String {
    let visible: String = drop_invisible(text, undone);
    let composed = compose(&visible, undone);
    undo_look_alikes(&composed, undone)
}

fn one_round(text: &str, undone: &mut Undone) -> String {
    let single_script = undisguise(text, undone);
    squeeze(
        single_script.chars().flat_map(char::to_lowercase),
        single_script.len(),
        undone,
    )
}

/// An address as a browser reads it: lower case, compatibility forms composed, nothing invisible.
/// Look-alikes stay, because they lead to another host.
pub(super) fn as_a_browser_reads(address: &str) -> String {
    address
        .chars()
        .filter(|&c| !is_invisible(c))
        .nfkc()
        .flat_map(char::to_lowercase)
        .collect()
}

/// The letters of one character as words are compared: without case, style and marks, and with the
/// Latin letter for a look-alike. Several for a ligature, none for an invisible character or a
/// loose mark.
pub(super) fn bare_letters(c: char) -> impl Iterator<Item = char> {
    let (ascii, other) = match c.is_ascii() {
        true => (Some(c.to_ascii_lowercase()), None),
        false => (None, Some(c).filter(|&c| !is_invisible(c))),
    };
    let letters = other.map(|c| compose(c.encode_utf8(&mut [0; 4]), &mut Undone::default()));
    let letters = letters.unwrap_or_default().to_lowercase();
    let letters: Vec<char> = letters
        .chars()
        .map(|c| super::vietnamese::base_letter(look_alike(c).unwrap_or(c)))
        .collect();
    ascii.into_iter().chain(letters)
}

/// Characters that take no room on the screen: zero-width, bidi controls, soft hyphen, variation
/// selectors, tags, control characters. The joiner inside an emoji is removed too, because the
/// parts of an emoji are read one by one. The three marks that `addresses` sets are not among them.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{10}'..='\u{19}' | '\u{1b}'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}'
        | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

fn drop_invisible(text: &str, undone: &mut Undone) -> String {
    let mut out = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        if is_invisible(c) {
            // Not counted as disguise: emoji selectors and joiners, and what follows no letter or
            // digit.
            let harmless =
                matches!(c, '\u{fe0e}' | '\u{fe0f}' | '\u{200d}') || !before.is_alphanumeric();
            undone.invisible += u32::from(!harmless);
        } else {
            out.push(c);
            before = c;
        }
    }
    // One at the very end is not counted either: copied texts may end with a byte-order mark.
    if text.ends_with(is_invisible) && before.is_alphanumeric() {
        undone.invisible = undone.invisible.saturating_sub(1);
    }
    out
}

/// NFKC (Unicode Annex 15), and then what NFKC does not change: enclosed letters, regional
/// indicators, look-alikes of đ, loose marks.
fn compose(text: &str, undone: &mut Undone) -> String {
    let composed: String = if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        text.to_owned()
    } else {
        undone.compatibility += text.chars().filter(|&c| is_styled_letter(c)).count() as u32;
        compatible(text)
    };
    composed
        .chars()
        .filter_map(|c| match c {
            '\u{300}'..='\u{36f}' => {
                undone.stray_marks += 1;
                None
            }
            '\u{1f150}'..='\u{1f169}' | '\u{1f170}'..='\u{1f189}' => {
                undone.compatibility += 1;
                let base = if c >= '\u{1f170}' { 0x1f170 } else { 0x1f150 };
                char::from_u32(c as u32 - base + 'a' as u32)
            }
            'ð' | 'Ð' | 'Ɖ' | 'ɖ' | 'ƌ' => Some('đ'),
            other => Some(other),
        })
        .collect()
}

/// NFKC, without the signs that stand for whole words.
fn compatible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, sign)) = rest.char_indices().find(|&(_, c)| is_written_out(c)) {
        out.extend(rest[..at].nfkc());
        out.push(sign);
        rest = &rest[at + sign.len_utf8()..];
    }
    out.extend(rest.nfkc());
    out
}

/// Whether NFKC replaces a sign by more than three characters; U+FDFA becomes eighteen. Such a sign
/// stays as it is. Otherwise 32 KiB of them would be read as 350 KiB.
fn is_written_out(c: char) -> bool {
    if c < '\u{2000}' {
        return false;
    }
    let mut characters = 0;
    decompose_compatible(c, |_| characters += 1);
    characters > 3 && is_nfkc_quick([c].into_iter()) != IsNormalized::Yes
}

/// Letters and digits drawn in another style: mathematical alphabets, full width, circled, super-
/// and subscript.
fn is_styled_letter(c: char) -> bool {
    matches!(c, '\u{1d400}'..='\u{1d7ff}' | '\u{ff10}'..='\u{ff5a}' | '\u{2460}'..='\u{24ff}' | '\u{2070}'..='\u{209c}' | '\u{2100}'..='\u{214f}' | '\u{1f130}'..='\u{1f149}' | '\u{fb00}'..='\u{fb06}')
}

/// Cuts long repeats. Three or more of a letter become two where English words end with it doubled
/// (free, stuff, all, too, less), else one. Punctuation keeps three. Digits and blanks stay,
/// because of phone numbers.
fn squeeze(chars: impl Iterator<Item = char>, capacity: usize, undone: &mut Undone) -> String {
    let mut squeezed = Squeezed::with_capacity(capacity);
    chars.for_each(|c| squeezed.push(c, undone));
    squeezed.out
}

/// A text that is built without long repeats.
struct Squeezed {
    out: String,
    last: char,
    run: usize,
}

impl Squeezed {
    fn with_capacity(bytes: usize) -> Self {
        Self {
            out: String::with_capacity(bytes),
            last: '\0',
            run: 0,
        }
    }

    #[inline]
    fn push(&mut self, c: char, undone: &mut Undone) {
        self.run = if c == self.last { self.run + 1 } else { 1 };
        self.last = c;
        if self.run < 3 {
            self.out.push(c);
        } else {
            self.prolong(c, undone);
        }
    }

    /// `o912.ooo.345`: whether an `o` is a zero. Up to four of them count as zeros, after a digit
    /// or a separator of digits.
    fn stands_for_noughts(&self, c: char) -> bool {
        let before = || self.out.trim_end_matches('o').bytes().next_back();
        c == 'o'
            && self.run <= 4
            && before().is_some_and(|b| matches!(b, b'0'..=b'9' | b'.' | b'-'))
    }

    /// A character that came at least twice before.
    #[cold]
    fn prolong(&mut self, c: char, undone: &mut Undone) {
        if c.is_ascii_digit() || c.is_whitespace() || self.stands_for_noughts(c) {
            self.out.push(c);
        } else if c.is_alphabetic() {
            undone.repeats += 1;
            // At the third of a run it is known that the second was one too many.
            if self.run == 3 && !"eflos".contains(c) {
                undone.repeats += 1;
                self.out.pop();
            }
        } else if self.run == 3 {
            self.out.push(c);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(
            normalize(text, &mut Undone::default()),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn one_spelling_for_what_looks_the_same() {
        check("VIỆT NAM", "việt nam");
        check("Ｆｒｅｅ ⓒⓐⓢⓘⓝⓞ", "free casino");
        check("🅺🆄🅱🅴🆃", "kubet");
        check("с0m саsino", "c0m casino");
        check("ехсеllеnt, thе ореn расе", "excellent, the open pace");
        check("ƖɑƖɑ", "ɩaɩa");
        check("Ðà Nẵng", "đà nẵng");
        check("z\u{335}a\u{336}l\u{337}o\u{338}", "zalo");
        check("quáááá hayyyy goood!!!!!!", "quá hay good!!!");
        check("0900000123", "0900000123");
        check("o912.ooo.345 nooo", "o912.ooo.345 noo");
    }

    #[test]
    fn the_short_way_through_quiet_texts_leads_to_the_same_place() {
        for c in ('\0'..=char::MAX).filter(|&c| quiet_lower(c).is_some()) {
            for text in [
                format!("{c}"),
                format!("ề{c}{c}{c}a"),
                format!("a{c}\u{3b1}"),
                format!("가{c}ộ"),
            ] {
                let (mut long, mut short) = (Undone::default(), Undone::default());
                let Some(quiet) = normalize_quiet(&text, &mut short) else {
                    continue;
                };
                assert_eq!(
                    (one_round(&text, &mut long), long),
                    (quiet.clone(), short),
                    "{text:?}"
                );
                assert_eq!(one_round(&quiet, &mut Undone::default()), quiet, "{text:?}");
            }
        }
    }

    #[test]
    fn no_sign_makes_a_text_much_longer() {
        check("\u{fdfa} ﬃ", "\u{fdfa} ffi");
        for c in ('\0'..=char::MAX).filter(|c| !c.is_ascii()) {
            let text = String::from(c).repeat(2);
            let length = normalize(&text, &mut Undone::default()).len();
            assert!(
                length <= 4 * text.len(),
                "{c:?} of {} bytes: {length}",
                text.len()
            );
        }
    }

    #[test]
    fn other_scripts_stay_themselves() {
        check("Привет, как дела?", "привет, как дела?");
        check("καλημέρα", "καλημέρα");
        check("iPhone: как дела", "iphone: как дела");
    }

    #[test]
    fn a_disguise_is_counted_and_harmless_marks_are_not() {
        let count = |text: &str| {
            let mut undone = Undone::default();
            normalize(text, &mut undone);
            undone.disguises()
        };
        assert_eq!(count("check my channel\u{feff}"), 0);
        assert_eq!(count("❤\u{fe0f} đẹp quá"), 0);
        assert_eq!(count("ca\u{200b}si\u{200b}no"), 2);
        assert_eq!(count("𝐯𝐚𝐲"), 3);
    }
}
