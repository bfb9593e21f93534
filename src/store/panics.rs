//! Work on the store in, its result or a panic's text as an error out. sled answers damage with a
//! panic as often as with an error. Never prints a panic that it has caught.

use std::any::Any;
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use super::error::StoreError;

thread_local! {
    // Per thread: a panic of another thread is still printed.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Does work on the store of a data folder. A panic becomes [`StoreError::Broken`], and nothing of
/// it is printed.
///
/// # Errors
///
/// Those of the work, and a panic's text.
pub fn guarded<T, E: From<StoreError>>(
    data: &Path,
    work: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    keep_quiet_where_guarded();
    IS_GUARDED.set(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(false);
    done.unwrap_or_else(|panic| {
        Err(E::from(StoreError::Broken {
            path: data.to_owned(),
            why: said_by(panic.as_ref()),
        }))
    })
}

/// The first line of a panic's message.
pub fn said_by(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    let first = text.and_then(|text| text.lines().next());
    first.unwrap_or("it could not be read").to_owned()
}

fn keep_quiet_where_guarded() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                before(panic);
            }
        }));
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_that_says_what_to_do() {
        let done: Result<(), StoreError> = guarded(Path::new("data"), || {
            let pages: Vec<u8> = Vec::new();
            assert!(!pages.is_empty(), "page 7 is not there\nand more");
            Ok(())
        });
        let error = done.expect_err("it panicked").to_string();
        assert!(error.contains("page 7 is not there"), "{error}");
        assert!(error.contains("phin salvage --data-dir data"), "{error}");
        let done: Result<u8, StoreError> = guarded(Path::new("data"), || Ok(7));
        assert_eq!(done.expect("well"), 7);
    }
}
