//! Metrics of the model that judges, and of the one in the shadow: counts of `moderation` in,
//! metrics out. Loads no model.

use std::sync::atomic::Ordering;
use std::sync::{Mutex, PoisonError};

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use crate::moderation::Moderation;

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
pub(super) struct ModelMetrics {
    live: Family<OfModel, Gauge>,
    shadow: Family<OfShadow, Counter>,
    /// The two models of the last update.
    last: Mutex<(String, Option<String>)>,
}

impl ModelMetrics {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "live_model",
            "1 for the model that judges",
            self.live.clone(),
        );
        registry.register(
            "shadow_checks",
            "Checks that the shadow model judged too, by outcome: same (verdict), differ, dropped (not compared)",
            self.shadow.clone(),
        );
    }

    /// Sets every metric to what is so now. Series of earlier models end.
    pub(super) fn update(&self, moderation: &Moderation) {
        let (id, shadow) = (
            moderation.models.model_id(),
            moderation.models.shadow.counts(),
        );
        let now = (id.clone(), shadow.as_ref().map(|(id, _)| id.clone()));
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if *last != now {
            self.live.clear();
            self.shadow.clear();
            *last = now;
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
