//! The published tasks: fixed corpora and splits in, a table of our figures, floors and goals out.
//! Nothing here is ever tuned on a test row.
//!
//! This file is the front: it finds a task by its name. What tasks share is in `setting`,
//! `outcome`, `figures`, `stream` and `parallel`; no task imports this file.

pub mod attacks;
mod balance;
pub mod bars;
mod blogs;
mod campaigns;
mod cases;
mod caught;
mod choosing;
mod error;
mod fields;
mod figures;
mod folds;
mod ham;
mod history;
pub mod learning;
mod left_out_blogs;
mod live;
mod neighbours;
mod outcome;
mod parallel;
mod public_splits;
mod public_streams;
mod setting;
mod shipped;
mod site;
pub mod stream;
mod task_list;

pub use error::TaskError;
pub use outcome::Outcome;
pub use public_streams::streams;
pub use setting::{Setting, Shared};
pub use task_list::{TASKS, names};

/// Runs one task by its name.
///
/// # Errors
///
/// If there is no such task, or if its corpora are missing, broken or teach nothing.
pub fn run(name: &str, setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    match name {
        "blogs" => blogs::blogs(setting),
        "youtube" => public_splits::youtube(setting),
        "vispamreviews" => public_splits::vispamreviews(setting),
        "sms" => public_splits::sms(setting),
        "stream-youtube" => public_streams::stream_youtube(setting),
        "stream-vi" => public_streams::stream_vi(setting),
        "stream-wp" => public_streams::stream_wp(setting),
        "learning" => learning::learning(setting),
        "ham" => ham::ham(setting),
        "fields" => fields::fields(setting),
        "caught" => caught::caught(setting),
        "cases" => cases::cases(setting),
        "blogs-live" => live::blogs_live(setting),
        "history" => history::history(setting),
        "balance" => balance::balance(setting),
        "neighbours" => neighbours::neighbours(setting),
        "transfer" => shipped::transfer(setting),
        "evasion" => shipped::evasion(setting),
        "calibration" => shipped::calibration(setting),
        "choosing" => choosing::run(setting),
        "campaigns" => campaigns::campaigns(setting),
        "categories" => shipped::categories(setting),
        other => Err(TaskError::Unknown(other.to_owned())),
    }
}
