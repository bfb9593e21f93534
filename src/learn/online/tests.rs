//! Ledgers of labels in, layers and places out: the group laws, undos, other models, and whose
//! labels count where.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;
use crate::features::{Shares, View};
use crate::learn::online::minhash::BANDS;
use crate::model::counts::Counts;
use crate::store::{Ruled, Ruling, Selection, Seq};

fn site_of(number: u64) -> SiteId {
    SiteId::parse(&format!("blog{number}.example")).expect("a site")
}

fn realm(number: u64) -> Realm {
    Realm::of_site(&site_of(number))
}

fn entry(seq: Seq, comment: u64, label: Label, machine: Option<Label>) -> LedgerEntry {
    LedgerEntry {
        seq,
        event: seq,
        at: 0,
        site: site_of(0),
        comment: CommentId(comment),
        label,
        machine,
        reporter: None,
        key_name: "operator".into(),
        features: vec![comment as u32, 1000 + comment as u32 % 3],
        features_version: FEATURES_VERSION,
        kind: None,
        outline: Default::default(),
        shares: Default::default(),
        sketch: vec![],
        checked: None,
    }
}

#[derive(Debug, Default)]
struct Ledger(Vec<LedgerEntry>);

impl RecordedLabels for Ledger {
    fn label_at(&self, seq: Seq) -> Option<LedgerEntry> {
        self.0.iter().find(|entry| entry.seq == seq).cloned()
    }
}

fn fold_under(entries: &[LedgerEntry], rulings: OperatorEvents) -> (Online, Vec<Effect>) {
    fold_behind(0, entries, rulings)
}

/// A model that has learnt all labels up to a place.
fn taught(ledger_seq: Seq) -> Arc<Model> {
    static COLD: std::sync::OnceLock<Model> = std::sync::OnceLock::new();
    static MODELS: Mutex<BTreeMap<Seq, Arc<Model>>> = Mutex::new(BTreeMap::new());
    let model = || {
        let mut model = COLD.get_or_init(Model::cold).clone();
        model.card.ledger_seq = ledger_seq;
        Arc::new(model)
    };
    Arc::clone(lock(&MODELS).entry(ledger_seq).or_insert_with(model))
}

fn fold_behind(
    learnt: Seq,
    entries: &[LedgerEntry],
    rulings: OperatorEvents,
) -> (Online, Vec<Effect>) {
    let told = Arc::new(Ledger(entries.to_vec()));
    let online = Online::new(told, taught(learnt), rulings, SITE_LAYERS_BYTES);
    let effects = entries.iter().map(|entry| online.fold(entry)).collect();
    (online, effects)
}

/// The operator's own key is vouched for.
fn vouch() -> Ruling {
    let key_name = "operator".to_owned();
    Ruling {
        seq: 999,
        event: 999,
        at: 0,
        ruled: Ruled::Vouch { key_name },
    }
}

fn fold_all(entries: &[LedgerEntry]) -> (Online, Vec<Effect>) {
    fold_under(entries, OperatorEvents::of(&[vouch()]))
}

#[test]
fn labels_of_a_site_are_told_by_class_and_apart_from_those_of_others() {
    let elsewhere = LedgerEntry {
        site: site_of(1),
        ..entry(4, 9, Spam, None)
    };
    let entries = [
        entry(1, 7, Spam, None),
        entry(2, 8, Spam, None),
        entry(3, 7, Ham, None),
        elsewhere,
    ];
    let (online, _) = fold_all(&entries);
    let expected = SiteLabels {
        spam: 1,
        ham: 1,
        shared: 3,
        elsewhere: 1,
    };
    assert_eq!(online.labels(&realm(0)), expected);
    let stranger = online.labels(&realm(2));
    assert_eq!((stranger.own(), stranger.elsewhere), (0, 3));
    // What the model has learnt is counted for its own site alone.
    let (online, _) = fold_behind(4, &entries, OperatorEvents::of(&[vouch()]));
    let of = online.labels(&realm(0));
    assert_eq!((of.own(), of.shared, of.elsewhere), (2, 0, 0));
}

fn counts(online: &Online) -> Counts {
    online.with_live(&realm(0), |_, live| live.shared.clone())
}

fn own(online: &Online, site: u64) -> Counts {
    online.with_live(&realm(site), |_, live| {
        live.site.cloned().unwrap_or_default()
    })
}

use Label::{Ham, Spam};

