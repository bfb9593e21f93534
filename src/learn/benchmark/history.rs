//! A blog brings its whole past: hundreds of spam labels to each honest one. What it says of the next comments must not be that everything is spam.

use crate::features::Features;
use crate::learn::benchmark::blogs::{Queued, queues};
use crate::learn::benchmark::figures::{self, is_ham, is_spam, is_unsure};
use crate::learn::benchmark::folds::left_out_blogs;
use crate::learn::benchmark::site::Site;
use crate::learn::benchmark::{Outcome, Setting, TaskError};
use crate::learn::metrics::measures::{Judged, Rate};
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

pub(super) fn history(setting: &Setting<'_>) -> Result<Vec<Outcome>, TaskError> {
    let folds = left_out_blogs(setting)?;
    let cold = Model::cold();
    // Both blogs are strange to the model, if they share a fold or not: readers of the second are judged on the first.
    let model = folds.model_without(BLOG).unwrap_or(&cold);
    let rows: Vec<Example> = queues(setting)?
        .into_iter()
        .filter(Queued::is_trusted)
        .map(|row| row.cleaned)
        .collect();
    let of = |blog: &str| -> Vec<&Example> {
        let mut rows: Vec<&Example> = rows
            .iter()
            .filter(|row| row.group.as_deref() == Some(blog))
            .collect();
        rows.sort_by(|a, b| (&a.date, &a.id).cmp(&(&b.date, &b.id)));
        rows
    };
    let (past, next): (Vec<&Example>, Vec<&Example>) = of(BLOG)
        .into_iter()
        .partition(|row| row.date.as_deref().unwrap_or("") < UNTIL);
    let is = |label| move |row: &&&Example| row.label == Some(label);
    let mut guests: Vec<&Example> = of(GUESTS)
        .into_iter()
        .filter(|row| row.label == Some(Label::Ham))
        .collect();
    guests.sort_by_cached_key(|row| rapidhash::v3::rapidhash_v3(row.id.as_bytes()));
    guests.truncate(MOST_GUESTS);
    let honest: Vec<&Example> = next
        .iter()
        .filter(is(Label::Ham))
        .copied()
        .chain(guests)
        .collect();
    let spam: Vec<&Example> = next
        .iter()
        .filter(is(Label::Spam))
        .take(MOST_SPAM)
        .copied()
        .collect();
    let mut outcomes = Vec::new();
    let mut told = |name: &str, site: &Site<'_>| {
        let judge = |rows: &[&Example]| -> Vec<Judged> {
            let one = |row: &&Example| Some(site.judge(&read(row), row.label?, None));
            rows.iter().filter_map(one).collect()
        };
        let (honest, spam) = (judge(&honest), judge(&spam));
        let is_discard = |row: &Judged| row.verdict == Verdict::Discard;
        let share = |figure: &str, rows: &[Judged], is: &dyn Fn(&Judged) -> bool| {
            figures::share(TASK, format!("{name}: {figure}"), Rate::count(rows, is))
        };
        outcomes.extend([
            share("honest called spam", &honest, &is_spam),
            share("honest discarded", &honest, &is_discard),
            share("honest unsure", &honest, &is_unsure),
            share("spam missed", &spam, &is_ham),
        ]);
    };
    told("no past", &Site::new(model));
    for (name, cut) in CUTS {
        let ham = past.iter().filter(is(Label::Ham)).count();
        let most = cut.map_or(usize::MAX, |cut| cut * ham);
        // The latest spam: what a moderator would keep.
        let spam = past.iter().filter(is(Label::Spam)).count();
        let mut skip = spam.saturating_sub(most);
        let mut site = Site::new(model);
        for row in &past {
            if row.label == Some(Label::Spam) && skip > 0 {
                skip -= 1;
                continue;
            }
            if let Some(label) = row.label {
                site.label(&read(row), label);
            }
        }
        told(name, &site);
    }
    // As `phin import` takes it: what the site would have judged rightly by then teaches no words.
    let mut site = Site::new(model);
    for row in &past {
        if let Some(label) = row.label {
            site.import(&read(row), label);
        }
    }
    told(IMPORTED, &site);
    Ok(outcomes)
}

fn read(row: &Example) -> Features {
    Features::of(&dress(row, Wardrobe::Judging, 0).comment)
}
