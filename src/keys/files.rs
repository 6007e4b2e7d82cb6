//! Private files: written whole or not at all, readable by their owner alone.
//!
//! A file is one line that names what it is, and one line of base64.
use data_encoding::BASE64;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;
use zeroize::Zeroizing;

/// A directory of keys: its owner alone lists and enters it.
const DIR_MODE: u32 = 0o700;
/// A key: its owner alone reads it, and nobody writes to it again.
const FILE_MODE: u32 = 0o400;
/// A number that grows: its owner alone reads and writes it.
const NUMBER_MODE: u32 = 0o600;
/// The head of the file of a number.
const NUMBER_LABEL: &str = "ashiato sending counter v1\n";
/// Digits of a number: any `i64` that is not negative. Always the same length, so that a new one replaces the old in place.
const NUMBER_DIGITS: usize = 20;
/// The bits that must not be set.
const OTHERS: u32 = 0o077;
/// Longest file that is read. Ours have about a hundred bytes.
const MAX_FILE: u64 = 1_024;
/// How a file is called until it is whole.
const UNFINISHED: &str = ".new-";

/// Why the worker's directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// `keys init` found a worker's keys already there.
    #[error("{0} already holds a notifier's keys; nothing was changed")]
    Exists(PathBuf),
    /// There are no keys yet, or the directory is not there any more.
    #[error("{0} is missing; is KEYS_DIR right? New keys are made with: ashiato keys init")]
    Missing(PathBuf),
    /// Others than the owner may read or enter it.
    #[error("{path} is open to others (mode {mode:04o}); run: chmod {wanted:o} {path}")]
    Open {
        /// The file or directory.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
        /// The right permissions.
        wanted: u32,
    },
    /// The content is not what was written here.
    #[error("{0} is damaged")]
    Damaged(PathBuf),
    /// The system's error.
    #[error("{path}: {source}")]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> KeyFileError {
    move |source| match source.kind() {
        ErrorKind::NotFound => KeyFileError::Missing(path.to_owned()),
        _ => KeyFileError::Io { path: path.to_owned(), source },
    }
}

fn refuse_open(path: &Path, file: &File, wanted: u32) -> Result<(), KeyFileError> {
    let mode = file.metadata().map_err(at(path))?.permissions().mode() & 0o7777;
    if mode & OTHERS == 0 { Ok(()) } else { Err(KeyFileError::Open { path: path.to_owned(), mode, wanted }) }
}

/// Makes a directory for keys, or takes an empty one over (a fresh volume is often open to all). One that is open and
/// holds something is refused: somebody may already have read it.
pub(super) fn make_dir(path: &Path) -> Result<(), KeyFileError> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(at(parent))?;
    }
    match DirBuilder::new().mode(DIR_MODE).create(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            if std::fs::read_dir(path).map_err(at(path))?.next().is_none() {
                std::fs::set_permissions(path, Permissions::from_mode(DIR_MODE)).map_err(at(path))?;
            }
        }
        Err(error) => return Err(at(path)(error)),
    }
    check_dir(path)
}

/// Refuses a directory that is not there or that others can enter.
pub(super) fn check_dir(path: &Path) -> Result<(), KeyFileError> {
    open_dir(path).map(drop)
}

fn open_dir(path: &Path) -> Result<File, KeyFileError> {
    let dir = File::open(path).map_err(at(path))?;
    refuse_open(path, &dir, DIR_MODE)?;
    Ok(dir)
}

/// Holds off other processes that write into the directory, until it is dropped.
pub(super) fn lock_dir(path: &Path) -> Result<File, KeyFileError> {
    let dir = open_dir(path)?;
    dir.lock().map_err(at(path))?;
    Ok(dir)
}

/// Makes the directory's last changes survive a power failure.
pub(super) fn sync_dir(path: &Path) -> Result<(), KeyFileError> {
    File::open(path).and_then(|dir| dir.sync_all()).map_err(at(path))
}

/// Writes a key: after a crash at any point the file is there whole, or not there.
pub(super) fn write(path: &Path, label: &str, key: &[u8]) -> Result<(), KeyFileError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let unfinished = dir.join(format!("{UNFINISHED}{}", Uuid::new_v4()));
    let text = Zeroizing::new(format!("{label}\n{}\n", *Zeroizing::new(BASE64.encode(key))));
    let written = write_whole(&unfinished, text.as_bytes(), FILE_MODE).and_then(|()| std::fs::rename(&unfinished, path));
    if written.is_err() {
        // If it cannot go now, it goes at the next start.
        let _may_not_exist = std::fs::remove_file(&unfinished);
    }
    written.map_err(at(path))?;
    sync_dir(dir)
}

