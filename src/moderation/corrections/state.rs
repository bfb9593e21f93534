//! What corrections hold in memory. The verbs are in `rounds` (what turned) and `deliveries` (who
//! hears of it).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use crate::clock::Millis;
use crate::moderation::accounts::Accounts;
use crate::moderation::context::Context;
use crate::moderation::corrections::notes::{Guid, Noted, Notes, guid_of};
use crate::moderation::corrections::policy::CorrectionPolicy;
use crate::moderation::judging::Judging;
use crate::store::{CorrectionState, StoreError, whole};

/// Notes, the window of checks that may be corrected, and what waits to be sent.
#[derive(Debug)]
pub struct Corrections {
    pub(crate) context: Context,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) notes: Notes,
    /// Before `due`, and after `privacy::Privacy::changing_words`, where several are held.
    pub(crate) round: Mutex<Round>,
    pub(crate) due: Mutex<Due>,
    stopped: Mutex<bool>,
    stop: Condvar,
}

/// What waits to be sent.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// In the order of their next try.
    pub(crate) pending: BTreeSet<(Millis, String)>,
    /// Being sent right now.
    pub(crate) under_way: HashSet<String>,
    /// Those whose key was not shown since the start, and since when: a site takes a correction
    /// with its key only, and keys are kept nowhere.
    pub(crate) parked: (Millis, HashSet<String>),
}

/// What the one thread knows that corrects.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) read_from_disk: bool,
    pub(crate) window: HashMap<Guid, Noted>,
    /// The most urgent last.
    pub(crate) waiting: BTreeSet<(u32, Guid)>,
    pub(crate) shortened_at: Millis,
}

impl Round {
    /// Lets go of checks that are gone.
    pub(crate) fn leave(&mut self, guids: &HashSet<String>) {
        for guid in guids.iter().filter_map(|guid| guid_of(guid)) {
            self.window.remove(&guid);
        }
    }
}

impl Corrections {
    /// Goes on sending what was found before, and corrects by this policy.
    pub(crate) fn open(
        context: &Context,
        accounts: &Arc<Accounts>,
        judging: &Arc<Judging>,
        policy: CorrectionPolicy,
    ) -> Result<Self, StoreError> {
        let mut due = Due::default();
        for correction in context.store.corrections().filter_map(whole) {
            let correction = correction?;
            if let CorrectionState::Pending(next) = correction.state {
                due.pending.insert((next, correction.guid));
            }
        }
        Ok(Self {
            context: context.clone(),
            accounts: Arc::clone(accounts),
            judging: Arc::clone(judging),
            notes: Notes::under(policy),
            round: Mutex::default(),
            due: Mutex::new(due),
            stopped: Mutex::default(),
            stop: Condvar::default(),
        })
    }

    /// Lets the thread end that corrects.
    pub(crate) fn close(&self) {
        *self.stopped.lock() = true;
        self.stop.notify_all();
    }

    /// Waits so long; false when the server stops.
    pub(crate) fn wait(&self, how_long: Duration) -> bool {
        let mut stopped = self.stopped.lock();
        self.stop
            .wait_while_for(&mut stopped, |stopped| !*stopped, how_long);
        !*stopped
    }
}
