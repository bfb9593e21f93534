//! What is known of keys and sites in memory, read off the store at the start. The verbs are in
//! `keys`, `limits`, `owners` and `usage`.

use std::collections::HashMap;
use std::sync::atomic::AtomicU64;

use parking_lot::{Mutex, RwLock};

use crate::clock::Month;
use crate::comment::SiteId;
use crate::moderation::accounts::key_table::KeyTable;
use crate::moderation::context::Context;
use crate::store::StoreError;

/// Keys and sites.
#[derive(Debug)]
pub struct Accounts {
    pub(crate) context: Context,
    pub(crate) keys: RwLock<KeyTable>,
    /// Held by whoever makes or changes a key.
    pub(crate) changing_keys: Mutex<()>,
    pub(crate) owners: RwLock<HashMap<SiteId, String>>,
    /// How often owners changed: who keeps layers of its own folds them again.
    pub(crate) owners_noted: AtomicU64,
    /// Sites that a key may name.
    pub(crate) most_sites: u32,
}

impl Accounts {
    /// Reads keys and owners off the store.
    pub(crate) fn open(context: &Context, most_sites: u32) -> Result<Self, StoreError> {
        let keys = KeyTable::read(&context.store, Month::at((context.clock)()))?;
        let owners = context.store.owners().collect::<Result<_, _>>()?;
        Ok(Self {
            context: context.clone(),
            keys: RwLock::new(keys),
            changing_keys: Mutex::default(),
            owners: RwLock::new(owners),
            owners_noted: AtomicU64::default(),
            most_sites,
        })
    }
}
