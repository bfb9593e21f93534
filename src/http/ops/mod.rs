//! What probes and scrapers ask: alive, ready; and for the operator alone why not, and figures.

mod drift_metrics;
use std::fmt::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

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

use crate::http::App;
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
    campaigns: Gauge,
    campaign_bytes: Gauge,
    corrections: Corrections,
    models: Models,
    watched: crate::http::ops::drift_metrics::Watched,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfOutcome {
    outcome: &'static str,
}

/// Figures of corrections. They are counted in `moderation`, and read off there when somebody asks.
#[derive(Debug, Default)]
struct Corrections {
    outcomes: Family<OfOutcome, Counter>,
    pending: Gauge,
    flips: Counter,
    rows: Counter,
    passed_over: Counter,
    refused: Counter,
}

impl Corrections {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "corrections",
            "Webhooks to sites: sent, failed (to be tried again or not), given_up",
            self.outcomes.clone(),
        );
        registry.register(
            "corrections_pending",
            "Webhooks that wait to be sent",
            self.pending.clone(),
        );
        registry.register(
            "verdicts_turned",
            "Earlier verdicts that labels turned",
            self.flips.clone(),
        );
        registry.register(
            "checks_judged_again",
            "Earlier checks judged again after a label",
            self.rows.clone(),
        );
        registry.register(
            "checks_passed_over",
            "Earlier checks not judged again, for there were too many",
            self.passed_over.clone(),
        );
        registry.register(
            "callbacks_refused",
            "Checks whose callback may not be called",
            self.refused.clone(),
        );
    }

    fn read_off(&self, moderation: &Moderation) {
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

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfModel {
    id: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OfShadow {
    candidate: String,
    outcome: &'static str,
}

/// Which model judges, and how the one in the shadow does.
#[derive(Debug, Default)]
struct Models {
    live: Family<OfModel, Gauge>,
    shadow: Family<OfShadow, Counter>,
    /// The two models told of last.
    told: Mutex<(String, Option<String>)>,
}

impl Models {
    fn register(&self, registry: &mut Registry) {
        registry.register(
            "live_model",
            "1 for the model that judges",
            self.live.clone(),
        );
        registry.register(
            "shadow_checks",
            "Checks that a model judged too without being heard: same verdict, differ, dropped (not compared)",
            self.shadow.clone(),
        );
    }

    /// Of models that were live or in the shadow before, nothing is said any more.
    fn read_off(&self, moderation: &Moderation) {
        let (id, shadow) = (
            moderation.models.model_id(),
            moderation.models.shadow.counts(),
        );
        let now = (id.clone(), shadow.as_ref().map(|(id, _)| id.clone()));
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if *told != now {
            self.live.clear();
            self.shadow.clear();
            *told = now;
        }
        self.live.get_or_create(&OfModel { id }).set(1);
        let Some((candidate, counts)) = shadow else {
            return;
        };
        for (outcome, figure) in [
            ("same", &counts.same),
            ("differ", &counts.differ),
            ("dropped", &counts.dropped),
        ] {
            let of = OfShadow {
                candidate: candidate.clone(),
                outcome,
            };
            let counter = self.shadow.get_or_create(&of);
            let figure = figure.load(Ordering::Relaxed);
            counter.inner().store(figure, Ordering::Relaxed);
        }
    }
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
        let (campaigns, campaign_bytes) = (Gauge::default(), Gauge::default());
        registry.register(
            "campaigns",
            "Texts and contacts seen more than once within the longest window",
            Clone::clone(&campaigns),
        );
        registry.register(
            "campaign_bytes",
            "Memory reserved and used for campaigns",
            Clone::clone(&campaign_bytes),
        );
        let corrections = Corrections::default();
        corrections.register(&mut registry);
        let models = Models::default();
        models.register(&mut registry);
        let watched = crate::http::ops::drift_metrics::Watched::default();
        watched.register(&mut registry);
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
            campaigns,
            campaign_bytes,
            corrections,
            models,
            watched,
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

/// For everybody: no names, no figures.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready))
}

/// For the operator: with all details.
pub(super) fn operators_router() -> Router<App> {
    Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(ready_in_words))
        .route("/metrics", get(metrics))
}

async fn ready(State(app): State<App>) -> Response {
    match app.moderation.health().trouble() {
        None => "ready\n".into_response(),
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready\n").into_response(),
    }
}

async fn ready_in_words(State(app): State<App>) -> Response {
    match app.moderation.health().trouble() {
        None => {
            // A site that does not answer is no trouble of ours, but its operator should find it said somewhere.
            let said = app.moderation.corrections.trouble();
            let said = said.map_or_else(String::new, |said| format!("{said}\n"));
            let warnings = app.moderation.health().warnings();
            let warnings = warnings.iter().map(|w| format!("warning: {w}\n"));
            format!("ready\n{said}{}", warnings.collect::<String>()).into_response()
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
    let (alive, bytes) = app.moderation.judging.campaigns();
    app.metrics.campaigns.set(alive as i64);
    app.metrics.campaign_bytes.set(bytes as i64);
    app.metrics.corrections.read_off(&app.moderation);
    app.metrics.models.read_off(&app.moderation);
    app.metrics.watched.read_off(&app.moderation);
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
