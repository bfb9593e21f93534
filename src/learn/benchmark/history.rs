//! The past of a blog and its next comments in, how the next ones are judged out. The past has many
//! spam labels for each honest one, and must not teach that everything is spam. No comment that is
//! judged was learnt.

use crate::features::Features;
use crate::learn::benchmark::blogs::{Queued, queues};
use crate::learn::benchmark::error::TaskError;
use crate::learn::benchmark::figures::{self, is_ham, is_spam, is_unsure};
use crate::learn::benchmark::folds::left_out_blogs;
use crate::learn::benchmark::outcome::Outcome;
use crate::learn::benchmark::setting::Setting;
use crate::learn::benchmark::site::Site;
use crate::learn::metrics::measures::{Rate, ScoredExample};
use crate::learn::train::corpus::Example;
use crate::learn::train::dress::{Wardrobe, dress};
use crate::model::Model;
use crate::verdict::{Label, Verdict};

const TASK: &str = "history";
/// The blog whose past is brought, up to when, and another whose readers write there then.
const BLOG: &str = "hendrixjoseph/hendrixjoseph.github.io";
const UNTIL: &str = "2018-10";
const GUESTS: &str = "yasoob/personal_blog";
/// Guests, and spam after the past.
const MOST_GUESTS: usize = 200;
const MOST_SPAM: usize = 300;
/// Spam to one ham; none: as it is.
const CUTS: [(&str, Option<usize>); 4] = [
    ("whole past", None),
    ("cut to 12:1", Some(12)),
    ("cut to 4:1", Some(4)),
    ("cut to 1:1", Some(1)),
];

const IMPORTED: &str = "imported";

/// Gives a site its past in several ways, and judges what comes next.
pub(super) fn history(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let folds = left_out_blogs(setting)?;
    let cold = Model::cold();
    // Both blogs are strange to the model, if they share a fold or not: readers of the second are
    // judged on the first.
    let model = folds.model_without(BLOG).unwrap_or(&cold);
    let rows: Vec<Example> = queues(setting)?
        .into_iter()
        .filter(Queued::is_trusted)
        .map(|row| row.cleaned)
        .collect();
    let blog = Blog::of(&rows);
    let mut outcomes = blog.judged_by("no past", &Site::new(model));
    for (name, spam_to_ham) in CUTS {
        let site = taught(model, &blog.past, spam_to_ham);
        outcomes.extend(blog.judged_by(name, &site));
    }
    // As `phin import` takes it: what the site would have judged rightly by then teaches no words.
    let mut site = Site::new(model);
    for row in &blog.past {
        if let Some(label) = row.label {
            site.import(&read(row), label);
        }
    }
    outcomes.extend(blog.judged_by(IMPORTED, &site));
    Ok(outcomes)
}

/// What the blog brings, and what is judged afterwards.
struct Blog<'a> {
    past: Vec<&'a Example>,
    /// Its next honest comments, and honest guests.
    honest: Vec<&'a Example>,
    /// Its next spam.
    spam: Vec<&'a Example>,
}

impl<'a> Blog<'a> {
    fn of(rows: &'a [Example]) -> Self {
        let (past, next): (Vec<&Example>, Vec<&Example>) = in_time_order(rows, BLOG)
            .into_iter()
            .partition(|row| row.date.as_deref().unwrap_or("") < UNTIL);
        let mut guests = in_time_order(rows, GUESTS);
        guests.retain(|row| row.label == Some(Label::Ham));
        guests.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
        guests.truncate(MOST_GUESTS);
        let of = |label| {
            let next = next.iter().copied();
            next.filter(move |row| row.label == Some(label))
        };
        Self {
            honest: of(Label::Ham).chain(guests).collect(),
            spam: of(Label::Spam).take(MOST_SPAM).collect(),
            past,
        }
    }

    /// What a site makes of the next comments.
    fn judged_by(&self, name: &str, site: &Site<'_>) -> Vec<Outcome> {
        let judge = |rows: &[&Example]| -> Vec<ScoredExample> {
            let one = |row: &&Example| Some(site.judge(&read(row), row.label?, None));
            rows.iter().filter_map(one).collect()
        };
        let (honest, spam) = (judge(&self.honest), judge(&self.spam));
        let is_discard = |row: &ScoredExample| row.verdict == Verdict::Discard;
        let share = |figure: &str, rows: &[ScoredExample], is: &dyn Fn(&ScoredExample) -> bool| {
            figures::share(TASK, format!("{name}: {figure}"), Rate::count(rows, is))
        };
        vec![
            share("honest called spam", &honest, &is_spam),
            share("honest discarded", &honest, &is_discard),
            share("honest unsure", &honest, &is_unsure),
            share("spam missed", &spam, &is_ham),
        ]
    }
}

fn in_time_order<'a>(rows: &'a [Example], blog: &str) -> Vec<&'a Example> {
    let mut rows: Vec<&Example> = rows
        .iter()
        .filter(|row| row.group.as_deref() == Some(blog))
        .collect();
    rows.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
    rows
}

/// A site that was given a past, with so many spam labels to one ham label at most.
fn taught<'a>(model: &'a Model, past: &[&Example], spam_to_ham: Option<usize>) -> Site<'a> {
    let count = |label| past.iter().filter(|row| row.label == Some(label)).count();
    let most = spam_to_ham.map_or(usize::MAX, |cut| cut * count(Label::Ham));
    // The latest spam stays: what a moderator would keep.
    let mut skip = count(Label::Spam).saturating_sub(most);
    let mut site = Site::new(model);
    for row in past {
        if row.label == Some(Label::Spam) && skip > 0 {
            skip -= 1;
            continue;
        }
        if let Some(label) = row.label {
            site.label(&read(row), label);
        }
    }
    site
}

fn read(row: &Example) -> Features {
    Features::of(&dress(row, Wardrobe::Judging, 0).comment)
}
