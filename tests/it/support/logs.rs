//! Captures everything that the process logs, down to the finest level, so that a test can look for what must not be there.
use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Captured {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn captured() -> &'static Captured {
    static CAPTURED: OnceLock<Captured> = OnceLock::new();
    CAPTURED.get_or_init(|| {
        let captured = Captured::default();
        let filter = EnvFilter::new("info,ashiato=trace,sqlx=trace,actix_web=debug,actix_http=debug");
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(captured.clone()).init();
        captured
    })
}

/// Starts capturing; everything that any test of this process logs from now on.
pub fn capture() {
    captured();
}

/// What has been logged so far.
pub fn text() -> String {
    String::from_utf8_lossy(&captured().0.lock().unwrap()).into_owned()
}
