//! A request in; its fields, its key and its site out, as far as the key admits them. Reads no
//! comment: see `wire`.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Uri};

use crate::comment::SiteId;
use crate::http::akismet::refused::Refused;
use crate::http::app::App;
use crate::http::form::Fields;
use crate::http::{body, guard, key};
use crate::moderation::{Admitted, Refusal};

/// A call that has been read: its fields, and the key if one came.
pub(super) struct Call {
    pub(super) fields: Fields,
    pub(super) key: Option<String>,
}

impl Call {
    /// Reads a call that is a POST.
    ///
    /// # Errors
    /// It is no POST, or its body did not arrive.
    pub(super) async fn read(app: &App, request: Request) -> Result<Self, Refused> {
        if request.method() != Method::POST {
            return Err(Refused::Method("POST"));
        }
        let (parts, body) = request.into_parts();
        let bytes = body::read(body, app.policy.max_body_bytes, &app.load).await;
        let bytes = bytes.map_err(|why| Refused::Later(why.into()))?;
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
    ///
    /// # Errors
    /// It is neither GET nor POST, or its body did not arrive.
    pub(super) async fn read_question(app: &App, request: Request) -> Result<Self, Refused> {
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
    ///
    /// # Errors
    /// It is not known, or makes too many requests.
    pub(super) fn recognise(&self, app: &App) -> Result<Admitted, Refused> {
        self.known(app, app.moderation.accounts.recognise(self.key.as_deref()))
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
