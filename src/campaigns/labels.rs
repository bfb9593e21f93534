//! What people said of the comments of one cluster: labels in, how far its evidence is believed
//! out. Bounded.

use super::sketch::Contributor;
use crate::verdict::Label;

/// Labels kept of one campaign; those of the same comment replace each other.
const MOST_LABELS: usize = 16;

/// What people said of a campaign's members.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, PartialEq))]
pub(super) struct Labels {
    said: Vec<(Contributor, u64, Label)>,
}

impl Labels {
    /// Sets, changes or takes back the label of one member. Beyond the bound nobody is heard,
    /// rather than somebody forgotten; only strangers give way.
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

    /// What is left of a campaign's contributor on a site: nothing where somebody called a member
    /// ham, half as much elsewhere for the first such site; a quarter more for each site, up to
    /// four, where somebody called one spam. A stranger's word is heard by itself alone. Depends on
    /// the labels that stand, and on nothing else.
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
