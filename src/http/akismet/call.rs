//! A request in; its fields, its key and its site out, as far as the key admits them. Reads no
//! comment: see `wire`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri};

use crate::comment::SiteId;
use crate::http::akismet::refused::Refused;
use crate::http::app::App;
use crate::http::form::{Fields, RawForm};
use crate::http::{body, guard, key};
use crate::moderation::{Admitted, Refusal};

/// A call that has been read: its fields, and the key if one came.
pub(super) struct Call {
    pub(super) fields: Fields,
    pub(super) key: Option<String>,
    /// Whose key it is, be it suspended.
    recognised: Result<Admitted, Refusal>,
}

impl Call {
    /// Reads a call: POST, or GET with all fields in the query.
    ///
    /// # Errors
    /// It is neither, or its body cannot be read.
    pub(super) async fn read(app: &App, request: Request) -> Result<Self, Refused> {
        if ![Method::POST, Method::GET].contains(request.method()) {
            return Err(Refused::Method);
        }
        let (parts, body) = request.into_parts();
        let max_bytes = app.policy.max_body_bytes;
        let form = body::read(body, &parts.headers, max_bytes, &app.load).await;
        let form = form.map_err(|why| Refused::Later(why.into()))?;
        Ok(Self::of(app, &form, &parts.uri, &parts.headers))
    }

    /// A call of an unknown key has no fields: it is refused whatever they say.
    fn of(app: &App, body: &[u8], uri: &Uri, headers: &HeaderMap) -> Self {
        let form = RawForm::of(uri, headers, body);
        let (key, recognised) = as_made(app, key::of_akismet(&form, uri, headers));
        let fields = match &recognised {
            Ok(_) => form.decode(),
            Err(_) => Fields::default(),
        };
        Self {
            fields,
            key,
            recognised,
        }
    }

    /// The key, if it is served.
    fn admit(&self, app: &App) -> Result<Admitted, Refused> {
        self.known(app, app.moderation.accounts.admit(self.key.as_deref()))
    }

    /// The key, be it suspended: for calls that tell it so.
    ///
    /// # Errors
    /// It is not known, or makes too many requests.
    pub(super) fn recognise(&self, app: &App) -> Result<Admitted, Refused> {
        self.known(app, self.recognised.clone())
    }

    fn known(&self, app: &App, found: Result<Admitted, Refusal>) -> Result<Admitted, Refused> {
        guard::saw(&app.moderation, self.key.as_deref(), &found);
        let admitted = found.inspect_err(|_| app.metrics.refused())?;
        if let Some(limit) = &app.rate_limit {
            let taken = limit.take(&admitted.key_id);
            taken.map_err(|why| Refused::Later(why.into()))?;
        }
        Ok(admitted)
    }

    /// The site, if the key serves it.
    ///
    /// # Errors
    /// The site is missing or none, or the key does not serve it.
    pub(super) fn admit_site(&self, app: &App, admitted: &Admitted) -> Result<SiteId, Refused> {
        let site = self.site()?;
        let served = app.moderation.accounts.admit_site(admitted, &site);
        served.inspect_err(|_| app.metrics.refused())?;
        Ok(site)
    }

    /// The site, if it is named and can be one.
    ///
    /// # Errors
    /// It is missing, or cannot be a site.
    pub(super) fn site(&self) -> Result<SiteId, Refused> {
        let blog = self.fields.filled("blog").ok_or(Refused::Missing("blog"))?;
        SiteId::parse(blog).map_err(|bad| Refused::Invalid(bad.to_string()))
    }
}

/// The key as it was made, and whose it is: some clients write its letters as capitals.
fn as_made(app: &App, key: Option<String>) -> (Option<String>, Result<Admitted, Refusal>) {
    let recognise = |key: Option<&str>| app.moderation.accounts.recognise(key);
    let found = recognise(key.as_deref());
    if found.is_err()
        && let Some(key) = &key
        && key.bytes().any(|b| b.is_ascii_uppercase())
    {
        let small = key.to_ascii_lowercase();
        let of_small = recognise(Some(&small));
        if of_small.is_ok() {
            return (Some(small), of_small);
        }
    }
    (key, found)
}

/// Reads the call and admits its key.
///
/// # Errors
/// The call cannot be read, or its key is not served.
pub(super) async fn admitted(app: &App, request: Request) -> Result<(Call, Admitted), Refused> {
    let call = Call::read(app, request).await?;
    let admitted = call.admit(app)?;
    Ok((call, admitted))
}

/// How handlers are handed what is shared.
pub(super) type AppState = State<App>;
