//! The settings of corrections in, the times that follow from them out. Never uses the store or a
//! clock.

use crate::clock::DAY_MILLIS;
use crate::clock::Millis;
use crate::moderation::corrections::callback::Reach;
use crate::moderation::corrections::retry::PATIENCE;
use crate::store::{Callback, Correction, Record};

/// The settings of corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CorrectionPolicy {
    /// Checks of this many last hours may be corrected; 0 turns corrections off.
    pub window_hours: u32,
    /// Which addresses may be called.
    pub reach: Reach,
}

impl CorrectionPolicy {
    /// The longest window, in hours. After that moderators have decided.
    pub const MOST_HOURS: u32 = 720;

    /// Turns corrections off if no personal text comes to disk, because a pending correction holds
    /// an e-mail address.
    pub(crate) fn under(self, keeps_nothing: bool) -> Self {
        match keeps_nothing {
            true => Self {
                window_hours: 0,
                ..self
            },
            false => self,
        }
    }

    pub(crate) fn window(self) -> Millis {
        Millis::from(self.window_hours) * HOUR
    }

    /// How long a correction is kept after it was found, in milliseconds: until its check has long
    /// left the window and no delivery is tried any more.
    pub(crate) fn kept_for(self) -> Millis {
        2 * self.window().max(PATIENCE)
    }
}

const HOUR: Millis = 3_600_000;

/// One moment of each day on which a correction of this check may have been found, whatever the
/// settings were.
pub(crate) fn moments_after(record: &Record) -> impl Iterator<Item = Millis> + use<> {
    let is_heard_of = matches!(record.callback, Callback::At(_));
    let days = Millis::from(CorrectionPolicy::MOST_HOURS) * HOUR / DAY_MILLIS;
    let at = record.at;
    (0..=days)
        .filter(move |_| is_heard_of)
        .map(move |day| at + day * DAY_MILLIS)
}

/// One moment of each day on which this correction, or an earlier one of the same check, may have
/// been found.
pub(crate) fn moments_before(correction: &Correction) -> impl Iterator<Item = Millis> + use<> {
    let days = match correction.flips {
        ..=1 => 0,
        2.. => Millis::from(CorrectionPolicy::MOST_HOURS) * HOUR / DAY_MILLIS,
    };
    let at = correction.at;
    (0..=days).map(move |day| at - day * DAY_MILLIS)
}