fn write_whole(path: &Path, text: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

/// Removes what a crash in [`write`] left behind. The directory must be locked.
pub(super) fn remove_unfinished(dir: &Path) -> Result<(), KeyFileError> {
    for entry in std::fs::read_dir(dir).map_err(at(dir))? {
        let entry = entry.map_err(at(dir))?;
        if entry.file_name().to_string_lossy().starts_with(UNFINISHED) {
            std::fs::remove_file(entry.path()).map_err(at(&entry.path()))?;
        }
    }
    Ok(())
}

/// Reads a key of `N` bytes. [`KeyFileError::Missing`] when it is not there.
pub(super) fn read<const N: usize>(path: &Path, label: &str) -> Result<Zeroizing<[u8; N]>, KeyFileError> {
    let file = File::open(path).map_err(at(path))?;
    refuse_open(path, &file, FILE_MODE)?;
    let mut text = Zeroizing::new(String::with_capacity(256));
    file.take(MAX_FILE).read_to_string(&mut text).map_err(|error| match error.kind() {
        ErrorKind::InvalidData => KeyFileError::Damaged(path.to_owned()),
        _ => at(path)(error),
    })?;
    parse(&text, label).ok_or_else(|| KeyFileError::Damaged(path.to_owned()))
}

fn parse<const N: usize>(text: &str, label: &str) -> Option<Zeroizing<[u8; N]>> {
    let line = text.strip_prefix(label)?.strip_prefix('\n')?.strip_suffix('\n')?;
    let bytes = Zeroizing::new(BASE64.decode(line.as_bytes()).ok()?);
    let mut key = Zeroizing::new([0; N]);
    (bytes.len() == N).then(|| key.copy_from_slice(&bytes))?;
    Some(key)
}

/// Removes a key for good; one that is not there any more is fine.
///
/// The file is not overwritten first: journals, copy-on-write and the remapping inside flash put new bytes elsewhere, so
/// that would promise what it cannot hold. Put `KEYS_DIR` on an encrypted volume; what is left of an unlinked file then
/// dies with the volume's key.
pub(super) fn remove(path: &Path) -> Result<(), KeyFileError> {
    match std::fs::remove_file(path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        Err(error) => return Err(at(path)(error)),
    }
    // Also when it was gone: the crash that a repeat follows may have come before the directory reached the disk.
    sync_dir(path.parent().unwrap_or(Path::new(".")))
}

/// The number in a file of [`raise_number`]; 0 when there is none yet.
pub(super) fn read_number(path: &Path) -> Result<i64, KeyFileError> {
    check_dir(path.parent().unwrap_or(Path::new(".")))?;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(at(path)(error)),
    };
    file.lock_shared().map_err(at(path))?;
    number_in(path, &file)
}

/// Makes a file hold at least `value`; with `sync` what it holds is on disk afterwards. Written in place, within one sector: after
/// a crash the old number stands there or the new one.
pub(super) fn raise_number(path: &Path, value: i64, sync: bool) -> Result<(), KeyFileError> {
    let dir = path.parent().unwrap_or(Path::new("."));
    if !path.exists() {
        let _turn = lock_dir(dir)?;
        if !path.exists() {
            remove_unfinished(dir)?;
            let unfinished = dir.join(format!("{UNFINISHED}{}", Uuid::new_v4()));
            write_whole(&unfinished, number_text(0).as_bytes(), NUMBER_MODE)
                .and_then(|()| std::fs::rename(&unfinished, path))
                .map_err(at(path))?;
            sync_dir(dir)?;
        }
    }
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(at(path))?;
    file.lock().map_err(at(path))?;
    if number_in(path, &file)? < value {
        file.write_all_at(number_text(value).as_bytes(), 0).map_err(at(path))?;
    }
    if sync { file.sync_data().map_err(at(path)) } else { Ok(()) }
}

fn number_text(value: i64) -> String {
    format!("{NUMBER_LABEL}{value:0NUMBER_DIGITS$}\n")
}

