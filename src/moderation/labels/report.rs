//! A label for a comment as a client sends it. A type only; decides nothing.

use crate::comment::{Comment, SiteId};
use crate::verdict::{Category, Label};

/// A label for a comment, as a client sends it.
#[derive(Debug, Clone)]
pub struct Report {
    /// Id of the check that it answers, if the client has it.
    pub guid: Option<String>,
    /// The site.
    pub site: SiteId,
    /// The comment as the client sends it back.
    pub comment: Comment,
    /// The label.
    pub label: Label,
    /// Who gives the label, by the platform's name.
    pub reporter: Option<String>,
    /// The kind of spam, if the client names one.
    pub kind: Option<Category>,
    /// Whether the queue asked for it as an audit and the person did not know the verdict.
    pub answers_audit: bool,
}
