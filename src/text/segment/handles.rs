//! The tokens of a reading in, the chat platforms it invites to out. It never changes a token.

use std::sync::LazyLock;

use crate::text::lexicon::Lexicon;
use crate::text::links;
use crate::text::reading::Reading;
use crate::text::token::TokenKind;

/// Chat platforms as people write them -> the platform.
const PLATFORMS: [(&str, &str); 20] = [
    ("zalo", "zalo"),
    ("zl", "zalo"),
    ("telegram", "telegram"),
    ("tele", "telegram"),
    ("tlgram", "telegram"),
    ("whatsapp", "whatsapp"),
    ("whatsap", "whatsapp"),
    ("watsapp", "whatsapp"),
    ("viber", "viber"),
    ("wechat", "wechat"),
    ("line", "line"),
    ("messenger", "messenger"),
    ("skype", "skype"),
    ("kakao", "kakao"),
    ("kakaotalk", "kakao"),
    ("instagram", "instagram"),
    ("insta", "instagram"),
    ("discord", "discord"),
    ("icq", "icq"),
    ("signal", "signal"),
];

static KNOWN_PLATFORMS: LazyLock<Lexicon<&str>> = LazyLock::new(|| Lexicon::new(&PLATFORMS));

/// How many tokens behind a platform's name its handle may be:
const HANDLE_REACH: usize = 4;

/// A platform's name with a number, mention or link close behind is an invitation to that chat.
pub(super) fn find(reading: &mut Reading) {
    let mut found = Vec::new();
    for (at, token) in reading.tokens.iter().enumerate() {
        if token.kind != TokenKind::Word {
            continue;
        }
        let Some(platform) = KNOWN_PLATFORMS.get(reading.folded(token)) else {
            continue;
        };
        let near = reading.tokens[at + 1..].iter().take(HANDLE_REACH);
        if near.into_iter().any(|t| {
            matches!(
                t.kind,
                TokenKind::Phone | TokenKind::Mention | TokenKind::Link
            )
        }) {
            found.push(platform);
        }
    }
    found.extend(reading.links.iter().filter_map(links::Link::chat_platform));
    found.sort_unstable();
    found.dedup();
    reading.handles = found;
}
