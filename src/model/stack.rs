//! The log-odds of two experts on rows that they did not learn in, a factor for each expert out: a
//! small logistic regression (linfa-logistic). It never sees features. A name alone has a smaller
//! factor than a name with a home page: spam that sells through its signature has one
//! (docs/DECISIONS.md, "Each view of a comment has buckets of its own").

use linfa::DatasetBase;
use linfa::traits::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};

use crate::verdict::Label;

/// What each expert says of one comment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Opinions {
    /// Log-odds of the text and all that is in it.
    pub content: f64,
    /// Log-odds of the name and the home page; 0 without them.
    pub signature: f64,
    /// What the text's evidence says of the signature; 0 without a home page.
    pub echo: f64,
    /// Whether it came with a home page.
    pub has_home: bool,
}

/// The factor of each expert in their sum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stack {
    /// Factor of the content's log-odds; positive.
    pub content: f64,
    /// Factor of the signature's, with a home page; not negative.
    pub signature: f64,
    /// The same of a name alone.
    pub name_alone: f64,
    /// Factor of the echo; not negative.
    pub echo: f64,
    /// Constant.
    pub bias: f64,
}

/// The facts of [`Stack::fit`]: content, signature with a home page, signature without, echo.
const FACTS: usize = 4;

impl Stack {
    /// Every expert as it is; used where there are too few rows.
    pub const PLAIN: Self = Self {
        content: 1.0,
        signature: 1.0,
        name_alone: 1.0,
        echo: 0.0,
        bias: 0.0,
    };

    /// Their weighted sum, in raw units.
    pub fn raw(&self, said: &Opinions) -> f64 {
        let signature = if said.has_home {
            self.signature
        } else {
            self.name_alone
        };
        self.content * said.content + signature * said.signature + self.echo * said.echo + self.bias
    }

    /// The mean log loss of weighted rows, in nats.
    pub fn log_loss(&self, said: &[(Opinions, Label, f32)]) -> f64 {
        let all: f64 = said.iter().map(|(.., weight)| f64::from(*weight)).sum();
        let loss = said.iter().map(|(opinion, label, weight)| {
            let sign = if *label == Label::Spam { 1.0 } else { -1.0 };
            f64::from(*weight) * (-sign * self.raw(opinion)).exp().ln_1p()
        });
        loss.sum::<f64>() / all.max(1e-9)
    }

    /// Fits the factors on what experts say of rows they did not learn; the third of each tuple is
    /// how much the row counts. Where too few rows have a home page, or too few have none, a name
    /// alone has the same factor as any signature.
    pub fn fit(opinions: &[(Opinions, Label, f32)]) -> Self {
        let are_enough = |keep: &dyn Fn(&Opinions) -> bool| {
            [Label::Spam, Label::Ham].into_iter().all(|label| {
                let of = opinions.iter().filter(|(o, l, _)| *l == label && keep(o));
                of.count() >= FEWEST
            })
        };
        if !are_enough(&|_| true) {
            return Self::PLAIN;
        }
        let tells_apart = are_enough(&|o| o.has_home) && are_enough(&|o| !o.has_home);
        let facts = |o: &Opinions| -> [f64; FACTS] {
            let (signature, name_alone) = if o.has_home || !tells_apart {
                (o.signature, 0.0)
            } else {
                (0.0, o.signature)
            };
            [o.content, signature, name_alone, o.echo]
        };
        // The solver works best with values near one: each column is divided by its root mean
        // square.
        let mut spread = [0.0_f64; FACTS];
        for (opinion, ..) in opinions {
            for (spread, value) in spread.iter_mut().zip(facts(opinion)) {
                *spread += value * value / opinions.len() as f64;
            }
        }
        let spread = spread.map(|square| square.sqrt().max(1e-9));
        // linfa-logistic has no weights for rows. So a row is repeated, once for each quarter of
        // its weight, 16 times at most.
        let mut rows: Vec<([f64; FACTS], bool)> = Vec::new();
        for (opinion, label, weight) in opinions {
            let times = (weight * 4.0).round().clamp(1.0, 16.0) as usize;
            let row = (facts(opinion), *label == Label::Spam);
            rows.extend(std::iter::repeat_n(row, times));
        }
        let values = Array2::from_shape_fn((rows.len(), FACTS), |(row, column)| {
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
        // linfa takes the more frequent class as positive. Here spam is positive, so signs may have
        // to be turned.
        let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
        let factor = |at: usize| sign * fitted.params()[at] / spread[at];
        let content = factor(0);
        if !(content.is_finite() && content > 0.0) {
            return Self::PLAIN;
        }
        // A negative factor would turn the evidence of an expert into its opposite.
        let signature = factor(1).max(0.0);
        Self {
            content,
            signature,
            name_alone: if tells_apart {
                factor(2).max(0.0)
            } else {
                signature
            },
            echo: factor(3).max(0.0),
            bias: sign * fitted.intercept(),
        }
    }
}

/// Comments of each class below which nothing is fitted.
const FEWEST: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    /// The signature is right three times of four beside a home page, and no better than chance
    /// without.
    fn said(at: usize, has_home: bool) -> (Opinions, Label, f32) {
        let (label, truth) = if at.is_multiple_of(2) {
            (Label::Spam, 2.0)
        } else {
            (Label::Ham, -2.0)
        };
        let is_wrong = if has_home { at % 8 > 5 } else { at % 4 > 1 };
        let opinions = Opinions {
            content: if at % 16 > 11 { -truth } else { truth },
            signature: if is_wrong { -truth } else { truth },
            echo: 0.0,
            has_home,
        };
        (opinions, label, 1.0)
    }

    #[test]
    fn a_name_alone_is_believed_apart_from_one_with_a_home_page() {
        let rows: Vec<_> = (0..800).map(|at| said(at / 2, at % 2 == 0)).collect();
        let stack = Stack::fit(&rows);
        assert!(stack.signature > 0.3, "{stack:?}");
        assert!(stack.name_alone < 0.1, "{stack:?}");
        let with_home: Vec<_> = (0..400).map(|at| said(at, true)).collect();
        let alike = Stack::fit(&with_home);
        assert_eq!(alike.signature, alike.name_alone);
        assert_eq!(Stack::fit(&rows[..8]), Stack::PLAIN);
    }
}
