//! What one site thinks of a comment: its rules, lists and campaigns, beside the model.

pub(crate) mod campaigns;
pub(crate) mod evidence;
pub(crate) mod lists;
pub(crate) mod opinion;
pub(crate) mod site_rules;
pub(crate) mod site_summary;
