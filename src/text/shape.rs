//! A text in, counts of what a person sees out: length, capitals, digits, emoji, lines. `features`
//! makes buckets of them. It never looks at words.

/// Counts taken before case, repeats and punctuation are normalised.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shape {
    /// Characters.
    pub chars: u32,
    /// Alphabetic characters.
    pub letters: u32,
    /// Upper-case letters.
    pub capitals: u32,
    /// Upper-case letters right after lower-case ones: `nHà cÁi`.
    pub capitals_inside: u32,
    /// ASCII digits.
    pub digits: u32,
    /// Emoji.
    pub emoji: u32,
    /// Exclamation marks.
    pub exclamations: u32,
    /// Question marks.
    pub questions: u32,
    /// Line breaks.
    pub lines: u32,
    /// Letters with Vietnamese marks, or đ.
    pub vietnamese: u32,
    /// Letters outside the Latin script.
    pub foreign: u32,
    /// Other punctuation and symbols.
    pub punctuation: u32,
}

impl Shape {
    /// Counts a text once.
    pub fn of(text: &str) -> Self {
        let mut shape = Self::default();
        let mut after_lower = false;
        for c in text.chars() {
            shape.chars += 1;
            let is_after_lower = std::mem::take(&mut after_lower);
            match c {
                'a'..='z' => {
                    shape.letters += 1;
                    after_lower = true;
                }
                'A'..='Z' => {
                    shape.letters += 1;
                    shape.capitals += 1;
                    shape.capitals_inside += u32::from(is_after_lower);
                }
                '0'..='9' => shape.digits += 1,
                '!' => shape.exclamations += 1,
                '?' => shape.questions += 1,
                '\n' => shape.lines += 1,
                ' ' | '\t' | '\r' => {}
                _ if c.is_ascii() => shape.punctuation += 1,
                _ if is_emoji(c) => shape.emoji += 1,
                _ if super::vietnamese::is_letter(c) => {
                    shape.letters += 1;
                    let is_capital = c.is_uppercase();
                    shape.capitals += u32::from(is_capital);
                    shape.capitals_inside += u32::from(is_capital && is_after_lower);
                    after_lower = !is_capital;
                    if super::vietnamese::is_vietnamese(c) {
                        shape.vietnamese += 1;
                    // Latin letters with marks of other languages are neither Vietnamese nor
                    // foreign.
                    } else if !matches!(c, '\u{c0}'..='\u{24f}') {
                        shape.foreign += 1;
                    }
                }
                // Vietnamese tone marks as characters of their own.
                '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => shape.vietnamese += 1,
                _ => shape.punctuation += 1,
            }
        }
        shape
    }
}

/// Pictures: emoji, dingbats and symbols that people put for decoration.
pub fn is_emoji(c: char) -> bool {
    matches!(c, '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' | '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{231a}'..='\u{23ff}' | '\u{25a0}'..='\u{25ff}' | '\u{2190}'..='\u{21ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_counted_once() {
        let shape = Shape::of("Đẹp quá!! 👍 10k?\nOK");
        assert_eq!(shape.letters, 9);
        assert_eq!(shape.capitals, 3);
        assert_eq!(shape.digits, 2);
        assert_eq!(shape.emoji, 1);
        assert_eq!(
            (shape.exclamations, shape.questions, shape.lines),
            (2, 1, 1)
        );
        assert_eq!(shape.vietnamese, 3);
        assert_eq!(shape.capitals_inside, 0);
        assert_eq!(Shape::of("nHà cÁi, iPhone").capitals_inside, 3);
    }
}
