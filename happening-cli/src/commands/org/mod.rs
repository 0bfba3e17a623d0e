//! `happening org`.

mod audit;
pub mod create;
pub mod delete;
mod get;
mod list;
mod map_service_account;
mod members;
mod remove_member;
mod resume;
mod service_accounts;
mod set_role;
mod suspend;
mod transfer;
mod unmap_service_account;
mod update;

crate::frame::verbs! {
    /// Found an organization; you become its owner and orgAdmin
    Create => create,
    /// List organizations that you belong to
    List => list,
    /// Show an organization
    Get => get,
    /// Change an organization's name or settings
    Update => update,
    /// Delete an organization
    Delete => delete,
    /// Make another member the owner
    Transfer => transfer,
    /// Make an organization read-only, for operators
    Suspend => suspend,
    /// Let a suspended organization go on, for operators
    Resume => resume,
    /// List the members of an organization and their roles, orgAdmins first
    #[command(visible_alias = "roles")]
    Members => members,
    /// Give a member a role; one who is not a member yet becomes one
    SetRole => set_role,
    /// Remove a member
    RemoveMember => remove_member,
    /// List the service accounts of an organization
    ServiceAccounts => service_accounts,
    /// Give a client of the issuer a role, so that scripts need no person
    MapServiceAccount => map_service_account,
    /// Take a service account's role from it
    UnmapServiceAccount => unmap_service_account,
    /// List what was done in an organization, the newest first
    Audit => audit,
}
