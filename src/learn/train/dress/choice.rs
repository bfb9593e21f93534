//! A seeded source of numbers and a list in, one item of the list out. The clock and the label play
//! no part.

use rand::Rng;
use rand::rngs::StdRng;

use crate::learn::train::corpus::Example;
use crate::learn::train::dress::wardrobe::Wardrobe;

/// The seed of everything drawn for a row: its text, its id, the wardrobe and the number of the
/// draw. Never its label, or a dressed row would tell its class.
pub(super) fn seed(example: &Example, wardrobe: Wardrobe, draw: u64) -> u64 {
    let text = rapidhash::v3::rapidhash_v3(example.comment.text.as_bytes());
    let id = rapidhash::v3::rapidhash_v3(example.id.as_bytes());
    text ^ id.rotate_left(17)
        ^ (draw * 8 + u64::from(wardrobe.number())).wrapping_mul(0xd6e8_feb8_6659_fd93)
}

/// One of several, by share.
pub(super) fn by_share<T: Copy>(choices: &[(u32, T)], random: &mut StdRng) -> T {
    let all: u32 = choices.iter().map(|(share, _)| share).sum();
    let mut at = random.random_range(0..all);
    for (share, choice) in choices {
        if at < *share {
            return *choice;
        }
        at -= share;
    }
    choices[0].1
}

/// One of several, all alike.
pub(super) fn one_of<T: Copy>(choices: &[T], random: &mut StdRng) -> T {
    choices[random.random_range(0..choices.len())]
}
