//! A Vietnamese reading in; the words that its abbreviations stand for are added to it. What was
//! written is never changed.

use std::sync::LazyLock;

use super::lexicon::Lexicon;
use super::reading::Reading;
use super::token::{Span, Token, TokenKind};

/// Abbreviations that young people and sellers in a hurry type -> the words without marks.
const TEENCODE: [(&str, &str); 66] = [
    ("ko", "khong"),
    ("k", "khong"),
    ("kg", "khong"),
    ("hok", "khong"),
    ("hem", "khong"),
    ("hk", "khong"),
    ("kh", "khong"),
    ("hong", "khong"),
    ("khg", "khong"),
    ("dc", "duoc"),
    ("dk", "duoc"),
    ("duoc", "duoc"),
    ("vs", "voi"),
    ("mk", "minh"),
    ("mik", "minh"),
    ("mh", "minh"),
    ("bn", "ban"),
    ("bik", "biet"),
    ("bit", "biet"),
    ("j", "gi"),
    ("z", "vay"),
    ("zay", "vay"),
    ("zui", "vui"),
    ("dzui", "vui"),
    ("r", "roi"),
    ("ui", "roi"),
    ("ntn", "nhu the nao"),
    ("nt", "nhan tin"),
    ("sdt", "so dien thoai"),
    ("dt", "dien thoai"),
    ("lh", "lien he"),
    ("ib", "inbox"),
    ("ibx", "inbox"),
    ("tk", "tai khoan"),
    ("stk", "so tai khoan"),
    ("mn", "moi nguoi"),
    ("mng", "moi nguoi"),
    ("ae", "anh em"),
    ("ace", "anh chi em"),
    ("ad", "admin"),
    ("ck", "chuyen khoan"),
    ("ctv", "cong tac vien"),
    ("nv", "nhan vien"),
    ("kh.", "khach hang"),
    ("sp", "san pham"),
    ("sz", "size"),
    ("trc", "truoc"),
    ("ng", "nguoi"),
    ("ngta", "nguoi ta"),
    ("nhìu", "nhieu"),
    ("nhiu", "nhieu"),
    ("iu", "yeu"),
    ("iu.", "yeu"),
    ("thik", "thich"),
    ("thix", "thich"),
    ("cx", "cung"),
    ("cg", "cung"),
    ("lm", "lam"),
    ("ms", "moi"),
    ("nma", "nhung ma"),
    ("vl", "vai"),
    ("hjhj", "hihi"),
    ("fb", "facebook"),
    ("zl", "zalo"),
    ("tele", "telegram"),
    ("wa", "qua"),
];

/// Adds, for each abbreviation in a Vietnamese text, the word it stands for (in the folded view, at
/// the end).
pub(super) fn spell_out_teencode(reading: &mut Reading) {
    let mut added = Vec::new();
    for token in &reading.tokens {
        if token.kind != TokenKind::Word || token.folded.len() > 5 {
            continue;
        }
        added.extend(KNOWN_TEENCODE.get(reading.folded(token)));
    }
    for word in added {
        let start = reading.folded.len();
        reading.folded.push(' ');
        reading.folded.push_str(word);
        reading.tokens.push(Token {
            kind: TokenKind::SpeltOut,
            marked: Span::default(),
            folded: Span::new(start + 1, reading.folded.len()),
            quoted: false,
        });
    }
}

static KNOWN_TEENCODE: LazyLock<Lexicon<&str>> = LazyLock::new(|| Lexicon::new(&TEENCODE));
