//! A text in, a [`Reading`] out: what a person sees in a comment, whatever bytes were sent. Pure:
//! no I/O. It never fails on any input.
//!
//! The steps have this order, because each needs the result of the one before:
//!
//! 1. `markup`: entities are decoded, tags and bbcode removed, their link targets kept (step 3 must
//!    see a look-alike that is written as `&#1072;`);
//! 2. `addresses`: links and e-mail addresses are taken out as written, before step 3 would change
//!    them; quoted lines are marked;
//! 3. `normalize`: invisible characters are removed, compatibility forms (mathematical letters,
//!    full width) and marks composed, look-alikes of other scripts replaced, letters made lower
//!    case, long repeats cut. What was undone is counted;
//! 4. `segment`: words, numbers, emoji, `phones`, chat handles; letters set apart (`v.a.y`, `k u b
//!    e t`) are joined again;
//! 5. `vietnamese`: each word has its tone marks in one view and none in the other; abbreviations
//!    (teencode) are spelt out;
//! 6. `language`: the language, by the text after all other steps.

mod address_search;
mod addresses;
mod bbcode;
mod detect;
pub mod language;
mod latin_languages;
mod leet;
mod lexicon;
pub mod links;
mod locate;
mod look_alikes;
pub mod markup;
pub mod normalize;
mod phones;
mod reading;
pub mod segment;
pub mod shape;
mod teencode;
pub mod token;
mod undone;
pub mod vietnamese;

pub use language::Language;
pub use locate::{locate, places};
pub use reading::{MAX_TEXT_BYTES, Reading};
pub use shape::Shape;
pub use token::{Span, Token, TokenKind};
pub use undone::Undone;

use reading::readable;

/// Reads a text. It never fails and never panics. Of texts beyond [`MAX_TEXT_BYTES`] the middle is
/// left out.
///
/// ```
/// let reading = phin::text::read("v.a.y t.i.ề.n n.h.a.n.h");
/// assert_eq!(reading.marked, "vay tiền nhanh");
/// assert_eq!(reading.folded, "vay tien nhanh");
/// ```
pub fn read(text: &str) -> Reading {
    let text: &str = &readable(text);
    let mut undone = Undone::default();
    let plain = markup::strip(text, &mut undone);
    let marked = addresses::mark(&plain, &mut undone);
    let normal = normalize::normalize(&marked.text, &mut undone);
    // Length, capitals and script are counted without the disguise (docs/DECISIONS.md, "Disguise no
    // longer costs honest people much").
    let shape = if undone.letters() == 0 {
        Shape::of(&plain.text)
    } else {
        Shape::of(&normalize::undisguise(&plain.text, &mut Undone::default()))
    };
    let mut reading = Reading {
        undone,
        shape,
        marked: String::with_capacity(normal.len() + 16),
        folded: String::with_capacity(normal.len() + 16),
        ..Reading::default()
    };
    for target in &plain.targets {
        reading
            .links
            .extend(links::parse(&target.address, target.place));
    }
    segment::segment(&normal, marked.addresses, &mut reading);
    reading.language = detect::detect(&reading);
    if reading.language == Language::Vietnamese {
        teencode::spell_out_teencode(&mut reading);
    }
    reading
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, marked: &str, folded: &str) {
        let reading = read(text);
        assert_eq!(
            (reading.marked.as_str(), reading.folded.as_str()),
            (marked, folded),
            "{text:?}"
        );
    }

    #[test]
    fn a_text_is_read_as_the_eye_sees_it() {
        check("Vay tiền NHANH", "vay tiền nhanh", "vay tien nhanh");
        check(
            "v.a.y t.i.ề.n n.h.a.n.h",
            "vay tiền nhanh",
            "vay tien nhanh",
        );
        check("k u b e t xin chào", "kubet xin chào", "kubet xin chao");
        check("𝗞𝗨𝗕𝗘𝗧 𝐯𝐚𝐲", "kubet vay", "kubet vay");
        check("Zal0 s0 c0m", "zal0 s0 c0m", "zalo so com");
        check("vіаgrа <b>now</b>", "viagra now", "viagra now");
        check("ti\u{200b}ề\u{200b}n", "tiền", "tien");
        check("t\u{69}e\u{302}\u{300}n", "tiền", "tien");
        check("&#118;ay&nbsp;ti&#7873;n", "vay tiền", "vay tien");
    }

    #[track_caller]
    fn hosts(text: &str, expected: &[&str]) {
        let reading = read(text);
        let hosts: Vec<&str> = reading.links.iter().map(|l| l.host.as_str()).collect();
        assert_eq!(hosts, expected, "{text:?}");
    }

    #[test]
    fn links_are_found_in_disguise_and_sentences_are_none() {
        hosts("Vào http://kubet77x.com . Nhé", &["kubet77x.com"]);
        hosts("Ăn xong . Com rang nhé", &[]);
        hosts(
            "https://www.youtube.com bbb.org aaaclub.com",
            &["youtube.com", "bbb.org", "aaaclub.com"],
        );
        hosts("h t t p : / / k u b e t . c o m", &["kubet.com"]);
        hosts("h t t p : / / kubet.com", &["kubet.com"]);
        hosts("hxxps://kubet . vip", &["kubet.vip"]);
        hosts(
            "kubet(dot)com, kubet chấm vip, kubet [dot] net",
            &["kubet.com", "kubet.vip", "kubet.net"],
        );
        hosts("𝐤𝐮𝐛𝐞𝐭.𝐯𝐢𝐩 và kubet．com", &["kubet.vip", "kubet.com"]);
        hosts("<a title=\"href\" href=\"goo.gl\\x\">xem</a>", &["goo.gl"]);
        assert_eq!(read("http://kubеt.com").undone.look_alikes, 1);
    }

    #[test]
    fn what_is_quoted_is_known() {
        let reading = read("> xem http://x.test\nCảm ơn bạn<blockquote>cũ</blockquote> y.com");
        let quoted: Vec<bool> = reading.tokens.iter().map(|t| t.quoted).collect();
        assert_eq!(quoted, [true, true, true, false, false, false, true, false]);
        let places: Vec<_> = reading.links.iter().map(|l| l.place).collect();
        assert_eq!(places, [links::Place::Quote, links::Place::Text]);
    }

    #[test]
    fn any_bytes_are_read_without_panic() {
        for text in [
            "",
            "\u{feff}",
            "<",
            "<a href=",
            "&",
            "&#",
            "[url",
            "\u{301}\u{301}",
            "((((",
            "@",
            "://",
            "0 9 8",
            "🇻🇳👩‍👩‍👧",
        ] {
            let _ = read(text);
        }
        let long = "ề<a href='".repeat(20_000);
        assert!(read(&long).marked.len() <= 2 * MAX_TEXT_BYTES);
        assert_eq!(read(&"a.co,".repeat(2_000)).links.len(), 2_000);
        for piece in [
            "(dot)",
            "[url",
            ". a ",
            "> ",
            "<blockquote>",
            "&amp;",
            "://",
            "ề.",
            "x . ",
        ] {
            let text = piece.repeat(MAX_TEXT_BYTES / piece.len());
            let _ = locate(&text, &read(&text));
        }
    }
}
