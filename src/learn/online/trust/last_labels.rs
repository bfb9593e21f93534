//! Who gave a text which label in, the same out, packed. It counts nothing and decides nothing.

use crate::verdict::Label;

/// The last label that a contributor gave a text, in four bytes, because a long ledger has millions
/// of them: the number of the contributor above two bits, then whether the label was shared, then 1
/// for spam.
#[derive(Debug, Clone, Copy)]
pub(super) struct LastLabel(u32);

impl LastLabel {
    pub(super) fn new(contributor: u32, label: Label, is_shared: bool) -> Self {
        Self(contributor << 2 | u32::from(is_shared) << 1 | u32::from(label == Label::Spam))
    }

    /// The number of the contributor: the reporter if there is one, else the key.
    pub(super) fn contributor(self) -> u32 {
        self.0 >> 2
    }

    pub(super) fn label(self) -> Label {
        if self.0 & 1 == 1 {
            Label::Spam
        } else {
            Label::Ham
        }
    }

    /// Whether it counted for all sites.
    pub(super) fn is_shared(self) -> bool {
        self.0 & 2 == 2
    }
}

/// The last labels of one text. Most texts have a label from one contributor alone.
#[derive(Debug, Clone, Copy)]
pub(super) enum LastLabels {
    One(LastLabel),
    /// Place in `Trust::crowds`.
    Many(u32),
}

/// The last labels of those who gave one text a label last.
#[derive(Debug)]
pub(super) struct Crowd {
    pub(super) labels: Vec<LastLabel>,
    /// Whether a label ham, and a label spam, ever counted for all sites.
    pub(super) shared: [bool; 2],
}

/// At most this many contributors are remembered for one text: enough to see that many agree, and
/// few enough that a campaign on all sites costs no more than one on some.
pub(super) const CROWD: usize = 16;
