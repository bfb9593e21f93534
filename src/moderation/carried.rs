//! Where a site stands: how many labels it has, and how much of the evidence in its checks its own layer carried.

use std::fmt;
use std::sync::PoisonError;

use serde::{Deserialize, Serialize};

use super::Moderation;
use crate::comment::SiteId;

/// Where a site stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SiteStanding {
    /// The site.
    pub site: SiteId,
    /// Labels counted for it.
    pub labels: u32,
    /// Share of the absolute evidence in its checks that its own layer carried, in 0..=1; `None` where there was no check to tell by.
    pub carries: Option<f64>,
    /// Recent checks it was measured on.
    pub checks: usize,
    /// Name of the keys it belongs to.
    pub owner: Option<String>,
}

impl fmt::Display for SiteStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.labels, self.carries) {
            (0, _) => write!(f, "no labels; what all sites know decides alone"),
            (n, carries) => {
                write!(f, "{n} label{}; ", if n == 1 { "" } else { "s" })?;
                match carries {
                    Some(share) => write!(f, "the site's own layer carries {:.0} %", share * 100.0),
                    None => write!(f, "no recent check tells what they carry"),
                }
            }
        }
    }
}

impl Moderation {
    /// Where a site stands, by its recent checks.
    pub fn site_standing(&self, site: &SiteId) -> SiteStanding {
        let recent = self.recent.lock().unwrap_or_else(PoisonError::into_inner);
        let shares = recent
            .last_first()
            .filter(|record| record.site == *site)
            .map(|record| record.assessment.carried.site);
        let (checks, sum) = shares.fold((0, 0.0), |(n, sum), share| (n + 1, sum + share));
        drop(recent);
        SiteStanding {
            labels: self.online.labels(site).0,
            carries: (checks > 0).then(|| sum / checks as f64),
            checks,
            owner: self.owner_of(site),
            site: site.clone(),
        }
    }

    /// All sites that were labelled, in order of their names.
    pub fn labelled_sites(&self) -> Vec<SiteStanding> {
        let sites = self.online.sites();
        sites
            .iter()
            .map(|(site, _)| self.site_standing(site))
            .collect()
    }
}
