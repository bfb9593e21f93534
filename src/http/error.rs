//! One error for all of HTTP: a domain error in; a kind, which decides the status, and a sentence
//! out. The public API writes it as JSON, the operator's socket as plain text. Every domain error
//! is given its kind here, once.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use crate::blocking::WorkFailed;
use crate::http::body::Unread;
use crate::http::rate_limit::{RETRY_AFTER_SECONDS, TooFast};
use crate::moderation::{
    EvidenceError, ForgetError, GiveError, ImportError, KeyError, LabelError, ListError,
    PromoteError, Refusal, RetrainFailure, ShadowError, SiteError, StoreError, UndoError,
};

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The request cannot be read.
    BadRequest,
    /// No key came, or none that is known.
    Unauthorized,
    /// The key is known and may not do this.
    Forbidden,
    /// What is named does not exist.
    NotFound,
    /// The body took too long to arrive.
    TooSlow,
    /// It contradicts what is there.
    Conflict,
    /// The request can be read, and a value of it makes no sense.
    Invalid,
    /// The key makes too many requests.
    TooMany,
    /// A fault of the server.
    Internal,
    /// No memory is free for it at this moment.
    Busy,
    /// The store cannot read or write at this moment.
    Store,
}

impl Kind {
    /// The status for strangers. Only 429 and 503 tell a client to try again.
    fn status(self) -> StatusCode {
        match self {
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict => StatusCode::CONFLICT,
            Self::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            Self::TooMany => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Store => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The status for the operator, who can do something about a full disk: 507 for the store.
    fn status_for_operator(self) -> StatusCode {
        match self {
            Self::Store => StatusCode::INSUFFICIENT_STORAGE,
            other => other.status(),
        }
    }
}

/// A request that failed: its kind, and a sentence that a caller can act on. As a response it is
/// the JSON of the public API.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HttpError {
    kind: Kind,
    message: String,
}

impl HttpError {
    pub(super) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
        }
    }

    /// A value of the request makes no sense.
    pub(super) fn invalid(why: impl ToString) -> Self {
        Self::new(Kind::Invalid, why.to_string())
    }

    /// What is named does not exist.
    pub(super) fn not_found(why: impl ToString) -> Self {
        Self::new(Kind::NotFound, why.to_string())
    }

    /// Status of the public doors.
    pub(super) fn status(&self) -> StatusCode {
        self.kind.status()
    }

    /// The sentence.
    pub(super) fn message(&self) -> &str {
        &self.message
    }

    /// An error of this kind that says what the domain error says.
    fn of(kind: Kind, error: &impl ToString) -> Self {
        Self::new(kind, error.to_string())
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut response = (status, Json(json!({ "error": self.message }))).into_response();
        let later = [
            StatusCode::TOO_MANY_REQUESTS,
            StatusCode::SERVICE_UNAVAILABLE,
        ];
        if later.contains(&status) {
            let headers = response.headers_mut();
            headers.insert("retry-after", RETRY_AFTER_SECONDS.into());
        }
        response
    }
}

/// The same error on the operator's socket: plain text, which the command line prints as it is.
#[derive(Debug)]
pub(super) struct AdminError(HttpError);

impl IntoResponse for AdminError {
    fn into_response(self) -> Response {
        (self.0.kind.status_for_operator(), self.0.message).into_response()
    }
}

impl<E: Into<HttpError>> From<E> for AdminError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl From<WorkFailed> for HttpError {
    fn from(failed: WorkFailed) -> Self {
        let why = format!("that went wrong here: {}", failed.cause);
        Self::new(Kind::Internal, why)
    }
}

impl From<Unread> for HttpError {
    fn from(why: Unread) -> Self {
        let kind = match why {
            Unread::Broken | Unread::NoGzip | Unread::Packed | Unread::TooMuch => Kind::BadRequest,
            Unread::TooSlow => Kind::TooSlow,
            Unread::NoRoom => Kind::Busy,
        };
        Self::of(kind, &why)
    }
}

impl From<TooFast> for HttpError {
    fn from(why: TooFast) -> Self {
        Self::of(Kind::TooMany, &why)
    }
}

impl From<Refusal> for HttpError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Suspended | Refusal::SiteRevoked => Self::of(Kind::Forbidden, &refusal),
            Refusal::NoKey | Refusal::Unknown | Refusal::Revoked => Self::new(
                Kind::Unauthorized,
                format!(
                    "{refusal}; send it as \"Authorization: Bearer KEY\" or \"X-Api-Key: KEY\""
                ),
            ),
        }
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        Self::of(Kind::Store, &error)
    }
}

