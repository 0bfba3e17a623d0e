//! Files of one person: nobody else reads them, a crash leaves the old or the new one, and two processes take turns.

use super::SigninError;
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How often a taken lock is tried again.
const RETRY: Duration = Duration::from_millis(20);

/// Reads a JSON file; `None` if there is none. One that is something else is [`SigninError::Damaged`].
pub(super) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, SigninError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(SigninError::file(path, error)),
    };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| SigninError::damaged(path, &error))
}

/// Replaces a file at once, readable by its owner alone from its first byte on.
pub(super) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), SigninError> {
    let mut bytes = serde_json::to_vec_pretty(value).map_err(|error| SigninError::file(path, error))?;
    bytes.push(b'\n');
    create_directory(path)?;
    let temporary = temporary_beside(path);
    let written = write_new(&temporary, &bytes).and_then(|()| fs::rename(&temporary, path));
    written.map_err(|error| {
        // What was not renamed is of no use to anyone; that the removal fails too adds nothing.
        let _ = fs::remove_file(&temporary);
        SigninError::file(path, error)
    })
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = private(OpenOptions::new().write(true).create_new(true)).open(path)?;
    file.write_all(bytes)?;
    // Before the rename, or a power cut could leave the new name with no content.
    file.sync_all()
}

fn temporary_beside(path: &Path) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    path.with_file_name(format!(".{name}.{}.{count}.tmp", std::process::id()))
}

fn create_directory(of: &Path) -> Result<(), SigninError> {
    let Some(directory) = of.parent() else {
        return Ok(());
    };
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory).map_err(|error| SigninError::file(directory, error))
}

fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// A lock between processes. The system gives it up with the process, however that ends; the empty file stays.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl Lock {
    /// Waits for the lock, but not for ever.
    pub(super) async fn acquire(path: &Path, patience: Duration) -> Result<Self, SigninError> {
        let file = Self::open(path)?;
        let trying = async {
            loop {
                match file.try_lock() {
                    Ok(()) => return Ok(()),
                    Err(TryLockError::WouldBlock) => tokio::time::sleep(RETRY).await,
                    Err(TryLockError::Error(error)) => return Err(SigninError::file(path, error)),
                }
            }
        };
        tokio::time::timeout(patience, trying).await.map_err(|_| SigninError::Busy(patience.as_secs()))??;
        Ok(Self(file))
    }

    /// Waits for a lock that nobody holds for longer than a file takes to be written.
    fn acquire_briefly(path: &Path) -> Result<Self, SigninError> {
        let file = Self::open(path)?;
        file.lock().map_err(|error| SigninError::file(path, error))?;
        Ok(Self(file))
    }

    fn open(path: &Path) -> Result<File, SigninError> {
        create_directory(path)?;
        private(OpenOptions::new().read(true).write(true).create(true).truncate(false))
            .open(path)
            .map_err(|error| SigninError::file(path, error))
    }
}

/// A small JSON file of values by key, changed by several processes. Writing to one that is damaged replaces it:
/// nobody can read what was there.
#[derive(Debug, Clone)]
pub(super) struct FileMap {
    path: PathBuf,
}

impl FileMap {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn get<T: DeserializeOwned>(&self, key: &str) -> Result<Option<T>, SigninError> {
        let Some(mut all) = read_json::<BTreeMap<String, serde_json::Value>>(&self.path)? else {
            return Ok(None);
        };
        let Some(value) = all.remove(key) else {
            return Ok(None);
        };
        serde_json::from_value(value).map(Some).map_err(|error| SigninError::damaged(&self.path, &error))
    }

    pub(super) fn put(&self, key: &str, value: &impl Serialize) -> Result<(), SigninError> {
        let value = serde_json::to_value(value).map_err(|error| SigninError::file(&self.path, error))?;
        self.change(|all| all.insert(key.to_owned(), value))
    }

    /// Removes a value. A file left empty is removed too.
    pub(super) fn remove(&self, key: &str) -> Result<(), SigninError> {
        if !self.path.exists() {
            return Ok(());
        }
        self.change(|all| all.remove(key))
    }

    fn change<R>(
        &self,
        change: impl FnOnce(&mut BTreeMap<String, serde_json::Value>) -> R,
    ) -> Result<(), SigninError> {
        let _turn = Lock::acquire_briefly(&self.path.with_extension("lock"))?;
        let mut all = match read_json(&self.path) {
            Err(SigninError::Damaged { .. }) => BTreeMap::new(),
            read => read?.unwrap_or_default(),
        };
        change(&mut all);
        if all.is_empty() {
            return fs::remove_file(&self.path).map_err(|error| SigninError::file(&self.path, error));
        }
        write_json(&self.path, &all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map() -> (tempfile::TempDir, FileMap) {
        let directory = tempfile::tempdir().unwrap();
        let map = FileMap::new(directory.path().join("deep/credentials.json"));
        (directory, map)
    }

    #[test]
    fn keeps_values_by_key_and_leaves_no_empty_file() {
        let (_directory, map) = map();
        assert_eq!(map.get::<u32>("a").unwrap(), None);
        map.put("a", &1).unwrap();
        map.put("b", &2).unwrap();
        assert_eq!(map.get::<u32>("a").unwrap(), Some(1));
        map.remove("a").unwrap();
        assert_eq!(map.get::<u32>("a").unwrap(), None);
        assert_eq!(map.get::<u32>("b").unwrap(), Some(2));
        map.remove("b").unwrap();
        assert!(!map.path().exists());
        map.remove("b").unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_them() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_directory, map) = map();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        map.put("a", &1).unwrap();
        assert_eq!(mode(map.path()), 0o600);
        assert_eq!(mode(map.path().parent().unwrap()), 0o700);
        // Even if somebody opened it up: the next write closes it again.
        fs::set_permissions(map.path(), fs::Permissions::from_mode(0o644)).unwrap();
        map.put("a", &2).unwrap();
        assert_eq!(mode(map.path()), 0o600);
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let (_directory, map) = map();
        map.put("a", &1).unwrap();
        let directory = map.path().parent().unwrap();
        let blocked = directory.join("blocked");
        fs::create_dir_all(blocked.join("full")).unwrap();
        // A directory that is not empty cannot be replaced by a file.
        assert!(write_json(&blocked, &2).is_err());
        let left: Vec<_> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
        assert_eq!(map.get::<u32>("a").unwrap(), Some(1));
    }

    #[test]
    fn readers_see_whole_files_while_many_write() {
        let (_directory, map) = map();
        map.put("steady", &0).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..4 {
                let map = map.clone();
                scope.spawn(move || (0..20).for_each(|n| map.put(&format!("{writer}-{n}"), &n).unwrap()));
            }
            for _ in 0..200 {
                assert_eq!(map.get::<u32>("steady").unwrap(), Some(0));
            }
        });
        let all: BTreeMap<String, u32> = read_json(map.path()).unwrap().unwrap();
        assert_eq!(all.len(), 81, "no write is lost");
    }

    #[tokio::test]
    async fn a_lock_is_waited_for_and_given_up_on() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("refresh.lock");
        let held = Lock::acquire(&path, Duration::from_secs(1)).await.unwrap();
        let refused = Lock::acquire(&path, Duration::from_millis(60)).await.unwrap_err();
        assert!(matches!(refused, SigninError::Busy(_)), "{refused}");
        let waiting = tokio::spawn(async move { Lock::acquire(&path, Duration::from_secs(5)).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        drop(held);
        waiting.await.unwrap().unwrap();
    }
}
