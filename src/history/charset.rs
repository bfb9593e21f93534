//! Bytes of any charset in, text out. Valid UTF-8 is read as UTF-8 whatever the file declares,
//! because most files that declare something else are UTF-8. The declared or guessed charset counts
//! only where UTF-8 fails. It also undoes UTF-8 that a database took for Latin-1. It never fails.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

/// Bytes that are looked at before the charset is decided. MySQL dumps begin with tables that have
/// nothing but ASCII.
const HEAD_BYTES: usize = 1 << 20;

/// The charset of a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Charset(&'static Encoding);

impl Charset {
    /// Text of bytes; never fails, unreadable bytes become U+FFFD.
    pub(super) fn text(self, bytes: &[u8]) -> String {
        match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => self.0.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }

    fn guess(head: &[u8]) -> Self {
        if let Some(declared) = declared(head) {
            return Self(declared);
        }
        let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
        detector.feed(head, head.len() < HEAD_BYTES);
        Self(detector.guess(None, chardetng::Utf8Detection::Allow))
    }
}

/// Prepares a file for reading: its byte-order mark gone, UTF-16 turned into UTF-8, and its charset
/// known.
pub(super) fn open(mut input: Box<dyn BufRead>) -> io::Result<(Box<dyn BufRead>, Charset)> {
    let mut head = Vec::new();
    input
        .by_ref()
        .take(HEAD_BYTES as u64)
        .read_to_end(&mut head)?;
    let marked = Encoding::for_bom(&head);
    let wide = marked
        .map(|(encoding, _)| encoding)
        .filter(|encoding| [UTF_16LE, UTF_16BE].contains(encoding));
    let charset = match marked {
        Some(_) => Charset(UTF_8),
        None => Charset::guess(&head),
    };
    let begin = marked.map_or(0, |(_, length)| length);
    let mut head = Cursor::new(head);
    head.set_position(begin as u64);
    let whole = head.chain(input);
    Ok(match wide {
        Some(encoding) => (
            Box::new(BufReader::with_capacity(
                1 << 16,
                Narrowed::new(encoding, whole),
            )),
            charset,
        ),
        None => (Box::new(whole), charset),
    })
}

/// The same for readers that take nothing but UTF-8: all of it turned into that, once the head has
/// shown from what.
pub(super) fn open_utf8(input: Box<dyn BufRead>) -> io::Result<Box<dyn BufRead>> {
    let (mut input, charset) = open(input)?;
    let head = input.fill_buf()?;
    // The head may end inside a character.
    let is_utf8 = match std::str::from_utf8(head) {
        Ok(text) => !text.is_ascii() || charset.0 == UTF_8,
        Err(error) => error.error_len().is_none(),
    };
    let encoding = if is_utf8 { UTF_8 } else { charset.0 };
    Ok(Box::new(BufReader::with_capacity(
        1 << 16,
        Narrowed::new(encoding, input),
    )))
}

/// What `<?xml encoding="..."?>` or a dump's `SET NAMES` says.
fn declared(head: &[u8]) -> Option<&'static Encoding> {
    let begin = &head[..head.len().min(4_096)];
    let begin = String::from_utf8_lossy(begin);
    if begin.trim_start().starts_with("<?xml") {
        let declaration = &begin[..begin.find("?>")?];
        let value = declaration.split("encoding").nth(1)?;
        let name = value.trim_start_matches([' ', '=']).get(1..)?;
        return Encoding::for_label(name.split(['"', '\'']).next()?.as_bytes());
    }
    let name = begin.split("SET NAMES ").nth(1)?;
    match name.split([' ', '*', ';']).next()? {
        // MySQL's latin1 is windows-1252.
        "latin1" => Some(WINDOWS_1252),
        "utf8" | "utf8mb3" | "utf8mb4" => None,
        other => Encoding::for_label(other.as_bytes()),
    }
}

/// A reader that turns another charset into UTF-8 as it goes.
struct Narrowed<R> {
    decoder: encoding_rs::Decoder,
    input: R,
    raw: Vec<u8>,
    ready: Vec<u8>,
    at: usize,
    ended: bool,
}

impl<R: Read> Narrowed<R> {
    fn new(encoding: &'static Encoding, input: R) -> Self {
        Self {
            decoder: encoding.new_decoder_without_bom_handling(),
            input,
            raw: vec![0; 1 << 15],
            ready: Vec::new(),
            at: 0,
            ended: false,
        }
    }
}

