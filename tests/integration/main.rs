//! What phin promises, kept: one module per promise, each test through the real thing. No network, no database, no sleep.
//!
//! `World` is the server without its port: the router over a temporary folder and a real store. `Server` is the real binary on port 0.

mod akismet;
mod cli;
mod durability;
mod house;
mod learning;
mod program;
mod shipped;
mod stream;
mod trust;
mod undo;
mod world;
