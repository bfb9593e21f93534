//! A ledger in, what it teaches a model for all sites out: the last label of each comment, as far as `rulings` leave it and `trust` lets all sites hear it,
//! near copies once, recent ones more. Pure; where the comment of a check is still known it is read anew, else its hashed features teach.
//!
//! What one site alone hears (withheld, quarantined) teaches nobody: else a patient attacker had only to wait for the next retrain. What an operator
//! imported is his own act and teaches unless it is quarantined.
//!
//! Near copies share two numbers of the sketch with the first of their group. A group with one label is one opinion: its newest comment teaches, with weight
//! 1. With `s` saying spam and `h` ham, the newest of each teaches, with weights `s / (s + h)` and `h / (s + h)`.

use std::collections::{BTreeMap, HashMap};
use std::fmt;

use crate::comment::{Comment, CommentId, SiteId};
use crate::features::{FEATURE_BITS, FEATURES_VERSION, Features, Outline};
use crate::learn::online::minhash;
use crate::learn::online::operator_events::Rulings;
use crate::learn::online::realm::{IMPORTED, Realm};
use crate::learn::online::trust::{Place, Speaker, Trust};
use crate::learn::train::rows::{Kinds, Prepared};
use crate::model::card::Taught;
use crate::model::categories;
use crate::store::{LedgerEntry, Millis, Ruling, Seq};
use crate::verdict::Label;

/// Numbers that the sketches of near copies share at least.
const SHARED: u8 = 2;

const DAY_MILLIS: f64 = 86_400_000.0;

/// What labels teach.
#[derive(Debug)]
pub struct Lessons {
    /// A row for each opinion.
    pub rows: Vec<Prepared>,
    /// Kinds of their buckets.
    pub kinds: Kinds,
    /// Spam whose kind its reporter named, where the text is known.
    pub named: Vec<categories::Row>,
    /// What was taken and what not.
    pub taken: Taken,
    /// Place of the last label or ruling read.
    pub last_seq: Seq,
}

impl Lessons {
    /// How a card names them.
    pub fn taught(&self) -> Taught {
        let of = |label| self.rows.iter().filter(|r| r.label == label).count() as u32;
        Taught {
            name: "ledger".to_owned(),
            licence: String::new(),
            spam: of(Label::Spam),
            ham: of(Label::Ham),
        }
    }
}

/// What became of the labels of a ledger; each is counted once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Taken {
    /// All labels read.
    pub labels: usize,
    /// Struck by a ruling.
    pub struck: usize,
    /// A later label of the same comment stands, or it repeated one.
    pub superseded: usize,
    /// The model that is retrained has learnt them already.
    pub learnt_before: usize,
    /// Nobody confirms them: they count on their own site.
    pub withheld: usize,
    /// Many contradict them: they count on their own site.
    pub quarantined: usize,
    /// Other feature code read them, and the text is gone.
    pub unreadable: usize,
    /// Near copies of others that teach.
    pub merged: usize,
    /// Groups of near copies that are spam to some and ham to others.
    pub disputed: usize,
    /// Opinions taken, of spam.
    pub spam: usize,
    /// Opinions taken, of ham.
    pub ham: usize,
    /// Of all that stand and were read: from the text.
    pub from_text: usize,
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} labels: {} teach ({} spam, {} ham)",
            self.labels,
            self.spam + self.ham,
            self.spam,
            self.ham
        )?;
        let rows = [
            (self.from_text, "read anew from the text of their check"),
            (
                self.superseded,
                "repeated, or outweighed by a later label of the same comment: left out",
            ),
            (self.merged, "near copies of others, which count once"),
            (
                self.disputed,
                "groups of near copies that some call spam and some ham: weighed by their balance",
            ),
            (self.struck, "undone: left out"),
            (
                self.learnt_before,
                "learnt already by the model it starts from: left out",
            ),
            (
                self.withheld,
                "confirmed by nobody: they count on their own site alone (phin keys vouch lifts it)",
            ),
            (
                self.quarantined,
                "contradicted by many: they count on their own site alone (phin labels --quarantined)",
            ),
            (
                self.unreadable,
                "read by another version's feature code, their text gone: left out",
            ),
        ];
        for (n, what) in rows.iter().filter(|(n, _)| *n > 0) {
            writeln!(f, "  {n} {what}")?;
        }
        Ok(())
    }
}

/// How labels are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Taking {
    /// Labels at or before this place teach nothing: the model they go to has them.
    pub after: Seq,
    /// Days in which a label loses half its weight, counted back from the newest; `None` for all alike.
    pub half_life_days: Option<f64>,
}

