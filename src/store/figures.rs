//! How many checks each site made, by day of UTC and language, with what verdict: counts that stay when the records themselves are gone.

use std::collections::{BTreeMap, HashMap};
use std::ops::{AddAssign, RangeInclusive};

use serde::{Deserialize, Serialize};
use sled::transaction::{TransactionalTree, UnabortableTransactionError};

use super::calendar::Day;
use super::layout::{seal, unseal};
use super::sled_store::failed;
use super::{Millis, Store, StoreError};
use crate::comment::SiteId;
use crate::verdict::Verdict;

/// The place of a check in the figures, and of a label that answers it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FigureOf {
    /// The day the check was made.
    pub day: Day,
    /// The site.
    pub site: SiteId,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
}

/// When the check that a label answers was made, and in which language; of a label that answers none, its own time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckedOn {
    /// When.
    pub at: Millis,
    /// Language of the text: `vi`, `en` or `und`.
    pub lang: String,
    /// Whether it is the answer to an audit: said of a check that the queue had shown without its verdict.
    #[serde(default)]
    pub answers_audit: bool,
}

/// Checks by verdict. They add up, so that writers only ever say what came on top.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdicts {
    /// Found ham.
    pub ham: u64,
    /// Left to a person.
    pub unsure: u64,
    /// Found spam.
    pub spam: u64,
    /// Found spam so blatant that nobody need see it.
    pub discard: u64,
}

impl Verdicts {
    /// One check.
    pub fn of(verdict: Verdict) -> Self {
        let mut one = Self::default();
        match verdict {
            Verdict::Ham => one.ham = 1,
            Verdict::Unsure => one.unsure = 1,
            Verdict::Spam => one.spam = 1,
            Verdict::Discard => one.discard = 1,
        }
        one
    }

    /// All checks.
    pub fn checks(&self) -> u64 {
        self.ham + self.unsure + self.spam + self.discard
    }
}

impl AddAssign for Verdicts {
    fn add_assign(&mut self, more: Self) {
        self.ham += more.ham;
        self.unsure += more.unsure;
        self.spam += more.spam;
        self.discard += more.discard;
    }
}

/// Days in their order, so that the last ones are one stretch of the tree.
fn place(of: &FigureOf) -> Vec<u8> {
    let mut place = of.day.to_bytes().to_vec();
    place.extend_from_slice(of.lang.as_bytes());
    place.push(0);
    place.extend_from_slice(of.site.as_str().as_bytes());
    place
}

fn read(value: &[u8]) -> Result<(FigureOf, Verdicts), StoreError> {
    unseal(value, || "a count of checks".to_owned())
}

/// Adds to a place.
pub(super) fn add(
    tree: &TransactionalTree,
    figures: &HashMap<FigureOf, Verdicts>,
) -> Result<(), UnabortableTransactionError> {
    for (of, more) in figures {
        let (place, mut sum) = (place(of), *more);
        match tree.get(&place)?.map(|value| read(&value)) {
            None => {}
            Some(Ok((_, before))) => sum += before,
            // As with usage: counting from nothing again beats refusing every record that comes with it.
            Some(Err(error)) => tracing::error!(%error, "counting begins anew"),
        }
        tree.insert(place, seal(&(of, sum)))?;
    }
    Ok(())
}

impl Store {
    /// Checks by verdict on some days, in the order of days. A damaged count is passed over, and said.
    pub fn figures(
        &self,
        days: RangeInclusive<Day>,
    ) -> Result<BTreeMap<FigureOf, Verdicts>, StoreError> {
        let mut beyond = days.end().to_bytes();
        // The last byte is a day of a month.
        beyond[beyond.len() - 1] += 1;
        let mut figures = BTreeMap::new();
        for item in self.figures.range(days.start().to_bytes()..beyond) {
            let (_, value) = item.map_err(failed("read the counts of checks"))?;
            match read(&value) {
                Ok((of, verdicts)) => {
                    figures.insert(of, verdicts);
                }
                Err(error) => tracing::error!(%error, "a count is passed over"),
            }
        }
        Ok(figures)
    }

    /// All counts of checks.
    pub fn all_figures(
        &self,
    ) -> impl Iterator<Item = Result<(FigureOf, Verdicts), StoreError>> + use<> {
        self.figures
            .iter()
            .map(|item| read(&item.map_err(failed("read the counts of checks"))?.1))
    }

    /// Takes a count in that was made elsewhere, unless there is one of that place already; says whether it did.
    pub fn put_new_figure(&self, of: &FigureOf, verdicts: Verdicts) -> Result<bool, StoreError> {
        self.figures
            .compare_and_swap(place(of), None::<&[u8]>, Some(seal(&(of, verdicts))))
            .map(|swapped| swapped.is_ok())
            .map_err(failed("write a count of checks"))
    }
}
