//! Labels of the comments of one cluster in, the factor of its evidence out. Bounded. It never
//! changes a verdict by itself.

use super::sketch::Contributor;
use crate::verdict::Label;

/// At most this many labels of one campaign are kept; a new label of a comment replaces the old
/// one.
const MOST_LABELS: usize = 16;

/// The labels of a campaign's members.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub(super) struct Labels {
    said: Vec<(Contributor, u64, Label)>,
}

impl Labels {
    /// Sets, changes or removes the label of one member. When it is full, a new label is dropped
    /// instead of an old one; only labels of keys that may have invented their sites give way.
    pub(super) fn set(&mut self, contributor: Contributor, comment: u64, label: Option<Label>) {
        self.said
            .retain(|(v, c, _)| (*v, *c) != (contributor, comment));
        let Some(label) = label else { return };
        if self.said.len() == MOST_LABELS {
            let stranger = self.said.iter().position(|(v, ..)| v.is_stranger);
            match stranger.filter(|_| !contributor.is_stranger) {
                Some(at) => drop(self.said.remove(at)),
                None => return,
            }
        }
        self.said.reserve_exact(1);
        self.said.push((contributor, comment, label));
    }

    pub(super) fn heap_bytes(&self) -> usize {
        self.said.capacity() * size_of::<(Contributor, u64, Label)>()
    }

    /// The factor of a campaign's evidence for one contributor, 0 to 2. It is 0 where that
    /// contributor called a member ham. Each other contributor with a ham label divides it: one
    /// halves it. Each contributor with a spam label adds a quarter, up to four of them. A key that
    /// may have invented its sites counts for itself alone. The factor depends only on the labels
    /// that stand.
    pub(super) fn strength(&self, listener: Contributor) -> f64 {
        let sites = |wanted: Label| {
            let said = self.said.iter().filter(|(_, _, label)| *label == wanted);
            let mut sites: Vec<Contributor> = Vec::new();
            for (contributor, ..) in said {
                if (!contributor.is_stranger || *contributor == listener)
                    && !sites.contains(contributor)
                {
                    sites.push(*contributor);
                }
            }
            sites
        };
        if self.said.is_empty() {
            return 1.0;
        }
        let (ham, spam) = (sites(Label::Ham), sites(Label::Spam));
        if ham.contains(&listener) {
            return 0.0;
        }
        (1.0 + 0.25 * spam.len().min(4) as f64) / (1.0 + ham.len() as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(n: u32) -> Contributor {
        Contributor::of(n, 0)
    }

    fn stranger(n: u32) -> Contributor {
        Contributor::of(1, n)
    }

    #[test]
    fn what_a_stranger_says_of_a_campaign_it_alone_hears() {
        let mut labels = Labels::default();
        for (comment, key) in (0..2 * MOST_LABELS as u64).zip([7, 8].into_iter().cycle()) {
            labels.set(stranger(key), comment, Some(Label::Ham));
        }
        assert_eq!(labels.strength(site(1)), 1.0);
        assert_eq!(labels.strength(stranger(9)), 1.0);
        assert_eq!(labels.strength(stranger(7)), 0.0);
        // Nor does it push others out.
        labels.set(site(2), 99, Some(Label::Ham));
        assert_eq!(labels.strength(site(1)), 0.5);
        assert_eq!(labels.strength(site(2)), 0.0);
        assert_eq!(labels.said.len(), MOST_LABELS);
    }
}
