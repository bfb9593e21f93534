//! What probes and scrapers ask: alive, ready, figures.

use std::fmt::Write;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue, LabelValueEncoder};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use super::App;
use crate::moderation::Effect;
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
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        encoder.write_str(self.as_str())
    }
}

impl EncodeLabelValue for Label {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> Result<(), std::fmt::Error> {
        encoder.write_str(self.as_str())
    }
}

/// Figures of one server, kept in a registry of its own: two servers in one process do not mix.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    checks: Family<OfVerdict, Counter>,
    labels: Family<OfLabel, Counter>,
    refused: Counter,
    seconds: Histogram,
    dropped: Gauge,
    floods: Gauge,
    quarantined: Gauge,
    withheld: Gauge,
    healthy: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut registry = Registry::with_prefix("phin");
        // From 10 us to 100 ms: a check of 300 bytes takes some tens of microseconds.
        let seconds = Histogram::new([
            1e-5, 2e-5, 5e-5, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2, 1e-1,
        ]);
        let (checks, labels, refused, dropped, healthy) = (
            Family::default(),
            Family::default(),
            Counter::default(),
            Gauge::default(),
            Gauge::default(),
        );
        registry.register(
            "checks",
            "Comments checked, by verdict",
            Clone::clone(&checks),
        );
        registry.register(
            "labels",
            "Labels taken, by what they did",
            Clone::clone(&labels),
        );
        registry.register(
            "refused",
            "Requests without a good key",
            Clone::clone(&refused),
        );
        registry.register(
            "check_seconds",
            "Time to judge one comment",
            seconds.clone(),
        );
        registry.register(
            "records_dropped",
            "Checks whose record found the queue full",
            Clone::clone(&dropped),
        );
        let (floods, quarantined, withheld) =
            (Gauge::default(), Gauge::default(), Gauge::default());
        registry.register(
            "label_floods",
            "Hours in which one key said more labels than a person can",
            Clone::clone(&floods),
        );
        registry.register(
            "labels_quarantined",
            "Labels since the start that many others contradict: they count on their own site alone",
            Clone::clone(&quarantined),
        );
        registry.register(
            "labels_withheld",
            "Labels since the start that nobody confirms, of voices without credit: they count on their own site alone",
            Clone::clone(&withheld),
        );
        registry.register(
            "store_healthy",
            "1 if the last write reached the disk",
            Clone::clone(&healthy),
        );
        Self {
            registry,
            checks,
            labels,
            refused,
            seconds,
            dropped,
            floods,
            quarantined,
            withheld,
            healthy,
        }
    }
}

impl Metrics {
    pub(super) fn checked(&self, verdict: Verdict, took: std::time::Duration) {
        self.checks.get_or_create(&OfVerdict { verdict }).inc();
        self.seconds.observe(took.as_secs_f64());
    }

    pub(super) fn labelled(&self, label: Label, effect: Effect) {
        let effect = match effect {
            Effect::Learnt => "learnt",
            Effect::Turned => "turned",
            Effect::TakenBack => "taken_back",
            Effect::Known => "known",
            Effect::Unreadable => "unreadable",
        };
        self.labels.get_or_create(&OfLabel { label, effect }).inc();
    }

    pub(super) fn refused(&self) {
        self.refused.inc();
    }
}

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
}

async fn ready(State(app): State<App>) -> Response {
    match app.moderation.health().trouble() {
        None => {
            let warnings = app.moderation.health().warnings();
            let warnings = warnings.iter().map(|w| format!("warning: {w}\n"));
            format!("ready\n{}", warnings.collect::<String>()).into_response()
        }
        Some(trouble) => (
            StatusCode::SERVICE_UNAVAILABLE,
            format!("checks are answered, but {trouble}\n"),
        )
            .into_response(),
    }
}

async fn metrics(State(app): State<App>) -> Response {
    let health = app.moderation.health();
    app.metrics
        .healthy
        .set(i64::from(health.trouble().is_none()));
    app.metrics.dropped.set(
        health
            .records_dropped
            .load(std::sync::atomic::Ordering::Relaxed) as i64,
    );
    for (gauge, counter) in [
        (&app.metrics.floods, &health.floods),
        (&app.metrics.quarantined, &health.labels_quarantined),
        (&app.metrics.withheld, &health.labels_withheld),
    ] {
        gauge.set(counter.load(std::sync::atomic::Ordering::Relaxed) as i64);
    }
    let mut text = String::new();
    match prometheus_client::encoding::text::encode(&mut text, &app.metrics.registry) {
        Ok(()) => (
            [(
                header::CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            )],
            text,
        )
            .into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
