//! Ctrl-C and SIGTERM.
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Hears the signals from the moment it is made: one that comes during a start is not lost, and does not cut it off in the middle
/// (the first process of a container is sent no signal that it does not listen for).
pub(super) struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    /// Begins to listen.
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Ends when the process has been asked to stop.
    pub(super) async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ends when the process is asked to stop from now on.
pub(super) async fn asked_to_stop() -> std::io::Result<()> {
    StopSignals::listen()?.asked().await;
    Ok(())
}
