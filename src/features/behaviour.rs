//! What the form noticed about a visitor in, features out. Most platforms send nothing of it, and
//! its absence never says anything (docs/DECISIONS.md, "Facts about the form have assumed
//! weights").

use super::feature::Features;
use super::kind::Kind;
use crate::comment::{BrowserClock, Comment, Honeypot, Nonce};

/// The facts, in the order of their buckets: append only.
const SAID: [&str; 7] = [
    "filled in a field hidden from people",
    "sent without loading the form",
    "loaded the form first",
    "no script ran in the browser",
    "a script ran in the browser",
    "no key pressed",
    "keys pressed",
];

pub(super) fn add(comment: &Comment, features: &mut Features) {
    let behaviour = &comment.behaviour;
    let honeypot = match behaviour.honeypot {
        Some(Honeypot::Filled) => Some(0),
        Some(Honeypot::Empty) | None => None,
    };
    let nonce = behaviour.nonce.map(|nonce| match nonce {
        Nonce::Failed => 1,
        Nonce::Passed => 2,
    });
    let clock = behaviour.browser_clock.map(|clock| match clock {
        BrowserClock::Silent => 3,
        BrowserClock::Ticked => 4,
    });
    let keys = behaviour
        .key_presses
        .map(|keys| if keys == 0 { 5 } else { 6 });
    for said in [honeypot, nonce, clock, keys].into_iter().flatten() {
        features.add_reserved(Kind::Behaviour, said, SAID[said as usize]);
    }
}
