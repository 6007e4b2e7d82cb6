//! The service under test, as `serve` runs it: real keys, real directory, real route.
use crate::ground::Ground;
use anyhow::Result;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

/// Where check-ins go.
#[derive(Clone)]
pub struct Target {
    pub address: SocketAddr,
    /// Posters that take check-ins, in venues of their own.
    pub codes: Arc<[String]>,
}

/// A running service.
pub struct Service {
    target: Target,
    stop: Pin<Box<dyn Future<Output = Result<()>> + Send>>,
}

impl Service {
    pub fn target(&self) -> Target {
        self.target.clone()
    }

    pub async fn stop(self) -> Result<()> {
        self.stop.await
    }
}

/// Starts the web process on `ground` with its business date open, and hangs posters in some venues.
/// `None` until the web room can be started from here.
pub async fn start_service(_ground: &Ground) -> Result<Option<Service>> {
    Ok(None)
}