#[test]
fn an_opposite_label_takes_the_first_back_and_adds_itself() {
    let (turned, effects) = fold_all(&[entry(1, 7, Spam, None), entry(2, 7, Ham, None)]);
    let (only, _) = fold_all(&[entry(1, 7, Ham, None)]);
    assert_eq!(effects, [Effect::Learnt, Effect::Turned]);
    assert_eq!(counts(&turned), counts(&only));
}

#[test]
fn returning_to_the_machines_own_verdict_leaves_nothing_behind() {
    let (online, effects) = fold_all(&[entry(1, 7, Spam, Some(Ham)), entry(2, 7, Ham, Some(Ham))]);
    assert_eq!(effects, [Effect::Learnt, Effect::TakenBack]);
    assert_eq!(counts(&online), Counts::default());
    assert_eq!(own(&online, 0), Counts::default());
    let (online, effects) = fold_all(&[
        entry(1, 7, Spam, Some(Ham)),
        entry(2, 7, Ham, Some(Ham)),
        entry(3, 7, Spam, Some(Ham)),
    ]);
    assert_eq!(effects[2], Effect::Turned);
    assert_eq!(
        counts(&online),
        counts(&fold_all(&[entry(1, 7, Spam, None)]).0)
    );
}

#[test]
fn saying_the_same_again_changes_nothing() {
    let (twice, effects) = fold_all(&[entry(1, 7, Spam, None), entry(2, 7, Spam, None)]);
    assert_eq!(effects[1], Effect::Known);
    assert_eq!(
        counts(&twice),
        counts(&fold_all(&[entry(1, 7, Spam, None)]).0)
    );
}

#[test]
fn what_other_code_read_is_said_and_saying_it_again_teaches_it() {
    let unread = |seq, label| LedgerEntry {
        features_version: FEATURES_VERSION - 1,
        ..entry(seq, 7, label, None)
    };
    let (online, effects) = fold_all(&[unread(1, Spam), unread(2, Ham)]);
    assert_eq!(effects, [Effect::Unreadable; 2]);
    let standing = |online: &Online| online.label_of(&realm(0), CommentId(7));
    assert_eq!(standing(&online), Some(Ham));
    assert!(!online.stands_at(&realm(0), CommentId(7), Ham));
    let again = [
        unread(1, Ham),
        entry(2, 7, Ham, None),
        entry(3, 7, Ham, None),
    ];
    let (online, effects) = fold_all(&again);
    assert_eq!(effects[1..], [Effect::Learnt, Effect::Known]);
    assert_eq!(counts(&online), counts(&fold_all(&again[1..2]).0));
    // An import brings old labels after new ones.
    let (online, _) = fold_all(&[entry(1, 7, Ham, None), unread(2, Spam)]);
    assert_eq!(standing(&online), Some(Ham));
}

#[test]
fn a_site_that_was_dropped_from_memory_comes_back_the_same_and_memory_stays_bounded() {
    let mut entries = Vec::new();
    for number in 0..200 {
        let seq = number + 1;
        let mut entry = entry(seq, number, if number % 3 == 0 { Ham } else { Spam }, None);
        entry.site = site_of(number % 20);
        entry.features = (number as u32 * 50..number as u32 * 50 + 80).collect();
        entries.push(entry);
    }
    let told = Arc::new(Ledger(entries.clone()));
    let bound = 60_000;
    let narrow = Online::new(told.clone(), taught(0), OperatorEvents::default(), bound);
    let wide = Online::new(told, taught(0), OperatorEvents::default(), usize::MAX);
    for entry in &entries {
        narrow.fold(entry);
        wide.fold(entry);
        for site in [entry.seq % 20, entry.seq % 7] {
            assert_eq!(own(&narrow, site), own(&wide, site));
            assert!(narrow.layers_bytes() <= bound, "{}", narrow.layers_bytes());
        }
    }
    assert!(wide.layers_bytes() > bound, "the bound was never met");
}

fn undo(event: u64, events: Vec<u64>) -> Ruling {
    let chosen = Selection::default();
    Ruling {
        seq: event,
        event,
        at: 0,
        ruled: Ruled::Undo { chosen, events },
    }
}

