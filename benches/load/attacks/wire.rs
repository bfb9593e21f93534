//! Just enough HTTP/1.1 for clients that behave and for those that do not; no client library would
//! send what attackers send.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

/// A POST of a form. `more` are headers, each with its line end.
pub(crate) fn post(path: &str, more: &str, body: &[u8]) -> Vec<u8> {
    let mut request = head(path, more, body.len());
    request.extend_from_slice(body);
    request
}

/// The head of a POST whose body has that many bytes.
pub(crate) fn head(path: &str, more: &str, length: usize) -> Vec<u8> {
    format!("POST {path} HTTP/1.1\r\nHost: phin.example\r\nContent-Type: application/x-www-form-urlencoded\r\n{more}Content-Length: {length}\r\n\r\n").into_bytes()
}

/// A connection on which no step takes longer than to this moment.
pub(crate) fn connect(to: SocketAddr, end: Instant) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&to, left(end)?)?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends all and reads one answer; says its status.
pub(crate) fn ask(stream: &mut TcpStream, request: &[u8], end: Instant) -> io::Result<u16> {
    stream.set_write_timeout(Some(left(end)?))?;
    stream.write_all(request)?;
    let mut answer = Vec::with_capacity(1_024);
    let mut piece = [0; 4_096];
    loop {
        stream.set_read_timeout(Some(left(end)?))?;
        let read = stream.read(&mut piece)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        answer.extend_from_slice(&piece[..read]);
        if let Some((status, length)) = whole(&answer)
            && answer.len() >= length
        {
            return Ok(status);
        }
    }
}

/// The status of an answer and how long it will be, once its head is there.
fn whole(answer: &[u8]) -> Option<(u16, usize)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&answer[..end]).ok()?;
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length")
            .then(|| value.trim().parse().ok())?
    });
    Some((status, end + length.unwrap_or(0)))
}

/// Time to this moment, as sockets take it: zero would mean for ever.
pub(crate) fn left(end: Instant) -> io::Result<Duration> {
    let left = end.saturating_duration_since(Instant::now());
    if left.is_zero() {
        return Err(io::ErrorKind::TimedOut.into());
    }
    Ok(left)
}

#[cfg(test)]
mod tests {
    use super::whole;

    #[test]
    fn an_answer_is_as_long_as_it_says() {
        let answer = b"HTTP/1.1 413 Payload Too Large\r\nContent-Length: 5\r\n\r\nfal";
        assert_eq!(whole(answer), Some((413, answer.len() + 2)));
        assert_eq!(whole(b"HTTP/1.1 200 OK\r\n"), None);
    }
}
