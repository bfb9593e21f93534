//! Other people's comments in the memory of campaigns.
#![allow(dead_code, reason = "each benchmark takes what it needs")]

use phin::campaigns::{Campaigns, Counting, DEFAULT_BYTES, Sighting, Sketch, Windows};
use phin::comment::{CommentId, SiteId};
use phin::verdict::Verdict;

use crate::texts;

/// More than the default memory has room for, so that each new one drives out an old one.
const OTHERS: u64 = 150_000;

/// One of fifty sites.
pub(crate) fn site(n: u64) -> SiteId {
    SiteId::parse(&format!("site-{}.example", n % 50)).expect("a site")
}

/// One in each tenth of a second.
pub(crate) fn sighting(n: u64) -> Sighting {
    Sighting {
        comment: CommentId(n),
        guid: u128::from(n),
        at: n as i64 * 100,
        own: Verdict::Ham,
    }
}

/// All sketches of the crowd; [`full`] takes them into a memory.
pub(crate) fn sketches() -> Vec<Sketch> {
    let word = |n: u64| format!("w{:x} ", n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 44);
    (0..OTHERS)
        .map(|n| {
            let text: String = (0..12).map(|at| word(n * 12 + at)).collect();
            Sketch::of(&site(n), &texts::comment(&text), &phin::text::read(&text))
        })
        .collect()
}

/// A memory that has seen the crowd, and nothing since.
pub(crate) fn full(sketches: &[Sketch]) -> Campaigns {
    let mut memory = Campaigns::new(DEFAULT_BYTES, Windows::default());
    for (n, sketch) in (0..).zip(sketches) {
        memory.observe(sketch, &sighting(n), Counting::Noted);
    }
    memory
}
