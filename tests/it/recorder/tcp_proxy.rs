//! A proxy between the recorder and its server: a loopback port that leads to whatever socket is set, so that a server
//! may go and come back elsewhere while the recorder's URL stays. It can also go silent, as a cut cable does.
use std::path::{Path, PathBuf};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;

#[derive(Clone, PartialEq)]
enum Way {
    To(PathBuf),
    Shut,
    Silent,
}

pub struct TcpProxy {
    port: u16,
    way: watch::Sender<Way>,
}

impl TcpProxy {
    /// A proxy that leads to the Postgres whose socket lies in `directory`.
    pub async fn to(directory: &Path) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (way, seen) = watch::channel(Way::To(socket_in(directory)));
        tokio::spawn(async move {
            while let Ok((guest, _)) = listener.accept().await {
                tokio::spawn(lead(guest, seen.clone()));
            }
        });
        Self { port, way }
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://ashiato@127.0.0.1:{}/{database}?sslmode=disable", self.port)
    }

    /// From now on every connection, old ones too, is closed.
    pub fn shut(&self) {
        self.way.send_replace(Way::Shut);
    }

    /// From now on nothing passes and nothing is closed.
    pub fn fall_silent(&self) {
        self.way.send_replace(Way::Silent);
    }

    pub fn open(&self, directory: &Path) {
        self.way.send_replace(Way::To(socket_in(directory)));
    }
}

fn socket_in(directory: &Path) -> PathBuf {
    directory.join(".s.PGSQL.5432")
}

/// One connection, until its way changes. A silent one stays with us until the proxy opens again.
async fn lead(mut guest: TcpStream, mut way: watch::Receiver<Way>) {
    let now = way.borrow_and_update().clone();
    if let Way::To(socket) = now {
        let Ok(mut host) = UnixStream::connect(socket).await else { return };
        tokio::select! {
            _ = copy_bidirectional(&mut guest, &mut host) => return,
            _ = way.changed() => {}
        }
        hold_while_silent(&mut way).await;
    } else {
        hold_while_silent(&mut way).await;
    }
}

async fn hold_while_silent(way: &mut watch::Receiver<Way>) {
    let _proxy_gone = way.wait_for(|way| *way != Way::Silent).await;
}
