//! The command line's client of the operator's routes: a request in, its answer out, over the
//! socket of a running server or, where none runs, in process on the store itself. Decides nothing;
//! all texts it hands on are fit for a terminal, but where JSON is asked for.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, anyhow, bail};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Method, Request, Response};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tower::ServiceExt;

use super::data_dir::{DataDirArgs, make_files_private, socket_of};
use super::runtime::runtime;
use super::{clock, model_args, plain};
use crate::http::{App, Load, Metrics, Policy, Unsure, admin_router};
use crate::model::Model;
use crate::model::registry::ModelRegistry;
use crate::moderation::{Moderation, Options};
use crate::store::{DEFAULT_CACHE_BYTES, Store, StoreError, guarded};

/// A path with those fields of its query that have a value.
pub(super) fn path_with(path: &str, fields: &[(&str, Option<String>)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(format!("{path}?"));
    let filled = fields.iter();
    query.extend_pairs(filled.filter_map(|(name, value)| Some((name, value.as_ref()?))));
    query.finish()
}

/// A client of the operator's routes.
pub(super) struct AdminClient {
    way: Way,
    runtime: tokio::runtime::Runtime,
}

enum Way {
    Socket(PathBuf),
    InProcess(Router, Arc<Moderation>),
}

/// What to do where no store is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    Refuse,
    Make,
}

impl AdminClient {
    /// Opens the store that is there.
    ///
    /// # Errors
    /// There is no store in the folder, or it cannot be opened.
    pub(super) fn open(args: &DataDirArgs) -> anyhow::Result<Self> {
        // Keys, checks and labels go in and out as they are: no model is asked.
        Self::open_or(Missing::Refuse, args, || Ok(Model::cold()))
    }

    /// The same for what the live model is asked: without it, a stopped store would answer with one
    /// that knows nothing.
    ///
    /// # Errors
    /// As [`Self::open`]; or the live model cannot be loaded.
    pub(super) fn open_judging(args: &DataDirArgs) -> anyhow::Result<Self> {
        Self::open_or(Missing::Refuse, args, || model_args::model_of("live", args))
    }

    /// The running server, and nothing else: for what only live traffic can tell.
    ///
    /// # Errors
    /// No server answers.
    pub(super) fn open_running(args: &DataDirArgs) -> anyhow::Result<Self> {
        let runtime = runtime()?;
        let socket = socket_of(&args.data_dir);
        if runtime.block_on(UnixStream::connect(&socket)).is_err() {
            bail!(
                "no server answers on {}; start phin serve there, or say --data-dir",
                socket.display()
            );
        }
        Ok(Self {
            way: Way::Socket(socket),
            runtime,
        })
    }

    /// Opens the store, or makes an empty one: for an import. A server started only to make the
    /// store would also make a key.
    ///
    /// # Errors
    /// The store can be neither opened nor made.
    pub(super) fn open_or_make(args: &DataDirArgs) -> anyhow::Result<Self> {
        Self::open_or(Missing::Make, args, || Ok(Model::cold()))
    }

    /// The same for what a model is to judge; a running server uses its own.
    ///
    /// # Errors
    /// The store can be neither opened nor made.
    pub(super) fn open_or_make_with(
        args: &DataDirArgs,
        model: fn() -> Model,
    ) -> anyhow::Result<Self> {
        Self::open_or(Missing::Make, args, || Ok(model()))
    }

    fn open_or(
        missing: Missing,
        args: &DataDirArgs,
        model: impl FnOnce() -> anyhow::Result<Model>,
    ) -> anyhow::Result<Self> {
        let runtime = runtime()?;
        let socket = socket_of(&args.data_dir);
        if runtime.block_on(UnixStream::connect(&socket)).is_ok() {
            return Ok(Self {
                way: Way::Socket(socket),
                runtime,
            });
        }
        if missing == Missing::Refuse && !args.data_dir.join("store").is_dir() {
            bail!(
                "there is no store in {}; start `phin serve` there once, or say --data-dir",
                args.data_dir.display()
            );
        }
        make_files_private();
        let store =
            Store::open(&args.data_dir, DEFAULT_CACHE_BYTES).map_err(|error| match error {
                StoreError::Locked(_) => {
                    anyhow!("{error} (it does not answer on {})", socket.display())
                }
                other => other.into(),
            })?;
        let model = model()?;
        let options = Options {
            shelf: Some(ModelRegistry::of(&args.data_dir)),
            ..Options::default()
        };
        // sled panics on some damage; `guarded` turns that into an error that names the folder.
        let opened = guarded(&args.data_dir, || {
            Moderation::open(model, store, clock::now, options, |_| {})
        });
        let moderation = Arc::new(opened?);
        let app = App {
            moderation: Arc::clone(&moderation),
            metrics: Arc::new(Metrics::default()),
            policy: Policy {
                unsure: Unsure::Hold,
                max_body_bytes: usize::MAX,
            },
            rate_limit: None,
            load: Load::new(usize::MAX),
        };
        Ok(Self {
            way: Way::InProcess(admin_router(app), moderation),
            runtime,
        })
    }