impl From<LabelError> for HttpError {
    fn from(error: LabelError) -> Self {
        let kind = match error {
            LabelError::UnknownCheck(_) => Kind::NotFound,
            LabelError::ManyChecks(_) | LabelError::NoSender(_) => Kind::Conflict,
            LabelError::Empty | LabelError::ShortGuid(_) => Kind::Invalid,
            LabelError::NotYours(_) | LabelError::TooManySites(_) => Kind::Forbidden,
            LabelError::NotStored(_) | LabelError::Slow | LabelError::ShuttingDown => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<ListError> for HttpError {
    fn from(error: ListError) -> Self {
        let kind = match error {
            ListError::Bad(_) | ListError::Expiry(_) | ListError::Full(_) => Kind::Invalid,
            ListError::Store(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<EvidenceError> for HttpError {
    fn from(error: EvidenceError) -> Self {
        let kind = match error {
            EvidenceError::Store(_) => Kind::Store,
            _ => Kind::Invalid,
        };
        Self::of(kind, &error)
    }
}

impl From<SiteError> for HttpError {
    fn from(error: SiteError) -> Self {
        let kind = match error {
            SiteError::Bad(_) => Kind::Invalid,
            SiteError::Store(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<KeyError> for HttpError {
    fn from(error: KeyError) -> Self {
        let kind = match error {
            KeyError::NoSuchKey(_) => Kind::NotFound,
            KeyError::NameTaken(_) | KeyError::SecretTaken => Kind::Conflict,
            KeyError::Reserved | KeyError::BadName => Kind::Invalid,
            KeyError::Give(_) | KeyError::Store(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<GiveError> for HttpError {
    fn from(error: GiveError) -> Self {
        let kind = match error {
            GiveError::NoSuchKey(_) => Kind::NotFound,
            GiveError::Store(_) | GiveError::Label(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<UndoError> for HttpError {
    fn from(error: UndoError) -> Self {
        let kind = match error {
            UndoError::Everything
            | UndoError::Backwards
            | UndoError::Search(_)
            | UndoError::ShortGuid(_) => Kind::Invalid,
            UndoError::Nothing | UndoError::NoSuchPlace(_) | UndoError::NoSuchKey(_) => {
                Kind::NotFound
            }
            UndoError::Store(_) | UndoError::Label(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<ForgetError> for HttpError {
    fn from(error: ForgetError) -> Self {
        let kind = match error {
            ForgetError::Nobody | ForgetError::Bad(_) => Kind::Invalid,
            ForgetError::Store(_) | ForgetError::Undo(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<ImportError> for HttpError {
    fn from(error: ImportError) -> Self {
        let kind = match &error {
            ImportError::Store(_)
            | ImportError::Owner(_)
            | ImportError::Label(_)
            | ImportError::List(ListError::Store(_))
            | ImportError::Evidence(EvidenceError::Store(_)) => Kind::Store,
            ImportError::Line { .. }
            | ImportError::CutOff
            | ImportError::Foreign { .. }
            | ImportError::List(_)
            | ImportError::Evidence(_) => Kind::Invalid,
        };
        Self::of(kind, &error)
    }
}

impl From<PromoteError> for HttpError {
    fn from(error: PromoteError) -> Self {
        let kind = match error {
            PromoteError::ModelRegistry(_) => Kind::Invalid,
            PromoteError::Live(_) | PromoteError::First => Kind::Conflict,
            PromoteError::NoShelf => Kind::NotFound,
            PromoteError::Store(_) | PromoteError::Label(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

impl From<RetrainFailure> for HttpError {
    fn from(failure: RetrainFailure) -> Self {
        let kind = match failure {
            RetrainFailure::UnderWay => Kind::Conflict,
            RetrainFailure::Promote(error) => return error.into(),
            RetrainFailure::Store(_) => Kind::Store,
            RetrainFailure::Foreign(_) | RetrainFailure::Retrain(_) => Kind::Invalid,
        };
        Self::of(kind, &failure)
    }
}

impl From<ShadowError> for HttpError {
    fn from(error: ShadowError) -> Self {
        let kind = match error {
            ShadowError::ModelRegistry(_) => Kind::Invalid,
            ShadowError::Live(_) | ShadowError::Taken(_) => Kind::Conflict,
            ShadowError::Off | ShadowError::NoShelf => Kind::NotFound,
            ShadowError::Broken => Kind::Internal,
            ShadowError::Store(_) | ShadowError::Label(_) => Kind::Store,
        };
        Self::of(kind, &error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed() -> StoreError {
        StoreError::Failed {
            action: "write",
            why: "the disk is full".into(),
        }
    }

    #[test]
    fn a_store_that_fails_is_503_for_strangers_and_507_for_the_operator() {
        let public = HttpError::from(failed()).into_response();
        assert_eq!(public.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(public.headers()["retry-after"], "1");
        assert_eq!(public.headers()["content-type"], "application/json");
        let admin = AdminError::from(failed()).into_response();
        assert_eq!(admin.status(), StatusCode::INSUFFICIENT_STORAGE);
        assert!(!admin.headers().contains_key("retry-after"));
    }

    #[test]
    fn only_what_may_pass_says_when_to_try_again() {
        let invalid = HttpError::invalid("no").into_response();
        assert_eq!(invalid.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!invalid.headers().contains_key("retry-after"));
        let slow = HttpError::from(Unread::TooSlow).into_response();
        assert_eq!(slow.status(), StatusCode::REQUEST_TIMEOUT);
        assert!(!slow.headers().contains_key("retry-after"));
    }
}