/// A label that cannot be of a phin's ledger.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("label {at}, on {site}, is of a foreign ledger: {why}; nothing was learnt")]
pub struct Foreign {
    /// Its place there.
    pub at: Seq,
    /// Its site.
    pub site: SiteId,
    /// What is wrong.
    pub why: &'static str,
}

/// A label that stands.
struct Standing {
    entry: LedgerEntry,
    text: Option<Comment>,
    machine: Option<Label>,
    place: Place,
    /// As `trust` counts it; `None` after a return to the machine's own verdict.
    counted: Option<(Speaker, Place)>,
}

/// Reads labels, in the order they were said, under all rulings and whose sites are whose. `text_of` gives the comment of the check where it is still known.
pub fn gather(
    labels: impl IntoIterator<Item = LedgerEntry>,
    rulings: &[Ruling],
    owners: HashMap<SiteId, String>,
    mut text_of: impl FnMut(&SiteId, CommentId) -> Option<Comment>,
    taking: Taking,
) -> Result<Lessons, Foreign> {
    let mut taken = Taken::default();
    let mut last_seq = rulings.iter().map(|r| r.seq).max().unwrap_or(0);
    let rulings = Rulings::of(rulings).with_owners(owners);
    let mut trust = Trust::default();
    // By place, so that rows come in the order of the ledger whatever the hash map's.
    let mut standing: BTreeMap<usize, Standing> = BTreeMap::new();
    let mut places: HashMap<(Realm, CommentId), usize> = HashMap::new();
    for (at, mut entry) in labels.into_iter().enumerate() {
        taken.labels += 1;
        last_seq = last_seq.max(entry.seq);
        refuse_foreign(&entry)?;
        if rulings.strike(entry.event) {
            taken.struck += 1;
            continue;
        }
        let text = text_of(&entry.site, entry.comment);
        if let Some(text) = &text {
            let mut features = Features::of(text);
            if entry.features_version == FEATURES_VERSION {
                features.keep_listed(&entry.features);
            }
            entry.sketch = minhash::sketch(&features);
            entry.outline = Outline::of(&features);
            entry.features = features.ids();
            entry.features_version = FEATURES_VERSION;
        }
        if entry.features_version != FEATURES_VERSION || !entry.outline.fits(entry.features.len()) {
            taken.unreadable += 1;
            continue;
        }
        // As `online` folds them, so that trust places each where it stands in the running layers.
        let comment = (rulings.realm_of(&entry), entry.comment);
        let before_at = places.get(&comment).copied();
        if let Some(before) = before_at.and_then(|at| standing.get_mut(&at))
            && before.entry.label == entry.label
        {
            taken.superseded += 1;
            before.entry.kind = entry.kind.or(before.entry.kind);
            continue;
        }
        let before = before_at.and_then(|at| standing.remove(&at));
        taken.superseded += usize::from(before.is_some());
        if let Some(counted) = before.as_ref().and_then(|b| b.counted) {
            trust.falls(counted.0, counted.1);
        }
        let machine = before.as_ref().map_or(entry.machine, |b| b.machine);
        let (speaker, place) = trust.place(&entry, &rulings);
        let is_taken_back =
            machine == Some(entry.label) && before.is_some_and(|b| b.counted.is_some());
        if !is_taken_back {
            trust.stands(speaker, place);
        }
        places.insert(comment, at);
        standing.insert(
            at,
            Standing {
                entry,
                text,
                machine,
                place,
                counted: (!is_taken_back).then_some((speaker, place)),
            },
        );
    }
    Ok(lessons(
        standing.into_values().collect(),
        taken,
        last_seq,
        taking,
    ))
}

/// What stands, as rows.
fn lessons(standing: Vec<Standing>, mut taken: Taken, last_seq: Seq, taking: Taking) -> Lessons {
    let newest = standing.iter().map(|s| s.entry.at).max().unwrap_or(0);
    let mut heard = Vec::with_capacity(standing.len());
    for one in standing {
        let entry = &one.entry;
        let is_imported = entry.key_name == IMPORTED && entry.reporter.as_deref() == Some(IMPORTED);
        match one.place {
            _ if entry.seq <= taking.after => taken.learnt_before += 1,
            Place::Quarantined => taken.quarantined += 1,
            Place::Withheld if !is_imported => taken.withheld += 1,
            _ => heard.push(one),
        }
    }
    taken.from_text = heard.iter().filter(|one| one.text.is_some()).count();
    let (mut rows, mut kinds, mut named) = (Vec::new(), Kinds::default(), Vec::new());
    for group in groups(&heard) {
        let (members, all) = (&group, &heard);
        let of = |label| {
            members
                .iter()
                .filter(move |&&at| all[at].entry.label == label)
        };
        let sizes = [of(Label::Ham).count(), of(Label::Spam).count()];
        taken.disputed += usize::from(sizes.iter().all(|&size| size > 0));
        for label in [Label::Ham, Label::Spam] {
            let Some(&newest_of) = of(label).max_by_key(|&&at| (heard[at].entry.at, at)) else {
                continue;
            };
            let one = &heard[newest_of].entry;
            let balance = sizes[label as usize] as f32 / group.len() as f32;
            let weight = balance * recency(one.at, newest, taking.half_life_days);
            match label {
                Label::Spam => taken.spam += 1,
                Label::Ham => taken.ham += 1,
            }
            taken.merged += sizes[label as usize] - 1;
            kinds.note_outline(&one.features, &one.outline);
            rows.push(row(one, weight, &heard[group[0]].entry));
        }
    }
    for one in heard {
        if let (Label::Spam, Some(kind), Some(comment)) =
            (one.entry.label, one.entry.kind, one.text)
        {
            named.push(categories::Row::of(&Features::of(&comment), kind));
        }
    }
    Lessons {
        rows,
        kinds,
        named,
        taken,
        last_seq,
    }
}