impl<R: Read> Read for Narrowed<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.at == self.ready.len() && !self.ended {
            let n = self.input.read(&mut self.raw)?;
            self.ended = n == 0;
            let room = self
                .decoder
                .max_utf8_buffer_length(n)
                .ok_or(io::ErrorKind::OutOfMemory)?;
            self.ready.resize(room, 0);
            let (_, _, written, _) =
                self.decoder
                    .decode_to_utf8(&self.raw[..n], &mut self.ready, self.ended);
            self.ready.truncate(written);
            self.at = 0;
        }
        let n = out.len().min(self.ready.len() - self.at);
        out[..n].copy_from_slice(&self.ready[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

/// The text it was, if UTF-8 was taken for Latin-1 once or twice on its way (`cáº£m Æ¡n` ->
/// `cảm ơn`). Latin-1 text is hardly ever valid UTF-8, so what turns out valid with a letter beyond
/// ASCII in it was UTF-8 (`café` is not: its last byte begins a sequence).
pub(super) fn ungarbled(text: &str) -> Option<String> {
    let once = ungarbled_once(text)?;
    Some(ungarbled_once(&once).unwrap_or(once))
}

fn ungarbled_once(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let (bytes, _, unmappable) = WINDOWS_1252.encode(text);
    if unmappable {
        return None;
    }
    match std::str::from_utf8(&bytes) {
        Ok(plain) => Some(plain.to_owned()),
        // A full column may have cut the last character in two.
        Err(error) if error.error_len().is_none() && error.valid_up_to() > 0 => {
            let whole = std::str::from_utf8(&bytes[..error.valid_up_to()]).ok()?;
            (!whole.is_ascii()).then(|| whole.to_owned())
        }
        Err(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> String {
        let (mut input, charset) =
            open(Box::new(Cursor::new(bytes.to_vec()))).expect("memory can be read");
        let mut read = Vec::new();
        input.read_to_end(&mut read).expect("memory can be read");
        charset.text(&read)
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_gone() {
        assert_eq!(all("\u{feff}chào".as_bytes()), "chào");
        let wide: Vec<u8> = "\u{feff}chào 👋 bạn"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(all(&wide), "chào 👋 bạn");
        let wide: Vec<u8> = "\u{feff}chào"
            .encode_utf16()
            .flat_map(u16::to_be_bytes)
            .collect();
        assert_eq!(all(&wide), "chào");
    }

    #[test]
    fn a_declaration_is_believed_only_where_utf_8_fails() {
        let xml = b"<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><a>\xb1</a>";
        assert!(all(xml).ends_with("<a>ą</a>"), "{}", all(xml));
        let xml = "<?xml version='1.0' encoding='iso-8859-1'?><a>ą</a>";
        assert!(all(xml.as_bytes()).ends_with("<a>ą</a>"));
        let sql = b"/*!40101 SET NAMES latin1 */;\n\x80uro";
        assert!(all(sql).ends_with("€uro"));
    }

    #[test]
    fn an_undeclared_charset_is_guessed() {
        let text = "Une très bonne idée, merci à toute l'équipe, ça m'a beaucoup aidé. À bientôt !";
        assert_eq!(all(&WINDOWS_1252.encode(text).0), text);
    }

    #[test]
    fn utf_8_taken_for_latin_1_is_put_right_and_nothing_else_is_touched() {
        let garble = |text: &str| {
            WINDOWS_1252
                .decode_without_bom_handling(text.as_bytes())
                .0
                .into_owned()
        };
        let text = "Cảm ơn bạn, “hay” quá 👍";
        assert_eq!(ungarbled(&garble(text)).as_deref(), Some(text));
        assert_eq!(ungarbled(&garble(&garble(text))).as_deref(), Some(text));
        let mut cut = garble("hay quá");
        cut.pop();
        assert_eq!(
            ungarbled(&format!("{}{cut}", garble("đ"))).as_deref(),
            Some("đhay qu")
        );
        for honest in [
            "plain",
            "café",
            "Cảm ơn",
            "naïve résumé",
            "Ångström",
            "€5",
            "£",
        ] {
            assert_eq!(ungarbled(honest), None, "{honest}");
        }
    }
}
