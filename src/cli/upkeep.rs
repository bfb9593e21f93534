//! A running moderation in; log lines out. Every hour and every day old personal text and ended
//! list entries are removed, drift is looked at, labels are learnt again. Never ends by itself.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use crate::blocking::run_blocking;
use crate::http::monotonic;
use crate::moderation::{ClockGuard, Moderation, Retrained};

/// What is done by the hour.
const HOUR: Duration = Duration::from_secs(3_600);

/// At the start and once an hour, what is too old goes: words of checks, and list entries that have
/// ended (they decide nothing from their end on). Nothing goes while the clock is in doubt.
pub(super) async fn keep_sweeping(moderation: Arc<Moderation>, mut guard: ClockGuard) {
    let mut hours = tokio::time::interval(HOUR);
    loop {
        hours.tick().await;
        match moderation.privacy.may_sweep(&mut guard, monotonic()) {
            Ok(true) => {
                sweep_lists(&moderation).await;
                sweep_words(&moderation).await;
            }
            Ok(false) => {}
            Err(error) => tracing::error!(%error, "nothing could be swept; tried again in an hour"),
        }
    }
}

async fn sweep_lists(moderation: &Arc<Moderation>) {
    let moderation = Arc::clone(moderation);
    match run_blocking("sweep the lists", move || moderation.judging.sweep_lists()).await {
        Ok(0) => {}
        Ok(ended) => tracing::info!(ended, "list entries have ended"),
        Err(error) => tracing::error!(%error, "the lists could not be swept"),
    }
}

/// Once an hour somebody looks whether checks still are what the model was trained for, and what
/// audits say.
pub(super) async fn keep_watching(moderation: Arc<Moderation>) {
    let mut hours = tokio::time::interval(HOUR);
    loop {
        hours.tick().await;
        if let Err(error) = moderation.monitor.watch().await {
            tracing::error!(%error, "drift and estimates could not be read");
        }
    }
}

/// Every so many days the labels so far are learnt, if the gate lets the model pass. The first time
/// is so many days after the start.
pub(super) async fn keep_retraining(moderation: Arc<Moderation>, days: Option<NonZeroU32>) {
    let Some(days) = days else {
        return;
    };
    let pause = Duration::from_secs(86_400 * u64::from(days.get()));
    loop {
        // Before the first one, too: a server that restarts often must not retrain each time.
        tokio::time::sleep(pause).await;
        match moderation.models.retrain().await {
            Ok(Retrained::Promoted(done)) => tracing::info!(id = done.id, "retrained"),
            Ok(Retrained::Refused { .. }) => {}
            Err(error) => tracing::error!(%error, "the retrain failed"),
        }
    }
}

/// Checks whose words are taken away in a round; checks wait for none of it.
const CHECKS_A_ROUND: usize = 1_000;

async fn sweep_words(moderation: &Arc<Moderation>) {
    let mut checks = 0;
    loop {
        let moderation = Arc::clone(moderation);
        let round = move || moderation.privacy.sweep_words(CHECKS_A_ROUND);
        match run_blocking("take old words away", round).await {
            Ok(swept) => {
                checks += swept.checks;
                if swept.checks > 0 || swept.days > 0 {
                    tracing::info!(
                        checks,
                        keys_destroyed = swept.days,
                        "words older than retention_days are gone"
                    );
                }
                if swept.more {
                    continue;
                }
            }
            Err(error) => {
                tracing::error!(%error, "words that are too old could not be taken away; tried again in an hour");
            }
        }
        break;
    }
}
