//! What every handler gets: the moderation, the metrics, and the settings of the public routes. It
//! holds and looks up; it answers no request.

use std::sync::Arc;

use crate::comment::SiteId;
use crate::http::load::Load;
use crate::http::ops::metrics::Metrics;
use crate::http::rate_limit::RateLimit;
use crate::moderation::Moderation;
use crate::policy::Unsure;
use crate::verdict::Verdict;

/// What every handler is handed: cloned cheaply, made once.
#[derive(Debug, Clone)]
pub struct App {
    /// The verbs.
    pub moderation: Arc<Moderation>,
    /// Metrics for the operator.
    pub metrics: Arc<Metrics>,
    /// What the doors may decide.
    pub policy: Policy,
    /// How many requests a second a key may make; as many as it likes without.
    pub rate_limit: Option<Arc<RateLimit>>,
    /// What all requests together may take.
    pub load: Load,
}

impl App {
    /// The policy of a site: its own settings over the server's.
    pub(super) fn policy_of(&self, site: &SiteId) -> Policy {
        let unsure = self.moderation.judging.site_settings(site).unsure;
        Policy {
            unsure: unsure.unwrap_or(self.policy.unsure),
            ..self.policy
        }
    }
}

/// What a verdict becomes on the wire, and how much of a body is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// What an unsure verdict is for clients that know only true and false.
    pub unsure: Unsure,
    /// Bytes of a body that are read; the middle of a longer one is left out.
    pub max_body_bytes: usize,
}

impl Policy {
    /// Whether the wire says spam.
    pub(super) fn is_spam(self, verdict: Verdict) -> bool {
        self.unsure.is_spam(verdict)
    }
}
