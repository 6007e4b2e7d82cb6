//! The files that the demonstration keeps, so that a second start goes on where the first one ended.
use crate::base::secret::SecretKey;
use crate::cli::{EXIT_SETUP, Exit};
use crate::keys::KeyStore;
use anyhow::Context;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The demonstration's directory.
pub(super) struct Place(PathBuf);

/// The data behind the links at the end; written when the story has been played.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Links {
    /// The code of the poster that is shown.
    pub(super) code: String,
    /// Its venue and label.
    pub(super) poster: String,
    /// The alert's number.
    pub(super) number: String,
    /// The last line of `--once`.
    pub(super) summary: String,
    /// The content of `/demo`.
    pub(super) shown: ShownVisit,
}

/// One visit of the story: where, when, and whose.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct ShownVisit {
    pub(super) venue_id: Uuid,
    pub(super) venue: String,
    /// Label of the poster that was scanned, and how many the venue has.
    pub(super) poster: String,
    pub(super) posters: usize,
    pub(super) date: NaiveDate,
    /// A made-up address.
    pub(super) visitor: String,
    /// The alert that told them.
    pub(super) alert_id: Uuid,
    /// Its number.
    pub(super) number: String,
}

impl Place {
    /// Makes the directory if need be. Not writable: one line, exit code 2.
    pub(super) fn open(dir: &Path) -> anyhow::Result<Self> {
        let refuse = |error: std::io::Error| Exit { code: EXIT_SETUP, message: format!("cannot write to {}: {error}", dir.display()) };
        std::fs::create_dir_all(dir).map_err(refuse)?;
        let dir = dir.canonicalize().map_err(refuse)?;
        let probe = dir.join(".writable");
        std::fs::write(&probe, b"").map_err(refuse)?;
        std::fs::remove_file(&probe).map_err(refuse)?;
        Ok(Self(dir))
    }

    pub(super) fn data_dir(&self) -> PathBuf {
        self.0.clone()
    }

    pub(super) fn mailbox_file(&self) -> PathBuf {
        self.0.join("mailbox.jsonl")
    }

    pub(super) fn posters_dir(&self) -> anyhow::Result<PathBuf> {
        let dir = self.0.join("posters");
        std::fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        Ok(dir)
    }

    /// The worker's keys, made at the first start.
    pub(super) fn keys(&self) -> anyhow::Result<KeyStore> {
        let dir = self.0.join("keys");
        if dir.join("identity").exists() { Ok(KeyStore::open(&dir)?) } else { Ok(KeyStore::init(&dir)?) }
    }

    /// `SECRET_KEY`, made at the first start and readable by its owner alone.
    pub(super) fn secret(&self) -> anyhow::Result<SecretKey> {
        let path = self.0.join("secret_key");
        if path.exists() {
            return std::fs::read_to_string(&path)?.parse().with_context(|| path.display().to_string());
        }
        let secret = SecretKey::random();
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o400).open(&path)?;
        file.write_all(secret.to_base64().as_bytes())?;
        file.sync_all()?;
        Ok(secret)
    }

    /// The links of a story that was played to its end.
    pub(super) fn links(&self) -> anyhow::Result<Option<Links>> {
        let path = self.0.join("story.json");
        if !path.exists() {
            return Ok(None);
        }
        let text = std::fs::read_to_string(&path)?;
        serde_json::from_str(&text).map(Some).with_context(|| format!("{} is damaged; remove it to play the story again", path.display()))
    }

    pub(super) fn keep_links(&self, links: &Links) -> anyhow::Result<()> {
        std::fs::write(self.0.join("story.json"), serde_json::to_string_pretty(links)?).context("story.json")
    }
}
