//! Akismet's protocol: `/1.1` and `/1.2`. Always 200, exact bodies without a newline, a guid on every check; errors in the protocol's own words.

mod account;
mod alert;
mod check;
mod dates;
mod plugin;
mod stats;
mod submit;
mod subscription;
mod verify;
mod wire;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, any};

use crate::comment::SiteId;
pub(super) use crate::http::akismet::wire::{WEBHOOK_HEADER, not_taken, webhook};
use crate::http::body::{self, Fields, Unread};
use crate::http::rate_limit::{RETRY_AFTER_SECONDS, TooFast};
use crate::http::{App, guard, key};
use crate::moderation::{Admitted, Refusal};

const DEBUG_HELP: &str = "x-akismet-debug-help";
const GUID: &str = "x-akismet-guid";

pub(super) fn router() -> Router<App> {
    let both = |router: Router<App>, call: &str, handler: MethodRouter<App>| {
        router
            .route(&format!("/1.1/{call}"), handler.clone())
            .route(&format!("/1.2/{call}"), handler)
    };
    let router = both(
        Router::new(),
        "verify-key",
        any(crate::http::akismet::verify::handle),
    );
    let router = both(
        router,
        "comment-check",
        any(crate::http::akismet::check::handle),
    );
    let router = both(
        router,
        "submit-spam",
        any(crate::http::akismet::submit::spam),
    );
    let router = both(router, "submit-ham", any(crate::http::akismet::submit::ham));
    let router = both(
        router,
        "usage-limit",
        any(crate::http::akismet::account::usage_limit),
    );
    let router = both(
        router,
        "key-sites",
        any(crate::http::akismet::account::key_sites),
    );
    let router = both(
        router,
        "get-stats",
        any(crate::http::akismet::stats::of_site),
    );
    let router = both(
        router,
        "get-key-stats",
        any(crate::http::akismet::stats::of_key),
    );
    let router = both(
        router,
        "get-subscription",
        any(crate::http::akismet::subscription::of_key),
    );
    let router = both(
        router,
        "verify-wpcom-key",
        any(crate::http::akismet::subscription::of_user),
    );
    let router = both(
        router,
        "token",
        any(crate::http::akismet::subscription::token),
    );
    let router = both(
        router,
        "deactivate",
        any(crate::http::akismet::plugin::deactivate),
    );
    let router = both(router, "test", any(crate::http::akismet::plugin::test));
    both(
        router,
        "compatible-plugins",
        any(crate::http::akismet::plugin::compatible),
    )
}

/// A call that has been read: its fields, and the key if one came.
struct Call {
    fields: Fields,
    key: Option<String>,
}

/// Why a call is answered at once. Every one of them is a 200 to the client but the wrong method, the wrong pace and half a request.
enum Refused {
    /// Body `invalid` and why.
    Invalid(String),
    /// A required field is missing.
    Missing(&'static str),
    /// A field makes no sense.
    Field(&'static str, String),
    /// What was asked cannot be read now.
    Unreadable(String),
    /// Not a method the call takes.
    Method(&'static str),
    /// More requests than the key may make.
    TooFast(TooFast),
    /// The body did not arrive.
    Unread(Unread),
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Invalid(why) => with_help("invalid".to_owned(), &why),
            Self::Missing(field) => with_help(
                format!("Missing required field: {field}."),
                &format!("Empty \"{field}\" value"),
            ),
            Self::Field(field, why) => with_help(format!("Invalid field: {field}."), &why),
            Self::Unreadable(why) => with_help(why.clone(), &why),
            Self::Method(allowed) => (
                StatusCode::METHOD_NOT_ALLOWED,
                [("allow", allowed)],
                format!("This call takes {allowed} with its fields as a form."),
            )
                .into_response(),
            Self::TooFast(why) => later(StatusCode::TOO_MANY_REQUESTS, &why.to_string()),
            Self::Unread(why) => later(why.status(), &why.to_string()),
        }
    }
}

/// Says why not now, and when again, if that helps.
fn later(status: StatusCode, why: &str) -> Response {
    let mut response = with_help(why.to_owned(), why);
    *response.status_mut() = status;
    if status != StatusCode::BAD_REQUEST {
        let headers = response.headers_mut();
        headers.insert("retry-after", RETRY_AFTER_SECONDS.into());
    }
    response
}

/// A text with `X-akismet-debug-help`; only errors may carry it, for several clients throw when they see it.
fn with_help(body: String, help: &str) -> Response {
    let mut response = plain(body);
    response.headers_mut().insert(DEBUG_HELP, header_text(help));
    response
}

fn plain(body: impl Into<String>) -> Response {
    ([("content-type", "text/plain; charset=utf-8")], body.into()).into_response()
}

/// A header may hold visible ASCII only: marks come off (and with them the case), the rest becomes `?`, line breaks a space.
fn header_text(text: &str) -> HeaderValue {
    let ascii: String = text
        .chars()
        .map(|c| {
            if c.is_ascii() {
                c
            } else {
                crate::text::vietnamese::base_letter(c)
            }
        })
        .map(|c| {
            if c.is_ascii_graphic() || c == ' ' {
                c
            } else if c.is_whitespace() {
                ' '
            } else {
                '?'
            }
        })
        .take(1_000)
        .collect();
    HeaderValue::from_str(&ascii).unwrap_or_else(|_| HeaderValue::from_static(""))
}

impl Call {
    async fn read(app: &App, request: Request) -> Result<Self, Refused> {
        if request.method() != Method::POST {
            return Err(Refused::Method("POST"));
        }
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, app.policy.max_body_bytes, &app.load).await;
        let bytes = bytes.map_err(Refused::Unread)?;
        Ok(Self::of(app, &bytes, &parts.uri, &parts.headers))
    }

