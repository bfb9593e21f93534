//! Small ledgers in, the rows they become and the count of what was left out.

use super::*;
use crate::comment::Spot;
use crate::features::Shares;
use crate::features::listed_bucket;
use crate::store::Ruled;
use crate::verdict::Category;

const LOAN: &str = "vay tiền nhanh trong ngày không thế chấp lãi suất thấp nhất liên hệ chị hoa số điện thoại bên dưới";

/// A label of a key that the operator vouches for.
fn said(seq: Seq, text: &str, label: Label) -> LedgerEntry {
    let comment = Comment::from_text(text);
    let features = Features::of(&comment);
    let site = SiteId::parse("blog.example").expect("a site");
    LedgerEntry {
        checked: None,
        seq,
        event: seq,
        at: seq as Millis * 86_400_000,
        comment: CommentId::of(&site, &comment),
        site,
        label,
        machine: None,
        reporter: None,
        key_name: "mine".into(),
        features: features.ids(),
        features_version: FEATURES_VERSION,
        kind: None,
        sketch: minhash::sketch(&features),
        outline: Outline::of(&features),
        shares: Shares::ALL,
    }
}

fn ruling(seq: Seq, ruled: Ruled) -> Ruling {
    Ruling {
        seq,
        event: seq,
        at: 0,
        ruled,
    }
}

fn vouched() -> Ruling {
    let key_name = "mine".into();
    ruling(90, Ruled::Vouch { key_name })
}

fn take(labels: Vec<LedgerEntry>, taking: Taking) -> TrainingSet {
    gather(labels, &[vouched()], HashMap::new(), |_, _| None, taking).expect("our own labels")
}

#[test]
fn the_last_label_of_a_comment_teaches_alone() {
    let labels = vec![
        said(1, LOAN, Label::Ham),
        said(2, "bài rất hay", Label::Ham),
        said(3, LOAN, Label::Spam),
        said(4, LOAN, Label::Spam),
    ];
    let training = take(labels, Taking::default());
    let labels: Vec<Label> = training.rows.iter().map(|row| row.label).collect();
    assert_eq!(labels, [Label::Ham, Label::Spam]);
    assert_eq!((training.taken.superseded, training.last_seq), (2, 90));
    assert_eq!((training.taught().spam, training.taught().ham), (1, 1));
}

#[test]
fn what_returned_to_the_machine_s_own_verdict_teaches_too_and_may_turn_again() {
    let of = |seq, label| LedgerEntry {
        machine: Some(Label::Ham),
        ..said(seq, LOAN, label)
    };
    let mut labels = vec![of(1, Label::Spam), of(2, Label::Ham)];
    assert_eq!(take(labels.clone(), Taking::default()).taken.ham, 1);
    labels.push(of(3, Label::Spam));
    assert_eq!(take(labels, Taking::default()).taken.spam, 1);
}

#[test]
fn a_comment_that_is_read_again_still_meets_the_lists_it_met() {
    let comment = Comment::from_text(LOAN.repeat(5));
    let mut features = Features::of(&comment);
    features.add_listed("wave", Spot::Link, "casino.example");
    let label = LedgerEntry {
        features: features.ids(),
        outline: Outline::of(&features),
        ..said(1, &comment.text, Label::Spam)
    };
    let bucket = listed_bucket("wave", Spot::Link);
    for text in [None, Some(comment)] {
        let training = gather(
            [label.clone()],
            &[vouched()],
            HashMap::new(),
            |_, _| text.clone(),
            Taking::default(),
        );
        let training = training.expect("our own label");
        assert_eq!(training.rows[0].circumstance, [bucket]);
    }
}

#[test]
fn near_copies_are_one_opinion_and_disputed_ones_weigh_their_balance() {
    let copy = |seq, label| said(seq, &format!("{LOAN} {seq}"), label);
    let alike = take(
        (1..=4).map(|n| copy(n, Label::Spam)).collect(),
        Taking::default(),
    );
    assert_eq!((alike.rows.len(), alike.taken.merged), (1, 3));
    assert_eq!(alike.rows[0].weight, 1.0);
    let mut labels: Vec<_> = (1..=3).map(|n| copy(n, Label::Spam)).collect();
    labels.push(copy(4, Label::Ham));
    let disputed = take(labels, Taking::default());
    let weights: Vec<_> = disputed.rows.iter().map(|r| (r.label, r.weight)).collect();
    assert_eq!(weights, [(Label::Ham, 0.25), (Label::Spam, 0.75)]);
    assert_eq!(disputed.rows[0].skeleton, disputed.rows[1].skeleton);
    assert_eq!((disputed.taken.disputed, disputed.taken.merged), (1, 2));
}