/// Labels of several keys, reporters and sites about a few texts, some of them near copies of each
/// other.
fn history() -> impl Strategy<Value = Vec<LedgerEntry>> {
    let people = (0_u8..6, 0_u8..3, 0_u8..3);
    let one = (0_u64..4, 0_u64..5, any::<bool>(), people, 0_u8..=16);
    proptest::collection::vec(one, 0..120).prop_map(|all| {
        all.into_iter()
            .enumerate()
            .map(
                |(at, (site, text, spam, (key, reporter, machine), share))| LedgerEntry {
                    site: site_of(site),
                    reporter: (reporter > 0).then(|| format!("r{reporter}")),
                    key_name: if key == 0 {
                        "operator".into()
                    } else {
                        format!("k{key}")
                    },
                    machine: [None, Some(Ham), Some(Spam)][usize::from(machine)],
                    sketch: vec![text as u32 % 3; BANDS],
                    checked: None,
                    // The shares are arbitrary; what matters is that the same ones are subtracted.
                    shares: Shares::ALL.with(View::Text, f64::from(share) / 16.0),
                    ..entry(at as u64 + 1, text, if spam { Spam } else { Ham }, None)
                },
            )
            .collect()
    })
}

#[track_caller]
fn assert_same(one: &Online, other: &Online) {
    assert_eq!(counts(one), counts(other));
    for site in 0..4 {
        assert_eq!(own(one, site), own(other, site));
        assert_eq!(one.labels(&realm(site)), other.labels(&realm(site)));
    }
    for key in 0..6 {
        let name = format!("k{key}");
        assert_eq!(one.credit_of(&name), other.credit_of(&name));
    }
}