    /// A call of an unknown key has no fields: it is refused whatever they say.
    fn of(app: &App, form: &[u8], uri: &Uri, headers: &HeaderMap) -> Self {
        let key = key::of_akismet(form, uri, headers);
        let fields = match app.moderation.accounts.recognise(key.as_deref()) {
            Ok(_) => Fields::decode(form),
            Err(_) => Fields::default(),
        };
        Self { fields, key }
    }

    /// Reads a question about the account: GET or POST, its fields in the query or the body.
    async fn read_question(app: &App, request: Request) -> Result<Self, Refused> {
        if request.method() == Method::POST {
            return Self::read(app, request).await;
        }
        if request.method() != Method::GET {
            return Err(Refused::Method("GET, POST"));
        }
        let form = request.uri().query().unwrap_or("").as_bytes();
        Ok(Self::of(app, form, request.uri(), request.headers()))
    }

    /// The key, if it is served.
    fn admit(&self, app: &App) -> Result<Admitted, Refused> {
        self.known(app, app.moderation.accounts.admit(self.key.as_deref()))
    }

    /// The key, be it suspended: for calls that tell it so.
    fn recognise(&self, app: &App) -> Result<Admitted, Refused> {
        self.known(app, app.moderation.accounts.recognise(self.key.as_deref()))
    }

    fn known(&self, app: &App, found: Result<Admitted, Refusal>) -> Result<Admitted, Refused> {
        guard::saw(&app.moderation, self.key.as_deref(), &found);
        let admitted = found.map_err(|refusal| {
            app.metrics.refused();
            Refused::Invalid(refusal.to_string())
        })?;
        if let Some(pace) = &app.pace {
            pace.take(&admitted.key_id).map_err(Refused::TooFast)?;
        }
        Ok(admitted)
    }

    /// The site, if the key serves it.
    fn admit_site(&self, app: &App, admitted: &Admitted) -> Result<SiteId, Refused> {
        let site = self.site()?;
        match app.moderation.accounts.admit_site(admitted, &site) {
            Ok(()) => Ok(site),
            Err(refusal) => {
                app.metrics.refused();
                Err(Refused::Invalid(refusal.to_string()))
            }
        }
    }

    fn site(&self) -> Result<SiteId, Refused> {
        let blog = self.fields.filled("blog").ok_or(Refused::Missing("blog"))?;
        SiteId::parse(blog).map_err(|bad| Refused::Invalid(bad.to_string()))
    }
}

/// Reads the call and admits its key.
async fn admitted(app: &App, request: Request) -> Result<(Call, Admitted), Refused> {
    let call = Call::read(app, request).await?;
    let admitted = call.admit(app)?;
    Ok((call, admitted))
}

type AppState = State<App>;
