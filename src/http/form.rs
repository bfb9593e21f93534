//! What a request says in fields in, named fields out. Takes whatever a PHP server takes: a query, a
//! form, `multipart/form-data`; any charset the client names, repeated names, any number. Never
//! refuses a form.

mod fields;
mod multipart;
mod raw;
mod urlencoded;

pub(super) use fields::Fields;
pub(super) use raw::{RawForm, separator};

/// The fields of a form in UTF-8, for tests of what is read out of them.
#[cfg(test)]
pub(super) fn decode(form: &str) -> Fields {
    let (uri, headers) = Default::default();
    RawForm::of(&uri, &headers, form.as_bytes()).decode()
}
