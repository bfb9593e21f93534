//! The views of a check: the text, its links, its contacts, its shape, the signature, the sender, the page, the form. Each has buckets of its own, so that
//! a browser never shares a bucket with a word, and evidence of its own. A view in, the range of its buckets out.

use super::{FEATURE_BITS, FeatureId};

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
    /// What the form saw.
    Behaviour,
    /// Evidence lists of the operator.
    Listed,
}

/// What a view's evidence is trained with: its own rows, its own bias.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expert {
    /// The text and all that stands in it.
    Content,
    /// Name and home page.
    Signature,
    /// What every comment has alike, spam or ham: nothing is trained of it, only labels speak.
    Circumstance,
}

/// Facts of the signature were given so many buckets, and none of them falls into the last ones: those are the lists', and nothing else had to move.
const SIGNATURE_FACTS: u32 = 1 << 15;
const LISTED: u32 = 1 << 10;

impl View {
    /// Views that a model has something to say of. The operator's lists are on no corpus: only labels speak of them.
    pub const OF_MODELS: usize = 9;

    /// All of them, in the order of their buckets.
    pub const ALL: [Self; 10] = [
        Self::Text,
        Self::Links,
        Self::Contacts,
        Self::Shape,
        Self::Signature,
        Self::SignatureShape,
        Self::Listed,
        Self::Sender,
        Self::Page,
        Self::Behaviour,
    ];

    /// How many buckets it has. The facts have more than they need, so that no two of them meet.
    pub(super) const fn buckets(self) -> u32 {
        match self {
            Self::Text => (1 << FEATURE_BITS) - (1 << 20) - (1 << 19),
            Self::Links => 1 << 18,
            Self::Contacts => 1 << 17,
            Self::Shape => 1 << 16,
            Self::Signature => 1 << 20,
            Self::SignatureShape => SIGNATURE_FACTS - LISTED,
            Self::Listed => LISTED,
            Self::Sender => (1 << 15) - 64 - (1 << 12),
            Self::Page => 1 << 12,
            Self::Behaviour => 64,
        }
    }

    /// Its first bucket.
    pub const fn start(self) -> FeatureId {
        let (mut at, mut start) = (0, 0);
        while Self::ALL[at] as u8 != self as u8 {
            start += Self::ALL[at].buckets();
            at += 1;
        }
        start
    }

    /// The bucket of a hash.
    #[inline]
    pub(super) const fn bucket(self, hash: u64) -> FeatureId {
        let room = match self {
            Self::SignatureShape => SIGNATURE_FACTS,
            other => other.buckets(),
        };
        let at = scaled(hash, room);
        if at < self.buckets() {
            self.start() + at
        } else {
            self.start() + at - self.buckets()
        }
    }

    /// Whether a fact of the signature would have lain where the lists are now.
    #[cfg(test)]
    pub(super) fn was_of_signature_facts(hash: u64) -> bool {
        scaled(hash, SIGNATURE_FACTS) >= Self::SignatureShape.buckets()
    }

    /// The view a bucket belongs to.
    pub fn of(id: FeatureId) -> Self {
        let at = Self::ALL.partition_point(|view| view.start() <= id);
        Self::ALL[at.saturating_sub(1)]
    }

    /// Whether a bucket of the content is of the text's words; cheaper than [`View::of`].
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
            Self::Listed | Self::Sender | Self::Page | Self::Behaviour => Expert::Circumstance,
        }
    }
}

/// The upper half of a hash, scaled to a range.
pub(super) const fn scaled(hash: u64, room: u32) -> u32 {
    (((hash >> 32) * room as u64) >> 32) as u32
}

impl Expert {
    /// What a bucket is trained with.
    #[inline]
    pub fn of(id: FeatureId) -> Self {
        const SIGNATURE: FeatureId = View::Signature.start();
        const LISTED: FeatureId = View::Listed.start();
        if id < SIGNATURE {
            Self::Content
        } else if id < LISTED {
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
            if view != View::SignatureShape {
                assert_eq!(
                    (view.bucket(0), view.bucket(u64::MAX)),
                    (view.start(), next - 1)
                );
            }
            for id in [view.start(), next - 1] {
                assert_eq!((View::of(id), Expert::of(id)), (view, view.expert()));
            }
        }
        assert_eq!(next, 1 << FEATURE_BITS);
    }
}
