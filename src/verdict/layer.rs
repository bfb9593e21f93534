//! The layers of a score: the model, the labels of all sites, the labels of this site. Types alone.

use serde::{Deserialize, Serialize};

/// The three summands of a score.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layer {
    /// The model.
    Base,
    /// Labels of all sites.
    Shared,
    /// Labels of this site.
    Site,
}

/// Shares of the layers in the absolute evidence of one comment; they sum to 1, or are all 0 where
/// there was none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// The model.
    pub base: f64,
    /// Labels of all sites.
    pub shared: f64,
    /// Labels of this site.
    pub site: f64,
}
