//! A key and a time span in, its usage out. All checks answered and labels acknowledged before the
//! call are counted. Never counts against a limit.

use std::fmt;
use std::sync::Arc;

use crate::blocking::run_blocking;
use crate::clock::{DAY_MILLIS, Day, Month};
use crate::comment::SiteId;
use crate::moderation::accounts::admitted::Admitted;
use crate::moderation::accounts::state::Accounts;
use crate::store::{Store, StoreError, Usage};

/// A time span, and whether it is divided by month or by day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// This many months up to now, this one included, by month.
    Months(u32),
    /// All time, by month.
    All,
    /// A year, by month.
    Year(u16),
    /// This many days up to now, today included, by day.
    Days(u32),
}

/// A month or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// A month.
    Month(Month),
    /// A day.
    Day(Day),
}

impl Period {
    /// Its first day.
    pub fn first_day(self) -> Day {
        match self {
            Self::Month(month) => month.first_day(),
            Self::Day(day) => day,
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(month) => month.fmt(f),
            Self::Day(day) => day.fmt(f),
        }
    }
}

impl Accounts {
    /// The current UTC month.
    pub fn this_month(&self) -> Month {
        Month::at((self.context.clock)())
    }

    /// The usage of a key in a month, by site.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn usage(
        &self,
        admitted: &Admitted,
        month: Month,
    ) -> Result<Vec<(SiteId, Usage)>, StoreError> {
        let read = move |store: &Store, key: &str| store.usage_by_month(key, month..=month);
        let rows = self.read_usage(admitted, read).await?.into_iter();
        Ok(rows.map(|(_, site, usage)| (site, usage)).collect())
    }

    /// The usage of a key in a time span, by period and site, in order of time. Periods without
    /// usage are left out.
    ///
    /// # Errors
    ///
    /// The store cannot be read.
    pub async fn usage_over(
        &self,
        admitted: &Admitted,
        span: Span,
    ) -> Result<Vec<(Period, SiteId, Usage)>, StoreError> {
        let now = (self.context.clock)();
        let this_month = Month::at(now);
        let months = match span {
            Span::Months(many) => (this_month.back(many.saturating_sub(1)), this_month),
            Span::All => Month::all(),
            Span::Year(year) => Month::of_year(year),
            Span::Days(many) => {
                let first = now - DAY_MILLIS * i64::from(many.saturating_sub(1));
                let days = Day::at(first)..=Day::at(now);
                let read = |store: &Store, key: &str| store.usage_by_day(key, days);
                let rows = self.read_usage(admitted, read).await?.into_iter();
                return Ok(rows
                    .map(|(day, site, usage)| (Period::Day(day), site, usage))
                    .collect());
            }
        };
        let read = move |store: &Store, key: &str| store.usage_by_month(key, months.0..=months.1);
        let rows = self.read_usage(admitted, read).await?.into_iter();
        Ok(rows
            .map(|(month, site, usage)| (Period::Month(month), site, usage))
            .collect())
    }

    async fn read_usage<T: Send + 'static>(
        &self,
        admitted: &Admitted,
        read: impl FnOnce(&Store, &str) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.context.checks.settle().await;
        let (store, key) = (Arc::clone(&self.context.store), admitted.key_id.clone());
        // A key may have thousands of sites, so they are read on another thread.
        run_blocking("read the usage", move || read(&store, &key)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::model::Model;
    use crate::moderation::{Mode, Moderation, Options, Report};
    use crate::store::{DEFAULT_CACHE_BYTES, Store};
    use crate::verdict::{Label, Verdict};

    const NOVEMBER: i64 = 1_794_000_000_000;

    fn open(dir: &std::path::Path) -> Arc<Moderation> {
        let store = Store::open(dir, DEFAULT_CACHE_BYTES).expect("opens");
        Arc::new(
            Moderation::open(
                Model::shipped(),
                store,
                || NOVEMBER,
                Options::default(),
                |_| {},
            )
            .expect("starts"),
        )
    }

    fn admitted(moderation: &Moderation, secret: &str) -> Admitted {
        moderation.accounts.admit(Some(secret)).expect("a good key")
    }

    async fn label(moderation: &Arc<Moderation>, key: &Admitted, text: &str, label: Label) {
        let report = Report {
            guid: None,
            site: SiteId::parse("blog.example").expect("a site"),
            comment: Comment::from_text(text),
            label,
            reporter: None,
            kind: None,
            answers_audit: false,
        };
        moderation.label(key, report).await.expect("taken");
    }

    async fn counted(moderation: &Moderation, key: &Admitted) -> Vec<(String, Usage)> {
        let rows = moderation
            .accounts
            .usage(key, moderation.accounts.this_month())
            .await;
        let rows = rows.expect("reads").into_iter();
        rows.map(|(site, usage)| (site.to_string(), usage))
            .collect()
    }

    /// Spam that every model recognises. Other tests decide which verdict a comment deserves.
    const SPAM: &str = "FREE CASINO BONUS!!! Best online casino http://casino-bonus.xyz buy viagra http://cheap-viagra.top WhatsApp +1 202 555 0143";
    const HAM: &str = "Thanks for the write-up, the part about the index helped me a lot.";

    #[tokio::test]
    async fn checks_and_contradicting_labels_are_counted_by_key_and_survive_a_restart() {
        let dir = tempfile::tempdir().expect("a folder");
        let site = SiteId::parse("blog.example").expect("a site");
        let expected = Usage {
            ham: 2,
            unsure: 0,
            spam: 1,
            missed_spam: 1,
            false_positives: 1,
        };
        {
            let moderation = open(dir.path());
            for secret in ["first-secret", "other-secret"] {
                let key = moderation.accounts.create_key(secret, Some(secret.into()));
                key.expect("made");
            }
            let key = admitted(&moderation, "first-secret");
            let check = |text: &str, mode: Mode| {
                let checked = moderation.check(&key, &site, Comment::from_text(text), mode, None);
                checked.assessment.verdict
            };
            assert!(matches!(
                check(SPAM, Mode::Live),
                Verdict::Spam | Verdict::Discard
            ));
            assert_eq!(check(HAM, Mode::Live), Verdict::Ham);
            assert_eq!(check(HAM, Mode::Live), Verdict::Ham);
            check(SPAM, Mode::DryRun);
            // A label that agrees counts no mistake, the same contradiction twice counts one, and
            // going back to the verdict counts none.
            label(&moderation, &key, SPAM, Label::Spam).await;
            label(&moderation, &key, SPAM, Label::Ham).await;
            label(&moderation, &key, HAM, Label::Spam).await;
            label(&moderation, &key, HAM, Label::Spam).await;
            label(&moderation, &key, HAM, Label::Ham).await;
            let rows = counted(&moderation, &key).await;
            assert_eq!(rows, [("blog.example".to_owned(), expected)]);
            let other = admitted(&moderation, "other-secret");
            assert_eq!(counted(&moderation, &other).await, []);
            let october = "2026-10".parse().expect("a month");
            assert_eq!(
                moderation
                    .accounts
                    .usage(&key, october)
                    .await
                    .expect("reads"),
                []
            );
            moderation.close().expect("closes");
        }
        let moderation = open(dir.path());
        let key = admitted(&moderation, "first-secret");
        let rows = counted(&moderation, &key).await;
        assert_eq!(rows, [("blog.example".to_owned(), expected)]);

        let lines: Vec<_> = moderation.transfer.export().expect("exports").collect();
        let lines: Vec<_> = lines.into_iter().map(|l| l.expect("whole")).collect();
        let elsewhere = tempfile::tempdir().expect("a folder");
        let elsewhere = open(elsewhere.path());
        let imported = elsewhere
            .transfer
            .import(lines.clone())
            .await
            .expect("imports");
        assert_eq!((imported.usage, imported.known), (1, 0));
        assert_eq!(counted(&elsewhere, &key).await, rows);
        let again = elsewhere
            .transfer
            .import(lines.clone())
            .await
            .expect("imports");
        // The last line is the end of the export, which is not counted.
        assert_eq!((again.usage, again.known), (0, lines.len() - 1));
        assert_eq!(counted(&elsewhere, &key).await, rows);
    }
}
