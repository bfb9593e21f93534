//! A code or a language of whatlang in, a `Language` out: Vietnamese and English, which the shipped
//! model was trained on, another one by its code, or undetermined. A type: it never looks at a
//! text; `detect` does.

use serde::{Deserialize, Serialize};
use whatlang::Lang;

/// Language of a text.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
)]
pub enum Language {
    /// Vietnamese, with or without tone marks.
    Vietnamese,
    /// English.
    English,
    /// Too little to tell, or too mixed.
    #[default]
    Undetermined,
    /// Another one. It is the last variant, because ledgers store the number of each.
    Other(Code),
}

/// ISO 639-1 code of a language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Code(pub(super) [u8; 2]);

impl Language {
    /// The groups of languages with cutoffs and lines in reports of their own, in their order.
    /// [`Language::FOREIGN`] is the group of all languages that the model was not trained on.
    pub const GROUPS: [Self; 4] = [
        Self::Vietnamese,
        Self::English,
        Self::Undetermined,
        Self::FOREIGN,
    ];

    /// Any other language, as a group; its code is `other`.
    pub const FOREIGN: Self = Self::Other(Code(*b"  "));

    /// ISO 639-1 code: `vi`, `en`, `id`, ...; `und` where undetermined.
    pub fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
            Self::Undetermined => "und",
            Self::Other(code) => CODES
                .iter()
                .map(|(_, known)| *known)
                .find(|known| known.as_bytes() == code.0)
                .unwrap_or("other"),
        }
    }

    /// The code of the group of a language that is known by its code: `vi`, `en`, `und`, or `other`
    /// for all others.
    pub fn group_of_code(code: &str) -> &'static str {
        match code {
            "vi" => "vi",
            "en" => "en",
            "und" => "und",
            _ => "other",
        }
    }

    /// The same as a language, one of [`Language::GROUPS`].
    pub fn of_code(code: &str) -> Self {
        let group = Self::group_of_code(code);
        let named = Self::GROUPS.into_iter().find(|of| of.code() == group);
        named.unwrap_or(Self::FOREIGN)
    }

    /// Whether the shipped model was trained on it.
    pub fn is_taught(self) -> bool {
        matches!(self, Self::Vietnamese | Self::English)
    }

    /// Its group, one of [`Language::GROUPS`].
    pub fn group(self) -> Self {
        match self {
            Self::Other(_) => Self::FOREIGN,
            own => own,
        }
    }

    /// The place of its group in [`Language::GROUPS`].
    pub fn group_at(self) -> usize {
        match self {
            Self::Vietnamese => 0,
            Self::English => 1,
            Self::Undetermined => 2,
            Self::Other(_) => 3,
        }
    }

    pub(super) fn of(lang: Lang) -> Self {
        match lang {
            Lang::Vie => Self::Vietnamese,
            Lang::Eng => Self::English,
            other => CODES
                .iter()
                .find(|(lang, _)| *lang == other)
                .and_then(|(_, code)| code.as_bytes().try_into().ok())
                .map_or(Self::Undetermined, |code| Self::Other(Code(code))),
        }
    }
}

/// whatlang's languages -> their codes; whatlang itself names them by three letters.
const CODES: [(Lang, &str); 68] = [
    (Lang::Epo, "eo"),
    (Lang::Rus, "ru"),
    (Lang::Cmn, "zh"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Ben, "bn"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ukr, "uk"),
    (Lang::Kat, "ka"),
    (Lang::Ara, "ar"),
    (Lang::Hin, "hi"),
    (Lang::Jpn, "ja"),
    (Lang::Heb, "he"),
    (Lang::Yid, "yi"),
    (Lang::Pol, "pl"),
    (Lang::Amh, "am"),
    (Lang::Jav, "jv"),
    (Lang::Kor, "ko"),
    (Lang::Nob, "nb"),
    (Lang::Dan, "da"),
    (Lang::Swe, "sv"),
    (Lang::Fin, "fi"),
    (Lang::Tur, "tr"),
    (Lang::Nld, "nl"),
    (Lang::Hun, "hu"),
    (Lang::Ces, "cs"),
    (Lang::Ell, "el"),
    (Lang::Bul, "bg"),
    (Lang::Bel, "be"),
    (Lang::Mar, "mr"),
    (Lang::Kan, "kn"),
    (Lang::Ron, "ro"),
    (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"),
    (Lang::Srp, "sr"),
    (Lang::Mkd, "mk"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Est, "et"),
    (Lang::Tam, "ta"),
    (Lang::Urd, "ur"),
    (Lang::Tha, "th"),
    (Lang::Guj, "gu"),
    (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"),
    (Lang::Aze, "az"),
    (Lang::Ind, "id"),
    (Lang::Tel, "te"),
    (Lang::Pes, "fa"),
    (Lang::Mal, "ml"),
    (Lang::Ori, "or"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Sin, "si"),
    (Lang::Khm, "km"),
    (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"),
    (Lang::Zul, "zu"),
    (Lang::Sna, "sn"),
    (Lang::Afr, "af"),
    (Lang::Lat, "la"),
    (Lang::Slk, "sk"),
    (Lang::Cat, "ca"),
    (Lang::Tgl, "tl"),
    (Lang::Hye, "hy"),
    (Lang::Cym, "cy"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(
            crate::text::read(text).language.code(),
            expected,
            "{text:?}"
        );
    }

    #[test]
    fn vietnamese_is_known_with_and_without_marks() {
        check("Bài viết hay quá, cảm ơn ad", "vi");
        check("bai viet hay qua, cam on ad nhieu nha", "vi");
        check("vay tien nhanh trong ngay khong can the chap", "vi");
        check("hay qua", "vi");
        check("quá hay", "vi");
    }

    #[test]
    fn english_is_known_though_short() {
        check("Thanks, that helped me a lot with the build", "en");
        check("great post", "en");
        check("Thanks, great post", "en");
        check(
            "cheap viagra online without prescription, visit our pharmacy",
            "en",
        );
    }

    #[test]
    fn other_languages_are_said_as_what_they_are() {
        check("Привет, как дела? Сегодня очень хорошая погода", "ru");
        check(
            "Saya sangat suka dengan artikel ini, terima kasih banyak atas informasinya",
            "id",
        );
        check(
            "Merci beaucoup pour cet article, il est très intéressant et bien écrit",
            "fr",
        );
        check(
            "Muito obrigado pelo artigo, não sabia que era possível fazer isso",
            "pt",
        );
        check("สวัสดีครับ วันนี้อากาศดีมาก", "th");
        check("今天天气很好，我们去公园玩吧", "zh");
        check("今日はとても良い天気ですね", "ja");
    }

    #[test]
    fn what_is_unsure_is_undetermined() {
        for text in ["👍👍", "qwrt zxcv", "très bien", "123", ""] {
            check(text, "und");
        }
    }

    #[test]
    fn groups_are_few_and_codes_are_right() {
        for (lang, code) in CODES {
            let language = Language::of(lang);
            assert_eq!((language.code(), code.len()), (code, 2));
            assert!(!language.is_taught());
            assert_eq!(language.group(), Language::FOREIGN);
            assert_eq!(Language::group_of_code(code), "other");
        }
        for (at, group) in Language::GROUPS.into_iter().enumerate() {
            assert_eq!((group.group(), group.group_at()), (group, at));
            assert_eq!(Language::group_of_code(group.code()), group.code());
        }
    }
}
