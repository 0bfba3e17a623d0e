//! Open files: how many this process may have.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Raises the limit to the highest that the system allows without asking anybody, and returns it. Each connection is a
/// file, and the limit that processes begin with (often 1,024) is meant for programs that wait with `select`.
pub fn raise_limit() -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = match setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files could not be raised");
            current
        }
    };
    // Without a number there is no limit.
    raised.unwrap_or(u64::MAX)
}
