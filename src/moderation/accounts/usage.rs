//! What a key was used for: every check answered and every label thanked before the question is in the answer.

use std::fmt;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::blocking::off_the_loop;
use crate::comment::SiteId;
use crate::moderation::labels::writer;
use crate::moderation::{Admitted, Day, Moderation, Month, StoreError, Usage};
use crate::store::{DAY_MILLIS, Store};

/// A stretch of time, and how finely it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// So many months up to now, this one among them, by month.
    Months(u32),
    /// Everything there is, by month.
    All,
    /// A year, by month.
    Year(u16),
    /// So many days up to now, today among them, by day.
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
    /// The day it begins.
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

impl Moderation {
    /// The month it is.
    pub fn this_month(&self) -> Month {
        Month::at((self.clock)())
    }

    /// What a key was used for in a month, by site.
    pub async fn usage(
        &self,
        admitted: &Admitted,
        month: Month,
    ) -> Result<Vec<(SiteId, Usage)>, StoreError> {
        let read = move |store: &Store, key: &str| store.usage_by_month(key, month..=month);
        let rows = self.read_usage(admitted, read).await?.into_iter();
        Ok(rows.map(|(_, site, usage)| (site, usage)).collect())
    }

    /// What a key was used for in a stretch of time, by period and site, in the order of time. Periods without use are left out.
    pub async fn usage_over(
        &self,
        admitted: &Admitted,
        span: Span,
    ) -> Result<Vec<(Period, SiteId, Usage)>, StoreError> {
        let now = (self.clock)();
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
        self.settle().await;
        let (store, key) = (Arc::clone(&self.store), admitted.key_id.clone());
        // A key may have thousands of sites: they are read where nobody waits for an answer to a check.
        off_the_loop("read the usage", move || read(&store, &key)).await
    }

    /// Waits until the checks answered so far are counted. When the queue is full the figures lag instead.
    pub(crate) async fn settle(&self) {
        let (reply, settled) = oneshot::channel();
        if let Some(records) = self.record_writer()
            && records.try_send(writer::RecordJob::Settle(reply)).is_ok()
        {
            // The writer is gone only when the server stops; then nothing is left to wait for.
            let _ = settled.await;
        }
    }

    /// The same, however full the queue is: until all checks answered so far are on disk.
    pub(crate) async fn settle_wholly(&self) {
        let (reply, settled) = oneshot::channel();
        if let Some(records) = self.record_writer() {
            // Where a full queue keeps nobody else waiting. Whether the writer is gone shows below.
            let ask = move || records.send(writer::RecordJob::Settle(reply)).is_ok();
            let _ = tokio::task::spawn_blocking(ask).await;
            let _ = settled.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::model::Model;
    use crate::moderation::{Report, Trial};
    use crate::store::{DEFAULT_CACHE_BYTES, Store};
    use crate::verdict::{Label, Verdict};

    const NOVEMBER: i64 = 1_794_000_000_000;

    fn open(dir: &std::path::Path) -> Arc<Moderation> {
        let store = Store::open(dir, DEFAULT_CACHE_BYTES).expect("opens");
        Arc::new(Moderation::open(Model::shipped(), store, || NOVEMBER, |_| {}).expect("starts"))
    }

    fn admitted(moderation: &Moderation, secret: &str) -> Admitted {
        moderation.admit(Some(secret)).expect("a good key")
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
        let rows = moderation.usage(key, moderation.this_month()).await;
        let rows = rows.expect("reads").into_iter();
        rows.map(|(site, usage)| (site.to_string(), usage))
            .collect()
    }

    /// So blatant that every model agrees; which verdict a comment deserves is tested elsewhere.
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
                let key = moderation.create_key(secret, Some(secret.into()));
                key.expect("made");
            }
            let key = admitted(&moderation, "first-secret");
            let check = |text: &str, trial: Trial| {
                let checked = moderation.check(&key, &site, Comment::from_text(text), trial, None);
                checked.assessment.verdict
            };
            assert!(matches!(
                check(SPAM, Trial::Real),
                Verdict::Spam | Verdict::Discard
            ));
            assert_eq!(check(HAM, Trial::Real), Verdict::Ham);
            assert_eq!(check(HAM, Trial::Real), Verdict::Ham);
            check(SPAM, Trial::Test);
            // Agreeing is no mistake of the machine; disagreeing twice is one; going back is none.
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
            assert_eq!(moderation.usage(&key, october).await.expect("reads"), []);
            moderation.close().expect("closes");
        }
        let moderation = open(dir.path());
        let key = admitted(&moderation, "first-secret");
        let rows = counted(&moderation, &key).await;
        assert_eq!(rows, [("blog.example".to_owned(), expected)]);

        let lines: Vec<_> = moderation.export().expect("exports").collect();
        let lines: Vec<_> = lines.into_iter().map(|l| l.expect("whole")).collect();
        let elsewhere = tempfile::tempdir().expect("a folder");
        let elsewhere = open(elsewhere.path());
        let imported = elsewhere.import(lines.clone()).await.expect("imports");
        assert_eq!((imported.usage, imported.known), (1, 0));
        assert_eq!(counted(&elsewhere, &key).await, rows);
        let again = elsewhere.import(lines.clone()).await.expect("imports");
        // The last line is the end.
        assert_eq!((again.usage, again.known), (0, lines.len() - 1));
        assert_eq!(counted(&elsewhere, &key).await, rows);
    }

    #[tokio::test]
    async fn who_settles_wholly_waits_for_room_in_the_queue() {
        let dir = tempfile::tempdir().expect("a folder");
        let moderation = open(dir.path());
        // A writer that does not come after.
        let (full, jobs) = std::sync::mpsc::sync_channel(1);
        let (reply, _) = oneshot::channel();
        let filled = full.send(writer::RecordJob::Settle(reply));
        assert!(filled.is_ok());
        *moderation.records.write().expect("whole") = Some(full);
        let settling = std::sync::Arc::clone(&moderation);
        let mut settled = tokio::spawn(async move { settling.settle_wholly().await });
        let soon = tokio::time::timeout(std::time::Duration::from_millis(200), &mut settled);
        assert!(soon.await.is_err(), "it did not wait");
        for _ in 0..2 {
            let Ok(writer::RecordJob::Settle(reply)) = jobs.recv() else {
                panic!("nothing else was asked");
            };
            let _ = reply.send(());
        }
        settled.await.expect("ends");
    }
}