#[test]
fn a_label_loses_half_its_weight_in_a_half_life_counted_from_the_newest() {
    let labels = vec![
        said(1, LOAN, Label::Spam),
        said(11, "bài rất hay", Label::Ham),
    ];
    let taking = Taking {
        half_life_days: Some(5.0),
        ..Taking::default()
    };
    let weights: Vec<f32> = take(labels, taking).rows.iter().map(|r| r.weight).collect();
    assert_eq!(weights, [0.25, 1.0]);
}

#[test]
fn struck_withheld_and_learnt_labels_teach_nothing_and_are_named() {
    let strike = ruling(
        91,
        Ruled::Undo {
            chosen: Default::default(),
            events: vec![1],
        },
    );
    let stranger = LedgerEntry {
        key_name: "new".into(),
        ..said(3, "xin chào các bạn", Label::Ham)
    };
    let imported = LedgerEntry {
        key_name: IMPORTED.into(),
        reporter: Some(IMPORTED.into()),
        ..said(4, "chúc mừng năm mới", Label::Ham)
    };
    let labels = vec![
        said(1, LOAN, Label::Spam),
        said(2, "bài rất hay", Label::Ham),
        stranger,
        imported,
    ];
    let taking = Taking {
        after: 2,
        ..Taking::default()
    };
    let training = gather(
        labels,
        &[vouched(), strike],
        HashMap::new(),
        |_, _| None,
        taking,
    )
    .expect("ours");
    let taken = training.taken;
    assert_eq!(
        (taken.struck, taken.learnt_before, taken.withheld, taken.ham),
        (1, 1, 1, 1)
    );
    let told = taken.to_string();
    assert!(
        told.contains("1 undone") && told.contains("1 confirmed by nobody"),
        "{told}"
    );
}

#[test]
fn features_of_other_code_count_only_where_the_text_is_kept() {
    let old = LedgerEntry {
        features_version: FEATURES_VERSION + 1,
        features: vec![1, 2],
        kind: Some(Category::Loans),
        ..said(1, LOAN, Label::Spam)
    };
    let gone = take(vec![old.clone()], Taking::default());
    assert_eq!((gone.rows.len(), gone.taken.unreadable), (0, 1));
    let kept = |_: &SiteId, _| Some(Comment::from_text(LOAN));
    let kept = gather(
        vec![old],
        &[vouched()],
        HashMap::new(),
        kept,
        Taking::default(),
    )
    .expect("ours");
    assert_eq!(
        kept.rows[0].content,
        Features::of(&Comment::from_text(LOAN)).ids()
    );
    assert_eq!((kept.named.len(), kept.taken.from_text), (1, 1));
}

#[test]
fn hashed_features_teach_as_the_text_does() {
    let text = format!("{} vay tiền nhanh", "hôm nay trời đẹp quá ".repeat(20));
    let label = said(1, &text, Label::Spam);
    let hashed = take(vec![label.clone()], Taking::default());
    let read = |_: &SiteId, _| Some(Comment::from_text(text.clone()));
    let read = gather(
        vec![label],
        &[vouched()],
        HashMap::new(),
        read,
        Taking::default(),
    )
    .expect("ours");
    let of = |training: &TrainingSet| {
        let row = &training.rows[0];
        (
            row.content.clone(),
            row.parts.clone(),
            row.fields,
            row.language,
        )
    };
    assert_eq!(of(&hashed), of(&read));
}

#[test]
fn a_foreign_label_is_refused_by_name() {
    let odd = LedgerEntry {
        features: vec![5, 3],
        ..said(7, LOAN, Label::Spam)
    };
    let error = gather(
        vec![odd],
        &[],
        HashMap::new(),
        |_, _| None,
        Taking::default(),
    )
    .expect_err("foreign");
    assert!(
        error.to_string().contains("label 7, on blog.example"),
        "{error}"
    );
}
