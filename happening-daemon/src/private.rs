//! Files for their owner alone: the embedded database has people's addresses, the issuer's key signs for everybody.
//!
//! What the daemon makes is private by its umask (`commands/mod.rs`). This mends what was made before that, or by hand.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::Path;

/// Makes a directory that is not there yet, for its owner alone. One that is there stays as it is.
pub fn make_directory(directory: &Path) -> io::Result<()> {
    fs::DirBuilder::new().mode(0o700).recursive(true).create(directory)
}

/// Takes a file's rights from everybody but its owner. No such file is fine; one that cannot be mended is an error.
pub fn keep(path: &Path) -> io::Result<()> {
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut permissions = metadata.permissions();
    if permissions.mode() & 0o077 != 0 {
        permissions.set_mode(permissions.mode() & 0o700);
        fs::set_permissions(path, permissions)?;
        tracing::warn!(path = %path.display(), "other users could read this file: they no longer can");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("it is there").permissions().mode() & 0o777
    }

    #[test]
    fn files_lose_the_rights_of_others_and_keep_those_of_their_owner() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("file");
        keep(&path).expect("nothing to mend");
        for (before, after) in [(0o644, 0o600), (0o755, 0o700), (0o660, 0o600), (0o600, 0o600)] {
            fs::write(&path, "x").expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).expect("a mode");
            keep(&path).expect("mended");
            assert_eq!(mode(&path), after);
        }
        let made = directory.path().join("new/deep");
        make_directory(&made).expect("a directory");
        assert_eq!(mode(&made), 0o700);
    }
}
