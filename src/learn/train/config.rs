//! The settings of a training run, with the values of the shipped model. It trains nothing. Names
//! in TOML and in shard files are the names of the fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::features::Kind;
use crate::model::calibrate::CutoffRates;

/// How a model is trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrainConfig {
    /// Smoothing of the counts.
    pub alpha: f64,
    /// Penalty on errors; of rows that are divided by their length it is as much larger as they are
    /// smaller.
    pub cost: f64,
    /// The start value of each factor, before rows move it: how far naive Bayes counts at first.
    /// With three times this value there were 3.4 times as many false positives behind good words
    /// instead of 2.2 (docs/DECISIONS.md, "A stronger naive-Bayes prior did not help").
    pub prior: f32,
    /// The same for character n-grams, of which there are many more.
    pub gram_prior: f32,
    /// The same for words of the signature.
    pub signature_prior: f32,
    /// Penalty on errors of the signature's rows.
    pub signature_cost: f64,
    /// Values that `Settings::content_power` may have. The one with the least log loss on left-out
    /// parts is taken. Short texts of one site need a smaller one than the queues of many blogs
    /// (docs/DECISIONS.md, "Content is divided by a power of its length").
    pub content_powers: Vec<f64>,
    /// The limit of what words and bias together may say of a text in an untaught language, in
    /// log-odds of the content's expert (docs/DECISIONS.md, "The limit for untaught languages is .6
    /// below even odds").
    pub foreign_words: f64,
    /// This many spam comments with one home page, or else one linked domain, count in full; more
    /// count less each. 0 for no limit (docs/DECISIONS.md, "Repeated campaigns and large blogs
    /// count less").
    pub most_of_campaign: f64,
    /// The same for the comments of one blog with one label.
    pub most_of_group: f64,
    /// The largest factor by which the two labels of one language are weighed against each other,
    /// so that its share of spam is nearer to that of all rows; 1 for none.
    pub most_of_language: f64,
    /// Rounds of the solver.
    pub epochs: usize,
    /// See `Settings::part_penalty`.
    pub part_penalty: f64,
    /// The weight of each spam comment's copy behind good words; 0 for no copies
    /// (docs/DECISIONS.md, "A long comment is also judged by its worst window").
    pub padding: f32,
    /// Whether missing fields of rows are filled as a blog would send them before they teach
    /// (`learn::train::dress`).
    pub dress: bool,
    /// Seed of everything random.
    pub seed: u64,
    /// Times a spam row counts more than its share when ham prevails, at most.
    #[serde(rename = "most_balance")]
    pub max_class_weight: f64,
    /// What the evidence of each kind of feature is multiplied by before the solver sees it; 1 for
    /// those not named.
    #[serde(rename = "loudness")]
    pub kind_scale: BTreeMap<Kind, f32>,
    /// Largest number of rows that weights, calibration and cutoffs are fitted on; of more rows a
    /// sample by the hash of the text. Counts are always of all rows (docs/DECISIONS.md, "Training
    /// counts all comments and fits on a sample").
    pub most_rows: usize,
    /// Features seen in fewer comments are not kept.
    pub fewest_comments: u32,
    /// Parts left out in turn for calibration.
    pub folds: u64,
    /// Where the cutoffs go.
    pub rates: CutoffRates,
}

impl Default for TrainConfig {
    fn default() -> Self {
        Self {
            alpha: 0.5,
            cost: 0.1,
            prior: 0.05,
            gram_prior: 0.005,
            signature_prior: 0.05,
            signature_cost: 0.1,
            content_powers: vec![0.35, 0.2],
            foreign_words: -0.6,
            most_of_campaign: 10.0,
            most_of_group: 500.0,
            most_of_language: 4.0,
            epochs: 40,
            part_penalty: 3.0,
            padding: 0.01,
            dress: true,
            seed: 1,
            max_class_weight: 10.0,
            // There are ten character n-grams for each word. Honest texts come disguised too:
            // through broken keyboards, proxies, fashion (docs/DECISIONS.md, "Disguise no longer
            // costs honest people much").
            kind_scale: BTreeMap::from([
                (Kind::Gram, 0.5),
                (Kind::SignedGram, 0.5),
                (Kind::Disguise, 0.15),
                (Kind::HomeShape, 0.5),
            ]),
            most_rows: 80_000,
            fewest_comments: 1,
            folds: 4,
            rates: CutoffRates::default(),
        }
    }
}
