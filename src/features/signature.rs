//! An author's name and home page in, features out: name, host and path words in a row, read by the
//! same steps as the text. Spam whose only offer is in its name and home page reads there like any
//! other text. Each piece is listed twice: in the signature's own buckets, and as an echo in those
//! of the text. It never looks at the text.

use super::author::is_nobody;
use super::bucket::{hash, join};
use super::content;
use super::feature::{Features, bucket, shifted};
use super::kind::Kind;
use super::signer::Signer;
use crate::text::links::{self, Place};
use crate::text::{self, Span, TokenKind};

/// Number of bytes read of a signature: more than a name and an address with keywords need.
const MOST_BYTES: usize = 160;

pub(super) fn add(signer: &Signer<'_>, features: &mut Features) {
    let signature = of(signer);
    if signature.is_empty() {
        return;
    }
    let reading = text::read(&signature);
    let kept_at = features.keep(&reading.folded);
    // Four n-grams begin at each letter, and a word has three features at most.
    let most = reading.folded.len() * 4 + reading.tokens.len() * 3;
    features.echo.reserve_exact(most);
    let mut before: Option<(u64, Span)> = None;
    for token in &reading.tokens {
        if token.kind == TokenKind::SpeltOut {
            continue;
        }
        let word = hash(reading.folded(token).as_bytes());
        let span = shifted(token.folded, kept_at);
        features.add_hashed(Kind::SignedWord, word, span);
        features.echo.push(bucket(Kind::Word, word));
        let marked = hash(reading.marked(token).as_bytes());
        if marked != word {
            features.echo.push(bucket(Kind::Marked, marked));
        }
        if let Some((last, last_span)) = before {
            let pair = join(last, word);
            features.add_hashed(Kind::SignedPair, pair, last_span.to(span));
            features.echo.push(bucket(Kind::Pair, pair));
        }
        before = Some((word, span));
    }
    content::each_ngram(&reading.folded, |ngram, span| {
        features.add_hashed(Kind::SignedGram, ngram, shifted(span, kept_at));
        features.echo.push(bucket(Kind::Gram, ngram));
    });
    features.echo.sort_unstable();
    features.echo.dedup();
}

/// Name, host and path as words. Scheme, `www.` and the separators of an address are left out.
fn of(signer: &Signer<'_>) -> String {
    let mut signature = match is_nobody(&signer.reading.folded) {
        true => String::new(),
        false => signer.name.to_owned(),
    };
    signature.truncate(signature.floor_char_boundary(MOST_BYTES / 2));
    let typed = signer.url.unwrap_or("");
    let url = typed.trim();
    // What is not ASCII is read otherwise with blanks around it.
    let trimmed =
        (!typed.is_ascii() && url.len() < typed.len()).then(|| links::parse(url, Place::Author));
    if let Some(home) = trimmed.as_ref().unwrap_or(&signer.home) {
        for word in [&home.host, &home.path]
            .into_iter()
            .flat_map(|part| part.split(|c: char| !c.is_alphanumeric()))
            .filter(|word| !word.is_empty())
        {
            signature.push(' ');
            signature.push_str(word);
        }
    } else if !url.is_empty() {
        // Forms accept anything as a home page, and spammers write their words there.
        signature.push(' ');
        signature.push_str(url);
    }
    signature.truncate(signature.floor_char_boundary(MOST_BYTES));
    signature
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comment::Comment;
    use crate::features::View;

    #[test]
    fn a_signature_speaks_in_its_own_words_and_in_those_of_the_text() {
        let mut comment = Comment::from_text("Nice post");
        comment.author.name = Some("camera giá rẻ".into());
        comment.author.url = Some("https://www.camera-pro.example/lap-dat/gia_re.html".into());
        let features = Features::of(&comment);
        let words: Vec<&str> = features
            .items
            .iter()
            .filter(|f| f.kind == Kind::SignedWord)
            .map(|f| features.text_of(f))
            .collect();
        assert_eq!(
            words,
            [
                "camera", "gia", "re", "pro", "example", "lap", "dat", "html"
            ]
        );
        let as_text = Features::of(&Comment::from_text("camera giá rẻ"));
        let in_text: Vec<_> = as_text
            .items
            .iter()
            .filter(|f| matches!(f.kind, Kind::Word | Kind::Pair | Kind::Gram))
            .map(|f| f.id)
            .collect();
        assert!(!in_text.is_empty());
        assert!(in_text.iter().all(|id| features.echo.contains(id)));
        assert!(features.echo.iter().all(|&id| View::of(id) == View::Text));
    }
}
