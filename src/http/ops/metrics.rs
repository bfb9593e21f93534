//! All metrics of one server: what handlers count and what `moderation` counts in, OpenMetrics text
//! out. Names no site and no person.

use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::http::ops::correction_metrics::CorrectionMetrics;
use crate::http::ops::drift_metrics::DriftMetrics;
use crate::http::ops::model_metrics::ModelMetrics;
use crate::moderation::{Effect, Moderation};
use crate::verdict::{Label, Verdict};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfVerdict {
    verdict: Verdict,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfLabel {
    label: Label,
    effect: &'static str,
}

impl EncodeLabelValue for Verdict {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        encoder.write_str(self.as_str())
    }
}

impl EncodeLabelValue for Label {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        encoder.write_str(self.as_str())
    }
}

/// Metrics of one server, in a registry of its own: two servers in one process do not mix.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    checks: Family<OfVerdict, Counter>,
    labels: Family<OfLabel, Counter>,
    refused: Counter,
    seconds: Histogram,
    store: StoreMetrics,
    campaigns: CampaignMetrics,
    corrections: CorrectionMetrics,
    models: ModelMetrics,
    drift: DriftMetrics,
}

/// How writing goes, and which labels all sites do not learn from.
#[derive(Debug, Default)]
struct StoreMetrics {
    dropped: Gauge,
    floods: Gauge,
    quarantined: Gauge,
    withheld: Gauge,
    healthy: Gauge,
}

impl StoreMetrics {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "records_dropped",
            "Checks that were answered but not recorded, because the queue of the writer was full",
            self.dropped.clone(),
        );
        registry.register(
            "label_floods",
            "Hours in which one key sent more labels than a person can give",
            self.floods.clone(),
        );
        registry.register(
            "labels_quarantined",
            "Labels since the start that many other labels contradict: they count on their own site only",
            self.quarantined.clone(),
        );
        registry.register(
            "labels_withheld",
            "Labels since the start whose sender is not trusted yet and that no trusted sender confirmed: they count on their own site only",
            self.withheld.clone(),
        );
        registry.register(
            "store_healthy",
            "1 if the last write reached the disk, else 0",
            self.healthy.clone(),
        );
    }

    fn update(&self, moderation: &Moderation) {
        let health = moderation.health();
        self.healthy.set(i64::from(health.trouble().is_none()));
        let set = |gauge: &Gauge, count: &AtomicU64| {
            gauge.set(count.load(Ordering::Relaxed) as i64);
        };
        set(&self.dropped, &health.records_dropped);
        set(&self.floods, &health.floods);
        set(&self.quarantined, &health.labels_quarantined);
        set(&self.withheld, &health.labels_withheld);
    }
}

/// How much is remembered of campaigns.
#[derive(Debug, Default)]
struct CampaignMetrics {
    alive: Gauge,
    bytes: Gauge,
}

impl CampaignMetrics {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "campaigns",
            "Texts and contacts seen more than once within the longest time window",
            self.alive.clone(),
        );
        registry.register(
            "campaign_bytes",
            "Memory that campaigns use, in bytes",
            self.bytes.clone(),
        );
    }

    fn update(&self, moderation: &Moderation) {
        let (alive, bytes) = moderation.judging.campaigns();
        self.alive.set(alive as i64);
        self.bytes.set(bytes as i64);
    }
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("phin");
        let metrics = Self {
            registry: Registry::default(),
            checks: Family::default(),
            labels: Family::default(),
            refused: Counter::default(),
            // From 10 us to 100 ms: a check of 300 bytes takes some tens of microseconds.
            seconds: Histogram::new([
                1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 1e-1,
            ]),
            store: StoreMetrics::default(),
            campaigns: CampaignMetrics::default(),
            corrections: CorrectionMetrics::default(),
            models: ModelMetrics::default(),
            drift: DriftMetrics::default(),
        };
        registry.register(
            "checks",
            "Comments checked, by verdict",
            metrics.checks.clone(),
        );
        registry.register(
            "labels",
            "Labels taken, by label and by what they changed",
            metrics.labels.clone(),
        );
        registry.register(
            "refused",
            "Requests without a valid key, or with a key that does not serve their site",
            metrics.refused.clone(),
        );
        registry.register(
            "check_seconds",
            "Time to judge one comment",
            metrics.seconds.clone(),
        );
        metrics.store.register(&mut registry);
        metrics.campaigns.register(&mut registry);
        metrics.corrections.register(&mut registry);
        metrics.models.register(&mut registry);
        metrics.drift.register(&mut registry);
        Self {
            registry,
            ..metrics
        }
    }
}

impl Metrics {
    /// A comment was checked.
    pub(crate) fn checked(&self, verdict: Verdict, took: Duration) {
        self.checks.get_or_create(&OfVerdict { verdict }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    /// A label was taken.
    pub(crate) fn labelled(&self, label: Label, effect: Effect) {
        let effect = match effect {
            Effect::Learnt => "learnt",
            Effect::Turned => "turned",
            Effect::TakenBack => "taken_back",
            Effect::Known => "known",
            Effect::Unreadable => "unreadable",
        };
        self.labels.get_or_create(&OfLabel { label, effect }).inc();
    }

    /// A request was refused for its key.
    pub(crate) fn refused(&self) {
        self.refused.inc();
    }

    /// All metrics as OpenMetrics text, brought up to date first.
    ///
    /// # Errors
    /// A metric cannot be written as text.
    pub(crate) fn text(&self, moderation: &Moderation) -> Result<String, fmt::Error> {
        self.store.update(moderation);
        self.campaigns.update(moderation);
        self.corrections.update(moderation);
        self.models.update(moderation);
        self.drift.update(moderation);
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
