//! Trained entries in, the same with assumed weights for what a form saw out. Where rows have shown
//! something, it changes nothing.

use crate::comment::{Behaviour, BrowserClock, Comment, Honeypot, Nonce};
use crate::features::{Features, Kind};
use crate::model::Entry;
use crate::model::counts::Count;

/// What the behaviour in a form means before labels say better, in log-odds: no corpus records it.
/// The hidden field is one that no person sees (some programs that fill in forms do); a form that
/// was never loaded, or that no script ran in, happens to people with a stale page or a text
/// browser.
const SUPPOSED: [(Behaviour, f64); 3] = [
    (
        Behaviour {
            honeypot: Some(Honeypot::Filled),
            ..NOTHING_SEEN
        },
        6.0,
    ),
    (
        Behaviour {
            nonce: Some(Nonce::Failed),
            ..NOTHING_SEEN
        },
        1.0,
    ),
    (
        Behaviour {
            browser_clock: Some(BrowserClock::Silent),
            ..NOTHING_SEEN
        },
        0.5,
    ),
];

const NOTHING_SEEN: Behaviour = Behaviour {
    honeypot: None,
    nonce: None,
    key_presses: None,
    browser_clock: None,
};

/// Adds what is supposed to what rows have shown; where rows have shown something, that stands.
pub(super) fn suppose_behaviour(entries: &mut Vec<Entry>, slope: f64) {
    for (behaviour, log_odds) in SUPPOSED {
        let seen = Features::of(&Comment {
            behaviour,
            ..Comment::default()
        });
        for feature in seen.items.iter().filter(|f| f.kind == Kind::Behaviour) {
            if entries.iter().all(|entry| entry.id != feature.id) {
                entries.push(Entry {
                    id: feature.id,
                    count: Count::default(),
                    weight: (log_odds / slope) as f32,
                });
            }
        }
    }
}
