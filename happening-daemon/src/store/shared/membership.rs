//! Membership inside a transaction: what every change of it shares, whoever starts it.

/// Gives a store the pieces of which changes of membership are made, over a connection that is inside a transaction.
macro_rules! impl_membership {
    ($store:ty, $connection:ty) => {
        impl $store {
            async fn role_of(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
            ) -> Result<Option<Role>, StoreError> {
                let role: Option<String> = sqlx::query_scalar(
                    "SELECT role FROM organization_users WHERE organization_id = $1 AND user_id = $2",
                )
                .bind(organization.0)
                .bind(user.0)
                .fetch_optional(connection)
                .await?;
                role.as_deref().map(word).transpose()
            }

            /// Whether a person other than `user` remains as orgAdmin and may act: neither a service account nor somebody who is
            /// suspended, or whose account the issuer disabled or deleted, can govern alone. The organization is locked, or
            /// this is the only writer.
            async fn has_other_admins(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
            ) -> Result<bool, StoreError> {
                let others: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id \
                     WHERE m.organization_id = $1 AND m.role = 'orgAdmin' AND m.user_id <> $2 AND u.kind = 'person' \
                     AND u.status = 'active' AND u.issuer_state = 'active'",
                )
                .bind(organization.0)
                .bind(user.0)
                .fetch_one(connection)
                .await?;
                Ok(others > 0)
            }

            /// The `sub` of a person; `None` for a service account. Whoever is erased at this moment is no longer there: asked
            /// again, the caller will not find them.
            async fn subject_of(connection: &mut $connection, user: UserId) -> Result<Option<String>, StoreError> {
                let found: Option<(String, String)> =
                    sqlx::query_as("SELECT kind, keycloak_id FROM users WHERE id = $1 AND erased_at IS NULL")
                        .bind(user.0)
                        .fetch_optional(connection)
                        .await?;
                let (kind, subject) = found.ok_or(StoreError::Contended)?;
                Ok((kind == UserKind::Person.as_str()).then_some(subject))
            }

            /// Gives a user a role, as a new member or instead of `before`. `agreed`: the user said yes to being a member, now
            /// or before.
            async fn put_member(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                before: Option<Role>,
                role: Role,
                agreed: bool,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at, accepted_at) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organization_id, user_id) DO UPDATE SET \
                     role = excluded.role, accepted_at = coalesce(organization_users.accepted_at, excluded.accepted_at)",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(role.as_str())
                .bind(by.now)
                .bind(agreed.then_some(by.now))
                .execute(&mut *connection)
                .await?;
                Self::record_membership(&mut *connection, organization, user, before, Some(role), by).await?;
                Self::pass_on(connection, organization, by).await
            }

            /// Ends a membership, and with it the places in line at the organization's events.
            async fn drop_member(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                before: Role,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query("DELETE FROM organization_users WHERE organization_id = $1 AND user_id = $2")
                    .bind(organization.0)
                    .bind(user.0)
                    .execute(&mut *connection)
                    .await?;
                Self::record_membership(&mut *connection, organization, user, Some(before), None, by).await?;
                Self::end_invite_to(&mut *connection, organization, user, by).await?;
                Self::end_offer_to(&mut *connection, organization, user, by).await?;
                Self::pass_on(&mut *connection, organization, by).await?;
                Self::leave_lines(connection, Some(organization), user, NO_MEMBER, by).await.map(drop)
            }

            /// Lines of the audit log for invites that were taken back together: each with its organization.
            async fn record_ended(
                connection: &mut $connection,
                mut ended: Vec<(Uuid, Uuid)>,
                by: &Actor,
            ) -> Result<(), StoreError> {
                ended.sort_unstable();
                for (invite, organization) in ended {
                    let (invite, organization) = (InviteId(invite), OrganizationId(organization));
                    let entry = AuditEntry::of_invite("invite.revoked", invite, organization, None);
                    Self::record(&mut *connection, by, &entry).await?;
                }
                Ok(())
            }

            /// Takes back the open invite of an organization to the address of a person who came, went or got another role: an
            /// older offer is not to say otherwise later.
            async fn end_invite_to(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let email: Option<String> =
                    sqlx::query_scalar("SELECT email FROM users WHERE id = $1 AND kind = 'person'")
                        .bind(user.0)
                        .fetch_optional(&mut *connection)
                        .await?;
                let ended = sqlx::query_as(
                    "DELETE FROM organization_invites WHERE organization_id = $1 AND (email = $2 OR user_id = $3) \
                     AND status = 'pending' AND kind = 'membership' RETURNING id, organization_id",
                )
                .bind(organization.0)
                // As invites have it; the databases disagree about letters beyond ASCII.
                .bind(email.map(|email| address_key(&email)))
                .bind(user.0)
                .fetch_all(&mut *connection)
                .await?;
                Self::record_ended(connection, ended, by).await
            }

            /// Takes back the open offer of ownership to somebody who is no member any more.
            async fn end_offer_to(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let ended = sqlx::query_as(
                    "DELETE FROM organization_invites WHERE organization_id = $1 AND user_id = $2 \
                     AND status = 'pending' AND kind = 'ownership' RETURNING id, organization_id",
                )
                .bind(organization.0)
                .bind(user.0)
                .fetch_all(&mut *connection)
                .await?;
                Self::record_ended(connection, ended, by).await
            }

            /// Gives an organization whose owner no longer governs it to the person who governs it, agreed to be a member and
            /// is one for longest, if possible one who may act. Where there is no such person nobody owns it. The organization
            /// is locked, or this is the only writer.
            async fn pass_on(
                connection: &mut $connection,
                organization: OrganizationId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let lost: Option<Option<Uuid>> = sqlx::query_scalar(
                    "SELECT o.owner_id FROM organizations o WHERE o.id = $1 AND o.deleted_at IS NULL AND NOT EXISTS \
                     (SELECT 1 FROM organization_users m WHERE m.organization_id = o.id AND m.user_id = o.owner_id \
                     AND m.role = 'orgAdmin')",
                )
                .bind(organization.0)
                .fetch_optional(&mut *connection)
                .await?;
                let Some(before) = lost else { return Ok(()) };
                let before = before.map(UserId);
                let heir: Option<Uuid> = sqlx::query_scalar(
                    "SELECT m.user_id FROM organization_users m JOIN users u ON u.id = m.user_id \
                     WHERE m.organization_id = $1 AND m.role = 'orgAdmin' AND u.kind = 'person' \
                     AND m.accepted_at IS NOT NULL \
                     ORDER BY CASE WHEN u.status = 'active' AND u.issuer_state = 'active' THEN 0 ELSE 1 END, \
                     m.joined_at, m.user_id LIMIT 1",
                )
                .bind(organization.0)
                .fetch_optional(&mut *connection)
                .await?;
                let heir = heir.map(UserId);
                if heir == before {
                    return Ok(());
                }
                Self::set_owner(&mut *connection, organization, heir, false, by).await?;
                Self::record_transfer(connection, organization, before, heir, by).await
            }

            /// Sets the owner. `accepted`: they founded the organization or said yes to owning it. What the owner before
            /// offered to somebody is taken back.
            async fn set_owner(
                connection: &mut $connection,
                organization: OrganizationId,
                owner: Option<UserId>,
                accepted: bool,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "UPDATE organizations SET owner_id = $2, owner_accepted = $3, updated_at = $4 WHERE id = $1",
                )
                .bind(organization.0)
                .bind(owner.map(|owner| owner.0))
                .bind(accepted)
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                Self::end_offers(connection, organization, by).await
            }

            /// Takes back the open offers of an organization's ownership.
            async fn end_offers(
                connection: &mut $connection,
                organization: OrganizationId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let ended = sqlx::query_as(
                    "DELETE FROM organization_invites WHERE organization_id = $1 AND kind = 'ownership' \
                     AND status = 'pending' RETURNING id, organization_id",
                )
                .bind(organization.0)
                .fetch_all(&mut *connection)
                .await?;
                Self::record_ended(connection, ended, by).await
            }

            async fn record_transfer(
                connection: &mut $connection,
                organization: OrganizationId,
                before: Option<UserId>,
                heir: Option<UserId>,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let entry = AuditEntry {
                    action: "organization.transferred",
                    organization: Some(organization),
                    target: ("organization", organization.to_string()),
                    old: Some(serde_json::json!({ "owner": before })),
                    new: Some(serde_json::json!({ "owner": heir })),
                };
                Self::record(connection, by, &entry).await
            }

            /// Gives a user a role in an organization that is locked. False, and nothing done, if that left no person as
            /// orgAdmin.
            async fn give_role(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                role: Role,
                agreed: bool,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let before = Self::role_of(&mut *connection, organization, user).await?;
                if before == Some(role) {
                    return Ok(true);
                }
                if before == Some(Role::OrgAdmin) && !Self::may_resign(&mut *connection, organization, user).await? {
                    return Ok(false);
                }
                Self::put_member(&mut *connection, organization, user, before, role, agreed, by).await?;
                Self::end_invite_to(connection, organization, user, by).await?;
                Ok(true)
            }

            /// Whether an orgAdmin may stop being one.
            async fn may_resign(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
            ) -> Result<bool, StoreError> {
                Ok(Self::subject_of(&mut *connection, user).await?.is_none()
                    || Self::has_other_admins(connection, organization, user).await?)
            }

            /// The first orgAdmin of a new organization, whose row is in this transaction.
            async fn admit_founder(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                subject: &str,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at, accepted_at) \
                     VALUES ($1, $2, 'orgAdmin', $3, $3)",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                let entry = AuditEntry {
                    action: "organization.founded",
                    organization: Some(organization),
                    target: ("organization", organization.to_string()),
                    old: None,
                    new: Some(serde_json::json!({ "owner": user })),
                };
                Self::record(&mut *connection, by, &entry).await?;
                Self::queue(&mut *connection, &KeycloakTask::Organization(organization), by).await?;
                let member = KeycloakTask::Member { organization, user, subject: subject.to_owned() };
                Self::queue(connection, &member, by).await
            }

            /// The audit log and Keycloak hear of a member who came, went or got another role. Keycloak's Organizations have
            /// people as members only.
            async fn record_membership(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                before: Option<Role>,
                after: Option<Role>,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let action = match (before, after) {
                    (None, _) => "member.added",
                    (_, None) => "member.removed",
                    _ => "member.role_changed",
                };
                let role = |role: Role| serde_json::json!({ "role": role });
                let entry = AuditEntry {
                    action,
                    organization: Some(organization),
                    target: ("user", user.to_string()),
                    old: before.map(role),
                    new: after.map(role),
                };
                Self::record(&mut *connection, by, &entry).await?;
                let Some(subject) = Self::subject_of(&mut *connection, user).await? else { return Ok(()) };
                // The organization too: it says at Keycloak who has which role.
                Self::queue(&mut *connection, &KeycloakTask::Organization(organization), by).await?;
                Self::queue(connection, &KeycloakTask::Member { organization, user, subject }, by).await
            }
        }
    };
}
pub(crate) use impl_membership;
