//! A feature in, its reason in English and Vietnamese out, with the piece of the comment it came
//! from; and the list of all facts ("many capitals"). It never changes a feature.

use std::borrow::Cow;

use super::feature::{Feature, Features};
use super::kind::Kind;
use crate::text::links;

/// The reason of a feature, for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// In English.
    pub en: Cow<'static, str>,
    /// In Vietnamese.
    pub vi: Cow<'static, str>,
    /// The piece of the comment it came from, normalised; empty for what has no single place.
    pub text: String,
}

/// Every fact, in English (its name, which is also hashed) and in Vietnamese.
const FACTS: [(&str, &str); 85] = [
    // Typed.
    (
        "phone number in a message",
        "có số điện thoại trong tin nhắn",
    ),
    ("e-mail address in the text", "có địa chỉ e-mail trong bài"),
    ("phone number in the text", "có số điện thoại trong bài"),
    ("@name in the text", "có @tên trong bài"),
    ("link to a shortener", "liên kết rút gọn"),
    ("link behind words", "liên kết giấu sau chữ"),
    // Shape.
    ("one link", "một liên kết"),
    ("two links", "hai liên kết"),
    ("three to five links", "ba đến năm liên kết"),
    ("more than five links", "hơn năm liên kết"),
    ("empty", "bài trống"),
    ("1-10 characters", "1-10 ký tự"),
    ("11-30 characters", "11-30 ký tự"),
    ("31-80 characters", "31-80 ký tự"),
    ("81-200 characters", "81-200 ký tự"),
    ("201-500 characters", "201-500 ký tự"),
    ("501-1200 characters", "501-1200 ký tự"),
    ("more than 1200 characters", "hơn 1200 ký tự"),
    ("no capitals", "không có chữ hoa"),
    ("many capitals", "nhiều chữ hoa"),
    ("mostly capitals", "phần lớn là chữ hoa"),
    ("all capitals", "toàn chữ hoa"),
    ("a fifth digits", "một phần năm là chữ số"),
    ("an emoji", "có biểu tượng cảm xúc"),
    ("several emoji", "vài biểu tượng cảm xúc"),
    ("many emoji", "nhiều biểu tượng cảm xúc"),
    ("an exclamation mark", "có dấu chấm than"),
    ("many exclamation marks", "nhiều dấu chấm than"),
    ("a question mark", "có dấu hỏi"),
    ("some lines", "vài dòng"),
    ("many lines", "nhiều dòng"),
    ("Vietnamese without marks", "tiếng Việt không dấu"),
    ("another script", "hệ chữ viết khác"),
    ("long repeats", "chữ kéo dài"),
    (
        "the same words again and again",
        "lặp đi lặp lại cùng những từ",
    ),
    // Disguise.
    (
        "invisible characters inside words",
        "ký tự vô hình trong từ",
    ),
    ("letters from a drawing alphabet", "chữ cái kiểu trang trí"),
    (
        "look-alike letters of another script",
        "chữ cái giống hệt của hệ chữ khác",
    ),
    ("stray marks over letters", "dấu lạ chồng lên chữ"),
    ("letters set apart", "chữ cái viết rời"),
    ("digits in the place of letters", "chữ số thay chữ cái"),
    ("bbcode", "mã bbcode"),
    ("capitals strewn over words", "chữ hoa rải trong từ"),
    ("much disguised", "ngụy trang nhiều"),
    // The author's name.
    ("name of two or three words", "tên tác giả hai, ba từ"),
    ("name of four words or more", "tên tác giả bốn từ trở lên"),
    ("digits in the name", "tên tác giả có chữ số"),
    ("name without capitals", "tên tác giả không viết hoa"),
    (
        "capitals inside one word",
        "tên tác giả lẫn chữ hoa giữa từ",
    ),
    (
        "Vietnamese name under another language",
        "tên tiếng Việt dưới bài bằng ngôn ngữ khác",
    ),
    (
        "name is a phrase without capitals",
        "tên là một cụm từ không viết hoa",
    ),
    ("a link as name", "tên tác giả là liên kết"),
    ("a phone number as name", "tên tác giả là số điện thoại"),
    ("disguised letters in the name", "tên tác giả bị ngụy trang"),
    // The home page.
    ("has a home page", "tác giả có trang nhà"),
    (
        "home page with a short path",
        "trang nhà trỏ vào một trang con",
    ),
    (
        "home page with some words in its path",
        "đường dẫn trang nhà có vài từ",
    ),
    (
        "home page with many words in its path",
        "đường dẫn trang nhà có nhiều từ",
    ),
    ("home page with a query", "đường dẫn trang nhà có tham số"),
    (
        "home page with a date in its path",
        "đường dẫn trang nhà có ngày tháng",
    ),
    (
        "home page spelt with capitals",
        "địa chỉ trang nhà có chữ hoa",
    ),
    (
        "name and host are the same",
        "tên trùng với tên miền trang nhà",
    ),
    (
        "name and path say the same",
        "tên trùng với đường dẫn trang nhà",
    ),
    ("home page with a hyphen", "trang nhà có dấu gạch nối"),
    ("home page with digits", "trang nhà có chữ số"),
    (
        "home page behind a shortener",
        "trang nhà giấu sau liên kết rút gọn",
    ),
    (
        "links to the home page in the text",
        "bài liên kết về trang nhà",
    ),
    (
        "e-mail with a domain of its own",
        "e-mail có tên miền riêng",
    ),
    (
        "e-mail and home page share a domain",
        "e-mail và trang nhà cùng tên miền",
    ),
    // Behaviour.
    (
        "filled in a field hidden from people",
        "điền vào ô ẩn với người dùng",
    ),
    ("sent without loading the form", "gửi mà không mở biểu mẫu"),
    ("loaded the form first", "đã mở biểu mẫu trước khi gửi"),
    ("no script ran in the browser", "trình duyệt không chạy mã"),
    ("a script ran in the browser", "trình duyệt có chạy mã"),
    ("no key pressed", "không gõ phím nào"),
    ("keys pressed", "có gõ phím"),
    // Browsers without a name of their own.
    ("no browser named", "không nêu trình duyệt"),
    ("a tool", "một công cụ tự động"),
    ("a headless browser", "trình duyệt không màn hình"),
    ("a crawler", "một trình thu thập"),
    ("an outdated Windows", "Windows đã cũ"),
    ("an unknown browser", "trình duyệt lạ"),
    // Languages.
    (
        "another script on a page in vi",
        "hệ chữ khác trên trang tiếng Việt",
    ),
    ("en on a page in vi", "tiếng Anh trên trang tiếng Việt"),
    ("vi on a page in en", "tiếng Việt trên trang tiếng Anh"),
];

