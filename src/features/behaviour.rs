//! What the form saw the visitor do. Absent for most platforms, and absence says nothing.

use super::{Features, Kind};
use crate::comment::{BrowserClock, Comment, Honeypot, Nonce};

pub(super) fn add(comment: &Comment, features: &mut Features) {
    let behaviour = &comment.behaviour;
    match behaviour.honeypot {
        Some(Honeypot::Filled) => {
            features.add(Kind::Behaviour, "filled in a field hidden from people")
        }
        Some(Honeypot::Empty) | None => {}
    }
    match behaviour.nonce {
        Some(Nonce::Failed) => features.add(Kind::Behaviour, "sent without loading the form"),
        Some(Nonce::Passed) => features.add(Kind::Behaviour, "loaded the form first"),
        None => {}
    }
    match behaviour.browser_clock {
        Some(BrowserClock::Silent) => features.add(Kind::Behaviour, "no script ran in the browser"),
        Some(BrowserClock::Ticked) => features.add(Kind::Behaviour, "a script ran in the browser"),
        None => {}
    }
    match behaviour.key_presses {
        Some(0) => features.add(Kind::Behaviour, "no key pressed"),
        Some(_) => features.add(Kind::Behaviour, "keys pressed"),
        None => {}
    }
}
