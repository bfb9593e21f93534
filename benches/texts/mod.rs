//! Texts for all benchmarks: ham and spam in both languages, each at about 80, 300 and 3,000 bytes.
#![allow(dead_code, reason = "each benchmark takes what it needs")]

pub(crate) mod stream;

use std::net::Ipv4Addr;

use phin::comment::Comment;
use phin::verdict::Label;

/// A text with its name in reports: `en/300`.
pub(crate) struct Text {
    pub(crate) name: &'static str,
    pub(crate) text: String,
    /// Code of the language it must be found to be in.
    pub(crate) lang: &'static str,
}

const ENGLISH: [&str; 2] = [
    "I tried the second approach on my old laptop and it worked after I updated the driver, thanks a lot for the detailed explanation! One question though: does the same setting survive a reboot, or do I have to run the script again every time? My colleague says it should, but the docs do not mention it anywhere.",
    "Quick cash loans approved today with no credit check! Visit http://fast-loans.example.com/apply now or message our WhatsApp +1 305 555 0147. Over 10,000 happy customers got up to $50,000 within one hour. Limited offer for new members, register on www.best-bonus.xyz and claim your FREE 500% bonus!!! Do not miss it.",
];

const VIETNAMESE: [&str; 2] = [
    "Em làm theo hướng dẫn của anh thì máy chạy được rồi, cảm ơn anh nhiều lắm ạ! Cho em hỏi thêm là sau khi khởi động lại thì có phải cài lại từ đầu không, vì bạn em bảo là phải chạy lại lệnh cuối cùng mới nhận ổ cứng mới. Mong anh trả lời giúp em nhé.",
    "VAY TIỀN NHANH trong ngày không cần thế chấp, lãi suất chỉ 1%/tháng, giải ngân trong 30 phút! Liên hệ zalo 0912.000.345 hoặc inbox để được tư vấn miễn phí. Hỗ trợ nợ xấu, chỉ cần cccd, duyệt online 24/7 tại vay-nhanh.example.xyz nhé cả nhà ơi.",
];

fn cut(text: &str, bytes: usize) -> String {
    text[..text.floor_char_boundary(bytes)].to_owned()
}

/// Both texts in turn with a number word between, so that no two rounds are the same.
fn long(texts: [&str; 2], bytes: usize) -> String {
    let numbers = [
        "one",
        "hai",
        "three",
        "bốn",
        "five",
        "sáu",
        "seven",
        "tám",
        "nine",
        "mười",
        "eleven",
        "mười hai",
    ];
    cut(
        &numbers
            .iter()
            .enumerate()
            .map(|(at, number)| format!("{} {number}. ", texts[at % 2]))
            .collect::<String>(),
        bytes,
    )
}

/// Short, middling and long, in both languages.
pub(crate) fn all() -> Vec<Text> {
    let of = |name, text, lang| Text { name, text, lang };
    vec![
        of("en/80", cut(ENGLISH[0], 80), "en"),
        of("en/300", cut(ENGLISH[0], 300), "en"),
        of("en/300-spam", cut(ENGLISH[1], 300), "en"),
        of("en/3000", long(ENGLISH, 3_000), "en"),
        of("vi/80", cut(VIETNAMESE[0], 80), "vi"),
        of("vi/300", cut(VIETNAMESE[0], 300), "vi"),
        of("vi/300-spam", cut(VIETNAMESE[1], 300), "vi"),
        of("vi/3000", long(VIETNAMESE, 3_000), "vi"),
    ]
}

/// Who writes.
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) ip: Ipv4Addr,
}

impl Person {
    /// Somebody else for each number.
    pub(crate) fn number(n: usize) -> Self {
        Self {
            name: match n {
                0 => "Minh Anh".into(),
                _ => format!("Minh Anh {n}"),
            },
            email: match n {
                0 => "minhanh@example.com".into(),
                _ => format!("minhanh{n}@example.com"),
            },
            ip: Ipv4Addr::from_bits(0xcb00_7109 + n as u32),
        }
    }
}

/// A comment as a blog sends it.
pub(crate) fn comment(text: &str) -> Comment {
    comment_of(text, 0)
}

/// A comment by the person of this number.
pub(crate) fn comment_of(text: &str, author: usize) -> Comment {
    let person = Person::number(author);
    let mut comment = Comment::from_text(text);
    comment.author.name = Some(person.name);
    comment.author.email = Some(person.email);
    comment.request.ip = Some(person.ip.into());
    comment.request.user_agent = Some(USER_AGENT.into());
    comment.page.kind = Some("comment".into());
    comment.page.languages = vec!["vi".into()];
    comment
}

pub(crate) const USER_AGENT: &str = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36";

/// As many different labelled comments as asked for, spam and ham by turns, put together from the
/// clauses of the texts above.
pub(crate) fn labelled(count: usize) -> Vec<(Comment, Label)> {
    let clauses = |text: &'static str| {
        text.split(['.', ',', '!', '?'])
            .map(str::trim)
            .filter(|c| !c.is_empty())
            .collect::<Vec<_>>()
    };
    let (en, vi) = (ENGLISH.map(clauses), VIETNAMESE.map(clauses));
    (0..count)
        .map(|n| {
            let (kind, from) = (n % 2, n / 4);
            let clauses = if n / 2 % 2 == 0 { &en[kind] } else { &vi[kind] };
            let pick = |step: usize| clauses[from * step % clauses.len()];
            let comment = comment(&format!("{}, {} {} {from}", pick(1), pick(3), pick(7)));
            (comment, if kind == 1 { Label::Spam } else { Label::Ham })
        })
        .collect()
}
