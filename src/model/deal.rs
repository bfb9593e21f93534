//! How a spam label is dealt out over the views of its comment, so that it explains as little as it
//! must. Honest thanks under a casino's home page are not the reason for the label: the home page
//! is.
//!
//! A comment is spam if any of its views is. So each view learns as much of a spam label as it is
//! likely to be the reason, beside the likeliest one: `share(v) = e^(m(v) - max m(u))`, where
//! `m(v)` is what the model alone says of the view, in log-odds. No label moves `m`, so the order
//! of labels does not matter, and what a label added is known for as long as it stands. The
//! likeliest view learns the whole label; so does another that is as likely.
//!
//! A comment is ham only if all of its views are: a ham label speaks whole for each. Whole labels
//! also go to the sender, the page and the form, of which the model says nothing: their reach is
//! bounded instead. A model that knows nothing cannot deal: each view hears the whole label.

use super::parameters::Model;
use crate::features::{Expert, FeatureId, Field, Outline, Shares, View};
use crate::verdict::Label;

/// A link, a number or a home page is somebody's, words are everybody's: log-odds by which the
/// first is likelier to be the reason.
const OWNED: f64 = 1.0;

/// A name alone sells little: log-odds by which it is less likely to be the reason.
const NAME_ALONE: f64 = -2.0;

impl Model {
    /// What each view of a comment learns of a label: by its buckets and its outline, for the words
    /// of an old comment may be gone.
    pub fn deal(&self, ids: &[FeatureId], outline: &Outline, label: Label) -> Shares {
        if label == Label::Ham || self.is_cold() {
            return Shares::ALL;
        }
        let mut said: [Option<f64>; View::ALL.len()] = [None; View::ALL.len()];
        let mut in_content = 0_u32;
        for &id in ids {
            let view = View::of(id);
            in_content += u32::from(view.expert() == Expert::Content);
            let weight = f64::from(self.weights[id as usize]) * f64::from(self.unit);
            *said[view as usize].get_or_insert(0.0) += weight;
        }
        let scale = f64::from(in_content.max(1)).powf(-self.settings.content_power);
        let slope = self.settings.calibration.slope;
        let of_content = |view: View| said[view as usize].map(|sum| sum * scale * slope);
        let has_home = Field::Home.is_in(outline.fields);
        let signature = said[View::Signature as usize].map(|words| {
            let shape = said[View::SignatureShape as usize].unwrap_or(0.0);
            let all = (words + shape + self.settings.signature_bias) * self.believed(has_home);
            let owned = if has_home { OWNED } else { NAME_ALONE };
            (all + self.echo(&outline.echo, has_home)) * slope + owned
        });
        let reasons = [
            (View::Text, of_content(View::Text)),
            (View::Links, of_content(View::Links).map(|m| m + OWNED)),
            (
                View::Contacts,
                of_content(View::Contacts).map(|m| m + OWNED),
            ),
            (View::Signature, signature),
        ];
        let likeliest = reasons.iter().filter_map(|(_, m)| *m).reduce(f64::max);
        let mut shares = Shares::ALL;
        for (view, m) in reasons {
            if let (Some(m), Some(likeliest)) = (m, likeliest) {
                let share = (m - likeliest).exp();
                shares = shares.with(view, share);
                // Facts about a view are learnt as far as the view is.
                match view {
                    View::Text => shares = shares.with(View::Shape, share),
                    View::Signature => shares = shares.with(View::SignatureShape, share),
                    _ => {}
                }
            }
        }
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::{Author, Comment};
    use crate::features::Features;

    fn dealt(model: &Model, features: &Features, label: Label) -> Shares {
        model.deal(&features.ids(), &Outline::of(features), label)
    }

    fn signed(text: &str, name: &str, url: Option<&str>) -> Features {
        let author = Author {
            name: Some(name.to_owned()),
            url: url.map(str::to_owned),
            ..Author::default()
        };
        Features::of(&Comment {
            author,
            ..Comment::from_text(text)
        })
    }

    #[test]
    fn a_casino_home_page_explains_the_label_and_the_thanks_above_it_do_not() {
        let model = Model::shipped();
        let thanks = "Cảm ơn bạn, bài rất hay";
        let features = signed(thanks, "Kubet77", Some("http://kubet77-casino.example/"));
        let shares = dealt(&model, &features, Label::Spam);
        assert_eq!(shares.of(View::Signature), 16);
        assert!(shares.of(View::Text) <= 1, "{shares:?}");
        assert_eq!(dealt(&model, &features, Label::Ham), Shares::ALL);
        assert_eq!(dealt(&Model::cold(), &features, Label::Spam), Shares::ALL);
    }

    #[test]
    fn an_offer_under_an_honest_name_is_explained_by_the_offer() {
        let model = Model::shipped();
        let offer = "Vay tiền nhanh không thế chấp, giải ngân trong 5 phút";
        let shares = dealt(&model, &signed(offer, "Nguyễn Văn An", None), Label::Spam);
        assert_eq!(shares.of(View::Text), 16);
        assert!(shares.of(View::Signature) <= 1, "{shares:?}");
        // A comment with one view has one reason.
        let alone = Features::of(&Comment::from_text("bài rất hay"));
        let alone = dealt(&model, &alone, Label::Spam);
        assert_eq!(alone.of(View::Text), 16);
    }
}
