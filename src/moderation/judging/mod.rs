//! A comment in, the verdict for its site out: model and labels, the site's rules, campaigns and
//! lists. Writes only what people decide for sites. Never learns from what it judges.

pub(crate) mod campaigns;
pub(crate) mod checked;
pub(crate) mod evidence;
pub(crate) mod judge;
pub(crate) mod lists;
pub(crate) mod rules;
pub(crate) mod site_rules;
mod state;

pub use crate::moderation::judging::state::Judging;
