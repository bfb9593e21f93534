//! A comment as our JSON has it in, a [`Comment`] out. The only place that knows these names;
//! judges nothing.

use std::net::IpAddr;

use axum::extract::Request;
use serde::Deserialize;

use crate::comment::{Author, Comment, Page, Recheck, SiteId, public_address};
use crate::http::api::fields::{parse, site_is_missing};
use crate::http::app::App;
use crate::http::body;
use crate::http::error::HttpError;
use crate::text::MAX_TEXT_BYTES;
use crate::verdict::{Category, Label};

/// A comment as sent to us; only `site` and `text` are needed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawComment {
    pub(super) site: Option<String>,
    pub(super) text: Option<String>,
    pub(super) id: Option<String>,
    pub(super) author: Option<String>,
    pub(super) email: Option<String>,
    pub(super) url: Option<String>,
    pub(super) ip: Option<String>,
    pub(super) user_agent: Option<String>,
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) page_lang: Option<String>,
    pub(super) page: Option<String>,
    pub(super) permalink: Option<String>,
    #[serde(default)]
    pub(super) test: bool,
    /// `/v1/check` only: why a comment is checked again that was checked before.
    pub(super) recheck: Option<Recheck>,
    /// `/v1/label` only: the check it answers.
    pub(super) guid: Option<String>,
    /// `/v1/label` only.
    pub(super) label: Option<Label>,
    /// `/v1/label` only: the reporter.
    pub(super) reporter: Option<String>,
    /// `/v1/label` only: what the spam is about.
    #[serde(rename = "kind")]
    pub(super) category: Option<Category>,
    /// `/v1/label` only: it answers an audit of the queue, and the person did not know the verdict.
    #[serde(default)]
    pub(super) audit: bool,
}

/// An address, or the first public one of a list as reverse proxies write it.
fn address(text: &str) -> Option<IpAddr> {
    text.parse().ok().or_else(|| public_address(text))
}

impl RawComment {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// It did not arrive, or is not the JSON expected.
    pub(super) async fn read(app: &App, request: Request) -> Result<Self, HttpError> {
        let (parts, body) = request.into_parts();
        let max_bytes = app.policy.max_body_bytes;
        parse(&body::read(body, &parts.headers, max_bytes, &app.load).await?)
    }

    /// The site, which every call must name.
    ///
    /// # Errors
    /// It is missing, or cannot be a site.
    pub(super) fn site(&self) -> Result<SiteId, HttpError> {
        let site = self.site.as_deref().ok_or_else(site_is_missing)?;
        SiteId::parse(site).map_err(HttpError::invalid)
    }

    /// The comment, cut to what is read of one.
    ///
    /// # Errors
    /// Its address of the author is none.
    pub(super) fn comment(&self) -> Result<Comment, HttpError> {
        let ip = match self.ip.as_deref().map(str::trim) {
            None | Some("") => None,
            Some(text) => Some(address(text).ok_or_else(|| {
                HttpError::invalid(format!("\"ip\" {text:?} is not an IP address"))
            })?),
        };
        let mut comment = Comment {
            text: self.text.clone().unwrap_or_default(),
            author: Author {
                name: self.author.clone(),
                email: self.email.clone(),
                url: self.url.clone(),
            },
            request: crate::comment::Request {
                ip,
                user_agent: self.user_agent.clone(),
                accept_language: None,
            },
            page: Page {
                permalink: self.permalink.clone(),
                languages: self.page_lang.iter().cloned().collect(),
                context: self.page.iter().cloned().collect(),
                kind: self.kind.clone(),
            },
            ..Comment::default()
        };
        comment.cut(MAX_TEXT_BYTES);
        Ok(comment)
    }
}
