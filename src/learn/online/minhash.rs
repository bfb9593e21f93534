//! Features of a comment in, four numbers out, of which near copies of a text share at least one.
//! It never looks at the author or the request.
//!
//! Each number is made of the smallest hashes of the text's features under five permutations
//! (minhash in bands: Broder 1997). Two texts that share nine features in ten share a number with
//! probability .97, eight in ten .80, half of them .12, one in twenty .000001.

use crate::features::{Expert, Features};

/// Numbers of a sketch.
pub const BANDS: usize = 4;
/// Permutations joined into one number.
const ROWS: usize = 5;

/// The sketch of a comment's text: [`BANDS`] numbers.
pub fn sketch(features: &Features) -> Vec<u32> {
    let mut least = [u32::MAX; BANDS * ROWS];
    let of_text = features
        .items
        .iter()
        .filter(|feature| feature.kind.view().expert() == Expert::Content);
    for feature in of_text {
        for (at, least) in least.iter_mut().enumerate() {
            *least = (*least).min(permuted(feature.id, at as u32));
        }
    }
    least
        .chunks(ROWS)
        .enumerate()
        .map(|(band, rows)| {
            let bytes: Vec<u8> = rows.iter().flat_map(|row| row.to_le_bytes()).collect();
            (rapidhash::v3::rapidhash_v3(&bytes) as u32).rotate_left(band as u32)
        })
        .collect()
}

/// The place of a feature in one of many random orders.
fn permuted(id: u32, order: u32) -> u32 {
    let mixed = u64::from(id) << 8 | u64::from(order);
    let mixed = (mixed ^ mixed >> 15).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xd6e8_feb8_6659_fd93) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;

    fn shared(a: &str, b: &str) -> usize {
        let of = |text: &str| sketch(&Features::of(&Comment::from_text(text)));
        of(a).iter().zip(of(b)).filter(|(a, b)| **a == *b).count()
    }

    const LOAN: &str = "Vay tiền nhanh trong ngày, không thế chấp, nợ xấu vẫn vay, lãi suất thấp nhất thị trường, giải ngân trong ba mươi phút, liên hệ chị Hoa";

    #[test]
    fn near_copies_share_and_others_do_not() {
        assert_eq!(shared(LOAN, LOAN), BANDS);
        assert!(shared(LOAN, &format!("{LOAN} nhé")) > 0);
        assert_eq!(
            shared(
                LOAN,
                "Bài viết rất hay, cảm ơn tác giả đã chia sẻ kinh nghiệm chăm cây trong mùa mưa năm nay"
            ),
            0
        );
    }

    #[test]
    fn the_author_does_not_matter() {
        let mut signed = Comment::from_text(LOAN);
        signed.author.name = Some("Hoa".into());
        signed.author.email = Some("hoa@mail.example".into());
        assert_eq!(
            sketch(&Features::of(&signed)),
            sketch(&Features::of(&Comment::from_text(LOAN)))
        );
    }
}
