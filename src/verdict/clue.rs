//! One reason for a score, as it is kept and as it is shown. The place of its words in the text is
//! found when somebody reads it, and never kept.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::layer::Layer;

/// One reason for a score.
#[derive(Debug, Clone, PartialEq)]
pub struct Clue {
    /// What it says about the comment, in English words.
    pub reason: Cow<'static, str>,
    /// The same in Vietnamese.
    pub reason_vi: Cow<'static, str>,
    /// The piece of the comment it came from, normalised; empty for facts without a text.
    pub text: String,
    /// Log-odds it adds: positive for spam, negative for ham.
    pub weight: f64,
    /// The layer it comes from.
    pub layer: Layer,
    /// First byte of that piece in the text as it was sent, and the byte behind it; `None` where it
    /// was not looked up or is no piece of the text.
    pub place: Option<(usize, usize)>,
}

/// A clue as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept<'a> {
    reason: Cow<'a, str>,
    #[serde(default)]
    reason_vi: Cow<'a, str>,
    text: Cow<'a, str>,
    weight: f64,
    layer: Layer,
}

/// A clue as it is shown.
#[derive(Serialize, Deserialize)]
struct Shown<'a> {
    #[serde(flatten)]
    kept: Kept<'a>,
    /// First byte of its words in the text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    start: Option<usize>,
    /// The byte behind them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    end: Option<usize>,
}

impl Serialize for Clue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kept = Kept {
            reason: Cow::Borrowed(&*self.reason),
            reason_vi: Cow::Borrowed(&*self.reason_vi),
            text: Cow::Borrowed(&*self.text),
            weight: self.weight,
            layer: self.layer,
        };
        if !serializer.is_human_readable() {
            return kept.serialize(serializer);
        }
        let (start, end) = self.place.unzip();
        Shown { kept, start, end }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Clue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let shown = if deserializer.is_human_readable() {
            Shown::deserialize(deserializer)?
        } else {
            Shown {
                kept: Kept::deserialize(deserializer)?,
                start: None,
                end: None,
            }
        };
        let Kept {
            reason,
            reason_vi,
            text,
            weight,
            layer,
        } = shown.kept;
        Ok(Self {
            reason: Cow::Owned(reason.into_owned()),
            reason_vi: Cow::Owned(reason_vi.into_owned()),
            text: text.into_owned(),
            weight,
            layer,
            place: shown.start.zip(shown.end),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shown_and_not_kept() {
        let clue = Clue {
            reason: "word".into(),
            reason_vi: "từ".into(),
            text: "vay".into(),
            weight: 1.5,
            layer: Layer::Base,
            place: Some((6, 9)),
        };
        let json = serde_json::to_string(&clue).expect("plain data");
        assert!(json.contains("\"start\":6,\"end\":9"), "{json}");
        let back: Clue = serde_json::from_str(&json).expect("its own output");
        assert_eq!(back, clue);
        let kept = postcard::to_stdvec(&clue).expect("plain data");
        let back: Clue = postcard::from_bytes(&kept).expect("its own output");
        assert_eq!(
            back,
            Clue {
                place: None,
                ..clue
            }
        );
    }
}
