//! What corrections hold in memory. The verbs are in `rounds` (which verdicts changed) and
//! `deliveries` (how sites are told). Never judges by itself.

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

/// Notes, the window of checks that may be corrected, and pending corrections.
#[derive(Debug)]
pub struct Corrections {
    pub(crate) context: Context,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) judging: Arc<Judging>,
    pub(crate) notes: Notes,
    /// Order of locks, where several are held: first `privacy::Privacy::changing_words`, then this,
    /// then `due`.
    pub(crate) round: Mutex<Round>,
    pub(crate) due: Mutex<Due>,
    stopped: Mutex<bool>,
    stop: Condvar,
}

/// Pending corrections.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// Time of the next try (milliseconds since 1970) and guid, in this order.
    pub(crate) pending: BTreeSet<(Millis, String)>,
    /// Guids that are being sent now.
    pub(crate) under_way: HashSet<String>,
    /// Guids of corrections whose key was not seen since the start, and since when they are parked.
    /// A site accepts a correction only with its key, and the secret is stored nowhere.
    pub(crate) parked: (Millis, HashSet<String>),
}

/// What the thread that makes corrections knows.
#[derive(Debug, Default)]
pub(crate) struct Round {
    pub(crate) read_from_disk: bool,
    pub(crate) window: HashMap<Guid, Noted>,
    /// Urgency and guid of the checks to judge again; the most urgent is the last.
    pub(crate) waiting: BTreeSet<(u32, Guid)>,
    pub(crate) shortened_at: Millis,
}

impl Round {
    /// Drops checks that were removed.
    pub(crate) fn leave(&mut self, guids: &HashSet<String>) {
        for guid in guids.iter().filter_map(|guid| guid_of(guid)) {
            self.window.remove(&guid);
        }
    }
}

impl Corrections {
    /// Goes on with the corrections that are pending on disk, and makes new ones by this policy.
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

    /// Tells the thread that makes corrections to end.
    pub(crate) fn close(&self) {
        *self.stopped.lock() = true;
        self.stop.notify_all();
    }

    /// Waits that long; false if the server stops.
    pub(crate) fn wait(&self, how_long: Duration) -> bool {
        let mut stopped = self.stopped.lock();
        self.stop
            .wait_while_for(&mut stopped, |stopped| !*stopped, how_long);
        !*stopped
    }
}