/// A fact in both languages.
fn fact(name: &str) -> Option<(&'static str, &'static str)> {
    FACTS.iter().find(|(en, _)| *en == name).copied()
}

impl Features {
    /// The reason of a feature.
    pub fn reason(&self, feature: &Feature) -> Reason {
        let name = self.text_of(feature);
        let kind = feature.kind;
        match fact(name) {
            Some((en, vi)) if kind.is_fact() => Reason {
                en: en.into(),
                vi: vi.into(),
                text: self.seen_in(name).unwrap_or("").to_owned(),
            },
            Some((_, vi)) if matches!(kind, Kind::Agent | Kind::Page) => Reason {
                en: format!("{}: {name}", kind.reason_en()).into(),
                vi: format!("{}: {vi}", kind.reason_vi()).into(),
                text: String::new(),
            },
            _ => Reason {
                en: kind.reason_en().into(),
                vi: kind.reason_vi().into(),
                text: name.to_owned(),
            },
        }
    }

    /// The piece of the comment a fact was seen in.
    fn seen_in(&self, fact: &str) -> Option<&str> {
        let first = |kind: Kind, is_it: fn(&str) -> bool| {
            self.items
                .iter()
                .filter(|f| f.kind == kind)
                .map(|f| self.text_of(f))
                .find(|name| is_it(name))
        };
        match fact {
            "link to a shortener" => first(Kind::Host, links::is_shortener),
            "link behind words" => first(Kind::Host, |_| true),
            "phone number in the text" | "phone number in a message" => {
                first(Kind::Phone, |_| true)
            }
            "e-mail address in the text" => first(Kind::EmailInText, |_| true),
            "home page behind a shortener" => first(Kind::AuthorHost, links::is_shortener),
            fact if fact.starts_with("home page with") || fact.starts_with("home page spelt") => {
                first(Kind::AuthorHost, |_| true)
            }
            "has a home page"
            | "name and host are the same"
            | "name and path say the same"
            | "links to the home page in the text" => first(Kind::AuthorHost, |_| true),
            "e-mail with a domain of its own" | "e-mail and home page share a domain" => {
                first(Kind::EmailDomain, |_| true)
            }
            name if name.contains("name") => first(Kind::AuthorName, |_| true),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Behaviour, Comment, Honeypot};

    #[track_caller]
    fn reason(comment: &Comment, kind: Kind, name: &str) -> (String, String, String) {
        let features = Features::of(comment);
        let found = features
            .items
            .iter()
            .find(|f| f.kind == kind && features.text_of(f) == name);
        let Reason { en, vi, text } = features.reason(found.expect("it has this feature"));
        (en.into_owned(), vi.into_owned(), text)
    }

    #[test]
    fn a_fact_says_where_it_was_seen() {
        let told = |en: &str, vi: &str, text: &str| (en.to_owned(), vi.to_owned(), text.to_owned());
        let linked = Comment::from_text("xem tại https://example.com/a và https://bit.ly/3abc nhé");
        assert_eq!(
            reason(&linked, Kind::Typed, "link to a shortener"),
            told("link to a shortener", "liên kết rút gọn", "bit.ly")
        );
        assert_eq!(
            reason(&linked, Kind::Word, "xem"),
            told("word", "từ", "xem")
        );
        let trapped = Comment {
            behaviour: Behaviour {
                honeypot: Some(Honeypot::Filled),
                ..Behaviour::default()
            },
            ..Comment::from_text("hay")
        };
        assert_eq!(
            reason(
                &trapped,
                Kind::Behaviour,
                "filled in a field hidden from people"
            ),
            told(
                "filled in a field hidden from people",
                "điền vào ô ẩn với người dùng",
                ""
            )
        );
    }
}
