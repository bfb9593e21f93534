//! What somebody says about a comment. A noun alone.

use crate::comment::{Comment, SiteId};
use crate::verdict::{Category, Label};

/// What somebody says about a comment.
#[derive(Debug, Clone)]
pub struct Report {
    /// The check it answers, where the client knows it.
    pub guid: Option<String>,
    /// The site.
    pub site: SiteId,
    /// The comment as the client sends it back.
    pub comment: Comment,
    /// The label.
    pub label: Label,
    /// Who says so.
    pub reporter: Option<String>,
    /// What kind of spam they call it.
    pub kind: Option<Category>,
    /// Whether the queue asked for it, as an audit, and they did not know the verdict.
    pub answers_audit: bool,
}
