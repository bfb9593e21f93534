//! What a site thinks of a comment: model and labels, its rules, its campaigns, its lists. It
//! answers; it writes nothing down but what people decide for sites.

pub(crate) mod campaigns;
pub(crate) mod checked;
pub(crate) mod evidence;
pub(crate) mod judge;
pub(crate) mod lists;
pub(crate) mod rules;
pub(crate) mod site_rules;
mod state;

pub use crate::moderation::judging::state::Judging;
