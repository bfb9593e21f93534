//! What is known of keys and sites in memory; read from the store at the start. The verbs are in
//! `keys`, `limits`, `owners` and `usage`. Never decides by itself.

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
