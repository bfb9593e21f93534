//! The shipped model: small enough to travel inside the binary, and good on comments it never saw.

use std::path::{Path, PathBuf};

use phin::filter;
use phin::learn::metrics::figures::{ScoredExample, auc};
use phin::learn::train::categories::{Figures, Named, confusion};
use phin::learn::train::corpus::{BadLines, Example, read_all};
use phin::model::Model;
use phin::model::counts::Counts;
use phin::model::layers::Live;
use phin::text::Language;
use phin::verdict::{Label, Verdict};

use crate::world::shipped;

fn below(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)
}

/// The fifth of our own comments that never teaches.
fn held_out(lang: &str) -> Vec<Example> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(below("training-data").join(lang))
        .expect("our comments are here")
        .map(|entry| entry.expect("can be read").path())
        .collect();
    files.sort();
    let rows = files
        .iter()
        .flat_map(|file| read_all(file, BadLines::Refuse).expect("every line is good"));
    rows.filter(Example::is_held_out).collect()
}

/// The same, judged.
fn judged(lang: &str) -> Vec<ScoredExample> {
    let model = shipped();
    let nobody = Counts::default();
    held_out(lang)
        .into_iter()
        .map(|row| {
            let assessment = filter::check(
                &model,
                &row.comment,
                Live {
                    shared: &nobody,
                    site: None,
                },
            );
            ScoredExample {
                label: row.label.expect("our own comments are all labelled"),
                log_odds: assessment.log_odds,
                probability: assessment.probability,
                verdict: assessment.verdict,
                lang: Language::GROUPS
                    .into_iter()
                    .find(|l| l.code() == assessment.lang)
                    .unwrap_or_default(),
                group: None,
            }
        })
        .collect()
}

/// Shares of false positives, of spam that is called ham, and of all that is unsure.
fn shares(judged: &[ScoredExample]) -> (f64, f64, f64) {
    let share = |of: &dyn Fn(&&ScoredExample) -> bool, that: &dyn Fn(&&ScoredExample) -> bool| {
        let all = judged.iter().filter(of).count();
        judged.iter().filter(of).filter(that).count() as f64 / all.max(1) as f64
    };
    let is_ham = |row: &&ScoredExample| row.label == Label::Ham;
    let is_spam = |row: &&ScoredExample| row.label == Label::Spam;
    (
        share(&is_ham, &|row| row.verdict.side() == Some(Label::Spam)),
        share(&is_spam, &|row| row.verdict == Verdict::Ham),
        share(&|_| true, &|row| row.verdict == Verdict::Unsure),
    )
}

#[test]
fn it_is_at_most_eight_megabytes() {
    let bytes = std::fs::metadata(below("models/shipped/model.bin"))
        .expect("it is here")
        .len();
    assert!((100_000..=8_000_000).contains(&bytes), "{bytes} bytes");
}

#[test]
fn it_loads_from_its_folder_and_is_the_one_inside_the_binary() {
    let from_folder = Model::load(&below("models/shipped")).expect("it loads");
    let inside = shipped();
    assert_eq!(from_folder.card, inside.card);
    assert!(
        inside.card.spam > 1_000 && inside.card.ham > 1_000 && inside.card.features > 100_000,
        "{:?}",
        inside.card
    );
    assert!(
        inside.card.left_out.is_some(),
        "it says how it did on comments it never saw"
    );
    assert!(from_folder.entries().eq(inside.entries()));
}

#[test]
fn it_tells_spam_from_ham_among_comments_it_never_saw() {
    let (vi, en) = (judged("vi"), judged("en"));
    let all = [vi.as_slice(), en.as_slice()].concat();
    // Floors, not goals: what it reaches is printed, and stated in docs/QUALITY.md. These comments are written to be hard: of the
    // newer half the offer is often in the signature alone.
    let floors = [("vi", &vi, 0.88), ("en", &en, 0.86), ("both", &all, 0.87)];
    let reached = floors.map(|(name, judged, floor)| {
        let area = auc(judged).expect("both labels are there");
        let (false_positives, missed, unsure) = shares(judged);
        println!(
            "{name}: {} comments, AUC {area:.4}, false positives {:.2} %, spam called ham {:.2} %, unsure {:.2} %",
            judged.len(),
            false_positives * 100.0,
            missed * 100.0,
            unsure * 100.0
        );
        (name, judged.len(), area, floor, false_positives)
    });
    for (name, comments, area, floor, false_positives) in reached {
        assert!(comments > 100, "{name}: {comments} comments");
        assert!(area >= floor, "{name}: AUC {area:.4} is below {floor}");
        assert!(
            false_positives <= 0.07,
            "{name}: {:.2} % of ham called spam",
            false_positives * 100.0
        );
    }
}

#[test]
fn it_tells_kinds_of_spam_apart_among_comments_it_never_saw() {
    let categories = shipped().categories.expect("it has them");
    // Floors, not goals; chance is a fifth (the commonest kind) and less.
    for (lang, accuracy, macro_f1) in [("vi", 0.60, 0.54), ("en", 0.56, 0.50)] {
        let rows = held_out(lang);
        let named: Vec<Named> = rows
            .iter()
            .filter_map(|row| Named::of(&categories, row))
            .collect();
        let found = Figures::of(&named);
        println!(
            "{lang}: {} comments, {found:.3?}\n{}",
            named.len(),
            confusion(&named)
        );
        assert!(named.len() > 100, "{lang}: {} comments", named.len());
        assert!(
            found.accuracy >= accuracy && found.macro_f1 >= macro_f1,
            "{lang}: {found:?}"
        );
        assert!(
            found.answered >= 0.5 && found.precision > found.accuracy,
            "{lang}: {found:?}"
        );
    }
}

#[test]
fn it_is_sure_of_the_spam_in_our_own_example_and_calm_about_thanks() {
    let model = shipped();
    let nobody = Counts::default();
    let verdict = |text: &str| {
        filter::check(
            &model,
            &phin::comment::Comment::from_text(text),
            Live {
                shared: &nobody,
                site: None,
            },
        )
        .verdict
    };
    // The greeting of `phin serve` promises `true` for this.
    assert_eq!(
        verdict("Vay tiền nhanh trong ngày, không thế chấp, nợ xấu vẫn vay, zalo 0912 000 345")
            .side(),
        Some(Label::Spam)
    );
    for text in [
        "Cảm ơn bạn, bài viết rất hữu ích.",
        "Thank you, this fixed it for me!",
        "hay",
        "",
    ] {
        assert_ne!(verdict(text).side(), Some(Label::Spam), "{text:?}");
    }
}
