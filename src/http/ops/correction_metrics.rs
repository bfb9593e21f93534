//! Metrics of verdicts that labels corrected and of the webhooks that tell sites: counts of
//! `moderation` in, metrics out. Sends nothing.

use std::sync::atomic::{AtomicU64, Ordering};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::moderation::Moderation;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    outcome: &'static str,
}

/// Metrics of corrections. They are counted in `moderation`, and copied when somebody asks.
#[derive(Debug, Default)]
pub(super) struct CorrectionMetrics {
    outcomes: Family<OfOutcome, Counter>,
    pending: Gauge,
    flips: Counter,
    rows: Counter,
    passed_over: Counter,
    refused: Counter,
}

impl CorrectionMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "corrections",
            "Webhooks to sites, by outcome: sent, failed (one attempt), given_up (no more attempts)",
            self.outcomes.clone(),
        );
        registry.register(
            "corrections_pending",
            "Webhooks that wait to be sent",
            self.pending.clone(),
        );
        registry.register(
            "verdicts_turned",
            "Earlier verdicts that later labels changed",
            self.flips.clone(),
        );
        registry.register(
            "checks_judged_again",
            "Earlier checks judged again after a label",
            self.rows.clone(),
        );
        registry.register(
            "checks_passed_over",
            "Earlier checks that were not judged again, because there were too many",
            self.passed_over.clone(),
        );
        registry.register(
            "callbacks_refused",
            "Checks whose callback address may not be called",
            self.refused.clone(),
        );
    }

    /// Sets every metric to what is so now.
    pub(super) fn update(&self, moderation: &Moderation) {
        let figures = moderation.corrections.figures();
        let set = |counter: &Counter, figure: &AtomicU64| {
            counter
                .inner()
                .store(figure.load(Ordering::Relaxed), Ordering::Relaxed);
        };
        for (outcome, figure) in [
            ("sent", &figures.sent),
            ("failed", &figures.failed),
            ("given_up", &figures.given_up),
        ] {
            set(&self.outcomes.get_or_create(&OfOutcome { outcome }), figure);
        }
        self.pending.set(moderation.corrections.pending() as i64);
        set(&self.flips, &figures.flips);
        set(&self.rows, &figures.rows);
        set(&self.passed_over, &figures.passed_over);
        set(&self.refused, &figures.refused);
    }
}
