//! A delivery in, one POST to the site that asked for it, its outcome out. It decides no verdict.
//!
//! A callback address comes from outside, so it is not trusted. Names are resolved once, every
//! address is checked, and exactly that address is connected to, because a second look-up could
//! give another. No redirect is followed, no proxy is used, nothing is read beyond 64 KB, and no
//! request takes longer than 15 seconds. Only this file knows TLS (docs/DECISIONS.md, "Webhooks are
//! sent with hyper and tokio-rustls").

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use http_body_util::BodyExt;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::blocking::run_blocking;
use crate::http::akismet::{WEBHOOK_HEADER, not_taken, webhook};
use crate::moderation::{Delivery, Moderation, Outcome, Reach, StoreError, may_be_called};

/// Who turns a name into addresses; handed in so that tests need no name server.
pub type Resolver = Arc<
    dyn Fn(String) -> Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>> + Send + Sync,
>;

const CONNECT: Duration = Duration::from_secs(5);
const WHOLE: Duration = Duration::from_secs(15);
const MOST_ANSWER_BYTES: usize = 64 << 10;
/// Addresses of one name that are tried.
const MOST_ADDRESSES: usize = 3;
/// Sites spoken to at the same time.
const AT_ONCE: usize = 8;
/// How often it is looked what is due.
const LOOK: Duration = Duration::from_secs(1);

/// Sends corrections.
#[derive(Clone)]
pub struct WebhookClient {
    tls: TlsConnector,
    resolver: Resolver,
    reach: Reach,
}

impl std::fmt::Debug for WebhookClient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WebhookClient")
            .field("reach", &self.reach)
            .finish_non_exhaustive()
    }
}

impl WebhookClient {
    /// Trusts whom the system trusts, or Mozilla's list where the system has none; asks the system
    /// for names.
    pub fn new(reach: Reach) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        if roots.is_empty() {
            roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        }
        Self::with(reach, roots, Arc::new(|host| Box::pin(ask_system(host))))
    }

    /// Trusts these certificates (DER) and asks this resolver.
    pub fn trusting(reach: Reach, certificates: Vec<Vec<u8>>, resolver: Resolver) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(certificates.into_iter().map(Into::into));
        Self::with(reach, roots, resolver)
    }

    fn with(reach: Reach, roots: RootCertStore, resolver: Resolver) -> Self {
        let config = ClientConfig::builder()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            tls: TlsConnector::from(Arc::new(config)),
            resolver,
            reach,
        }
    }

    /// Tries once.
    pub async fn deliver(&self, delivery: &Delivery) -> Outcome {
        match timeout(WHOLE, self.try_once(delivery)).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(DeliveryError::Passing(why))) => Outcome::Later(why),
            Ok(Err(DeliveryError::Lasting(why))) => Outcome::Never(why),
            Err(_) => Outcome::Later(format!("no answer within {} s", WHOLE.as_secs())),
        }
    }

    async fn try_once(&self, delivery: &Delivery) -> Result<Outcome, DeliveryError> {
        let url = &delivery.callback;
        let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
            return Err(DeliveryError::Lasting("the callback names no host".into()));
        };
        let addresses = match host {
            url::Host::Ipv4(ip) => vec![ip.into()],
            url::Host::Ipv6(ip) => vec![ip.into()],
            url::Host::Domain(name) => (self.resolver)(name.to_owned())
                .await
                .map_err(|e| DeliveryError::Passing(format!("its name cannot be resolved: {e}")))?,
        };
        // One closed address among open ones refuses all: it may be a trap.
        for &ip in &addresses {
            may_be_called(ip, self.reach).map_err(|why| DeliveryError::Lasting(why.to_string()))?;
        }
        let stream = connect(&addresses, port).await?;
        if url.scheme() == "http" {
            return post(TokioIo::new(stream), delivery).await;
        }
        let name = match host {
            url::Host::Ipv4(ip) => ServerName::from(IpAddr::from(ip)),
            url::Host::Ipv6(ip) => ServerName::from(IpAddr::from(ip)),
            url::Host::Domain(name) => ServerName::try_from(name.to_owned())
                .map_err(|_| DeliveryError::Lasting("its name can have no certificate".into()))?,
        };
        let stream = self
            .tls
            .connect(name, stream)
            .await
            .map_err(|e| DeliveryError::Passing(format!("no TLS: {e}")))?;
        post(TokioIo::new(stream), delivery).await
    }
}

