//! A check in, its hashed record without personal text out: enough for a later label to teach.
//! Never touches the store.

use crate::comment::{Comment, CommentId, Likeness, SiteId};
use crate::features::{FEATURES_VERSION, Features, Outline};
use crate::learn::online::minhash;
use crate::store::{HashedComment, Record};

/// The record of a check without its personal text.
pub(crate) fn without_words(record: Record, features: &Features) -> Record {
    let hashed = hashed(&record.site, &record.comment, features);
    record.without_words(hashed)
}

/// The hashed comment: what stays of it without its personal text.
pub(crate) fn hashed(site: &SiteId, comment: &Comment, features: &Features) -> HashedComment {
    HashedComment {
        comment: CommentId::of(site, comment),
        likeness: Likeness::of(site, comment),
        features: features.ids(),
        features_version: FEATURES_VERSION,
        sketch: minhash::sketch(features),
        outline: Outline::of(features),
    }
}
