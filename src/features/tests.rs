//! Training rows in, one digest over all their features out, as they are and disguised: it fails
//! when a feature changes.
//!
//! A change for speed must change no (kind, bucket, name); a change of meaning raises
//! `FEATURES_VERSION`. In both cases the failing test says which of the three constants below to
//! replace.

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::FEATURES_VERSION;
use super::bucket::hash;
use super::bucket_set::BucketSet;
use super::feature::{Features, bucket};
use super::kind::Kind;
use crate::comment::{Author, Comment, Page, Request};

/// The version the digest was taken with.
const VERSION: u32 = 5;
/// Of the rows read, so that new rows are not taken for changed code.
const ROWS_DIGEST: &str = "d24c70501db0a5468a94940a60135127";
/// Of their features.
const FEATURES_DIGEST: &str = "8fe90eda24d252234c871b8850352a12";

fn rows() -> Vec<Value> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("training-data");
    let mut files: Vec<PathBuf> = ["en", "vi"]
        .iter()
        .flat_map(|lang| {
            std::fs::read_dir(root.join(lang)).expect("the training data is part of the package")
        })
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "jsonl"))
        .collect();
    files.sort();
    let lines = files
        .iter()
        .map(|path| std::fs::read_to_string(path).expect("a readable file"));
    lines
        .flat_map(|text| {
            text.lines()
                .map(|line| serde_json::from_str(line).expect("a row"))
                .collect::<Vec<Value>>()
        })
        .collect()
}

fn comment(row: &Value) -> Comment {
    let field = |name: &str| row[name].as_str().map(str::to_owned);
    Comment {
        text: field("text").unwrap_or_default(),
        author: Author {
            name: field("author"),
            email: field("email"),
            url: field("url"),
        },
        request: Request {
            ip: field("ip").and_then(|ip| ip.parse().ok()),
            user_agent: field("user_agent"),
            accept_language: None,
        },
        page: Page {
            permalink: field("permalink"),
            languages: field("page_lang").into_iter().collect(),
            context: field("page").into_iter().collect(),
            kind: field("type"),
        },
        ..Comment::default()
    }
}

/// What spammers and proxies do to a text, one trick per row in turn: training rows alone are too
/// well written to walk every road of `text`.
fn disguised(text: &str, at: usize) -> String {
    let every = |n: usize, with: &str| {
        text.chars()
            .enumerate()
            .flat_map(|(i, c)| {
                [
                    c.to_string(),
                    if i % n == n - 1 {
                        with.to_owned()
                    } else {
                        String::new()
                    },
                ]
            })
            .collect::<String>()
    };
    let swap = |from: &str, to: &str| {
        text.chars()
            .map(|c| {
                from.chars()
                    .zip(to.chars())
                    .find(|(f, _)| *f == c)
                    .map_or(c, |(_, t)| t)
            })
            .collect::<String>()
    };
    match at % 16 {
        0 => text.to_uppercase(),
        1 => every(3, "\u{200b}"),
        2 => swap("aceopxyi", "асеорхуі"),
        3 => swap("oieast", "013457"),
        4 => every(1, " "),
        5 => every(1, "."),
        6 => text.replace(' ', "<br/> &amp; "),
        7 => format!("[b]{text}[/b] <a href='http://x.test/a-b/c?d=1'>{text}</a>"),
        8 => every(5, "\u{335}"),
        9 => text
            .chars()
            .map(|c| {
                if c.is_ascii_lowercase() {
                    char::from_u32(c as u32 - 'a' as u32 + 0x1d5ee).unwrap_or(c)
                } else {
                    c
                }
            })
            .collect(),
        10 => unicode_normalization::UnicodeNormalization::nfd(text).collect(),
        11 => text.replace(['a', 'e', 'o'], "oooo"),
        12 => format!("{text} zalo: 0 9 1 2 . 000 . 345 @an mail a.b@c.vn kubet chấm com 👍👍 :))"),
        13 => text
            .chars()
            .map(|c| {
                if c.is_ascii_graphic() {
                    char::from_u32(c as u32 + 0xfee0).unwrap_or(c)
                } else {
                    c
                }
            })
            .collect(),
        14 => text.split_whitespace().collect::<Vec<_>>().join("-"),
        _ => text.repeat(6),
    }
}

fn note(features: &Features, digest: &mut Sha256) {
    digest.update((features.items.len() as u32).to_le_bytes());
    digest.update(features.language.code());
    for feature in &features.items {
        digest.update([feature.kind as u8]);
        digest.update(feature.id.to_le_bytes());
        digest.update(features.text_of(feature));
        digest.update([0]);
    }
}

fn hex(digest: Sha256) -> String {
    digest
        .finalize()
        .iter()
        .take(16)
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[test]
fn features_are_stable_and_every_one_has_its_reason_in_both_languages() {
    let (mut of_rows, mut of_features) = (Sha256::new(), Sha256::new());
    for (at, row) in rows().iter().enumerate() {
        let mut comment = comment(row);
        of_rows.update(format!("{comment:?}"));
        let features = Features::of(&comment);
        for feature in &features.items {
            let reason = features.reason(feature);
            assert!(
                reason.en != reason.vi && !reason.vi.is_empty(),
                "say it in Vietnamese: {reason:?}"
            );
        }
        note(&features, &mut of_features);
        comment.text = disguised(&comment.text, at);
        comment.author.name = comment.author.name.map(|name| disguised(&name, at / 16));
        note(&Features::of(&comment), &mut of_features);
    }
    let (of_rows, of_features) = (hex(of_rows), hex(of_features));
    let found = format!(
        "const VERSION: u32 = {FEATURES_VERSION};\nconst ROWS_DIGEST: &str = \"{of_rows}\";\nconst FEATURES_DIGEST: &str = \"{of_features}\";"
    );
    assert_eq!(
        FEATURES_VERSION, VERSION,
        "a new version of the features: write down\n{found}"
    );
    assert_eq!(
        of_rows, ROWS_DIGEST,
        "the training data or the fields of a comment changed: with the features of the last commit, write down\n{found}"
    );
    assert_eq!(
        of_features, FEATURES_DIGEST,
        "a comment's features changed: every model and ledger in the field holds the old ones. If that is meant, raise FEATURES_VERSION and write down\n{found}"
    );
}

#[test]
fn every_bucket_comes_once_and_every_feature_has_a_name() {
    let mut comment =
        Comment::from_text("vay vay tiền tiền nhanh, zalo 0912000345 http://x.test/a");
    comment.author.name = Some("An".into());
    let features = Features::of(&comment);
    let mut ids = features.ids();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
    for feature in &features.items {
        assert!(!feature.kind.reason_en().is_empty() && !feature.kind.reason_vi().is_empty());
        assert!(!features.text_of(feature).is_empty(), "{feature:?}");
    }
}

#[test]
fn the_set_of_buckets_grows() {
    let mut seen = BucketSet::default();
    assert!((0..5_000).all(|id| seen.insert(id)));
    assert!((0..5_000).all(|id| !seen.insert(id)));
}

#[test]
fn buckets_are_stable() {
    // Written down once: a change here breaks every model and ledger in the field.
    let of = |kind| bucket(kind, hash(b"vay"));
    assert_eq!(
        [of(Kind::Word), of(Kind::Host), of(Kind::AuthorWord)],
        [978_151, 2_677_062, 3_060_598]
    );
}
