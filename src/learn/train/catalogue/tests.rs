//! Rows of the real catalogue in, what cleaning leaves of them out.

use super::*;
use std::path::Path;

use crate::comment::Comment;
use crate::learn::train::corpus::Example;
use crate::verdict::Label;

fn catalogue() -> Catalogue {
    Catalogue::read(Path::new(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/training-data/corpora.toml"
    )))
    .expect("the catalogue can be read")
}

#[test]
fn what_may_not_ship_teaches_nothing_by_default() {
    let names: Vec<String> = catalogue().shipping().map(|c| c.name.clone()).collect();
    for name in [
        "vi_vispamreviews",
        "vi_shopee_spam",
        "vi_vihsd",
        "vi_vsfc",
        "news_ucc",
    ] {
        assert!(!names.iter().any(|n| n == name), "{name} must not ship");
    }
    assert!(names.iter().any(|n| n == "youtube_spam_uci"));
}

#[test]
fn leftover_spam_among_linked_ham_is_dropped() {
    let catalogue = catalogue();
    let haacked = catalogue.corpus("blog_haacked").expect("it is there");
    let clean = |text: &str| {
        let comment = Comment::from_text(text);
        haacked.clean(Example {
            comment,
            ..Example::default()
        })
    };
    let linked = clean("<p>See <a href=\"http://docs.example\">the docs</a></p>");
    assert_eq!(
        linked.expect("ham").comment.text,
        "See <a href=\"http://docs.example\">the docs</a>"
    );
    assert!(clean("<p><a href=\"http://x.example\">Online CASINO</a></p>").is_none());
    assert!(clean("<p>The casino in town has closed</p>").is_some());
}

#[test]
fn what_is_held_out_is_decided_before_cleaning() {
    let catalogue = catalogue();
    let haacked = catalogue.corpus("blog_haacked").expect("it is there");
    for n in 0..50 {
        let raw = Example {
            comment: Comment::from_text(format!("<p>comment {n}</p>")),
            ..Example::default()
        };
        let held_out = raw.is_held_out();
        let cleaned = haacked.clean(raw).expect("ham");
        assert_eq!(cleaned.is_held_out(), held_out);
    }
}

#[test]
fn fields_that_lie_are_forgotten() {
    let catalogue = catalogue();
    let corpus = catalogue.corpus("wp_comments").expect("it is there");
    let mut comment = Comment::from_text("hello");
    comment.author.name = Some("Made Up".into());
    comment.author.email = Some("8d31d618@gmail.com".into());
    let row = Example {
        comment,
        label: Some(Label::Spam),
        ..Example::default()
    };
    let row = corpus.clean(row).expect("it teaches");
    assert_eq!(
        (
            row.comment.author.name.as_deref(),
            row.comment.author.email.as_deref()
        ),
        (Some("Made Up"), Some("@gmail.com"))
    );
    let mut comment = Comment::from_text("hello");
    comment.author.name = Some("Made Up".into());
    comment.author.url = Some("http://tovanu.example".into());
    let ham = Example {
        comment,
        label: Some(Label::Ham),
        ..Example::default()
    };
    let recorded = corpus.clean_as_recorded(ham.clone()).expect("it teaches");
    assert_eq!(recorded.comment.author, ham.comment.author);
    let ham = corpus.clean(ham).expect("it teaches");
    assert_eq!(
        (ham.comment.author.name, ham.comment.author.url),
        (None, None)
    );
    assert_eq!(ham.home_was.as_deref(), Some("http://tovanu.example"));
    let untrusted = Example {
        label: Some(Label::Ham),
        trusted: Some(false),
        ..Example::default()
    };
    assert!(corpus.clean(untrusted).is_none());
}
