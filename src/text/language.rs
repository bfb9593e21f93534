//! Which language a text is in, as far as cutoffs, reports and the mismatch clue need it: Vietnamese, English, or undetermined.
//!
//! Marks settle most Vietnamese at once. Without them the spelling tells: of the words of a Vietnamese text nearly all could be Vietnamese syllables,
//! of an English one about a third. What lies between goes to whatlang with only these two allowed (29-30 of 30 short lines right each way; with all
//! its languages open it takes Vietnamese without marks for anything).

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use super::Reading;
use super::lexicon::Lexicon;
use super::vietnamese::is_syllable;

/// Language of a text.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum Language {
    /// Vietnamese, with or without tone marks.
    Vietnamese,
    /// English.
    English,
    /// Another one, or too little to tell.
    #[default]
    Undetermined,
}

impl Language {
    /// All of them, in the order of reports.
    pub const ALL: [Self; 3] = [Self::Vietnamese, Self::English, Self::Undetermined];

    /// ISO 639 code: `vi`, `en` or `und`.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
            Self::Undetermined => "und",
        }
    }
}

/// Syllables frequent in Vietnamese without marks and rare in English, for texts too short for trigrams.
const VIETNAMESE_SYLLABLES: [&str; 72] = [
    "khong", "nhe", "cua", "nhung", "duoc", "nguoi", "minh", "vay", "tien", "nay", "voi", "cam",
    "anh", "chi", "em", "ban", "nao", "roi", "lam", "biet", "thi", "cung", "qua", "hay", "dep",
    "mua", "gia", "bai", "viet", "cho", "xin", "hoi", "oi", "ne", "nha", "vui", "dang", "ko", "dc",
    "dk", "mn", "ae", "bn", "mk", "ntn", "sdt", "ib", "hok", "thanh", "nhanh", "uy", "tin", "lien",
    "he", "ngay", "gi", "day", "kia", "chua", "nhieu", "moi", "nghi", "that", "vo", "thoi", "luon",
    "chu", "deu", "sao", "nhi", "ad", "shop",
];

static KNOWN_SYLLABLES: LazyLock<Lexicon<()>> =
    LazyLock::new(|| Lexicon::new(&VIETNAMESE_SYLLABLES.map(|syllable| (syllable, ()))));

static DETECTOR: LazyLock<whatlang::Detector> = LazyLock::new(|| {
    whatlang::Detector::with_allowlist(vec![whatlang::Lang::Vie, whatlang::Lang::Eng])
});

/// Judges a reading whose tokens are in place.
pub fn detect(reading: &Reading) -> Language {
    let shape = &reading.shape;
    if shape.letters < 2 || shape.foreign * 2 > shape.letters {
        return Language::Undetermined;
    }
    if shape.vietnamese * 20 >= shape.letters && shape.vietnamese > 0 {
        return Language::Vietnamese;
    }
    let words = reading.folded.split(' ').filter(|w| !w.is_empty()).take(60);
    let (mut vietnamese, mut possible, mut all) = (0, 0, 0);
    for word in words {
        all += 1;
        let known = KNOWN_SYLLABLES.get(word).is_some();
        vietnamese += u32::from(known);
        possible += u32::from(known || is_syllable(word));
    }
    if all <= 4 {
        return if vietnamese * 2 >= all.max(1) {
            Language::Vietnamese
        } else {
            Language::English
        };
    }
    // Words that could be Vietnamese, in texts of five words or more with their marks taken off: 70 % or more in 99 % of vi_victsd, 97 % of vi_aivivn
    // and 94 % of vi_vihsd; half or fewer in 96 - 98 % of reddit_goemotions, blog_haacked and youtube_spam_uci.
    if possible * 10 >= all * 7 {
        return Language::Vietnamese;
    }
    if possible * 2 <= all {
        return Language::English;
    }
    // whatlang looks at trigrams; 160 bytes are enough for two languages and cap its cost.
    let sample = &reading.folded[..reading.folded.floor_char_boundary(160)];
    match DETECTOR.detect_lang(sample) {
        Some(whatlang::Lang::Vie) => Language::Vietnamese,
        Some(_) if vietnamese * 5 >= all * 2 => Language::Vietnamese,
        Some(_) => Language::English,
        None => Language::Undetermined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Language) {
        assert_eq!(crate::text::read(text).language, expected, "{text:?}");
    }

    #[test]
    fn vietnamese_is_known_with_and_without_marks() {
        check("Bài viết hay quá, cảm ơn ad", Language::Vietnamese);
        check(
            "bai viet hay qua, cam on ad nhieu nha",
            Language::Vietnamese,
        );
        check(
            "vay tien nhanh trong ngay khong can the chap",
            Language::Vietnamese,
        );
        check("hay qua", Language::Vietnamese);
    }

    #[test]
    fn english_and_the_rest() {
        check(
            "Thanks, that helped me a lot with the build",
            Language::English,
        );
        check("great post", Language::English);
        check("Привет, как дела", Language::Undetermined);
        check("👍👍", Language::Undetermined);
    }
}
