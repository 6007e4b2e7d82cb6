//! Ctrl-C and SIGTERM.
use tokio::signal::unix::{SignalKind, signal};

/// Ends when the process is asked to stop.
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    Ok(())
}
