//! Labelled comments in the order they came in, what a filter that learns on the way thinks of each
//! out. It keeps no label beyond the run.

use crate::features::{Features, Outline};
use crate::learn::evaluate::score::score;
use crate::learn::metrics::figures::ScoredExample;
use crate::learn::train::corpus::Example;
use crate::model::Model;
use crate::model::counts::Counts;
use crate::model::layers::Live;
use crate::verdict::{Assessment, Label};

/// Comments of one or more sites, in the order they come, read once.
pub struct Stream {
    /// Its name.
    pub name: &'static str,
    rows: Vec<Row>,
}

struct Row {
    features: Features,
    label: Label,
    site: Option<String>,
}

/// Which labels a check knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Learn {
    /// None: the model alone.
    Nothing,
    /// Those of all sites and of its own, each after it was judged.
    All,
}

impl Stream {
    /// Reads the rows that have a label; rows of one group share a site.
    pub fn of<'a>(name: &'static str, rows: impl IntoIterator<Item = &'a Example>) -> Self {
        let rows = rows.into_iter().filter_map(|row| {
            Some(Row {
                features: Features::of(&row.comment),
                label: row.label?,
                site: row.group.clone(),
            })
        });
        Self {
            name,
            rows: rows.collect(),
        }
    }

    /// Checks, records, learns each row in turn; returns what was recorded.
    pub fn judge(&self, model: &Model, learn: Learn) -> Vec<ScoredExample> {
        self.judge_telling(model, learn, |_| {})
    }

    /// The same; `tell` is given every assessment.
    pub fn judge_telling(
        &self,
        model: &Model,
        learn: Learn,
        mut tell: impl FnMut(&Assessment),
    ) -> Vec<ScoredExample> {
        let mut shared = Counts::default();
        let mut sites = std::collections::HashMap::<&str, Counts>::new();
        let mut recorded = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let own = sites.entry(row.site.as_deref().unwrap_or("")).or_default();
            let live = Live {
                shared: &shared,
                site: Some(own),
            };
            let site = row.site.as_deref();
            let (assessment, judged) = score(model, &row.features, live, row.label, site);
            tell(&assessment);
            recorded.push(judged);
            if learn == Learn::All {
                let ids = row.features.ids();
                let shares = model.deal(&ids, &Outline::of(&row.features), row.label);
                shared.add_dealt(&ids, &shares, row.label);
                own.add_dealt(&ids, &shares, row.label);
            }
        }
        recorded
    }
}
