//! What phin promises, kept: one module per promise, each test through the real thing. No network, no database, no sleep.
//!
//! `World` is the server without its port: the router over a temporary folder and a real store. `Server` is the real binary on port 0.

mod account;
mod akismet;
mod audit;
mod bombs;
mod campaigns;
mod categories;
mod chaos;
mod cli;
mod corrections;
mod damage;
mod documents;
mod doors;
mod drift;
mod durability;
mod evidence;
mod figures;
mod first_hours;
mod gate;
mod giveaways;
mod history;
mod history_hostile;
mod history_systems;
mod house;
mod learning;
mod lists;
mod models;
mod odd;
mod plain;
mod privacy;
mod program;
mod proportion;
mod replay;
mod reported;
mod reports;
mod requests;
mod settings;
mod shadow;
mod shipped;
mod sites;
#[path = "../house/sources.rs"]
mod sources;
mod standing;
mod stream;
mod tenancy;
mod training;
mod trust;
mod undo;
mod world;
