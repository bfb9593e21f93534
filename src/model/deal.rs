//! The buckets and outline of a labelled comment in, the share of the label that each view learns
//! out. It never looks at other labels. Honest thanks under a casino's home page are not the reason
//! for a spam label: the home page is (docs/DECISIONS.md, "Each view learns its share of a spam
//! label").
//!
//! A comment is spam if any of its views is. So each view learns as much of a spam label as it is
//! likely to be the reason, compared with the likeliest view: `share(v) = e^(m(v) - max m(u))`,
//! where `m(v)` is what the model alone says of the view, in log-odds. The likeliest view learns
//! the whole label, and so does another that is as likely. No label changes `m`. So the order of
//! labels does not matter, and what a label added can be computed again as long as it stands.
//!
//! A comment is ham only if all of its views are: each view learns the whole of a ham label. The
//! sender, the page and the form also learn whole labels, because the model says nothing of them;
//! their reach is limited instead. A model that was never trained cannot compare views: each view
//! learns the whole label.

use super::parameters::Model;
use crate::features::{Expert, FeatureId, Field, Outline, Shares, View};
use crate::verdict::Label;

/// A link, a number or a home page belongs to somebody, and words belong to everybody. So the
/// former are more likely to be the reason, by this much in log-odds.
const OWNED: f64 = 1.0;

/// A name without a home page is less likely to be the reason, by this much in log-odds.
const NAME_ALONE: f64 = -2.0;

impl Model {
    /// What each view of a comment learns of a label. The buckets and the outline are enough: the
    /// text of an old comment may be gone.
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
        // As in scoring: trained evidence of the content is divided by a power of its length, and
        // the slope makes log-odds of raw units.
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
                // 0 to 1. `with` rounds it to sixteenths.
                let share = (m - likeliest).exp();
                shares = shares.with(view, share);
                // Facts about the shape of a view have a view of their own. They learn the same
                // share.
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
