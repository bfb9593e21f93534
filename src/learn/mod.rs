//! The circle: labels become counts at once (`online`, as far as `trust` lets them and `rulings` leave them), a better model later (`corpus` -> `train`), and evidence that it is better (`evaluate`, `tasks`, `report`).
//! Never names HTTP.

pub mod as_typed;
pub mod attacks;
pub mod bootstrap;
pub mod catalogue;
pub mod categories;
pub mod comparison;
pub mod copies;
pub mod corpus;
pub mod correct;
pub mod dress;
pub mod drift;
pub mod estimate;
pub mod evaluate;
mod experts;
pub mod gate;
pub mod held_out;
pub mod judge;
pub mod lessons;
pub mod measures;
pub mod online;
pub mod part;
pub mod plots;
pub mod realm;
pub mod report;
pub mod retrain;
pub mod rows;
pub mod rulings;
mod sample;
pub mod table;
mod tables;
pub mod tally;
pub mod tasks;
pub mod train;
pub mod trust;
