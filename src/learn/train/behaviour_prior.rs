//! Trained entries in, the same with assumed weights for facts about the form out. It never changes
//! a weight that rows have shown.

use crate::comment::{Behaviour, BrowserClock, Comment, Honeypot, Nonce};
use crate::features::{Features, Kind};
use crate::model::Entry;
use crate::model::counts::Count;

/// What facts about the form mean, in log-odds, until there are labels: no corpus records them.
/// People do not see the hidden field, but some programs fill it in. A form that was never loaded,
/// or in which no script ran, also comes from people with a stale page or a text browser
/// (docs/DECISIONS.md, "Facts about the form have assumed weights").
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

/// Adds the assumed weights where rows have shown nothing.
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
