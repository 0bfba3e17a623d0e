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

            /// Whether a person other than `user` remains as orgAdmin: a service account cannot govern alone. The
            /// organization is locked, or this is the only writer.
            async fn has_other_admins(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
            ) -> Result<bool, StoreError> {
                let others: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM organization_users m JOIN users u ON u.id = m.user_id \
                     WHERE m.organization_id = $1 AND m.role = 'orgAdmin' AND m.user_id <> $2 AND u.kind = 'person'",
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

            /// Gives a user a role, as a new member or instead of `before`.
            async fn put_member(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                before: Option<Role>,
                role: Role,
                by: &Actor,
            ) -> Result<(), StoreError> {
                sqlx::query(
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                     VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(role.as_str())
                .bind(by.now)
                .execute(&mut *connection)
                .await?;
                Self::tell_of_member(connection, organization, user, before, Some(role), by).await
            }

            /// Ends a membership.
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
                Self::tell_of_member(connection, organization, user, Some(before), None, by).await
            }

            /// Gives a user a role in an organization that is locked. False, and nothing done, if that left no person as
            /// orgAdmin.
            async fn give_role(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
                role: Role,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let before = Self::role_of(&mut *connection, organization, user).await?;
                if before == Some(role) {
                    return Ok(true);
                }
                if before == Some(Role::OrgAdmin) && !Self::may_resign(&mut *connection, organization, user).await? {
                    return Ok(false);
                }
                Self::put_member(connection, organization, user, before, role, by).await?;
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
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                     VALUES ($1, $2, 'orgAdmin', $3)",
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
                Self::queue(&mut *connection, &KeycloakTask::Organization(organization), by.now).await?;
                let member = KeycloakTask::Member { organization, user, subject: subject.to_owned() };
                Self::queue(connection, &member, by.now).await
            }

            /// The audit log and Keycloak hear of a member who came, went or got another role. Keycloak's Organizations have
            /// people as members only.
            async fn tell_of_member(
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
                Self::queue(&mut *connection, &KeycloakTask::Organization(organization), by.now).await?;
                Self::queue(connection, &KeycloakTask::Member { organization, user, subject }, by.now).await
            }
        }
    };
}
pub(crate) use impl_membership;
