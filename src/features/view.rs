//! A view in, the range of its buckets out. The views are the sides of a check: the text, its
//! links, its contacts, its shape, the signature, the sender, the page, the form. Each has buckets
//! of its own, so that a browser never shares a bucket with a word (docs/DECISIONS.md, "Each view
//! of a comment has buckets of its own").

use super::bucket::{FEATURE_BITS, FeatureId};

/// One side of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum View {
    /// Words, word sequences and character n-grams of the text.
    Text,
    /// Hosts and paths of the links in the text.
    Links,
    /// Phone numbers, e-mail addresses and chat invitations in the text.
    Contacts,
    /// Facts about the text: length, capitals, number of links, disguise.
    Shape,
    /// Name and home page, read as text.
    Signature,
    /// Facts about the name and the home page.
    SignatureShape,
    /// Network, browser, e-mail address.
    Sender,
    /// Kind and language of the page.
    Page,
    /// What the form noticed.
    Behaviour,
    /// The person, for a site that knows them.
    People,
    /// Evidence lists of the operator.
    Listed,
}

/// What a view's evidence is trained with. Each expert has its own rows and its own bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expert {
    /// The text and all that is in it.
    Content,
    /// Name and home page.
    Signature,
    /// What spam and ham have alike: nothing is trained on it, only labels count.
    Circumstance,
}

impl View {
    /// All of them, in the order of their buckets.
    pub const ALL: [Self; 11] = [
        Self::Text,
        Self::Links,
        Self::Contacts,
        Self::Shape,
        Self::Signature,
        Self::SignatureShape,
        Self::Sender,
        Self::Page,
        Self::Behaviour,
        Self::People,
        Self::Listed,
    ];

    /// Number of its buckets. Facts have many more buckets than facts, so that no two of them fall
    /// together. All ranges add up to `2^FEATURE_BITS`.
    pub(super) const fn buckets(self) -> u32 {
        match self {
            Self::Text => (1 << FEATURE_BITS) - (1 << 20) - (1 << 19) - (1 << 17) - (1 << 10),
            Self::Links => 1 << 18,
            Self::Contacts => 1 << 17,
            Self::Shape => 1 << 16,
            Self::Signature => 1 << 20,
            Self::SignatureShape => 1 << 15,
            Self::Sender => (1 << 15) - 64 - (1 << 12),
            Self::Page => 1 << 12,
            Self::Behaviour => 64,
            Self::People => 1 << 17,
            Self::Listed => 1 << 10,
        }
    }

    /// Its first bucket.
    pub const fn start(self) -> FeatureId {
        let (mut at, mut start) = (0, 0);
        while at < self as usize {
            start += Self::ALL[at].buckets();
            at += 1;
        }
        start
    }

    /// The view a bucket belongs to.
    pub fn of(id: FeatureId) -> Self {
        let at = STARTS.partition_point(|&start| start <= id);
        Self::ALL[at.saturating_sub(1)]
    }

    /// Whether a bucket belongs to the words of the text; faster than [`View::of`].
    #[inline]
    pub fn is_text(id: FeatureId) -> bool {
        const LINKS: FeatureId = View::Links.start();
        id < LINKS
    }

    /// What it is trained with.
    pub const fn expert(self) -> Expert {
        match self {
            Self::Text | Self::Links | Self::Contacts | Self::Shape => Expert::Content,
            Self::Signature | Self::SignatureShape => Expert::Signature,
            Self::Sender | Self::Page | Self::Behaviour | Self::People | Self::Listed => {
                Expert::Circumstance
            }
        }
    }
}

/// The first bucket of each view: computed once, because every feature of a label asks.
const STARTS: [FeatureId; View::ALL.len()] = {
    let mut starts = [0; View::ALL.len()];
    let mut at = 0;
    while at < starts.len() {
        starts[at] = View::ALL[at].start();
        at += 1;
    }
    starts
};

impl Expert {
    /// What a bucket is trained with.
    #[inline]
    pub fn of(id: FeatureId) -> Self {
        const SIGNATURE: FeatureId = View::Signature.start();
        const SENDER: FeatureId = View::Sender.start();
        if id < SIGNATURE {
            Self::Content
        } else if id < SENDER {
            Self::Signature
        } else {
            Self::Circumstance
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_views_fill_all_buckets_and_none_twice() {
        let mut next = 0;
        for view in View::ALL {
            assert_eq!(view.start(), next);
            next += view.buckets();
            for id in [view.start(), next - 1] {
                assert_eq!((View::of(id), Expert::of(id)), (view, view.expert()));
            }
        }
        assert_eq!(next, 1 << FEATURE_BITS);
    }
}
