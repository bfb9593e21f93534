//! Labels of new, old and vouched keys in, their places out.

use super::*;
use crate::comment::{CommentId, SiteId};

fn said(key: &str, reporter: Option<&str>, text: u32, label: Label) -> LedgerEntry {
    LedgerEntry {
        seq: 0,
        event: 0,
        at: 0,
        site: SiteId::parse(&format!("{key}.example")).expect("a site"),
        comment: CommentId(u64::from(text)),
        label,
        machine: None,
        reporter: reporter.map(str::to_owned),
        key_name: key.into(),
        features: vec![text],
        features_version: 1,
        kind: None,
        outline: Default::default(),
        shares: Default::default(),
        sketch: vec![text; BANDS],
        checked: None,
    }
}

/// Says it, and has it counted.
fn say(trust: &mut Trust, entry: &LedgerEntry) -> Place {
    say_under(trust, entry, &OperatorEvents::default())
}

fn say_under(trust: &mut Trust, entry: &LedgerEntry, events: &OperatorEvents) -> Place {
    let (contributors, place) = trust.place(entry, events);
    trust.add(contributors, place);
    place
}

fn vouched(key: &str) -> OperatorEvents {
    let key_name = key.to_owned();
    OperatorEvents::of(&[crate::store::Ruling {
        seq: 1,
        event: 1,
        at: 0,
        ruled: crate::store::Ruled::Vouch { key_name },
    }])
}

use Label::{Ham, Spam};
use Place::{Lent, Quarantined, Shared, Withheld};

#[test]
fn nobody_hears_a_new_key_until_a_crowd_confirms_it_and_then_once_for_each_text() {
    let mut trust = Trust::default();
    for n in 0..CROWD_AGREES {
        let key = format!("k{n}");
        assert_eq!(say(&mut trust, &said(&key, None, 7, Spam)), Withheld, "{n}");
    }
    assert_eq!(say(&mut trust, &said("last", None, 7, Spam)), Shared);
    assert_eq!(say(&mut trust, &said("late", None, 7, Spam)), Withheld);
    assert_eq!(say(&mut trust, &said("against", None, 7, Ham)), Quarantined);
}

#[test]
fn keys_that_are_no_crowd_move_nobody_however_much_they_say_and_whatever_others_hear() {
    for mut trust in [Trust::default(), after_ten_thousand()] {
        for text in 0..500 {
            for n in 0..CROWD_AGREES {
                let (key, label) = (format!("k{n}"), [Spam, Ham][text as usize % 2]);
                assert_eq!(
                    say(&mut trust, &said(&key, None, text, label)),
                    Withheld,
                    "{key} {text}"
                );
            }
        }
    }
}

/// A ledger in which the operator said ten thousand things.
fn after_ten_thousand() -> Trust {
    let mut trust = Trust::default();
    for text in 10_000..20_000 {
        say_under(
            &mut trust,
            &said("operator", None, text, Ham),
            &vouched("operator"),
        );
    }
    trust
}

#[test]
fn agreement_gives_credit_and_one_accomplice_gives_only_so_much() {
    let mut trust = after_ten_thousand();
    // An older key: the operator had said so before it did.
    for text in 10_000..10_050 {
        say_under(
            &mut trust,
            &said("older", None, text, Ham),
            &vouched("operator"),
        );
    }
    let once = u32::from(MOST_FROM_ONE);
    assert_eq!(trust.credit_of("older"), (0, once));
    // Who agrees with one older key fifty times has earned five, and says the next five on that.
    for text in 0..50 {
        say(&mut trust, &said("older", None, text, Spam));
        say(&mut trust, &said("new", None, text, Spam));
    }
    assert_eq!(trust.credit_of("new"), (once, once));
    say_under(
        &mut trust,
        &said("new", None, 10_060, Ham),
        &vouched("operator"),
    );
    assert_eq!(trust.credit_of("new"), (once, once + 1));
    let places: Vec<Place> = (100..110)
        .map(|text| say(&mut trust, &said("new", None, text, Spam)))
        .collect();
    assert_eq!(places.iter().filter(|p| **p == Lent).count(), 1);
    assert_eq!(places[9], Withheld);
    // Taken back, it makes room again.
    let new = trust.contributors(&said("new", None, 100, Spam));
    trust.remove(new, Lent);
    assert_eq!(say(&mut trust, &said("new", None, 200, Spam)), Lent);
}

#[test]
fn no_voice_is_heard_unconfirmed_more_than_once_in_a_thousand() {
    let mut trust = after_ten_thousand();
    for other in 0..40 {
        let older = format!("k{other}");
        for text in 10_000..10_000 + u32::from(MOST_FROM_ONE) {
            say_under(
                &mut trust,
                &said(&older, None, text, Ham),
                &vouched("operator"),
            );
            say(&mut trust, &said("popular", None, text, Ham));
        }
    }
    for text in 100..400 {
        say(&mut trust, &said("popular", None, text, Spam));
    }
    let (lent, credit) = trust.credit_of("popular");
    assert_eq!((lent, credit), (10, trust.shared / ONE_IN));
}

#[test]
fn a_new_reporter_has_none_of_the_credit_of_his_key() {
    let mut trust = after_ten_thousand();
    for text in 10_000..10_008 {
        let agreed = said("shop", Some("an"), text, Ham);
        say_under(&mut trust, &agreed, &vouched("operator"));
    }
    assert_eq!(
        say(&mut trust, &said("shop", Some("new"), 100, Spam)),
        Withheld
    );
    assert_eq!(say(&mut trust, &said("shop", Some("an"), 100, Spam)), Lent);
}

#[test]
fn what_many_others_contradict_is_quarantined_unless_the_operator_vouches() {
    let mut trust = Trust::default();
    for key in ["a", "b"] {
        say(&mut trust, &said(key, None, 7, Spam));
    }
    assert_eq!(say(&mut trust, &said("x", None, 7, Ham)), Withheld);
    for key in ["c", "d", "e"] {
        say(&mut trust, &said(key, None, 7, Spam));
    }
    assert_eq!(say(&mut trust, &said("y", None, 7, Ham)), Quarantined);
    assert_eq!(
        say_under(&mut trust, &said("y", None, 7, Ham), &vouched("y")),
        Shared
    );
}

#[test]
fn a_flood_is_told_once_an_hour() {
    let mut floods = Floods::default();
    let told = (0..2 * FLOOD).filter(|_| floods.count("k", 5)).count();
    assert_eq!(told, 1);
    let told = (0..2 * FLOOD)
        .filter(|_| floods.count("k", 60 * 60_000 + 5))
        .count();
    assert_eq!(told, 1);
    assert!((0..FLOOD - 1).all(|_| !floods.count("quiet", 5)));
}