proptest! {
    #[test]
    fn only_the_last_label_of_each_comment_remains(history in proptest::collection::vec((0_u64..6, any::<bool>()), 0..40)) {
        let entries: Vec<LedgerEntry> = history.iter().enumerate().map(|(at, &(comment, spam))| entry(at as u64 + 1, comment, if spam { Spam } else { Ham }, None)).collect();
        let mut last: HashMap<u64, LedgerEntry> = HashMap::new();
        for entry in &entries {
            last.insert(entry.comment.0, entry.clone());
        }
        let last: Vec<LedgerEntry> = last.into_values().collect();
        prop_assert_eq!(counts(&fold_all(&entries).0), counts(&fold_all(&last).0));
    }

    #[test]
    fn what_is_undone_was_never_said(history in history(), undos in proptest::collection::vec((proptest::collection::vec(1_u64..120, 0..40), proptest::option::of(0_usize..6)), 0..6)) {
        // Each undo strikes labels, and perhaps an earlier undo.
        let mut rulings: Vec<Ruling> = vec![vouch()];
        let first = rulings.len();
        for (mut events, earlier) in undos {
            if let Some(undone) = earlier.and_then(|at| rulings.get(first + at)) {
                events.push(undone.event);
            }
            rulings.push(undo(1_000 + rulings.len() as u64, events));
        }
        // What is struck, found out the slow way: from the last undo to the first.
        let mut struck: HashSet<u64> = HashSet::new();
        for ruling in rulings.iter().rev() {
            if let Ruled::Undo { events, .. } = &ruling.ruled && !struck.contains(&ruling.event) {
                struck.extend(events);
            }
        }
        let (undone, _) = fold_under(&history, OperatorEvents::of(&rulings));
        // The short way, from layers that knew everything, is the same.
        let (all, _) = fold_all(&history);
        (0..3).for_each(|site| { own(&all, site); });
        let beside = all.under(taught(0), OperatorEvents::of(&rulings), history.iter().cloned().map(Ok::<_, ()>)).expect("folds");
        assert_same(&beside, &undone);
        assert_same(&all, &fold_all(&history).0);
        all.adopt(beside);
        assert_same(&all, &undone);
        let left: Vec<LedgerEntry> = history.iter().filter(|e| !struck.contains(&e.event)).cloned().collect();
        let (never, _) = fold_all(&left);
        assert_same(&undone, &never);
        // And undoing all undos, one by one from the last, is as if nothing had been undone.
        let mut all = rulings.clone();
        for (at, ruling) in rulings[first..].iter().rev().enumerate() {
            all.push(undo(2_000 + at as u64, vec![ruling.event]));
        }
        assert_same(&fold_under(&history, OperatorEvents::of(&all)).0, &fold_all(&history).0);
    }

    #[test]
    fn models_come_and_go_and_labels_older_than_the_live_one_are_undone_as_if_never_said(
        history in history(),
        steps in proptest::collection::vec((0_u64..8, proptest::collection::vec(1_u64..120, 0..20)), 1..5),
    ) {
        let mut rulings = vec![vouch()];
        let (online, _) = fold_under(&history, OperatorEvents::of(&rulings));
        for (learnt, struck) in steps {
            (0..3).for_each(|site| { own(&online, site); });
            rulings.push(undo(1_000 + rulings.len() as u64, struck));
            let ledger = history.iter().cloned().map(Ok::<_, ()>);
            let beside = online.under(taught(learnt * 20), OperatorEvents::of(&rulings), ledger).expect("folds");
            online.adopt(beside);
            let (fresh, _) = fold_behind(learnt * 20, &history, OperatorEvents::of(&rulings));
            assert_same(&online, &fresh);
            let left: Vec<LedgerEntry> = history.iter().filter(|e| online.now(e) != Now::Struck).cloned().collect();
            let (never, _) = fold_behind(learnt * 20, &left, OperatorEvents::of(&[vouch()]));
            assert_same(&online, &never);
        }
    }

    #[test]
    fn layers_are_the_sum_over_the_labels_that_stand_there(history in history()) {
        let (online, _) = fold_all(&history);
        let (mut shared, mut sites) = (Counts::default(), vec![Counts::default(); 4]);
        for entry in &history {
            if let Now::Counted(place) = online.now(entry) {
                if place.is_for_all_sites() { shared.add_dealt(&entry.features, &entry.shares, entry.label); }
                let at = (0..4).find(|&n| site_of(n) == entry.site).expect("one of four");
                sites[at as usize].add_dealt(&entry.features, &entry.shares, entry.label);
            }
        }
        prop_assert_eq!(counts(&online), shared);
        for (at, counts) in sites.iter().enumerate() {
            prop_assert_eq!(&own(&online, at as u64), counts);
        }
    }

    #[test]
    fn each_key_hears_its_own_words_and_the_operators_where_it_said_nothing(history in history(), owner in 1_u8..6) {
        let owners: HashMap<_, _> = [(site_of(0), format!("k{owner}"))].into();
        let rulings = || OperatorEvents::of(&[vouch()]).with_owners(owners.clone());
        let told = Arc::new(Ledger(history.clone()));
        let online = Online::new(told, taught(0), rulings(), SITE_LAYERS_BYTES);
        let keys: Vec<String> = (1..6).map(|n| format!("k{n}")).collect();
        let hears = |online: &Online, realm: &Realm| online.with_live(realm, |_, live| live.site.cloned().unwrap_or_default());
        for entry in &history {
            online.fold(entry);
            // Layers that are in memory have to follow.
            keys.iter().for_each(|key| drop(hears(&online, &online.realm(&entry.site, key))));
        }
        let (fresh, _) = fold_under(&history, rulings());
        for (site, key) in (0..4).flat_map(|site| keys.iter().map(move |key| (site, key))) {
            let realm = online.realm(&site_of(site), key);
            prop_assert_eq!(realm.key.is_none(), site == 0 && *key == format!("k{owner}"));
            let mut expected = Counts::default();
            let own: HashSet<CommentId> = history.iter().filter(|e| online.realm_of(e) == realm).map(|e| e.comment).collect();
            for entry in &history {
                let said_in = online.realm_of(entry);
                let is_heard = said_in == realm || (Some(said_in) == realm.beside() && !own.contains(&entry.comment));
                if is_heard && matches!(online.now(entry), Now::Counted(_)) {
                    expected.add_dealt(&entry.features, &entry.shares, entry.label);
                }
            }
            prop_assert_eq!(&hears(&online, &realm), &expected);
            prop_assert_eq!(&hears(&fresh, &realm), &expected);
        }
        // Giving a site away is as if it had always been so.
        let given: HashMap<_, _> = [(site_of(1), "k1".to_owned())].into();
        let anew = || OperatorEvents::of(&[vouch()]).with_owners(given.clone());
        let beside = online.under(taught(0), anew(), history.iter().cloned().map(Ok::<_, ()>)).expect("folds");
        let (fresh, _) = fold_under(&history, anew());
        for (site, key) in (0..4).flat_map(|site| keys.iter().map(move |key| (site, key))) {
            let realm = fresh.realm(&site_of(site), key);
            prop_assert_eq!(hears(&beside, &realm), hears(&fresh, &realm));
        }
    }

    #[test]
    fn undoing_the_last_label_leaves_what_was_before(history in history()) {
        prop_assume!(!history.is_empty());
        let (_, before) = history.split_last().expect("not empty");
        let last = history.len() as u64;
        let (undone, _) = fold_under(&history, OperatorEvents::of(&[vouch(), undo(1_000, vec![last])]));
        assert_same(&undone, &fold_all(before).0);
    }
}
