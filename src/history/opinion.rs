//! The words of a label and of a status in, what they mean out. The user's words come first, then
//! those that are common. It reads no row.

use super::past_comment::Fate;
use super::wordpress;
use crate::verdict::Label;

/// What a person said, and what became of the comment.
pub(super) type Opinion = (Option<Label>, Fate);

const SPAM_VALUES: [&str; 6] = ["spam", "1", "true", "t", "yes", "y"];
const HAM_VALUES: [&str; 8] = [
    "ham",
    "0",
    "false",
    "f",
    "no",
    "n",
    "not spam",
    "legitimate",
];

/// The words that the user says mean spam and ham, in lower case.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pub(super) spam: Vec<String>,
    pub(super) ham: Vec<String>,
}

impl Words {
    /// A label is a person's decision. A status only says what became of the comment, unless the
    /// user says what its values mean.
    pub(super) fn opinion(
        &self,
        label: Option<String>,
        status: Option<String>,
    ) -> Result<Opinion, String> {
        let given = !self.spam.is_empty() || !self.ham.is_empty();
        if let Some(label) = label.or_else(|| status.clone().filter(|_| given)) {
            let value = label.trim().to_lowercase();
            let among = |own: &[String], usual: &[&str]| match own.is_empty() {
                false => own.contains(&value),
                true => usual.contains(&value.as_str()),
            };
            // The user's choice comes before the usual names.
            if among(&self.spam, &[])
                || (!self.ham.contains(&value) && among(&self.spam, &SPAM_VALUES))
            {
                return Ok((Some(Label::Spam), Fate::Unsaid));
            }
            if among(&self.ham, &HAM_VALUES) {
                return Ok((Some(Label::Ham), Fate::Unsaid));
            }
            return match value.as_str() {
                "" | "null" => Ok((None, Fate::Unsaid)),
                _ => Err(format!(
                    "its label {label:?} is neither among the spam values nor the ham values"
                )),
            };
        }
        let Some(status) = status else {
            return Ok((None, Fate::Unsaid));
        };
        let fate =
            wordpress::fate(&status).or_else(|| match status.trim().to_lowercase().as_str() {
                "true" | "publish" | "published" | "visible" | "accepted" => Some(Fate::Published),
                "false" | "pending" | "held" | "moderated" => Some(Fate::Waiting),
                "junk" => Some(Fate::Spam),
                "deleted" | "removed" | "rejected" => Some(Fate::Trashed),
                "" => Some(Fate::Unsaid),
                _ => None,
            });
        fate.map(|fate| (None, fate)).ok_or_else(|| {
            format!("its status {status:?} is not known; say what it means with --spam-values or --ham-values")
        })
    }
}
