//! A blog in, the model that never saw it out. It trains nothing; `folds` does.

use std::collections::BTreeMap;

use crate::model::Model;

/// Blogs in folds, and for each fold a model that knows none of its blogs.
pub(super) struct LeftOutBlogs {
    pub(super) fold_of: BTreeMap<String, usize>,
    pub(super) models: Vec<Model>,
}

impl LeftOutBlogs {
    /// The model that never saw a blog.
    pub(super) fn model_without(&self, blog: &str) -> Option<&Model> {
        self.fold_of
            .get(blog)
            .and_then(|&fold| self.models.get(fold))
    }
}
