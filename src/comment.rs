//! A comment and what is known about it: the types that all rooms share. They never depend on a
//! wire format.
//!
//! Everything except the text may be unknown (`None`), and unknown is not the same as empty: a
//! corpus without e-mail addresses must not teach the model that a missing address means anything.

mod address;
mod fields;
mod id;
mod likeness;
mod limits;
mod recheck;
mod site;
mod spot;

pub use address::public_address;
pub use fields::{
    Author, Behaviour, BrowserClock, Comment, Honeypot, Nonce, Origin, Page, Request,
};
pub use id::CommentId;
pub use likeness::Likeness;
pub use limits::{MAX_FIELD_BYTES, cut, ends_of, leave_out_the_middle};
pub use recheck::Recheck;
pub use site::{BadSite, SiteId};
pub use spot::Spot;
