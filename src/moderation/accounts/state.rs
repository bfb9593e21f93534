//! What is known of keys and sites in memory; read from the store at the start. The verbs are in
//! `keys`, `limits`, `owners` and `usage`. Never decides by itself.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::{Mutex, RwLock};

use crate::clock::Clock;
use crate::clock::Month;
use crate::comment::SiteId;
use crate::learn::online::Online;
use crate::moderation::accounts::key_table::KeyTable;
use crate::moderation::checks::Checks;
use crate::moderation::ground::Ground;
use crate::moderation::health::Health;
use crate::moderation::ledger::Ledger;
use crate::store::{Store, StoreError};

/// Keys and sites.
#[derive(Debug)]
pub struct Accounts {
    pub(crate) store: Arc<Store>,
    pub(crate) online: Arc<Online>,
    pub(crate) clock: Clock,
    pub(crate) health: Arc<Health>,
    pub(crate) ledger: Arc<Ledger>,
    pub(crate) checks: Arc<Checks>,
    pub(crate) keys: RwLock<KeyTable>,
    /// Held while a key is made or changed.
    pub(crate) changing_keys: Mutex<()>,
    pub(crate) owners: RwLock<HashMap<SiteId, String>>,
    /// How often owners changed. A shadow with layers of its own then computes them again.
    pub(crate) owners_noted: AtomicU64,
    /// How many sites a key may name.
    pub(crate) most_sites: u32,
}

impl Accounts {
    /// Reads keys and owners from the store.
    pub(crate) fn open(ground: &Ground, most_sites: u32) -> Result<Self, StoreError> {
        let keys = KeyTable::read(&ground.store, Month::at((ground.clock)()))?;
        let owners = ground.store.owners().collect::<Result<_, _>>()?;
        Ok(Self {
            store: Arc::clone(&ground.store),
            online: Arc::clone(&ground.online),
            clock: ground.clock,
            health: Arc::clone(&ground.health),
            ledger: Arc::clone(&ground.ledger),
            checks: Arc::clone(&ground.checks),
            keys: RwLock::new(keys),
            changing_keys: Mutex::default(),
            owners: RwLock::new(owners),
            owners_noted: AtomicU64::default(),
            most_sites,
        })
    }
}
