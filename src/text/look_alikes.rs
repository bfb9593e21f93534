//! A text in, the same text with Latin letters for letters of other scripts that are drawn like
//! them out. A text that is in another script is never changed.

use super::undone::Undone;

/// Replaces letters of other scripts that are drawn like Latin ones. A word is changed only if it
/// also has Latin letters, or if it consists of look-alikes alone and the text is otherwise Latin.
/// So Russian and Greek stay as they are: they are recognised by their letters that look like no
/// Latin one (д, ж, λ, φ), which are about a fifth of running Russian.
pub(super) fn undo_look_alikes(text: &str, undone: &mut Undone) -> String {
    if !text.chars().any(|c| look_alike(c).is_some()) {
        return text.to_owned();
    }
    let (mut latin, mut alike, mut unlike) = (0, 0, 0);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        if is_latin(c) {
            latin += 1;
        } else if look_alike(c).is_some() {
            alike += 1;
        } else {
            unlike += 1;
        }
    }
    // An eighth is less than the fifth of running Russian: such a text is not Russian.
    let is_otherwise_latin = latin * 2 > alike + unlike && unlike * 8 <= alike;
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let mut flush = |word: &mut String, out: &mut String| {
        let mixed = word.chars().any(is_latin) && word.chars().any(|c| look_alike(c).is_some());
        let all_alike = word
            .chars()
            .all(|c| look_alike(c).is_some() || c.is_ascii_digit());
        if mixed || (all_alike && is_otherwise_latin) {
            for c in word.chars() {
                let latin_letter = look_alike(c);
                undone.look_alikes += u32::from(latin_letter.is_some());
                out.push(match latin_letter {
                    Some(latin) if c.is_uppercase() => latin.to_ascii_uppercase(),
                    Some(latin) => latin,
                    None => c,
                });
            }
        } else {
            out.push_str(word);
        }
        word.clear();
    };
    for c in text.chars() {
        if c.is_alphanumeric() {
            word.push(c);
        } else {
            flush(&mut word, &mut out);
            out.push(c);
        }
    }
    flush(&mut word, &mut out);
    out
}

fn is_latin(c: char) -> bool {
    c.is_ascii_alphabetic()
        || (matches!(c, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic())
}

/// The Latin letter a Cyrillic, Greek, Armenian or phonetic letter is drawn like.
pub(super) fn look_alike(c: char) -> Option<char> {
    Some(match c {
        'а' | 'А' | 'α' | 'Α' | 'ɑ' | 'ᴀ' => 'a',
        'в' | 'В' | 'β' | 'Β' | 'ʙ' | 'Ь' | 'ь' => 'b',
        'с' | 'С' | 'ϲ' | 'Ϲ' | 'ᴄ' => 'c',
        'ԁ' | 'ᴅ' => 'd',
        'е' | 'Е' | 'є' | 'ε' | 'Ε' | 'ᴇ' | 'ҽ' => 'e',
        'ѐ' | 'ё' | 'Ё' => 'e',
        'ғ' | 'Ғ' | 'ꜰ' => 'f',
        'ɡ' | 'ց' | 'ɢ' => 'g',
        'н' | 'Н' | 'һ' | 'Һ' | 'Η' | 'ʜ' | 'հ' => 'h',
        'і' | 'І' | 'ι' | 'Ι' | 'ı' | 'ɪ' | 'Ӏ' | 'ӏ' | 'ї' => 'i',
        'ј' | 'Ј' | 'ᴊ' => 'j',
        'к' | 'К' | 'κ' | 'Κ' | 'ᴋ' | 'қ' => 'k',
        'ʟ' | 'ⅼ' => 'l',
        'м' | 'М' | 'Μ' | 'ᴍ' => 'm',
        'п' | 'η' | 'ո' | 'Ν' | 'ɴ' | 'и' => 'n',
        'о' | 'О' | 'ο' | 'Ο' | 'օ' | 'ᴏ' | 'σ' => 'o',
        'р' | 'Р' | 'ρ' | 'Ρ' | 'ᴘ' => 'p',
        'ԛ' => 'q',
        'г' | 'я' | 'ʀ' => 'r',
        'ѕ' | 'Ѕ' | 'ꜱ' => 's',
        'т' | 'Т' | 'τ' | 'Τ' | 'ᴛ' => 't',
        'υ' | 'ս' | 'ц' | 'ᴜ' => 'u',
        'ν' | 'ѵ' | 'ᴠ' => 'v',
        'ԝ' | 'ω' | 'ш' | 'ᴡ' => 'w',
        'х' | 'Х' | 'χ' | 'Χ' => 'x',
        'у' | 'У' | 'γ' | 'ү' | 'Υ' | 'ʏ' => 'y',
        'Ζ' | 'ᴢ' => 'z',
        _ => return None,
    })
}
