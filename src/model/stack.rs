//! How far each expert is believed beside the others: a small logistic regression (linfa-logistic) over what each said of rows that it did not learn.

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use crate::verdict::Label;

/// What the experts say of one comment, each for itself.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Opinions {
    /// Of the text and all that stands in it, in log-odds.
    pub content: f64,
    /// Of the name and the home page; 0 without them.
    pub signature: f64,
    /// What the text's evidence says of the signature.
    pub echo: f64,
}

/// How far each expert is believed beside the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stack {
    /// Factor of the content's log-odds; positive.
    pub content: f64,
    /// Factor of the signature's; not negative.
    pub signature: f64,
    /// Factor of the echo; not negative.
    pub echo: f64,
    /// Constant.
    pub bias: f64,
}

impl Stack {
    /// Each believed as it is; for rows too few to say.
    pub const PLAIN: Self = Self {
        content: 1.0,
        signature: 1.0,
        echo: 0.0,
        bias: 0.0,
    };

    /// What they say together.
    pub fn raw(&self, said: &Opinions) -> f64 {
        self.content * said.content
            + self.signature * said.signature
            + self.echo * said.echo
            + self.bias
    }

    /// How far off it is, on average, in nats.
    pub fn log_loss(&self, said: &[(Opinions, Label, f32)]) -> f64 {
        let all: f64 = said.iter().map(|(.., weight)| f64::from(*weight)).sum();
        let loss = said.iter().map(|(opinion, label, weight)| {
            let sign = if *label == Label::Spam { 1.0 } else { -1.0 };
            f64::from(*weight) * (-sign * self.raw(opinion)).exp().ln_1p()
        });
        loss.sum::<f64>() / all.max(1e-9)
    }

    /// Fits it on what experts said of rows they did not learn; `weight` is how much a row counts.
    pub fn fit(opinions: &[(Opinions, Label, f32)]) -> Self {
        let of = |label: Label| opinions.iter().filter(|(_, l, _)| *l == label).count();
        if of(Label::Spam) < FEWEST || of(Label::Ham) < FEWEST {
            return Self::PLAIN;
        }
        let facts = |o: &Opinions| [o.content, o.signature, o.echo];
        // The solver wants values near one.
        let mut spread = [0.0_f64; 3];
        for (opinion, ..) in opinions {
            for (spread, value) in spread.iter_mut().zip(facts(opinion)) {
                *spread += value * value / opinions.len() as f64;
            }
        }
        let spread = spread.map(|square| square.sqrt().max(1e-9));
        // linfa-logistic weighs no rows: those that count twice stand there twice, in steps of a quarter.
        let mut rows: Vec<([f64; 3], bool)> = Vec::new();
        for (opinion, label, weight) in opinions {
            let times = (weight * 4.0).round().clamp(1.0, 16.0) as usize;
            let row = (facts(opinion), *label == Label::Spam);
            rows.extend(std::iter::repeat_n(row, times));
        }
        let values = Array2::from_shape_fn((rows.len(), 3), |(row, column)| {
            rows[row].0[column] / spread[column]
        });
        let labels = Array1::from_iter(rows.iter().map(|(_, is_spam)| *is_spam));
        let Ok(fitted) = LogisticRegression::default()
            .alpha(1.0)
            .max_iterations(200)
            .fit(&DatasetBase::new(values, labels))
        else {
            return Self::PLAIN;
        };
        // linfa takes the more frequent class as positive; ours is spam.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        let factor = |at: usize| sign * fitted.params()[at] / spread[at];
        let content = factor(0);
        if !(content.is_finite() && content > 0.0) {
            return Self::PLAIN;
        }
        // Nothing that an expert says may count against it.
        Self {
            content,
            signature: factor(1).max(0.0),
            echo: factor(2).max(0.0),
            bias: sign * fitted.intercept(),
        }
    }
}

/// Comments of each class below which nothing is fitted.
const FEWEST: usize = 10;