/// Why a site was not told.
enum DeliveryError {
    /// It may pass: tried again later.
    Passing(String),
    /// It will not: never tried again.
    Lasting(String),
}

async fn ask_system(host: String) -> io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((host, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

async fn connect(addresses: &[IpAddr], port: u16) -> Result<TcpStream, DeliveryError> {
    let mut why = "its name has no address".to_owned();
    for &ip in addresses.iter().take(MOST_ADDRESSES) {
        match timeout(CONNECT, TcpStream::connect(SocketAddr::new(ip, port))).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => why = format!("no connection: {error}"),
            Err(_) => why = format!("no connection within {} s", CONNECT.as_secs()),
        }
    }
    Err(DeliveryError::Passing(why))
}

async fn post<S>(stream: TokioIo<S>, delivery: &Delivery) -> Result<Outcome, DeliveryError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let broken =
        |error: hyper::Error| DeliveryError::Passing(format!("the connection broke: {error}"));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream)
        .await
        .map_err(broken)?;
    // The task moves bytes while we wait; without it the request is never sent.
    let connection = Aborting(tokio::spawn(connection));
    let url = &delivery.callback;
    let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
    let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
    let request = Request::post(path)
        .header(header::HOST, authority)
        .header(header::CONTENT_TYPE, "application/json")
        .header(
            header::USER_AGENT,
            concat!("phin/", env!("CARGO_PKG_VERSION")),
        )
        .header(header::CONNECTION, "close")
        .header(WEBHOOK_HEADER, "1")
        .body(Body::from(webhook(delivery)))
        .map_err(|_| DeliveryError::Lasting("its address cannot be asked for".into()))?;
    let answer = sender.send_request(request).await.map_err(broken)?;
    let status = answer.status();
    let answered = format!("the site answered {}", status.as_u16());
    let outcome = match status {
        status if status.is_success() => {
            let said = beginning(Body::new(answer.into_body())).await;
            Outcome::Taken {
                but: not_taken(&said),
            }
        }
        StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => Outcome::Later(answered),
        status if status.is_server_error() => Outcome::Later(answered),
        // The target of a redirect has not been checked, so it is not followed.
        _ => Outcome::Never(answered),
    };
    drop(connection);
    Ok(outcome)
}

/// Ends the connection with the request, however that ends.
struct Aborting(tokio::task::JoinHandle<Result<(), hyper::Error>>);

impl Drop for Aborting {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The first 64 KB of an answer.
async fn beginning(mut body: Body) -> Bytes {
    let mut kept = Vec::new();
    while kept.len() < MOST_ANSWER_BYTES
        && let Some(Ok(frame)) = body.frame().await
    {
        if let Some(piece) = frame.data_ref() {
            kept.extend_from_slice(&piece[..piece.len().min(MOST_ANSWER_BYTES - kept.len())]);
        }
    }
    kept.into()
}

/// Sends what is due now and writes down what came of it; returns the number of requests.
///
/// # Errors
/// The store cannot say what is due, or what came of it cannot be written down.
pub async fn deliver_due(
    moderation: &Arc<Moderation>,
    client: &WebhookClient,
) -> Result<usize, StoreError> {
    let deliveries = {
        let moderation = Arc::clone(moderation);
        run_blocking("read the corrections that are due", move || {
            moderation.corrections.due_deliveries()
        })
        .await?
    };
    let sent = deliveries.len();
    let seats = Arc::new(Semaphore::new(AT_ONCE));
    let mut under_way = tokio::task::JoinSet::new();
    for delivery in deliveries {
        let (client, moderation, seats) =
            (client.clone(), Arc::clone(moderation), Arc::clone(&seats));
        under_way.spawn(async move {
            // Never closed, so there is always a seat in the end.
            let _seat = seats.acquire_owned().await;
            let outcome = client.deliver(&delivery).await;
            run_blocking("write down a correction", move || {
                moderation.corrections.settle_delivery(&delivery, &outcome)
            })
            .await
        });
    }
    let mut result = Ok(sent);
    while let Some(settled) = under_way.join_next().await {
        if let Ok(Err(error)) = settled {
            result = Err(error);
        }
    }
    result
}

/// Sends what becomes due until `stop` turns true; what is under way then is finished.
pub async fn keep_delivering(
    moderation: Arc<Moderation>,
    client: WebhookClient,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(LOOK) => {}
        }
        if let Err(error) = deliver_due(&moderation, &client).await {
            tracing::error!(%error, "corrections could not be sent");
        }
    }
}
