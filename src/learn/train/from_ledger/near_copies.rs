//! Sketches of texts in, groups of near copies out. It looks at no label.

use std::collections::{BTreeMap, HashMap};

/// The sketches of near copies share at least this many numbers.
const SHARED: u8 = 2;

/// Places of near copies, together; groups and their members in the order they came. `sketches`
/// holds one sketch for each text (`online::minhash`).
pub(super) fn groups(sketches: &[&[u32]]) -> Vec<Vec<usize>> {
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut with: HashMap<(usize, u32), Vec<usize>> = HashMap::new();
    for (at, sketch) in sketches.iter().enumerate() {
        let numbers = || sketch.iter().copied().enumerate();
        let mut shared: BTreeMap<usize, u8> = BTreeMap::new();
        for group in numbers().filter_map(|n| with.get(&n)).flatten() {
            *shared.entry(*group).or_default() += 1;
        }
        // The group it shares most with; of equals the first.
        let nearest = shared
            .into_iter()
            .filter(|(_, n)| *n >= SHARED)
            .max_by_key(|&(group, n)| (n, std::cmp::Reverse(group)));
        match nearest {
            Some((group, _)) => groups[group].push(at),
            None => {
                // Only the first of a group is found by its numbers: otherwise a chain of small
                // changes would join texts that have nothing in common.
                for number in numbers() {
                    with.entry(number).or_default().push(groups.len());
                }
                groups.push(vec![at]);
            }
        }
    }
    groups
}