fn row(entry: &LedgerEntry, weight: f32, first_of_group: &LedgerEntry) -> Prepared {
    let (ids, parts) = entry.outline.by_part(&entry.features);
    let first: Vec<u8> = first_of_group
        .features
        .iter()
        .flat_map(|id| id.to_le_bytes())
        .collect();
    let group = rapidhash::v3::rapidhash_v3(&first);
    Prepared {
        echo: entry.outline.echo.clone(),
        weight,
        language: entry.outline.language,
        is_foreign: entry.outline.is_foreign,
        skeleton: group,
        likeness: group,
        group,
        fields: entry.outline.fields,
        ..Prepared::of_buckets(&ids, parts, entry.label)
    }
}

/// Places of near copies, together; groups and their members in the order they came.
fn groups(heard: &[Standing]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut with: HashMap<(usize, u32), Vec<usize>> = HashMap::new();
    for (at, one) in heard.iter().enumerate() {
        let numbers = || one.entry.sketch.iter().copied().enumerate();
        let mut shared: BTreeMap<usize, u8> = BTreeMap::new();
        for group in numbers().filter_map(|n| with.get(&n)).flatten() {
            *shared.entry(*group).or_default() += 1;
        }
        // The group it shares most with; of equals the first.
        let nearest = shared
            .into_iter()
            .filter(|(_, n)| *n >= SHARED)
            .max_by_key(|&(group, n)| (n, std::cmp::Reverse(group)));
        match nearest {
            Some((group, _)) => groups[group].push(at),
            None => {
                // Only the first of a group is known by its numbers: else a chain of small changes would join what has nothing in common.
                for number in numbers() {
                    with.entry(number).or_default().push(groups.len());
                }
                groups.push(vec![at]);
            }
        }
    }
    groups
}

fn recency(at: Millis, newest: Millis, half_life_days: Option<f64>) -> f32 {
    half_life_days.map_or(1.0, |days| {
        let age_days = (newest - at).max(0) as f64 / DAY_MILLIS;
        0.5_f64.powf(age_days / days) as f32
    })
}

fn refuse_foreign(entry: &LedgerEntry) -> Result<(), Foreign> {
    let foreign = |why| {
        Err(Foreign {
            at: entry.seq,
            site: entry.site.clone(),
            why,
        })
    };
    if !entry.features.is_sorted_by(|a, b| a < b) {
        return foreign("its features are not in ascending order");
    }
    let is_ours = entry.features_version == FEATURES_VERSION;
    if is_ours
        && entry
            .features
            .last()
            .is_some_and(|&id| id >> FEATURE_BITS > 0)
    {
        return foreign("it has features that do not exist");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
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

    fn take(labels: Vec<LedgerEntry>, taking: Taking) -> Lessons {
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
        let lessons = take(labels, Taking::default());
        let labels: Vec<Label> = lessons.rows.iter().map(|row| row.label).collect();
        assert_eq!(labels, [Label::Ham, Label::Spam]);
        assert_eq!((lessons.taken.superseded, lessons.last_seq), (2, 90));
        assert_eq!((lessons.taught().spam, lessons.taught().ham), (1, 1));
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
            let lessons = gather(
                [label.clone()],
                &[vouched()],
                HashMap::new(),
                |_, _| text.clone(),
                Taking::default(),
            );
            let lessons = lessons.expect("our own label");
            assert_eq!(lessons.rows[0].circumstance, [bucket]);
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
        let lessons = gather(
            labels,
            &[vouched(), strike],
            HashMap::new(),
            |_, _| None,
            taking,
        )
        .expect("ours");
        let taken = lessons.taken;
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
        let of = |lessons: &Lessons| {
            let row = &lessons.rows[0];
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
}
