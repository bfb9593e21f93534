//! What of markup goes and what stays: texts with tags in, their plain text out.

use super::*;

#[track_caller]
fn check(text: &str, expected: &str, targets: &[&str]) {
    let plain = strip(text, &mut Undone::default());
    assert_eq!(
        (
            &*plain.text,
            plain.targets.iter().map(|t| &*t.address).collect()
        ),
        (expected, targets.to_vec()),
        "{text:?}"
    );
}

#[test]
fn tags_go_and_their_targets_stay() {
    check(
        "see <a href=\"http://x.test/a\">this</a>!",
        "see this!",
        &["http://x.test/a"],
    );
    check(
        "<a rel=nofollow href=http://x.test>x</a>",
        "x",
        &["http://x.test"],
    );
    check("[url=http://x.test]tin[/url]", "tin", &["http://x.test"]);
    check("[URL]http://x.test[/URL]", "http://x.test", &[]);
    check("a<br>b<p>c</p>", "a\nb\nc\n", &[]);
    check("vi<b></b>agra <!-- x -->now", "viagra now", &[]);
    check(
        "<script src='//x.test/a.js'></script>",
        "",
        &["//x.test/a.js"],
    );
}

#[test]
fn no_other_attribute_hides_a_link() {
    for tag in [
        "<a title=\"href\" href=http://x.test>",
        "<a data-href='/' href=http://x.test>",
        "<a title='a > b' HREF = 'http://x.test'>",
        "<a title=\"&quot;>\" href=http://x.test href=/>",
        "&lt;a title=&quot;href&quot; href=&quot;http://x.test&quot;&gt;",
    ] {
        check(&format!("{tag}x</a>"), "x", &["http://x.test"]);
    }
}

#[track_caller]
fn places(text: &str, expected: &[Place]) {
    let plain = strip(text, &mut Undone::default());
    let places: Vec<Place> = plain.targets.iter().map(|t| t.place).collect();
    assert_eq!(places, expected, "{text:?}");
}

#[test]
fn quotes_mentions_and_emoji_are_told_apart_from_links() {
    places(
        "<blockquote><p><a href=http://x.test>x</a></p></blockquote><a href=http://y.test>y</a>",
        &[Place::Quote, Place::Markup],
    );
    places(
        "[quote=An][url=http://x.test]x[/url][/quote]",
        &[Place::Quote],
    );
    places(
        "<a href=\"https://m.test/@an\" class=\"u-url mention\">@<span>an</span></a>",
        &[Place::Mention],
    );
    places(
        "<a class=mention href=http://x.test>cheap</a>",
        &[Place::Markup],
    );
    check(
        "ok <img class=\"emoji\" alt=\"🙂\" src=\"https://s.w.org/images/core/emoji/1.svg\">!",
        "ok 🙂!",
        &[],
    );
}

#[track_caller]
fn quoted(text: &str, expected: &[&str]) {
    let plain = strip(text, &mut Undone::default());
    let quotes: Vec<&str> = plain
        .quotes
        .iter()
        .map(|q| &plain.text[q.clone()])
        .collect();
    assert_eq!(quotes, expected, "{text:?}");
}

#[test]
fn quoted_stretches_are_known() {
    quoted(
        "<blockquote>a <blockquote>b</blockquote> c</blockquote>d",
        &["\na \nb\n c"],
    );
    quoted("[quote]a[/quote]b", &["a"]);
    quoted("x <blockquote>open", &["\nopen"]);
    quoted("x</blockquote>y", &[]);
}

#[test]
fn what_is_no_tag_stays() {
    check("if a < b and c > d", "if a < b and c > d", &[]);
    check("Vec<String> x[1] I <3 you", "Vec x[1] I <3 you", &[]);
    check("<", "<", &[]);
    check("[lol] ok", "[lol] ok", &[]);
    check("see <https://x.test/a>!", "see <https://x.test/a>!", &[]);
    check(
        "<?php echo 1; ?> </3 <!x>",
        "<?php echo 1; ?> </3 <!x>",
        &[],
    );
    check(
        "ok <a href=\"http://x.test",
        "ok <a href=\"http://x.test",
        &[],
    );
    check("a <b", "a <b", &[]);
    check("a <!-- b", "a <!-- b", &[]);
}

#[test]
fn entities_are_decoded_even_when_escaped_twice() {
    check("a &amp;lt; b &#x41;", "a < b A", &[]);
    check("R&D &unknown;", "R&D &unknown;", &[]);
}