    /// Reads JSON, its texts fit to be shown; what the server refuses becomes the error.
    ///
    /// # Errors
    /// The server refuses, is gone, or answers something else.
    pub(super) fn get<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        shown(self.get_as_is(path)?)
    }

    /// The same with all texts as they are: for JSON out.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) fn get_as_is<T: DeserializeOwned>(&self, path: &str) -> anyhow::Result<T> {
        let request = Request::builder()
            .uri(path)
            .header("host", "phin")
            .body(Body::empty())?;
        Ok(serde_json::from_slice(&self.call(request, |_| Ok(()))?)?)
    }

    /// Sends JSON, reads JSON, its texts fit to be shown.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        shown(self.post_as_is(path, body)?)
    }

    /// The same with all texts as they are: for JSON out.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) fn post_as_is<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("host", "phin")
            .header("content-type", "application/json");
        let bytes = self.call(request.body(Body::from(serde_json::to_vec(body)?))?, |_| {
            Ok(())
        })?;
        Ok(serde_json::from_slice(&bytes)?)
    }

    /// Sends bytes, reads JSON, its texts fit to be shown.
    ///
    /// # Errors
    /// As [`Self::get`].
    pub(super) fn post_bytes<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Vec<u8>,
    ) -> anyhow::Result<T> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header("host", "phin")
            .body(Body::from(body))?;
        shown(serde_json::from_slice(&self.call(request, |_| Ok(()))?)?)
    }

    /// Reads a stream, piece by piece.
    ///
    /// # Errors
    /// The server refuses, the answer breaks off, or `on_piece` fails.
    pub(super) fn stream(
        &self,
        path: &str,
        on_piece: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let request = Request::builder()
            .uri(path)
            .header("host", "phin")
            .body(Body::empty())?;
        self.call(request, on_piece).map(|_| ())
    }

    /// Sends a request; hands pieces of a good answer over as they come and returns the whole of
    /// it.
    fn call(
        &self,
        request: Request<Body>,
        mut on_piece: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<Bytes> {
        self.runtime.block_on(async {
            let response: Response<Body> = match &self.way {
                Way::InProcess(router, _) => router.clone().oneshot(request).await?,
                Way::Socket(path) => {
                    let stream = UnixStream::connect(path).await.with_context(|| {
                        format!("the server behind {} has gone", path.display())
                    })?;
                    let (mut sender, connection) =
                        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
                    tokio::spawn(connection);
                    sender.send_request(request).await?.map(Body::new)
                }
            };
            let good = response.status().is_success();
            let mut body = response.into_body();
            let mut whole = Vec::new();
            while let Some(frame) = body.frame().await {
                let frame = frame.context("the answer broke off")?;
                let Some(piece) = frame.data_ref() else {
                    continue;
                };
                if good {
                    on_piece(piece)?;
                }
                whole.extend_from_slice(piece);
            }
            if !good {
                bail!("{}", String::from_utf8_lossy(&whole).trim().to_owned());
            }
            Ok(whole.into())
        })
    }
}

/// Everything that is printed of a store comes through here.
fn shown<T: DeserializeOwned>(answer: serde_json::Value) -> anyhow::Result<T> {
    Ok(serde_json::from_value(plain::answer(answer))?)
}

impl Drop for AdminClient {
    fn drop(&mut self) {
        if let Way::InProcess(_, moderation) = &self.way
            && let Err(error) = moderation.close()
        {
            eprintln!("phin: {}", plain::message(error));
        }
    }
}
