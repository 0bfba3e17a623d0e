//! The unit of work at the level of rows: one transaction in which one actor changes rows at one time.
//!
//! [`Tx`] has one trait for each aggregate (`InviteRows` beside `Invites`, and so on). Their methods find, lock, insert,
//! update and delete rows, and decide nothing: the rules are in `service`, where `UnitOfWork` adds what happens after the
//! commit. Reads of committed rows for lists and pages stay on [`super::Store`].
//!
//! To add an aggregate: a trait `…Rows` in its file beside this one, with the methods that its rules need, and a line below;
//! the statements in `store/sql`, which both databases compile; the rules in `service`, with their tests.

use super::{
    AuditRows, ErasureRows, EventRows, InviteRows, JobRows, LineRows, MemberRows, NotificationRows,
    OrganizationRows, ParkedRows, QuotaRows, ServiceAccountRows, StoreError, TaskRows, UserRows,
};
use async_trait::async_trait;

/// How a transaction is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// What it wrote is kept.
    Commit,
    /// What it wrote is taken back: a dry run. It waits for locks for less time than deadlock detection takes, so that in
    /// doubt the dry run gives way.
    RollBack,
}

/// One transaction. Dropped, it is rolled back.
///
/// Locks are taken in the order that `docs/store.md` gives. Nothing else is awaited while a transaction is open: on SQLite
/// it has the only connection that writes.
#[async_trait]
pub trait Tx:
    OrganizationRows
    + MemberRows
    + UserRows
    + ServiceAccountRows
    + InviteRows
    + EventRows
    + LineRows
    + ErasureRows
    + QuotaRows
    + JobRows
    + ParkedRows
    + NotificationRows
    + AuditRows
    + TaskRows
    + Send
{
    /// Keeps what was written. After an error of the connection it is not known whether it was.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;

    /// Takes back what was written.
    async fn roll_back(self: Box<Self>) -> Result<(), StoreError>;
}