fn number_in(path: &Path, file: &File) -> Result<i64, KeyFileError> {
    refuse_open(path, file, NUMBER_MODE)?;
    let mut text = String::with_capacity(64);
    file.take(MAX_FILE).read_to_string(&mut text).map_err(at(path))?;
    let digits = text.strip_prefix(NUMBER_LABEL).and_then(|rest| rest.strip_suffix('\n')).filter(|digits| digits.len() == NUMBER_DIGITS);
    digits.and_then(|digits| digits.parse().ok()).ok_or_else(|| KeyFileError::Damaged(path.to_owned()))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A directory that goes with the test.
    pub(in super::super) struct Scratch(pub(in super::super) PathBuf);

    impl Scratch {
        pub(in super::super) fn new() -> Self {
            let path = std::env::temp_dir().join(format!("ashiato-keys-{}", Uuid::new_v4()));
            std::fs::create_dir(&path).unwrap();
            Self(path)
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _best_effort = std::fs::remove_dir_all(&self.0);
        }
    }

    pub(in super::super) fn mode(path: &Path) -> u32 {
        std::fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    pub(in super::super) fn chmod(path: &Path, mode: u32) {
        std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_key_is_written_for_its_owner_alone_and_read_back() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("a/b");
        make_dir(&dir).unwrap();
        write(&dir.join("key"), "some key", &[7; 32]).unwrap();
        assert_eq!((mode(&dir), mode(&dir.join("key"))), (0o700, 0o400));
        assert_eq!(*read::<32>(&dir.join("key"), "some key").unwrap(), [7; 32]);
        assert_eq!(std::fs::read_dir(&dir).unwrap().count(), 1, "nothing unfinished stays");
    }

    #[test]
    fn what_others_can_read_is_refused_with_the_remedy() {
        let scratch = Scratch::new();
        let (dir, key) = (scratch.0.join("keys"), scratch.0.join("keys/key"));
        make_dir(&dir).unwrap();
        write(&key, "some key", &[7; 32]).unwrap();
        chmod(&key, 0o440);
        let error = read::<32>(&key, "some key").unwrap_err();
        assert!(error.to_string().contains("(mode 0440); run: chmod 400 "), "{error}");
        for open in [0o750, 0o701, 0o777] {
            chmod(&dir, open);
            assert!(matches!(check_dir(&dir), Err(KeyFileError::Open { wanted: 0o700, .. })), "{open:o}");
            assert!(matches!(make_dir(&dir), Err(KeyFileError::Open { .. })), "{open:o}");
        }
    }

    #[test]
    fn an_empty_directory_is_closed_and_taken_over() {
        let scratch = Scratch::new();
        let dir = scratch.0.join("volume");
        std::fs::create_dir(&dir).unwrap();
        chmod(&dir, 0o755);
        make_dir(&dir).unwrap();
        assert_eq!(mode(&dir), 0o700);
    }

    #[test]
    fn damage_is_told_from_absence() {
        let scratch = Scratch::new();
        let key = scratch.0.join("key");
        chmod(&scratch.0, 0o700);
        assert!(matches!(read::<32>(&key, "some key"), Err(KeyFileError::Missing(_))));
        write(&key, "some key", &[7; 32]).unwrap();
        assert!(matches!(read::<32>(&key, "other key"), Err(KeyFileError::Damaged(_))), "label");
        assert!(matches!(read::<31>(&key, "some key"), Err(KeyFileError::Damaged(_))), "length");
        std::fs::remove_file(&key).unwrap();
        std::fs::write(&key, [0xFF; 40]).unwrap();
        chmod(&key, 0o400);
        assert!(matches!(read::<32>(&key, "some key"), Err(KeyFileError::Damaged(_))), "not UTF-8");
    }

    #[test]
    fn removing_twice_is_fine_and_leftovers_go() {
        let scratch = Scratch::new();
        let key = scratch.0.join("key");
        write(&key, "some key", &[7; 32]).unwrap();
        remove(&key).unwrap();
        remove(&key).unwrap();
        std::fs::write(scratch.0.join(".new-1"), "half").unwrap();
        std::fs::write(scratch.0.join("other"), "whole").unwrap();
        remove_unfinished(&scratch.0).unwrap();
        let left: Vec<_> = std::fs::read_dir(&scratch.0).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left, ["other"]);
    }
}
