//! The body of a request in, its bytes out: all of them, or the first and the last of too many.
//! Bounds the time and the memory that bodies take; reads nothing into them.

mod arrived;
mod packing;

use axum::body::Body;
use axum::http::HeaderMap;
use http_body_util::BodyExt;
use hyper::body::Body as _;

pub(super) use arrived::{Arrived, Unread};
use arrived::{Ends, FREE_BYTES, TIME_TO_ARRIVE};
use packing::Packing;

use crate::http::form;
use crate::http::load::Load;

/// Reads a body to its end, unpacked if it is compressed. Of one longer than `max_bytes` the
/// beginning and the end are kept: WordPress puts the key last.
///
/// # Errors
/// It breaks off (half a comment may mean the opposite of the whole), takes too long, is packed in
/// a way we do not read, or there is no memory for it at this moment.
pub(super) async fn read(
    body: Body,
    headers: &HeaderMap,
    max_bytes: usize,
    load: &Load,
) -> Result<Arrived, Unread> {
    let packing = match body.is_end_stream() {
        // No body: a GET, whatever its header says.
        true => Packing::Plain,
        false => Packing::of(headers).ok_or(Unread::Packed)?,
    };
    let ends = Ends::new(max_bytes, form::separator(headers), load.clone());
    let arrived = tokio::time::timeout(TIME_TO_ARRIVE, read_to_end(body, packing, ends)).await;
    arrived.unwrap_or(Err(Unread::TooSlow))
}

async fn read_to_end(mut body: Body, packing: Packing, ends: Ends) -> Result<Arrived, Unread> {
    let mut unpacking = packing.unpack(ends);
    let mut read = 0;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Unread::Broken)?;
        if let Some(data) = frame.data_ref() {
            read += data.len();
            unpacking.push(data)?;
        }
        if read > FREE_BYTES || packing != Packing::Plain {
            // Between two pieces of a large body, other requests get their turn.
            tokio::task::yield_now().await;
        }
    }
    unpacking.finish()?.join()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::form::{Fields, RawForm};

    async fn read_plain(body: Body, max_bytes: usize, load: &Load) -> Result<Arrived, Unread> {
        read(body, &HeaderMap::new(), max_bytes, load).await
    }

    fn fields(form: &[u8]) -> Fields {
        let (uri, headers) = Default::default();
        RawForm::of(&uri, &headers, form).decode()
    }

    #[tokio::test]
    async fn of_an_oversized_body_head_and_tail_are_kept() {
        let mut body = b"blog=x&comment_content=".to_vec();
        body.extend(std::iter::repeat_n(b'a', 300_000));
        body.extend_from_slice(b"&more=1&api_key=k");
        let arrived = read_plain(Body::from(body), 1_000, &Load::new(1_000)).await;
        let fields = fields(&arrived.expect("it is whole"));
        assert_eq!(
            (fields.last("blog"), fields.last("api_key")),
            (Some("x"), Some("k"))
        );
        assert!(
            fields
                .last("comment_content")
                .is_some_and(|t| t.len() < 1_000)
        );
    }

    #[tokio::test]
    async fn a_limit_that_falls_into_the_last_field_does_not_cut_it() {
        let body = b"comment_content=aaaaaaaaaaaaaaaaaaaa&api_key=0123456789ab".to_vec();
        for max_bytes in 30..=body.len() {
            let arrived =
                read_plain(Body::from(body.clone()), max_bytes, &Load::new(max_bytes)).await;
            let fields = fields(&arrived.expect("it is whole"));
            assert_eq!(fields.last("api_key"), Some("0123456789ab"), "{max_bytes}");
        }
    }

    #[tokio::test]
    async fn bodies_wait_for_no_memory_and_give_theirs_back() {
        let load = Load::new(8 << 20);
        let large = || Body::from(vec![b'a'; 8 << 20]);
        let mut held = Vec::new();
        let refused = loop {
            match read_plain(large(), 8 << 20, &load).await {
                Ok(arrived) => held.push(arrived),
                Err(why) => break why,
            }
        };
        let bytes: usize = held.iter().map(|arrived| arrived.capacity()).sum();
        assert_eq!(refused, Unread::NoRoom);
        assert!((16 << 20..=80 << 20).contains(&bytes), "{bytes}");
        let small = Body::from(vec![b'a'; FREE_BYTES]);
        assert!(read_plain(small, 8 << 20, &load).await.is_ok());
        held.clear();
        assert!(read_plain(large(), 8 << 20, &load).await.is_ok());
    }
}
