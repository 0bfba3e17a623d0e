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

            /// Whether an orgAdmin other than `user` remains. The organization is locked, or this is the only writer.
            async fn has_other_admins(
                connection: &mut $connection,
                organization: OrganizationId,
                user: UserId,
            ) -> Result<bool, StoreError> {
                let others: i64 = sqlx::query_scalar(
                    "SELECT count(*) FROM organization_users WHERE organization_id = $1 AND role = 'orgAdmin' \
                     AND user_id <> $2",
                )
                .bind(organization.0)
                .bind(user.0)
                .fetch_one(connection)
                .await?;
                Ok(others > 0)
            }

            async fn subject_of(connection: &mut $connection, user: UserId) -> Result<String, StoreError> {
                let subject = sqlx::query_scalar("SELECT keycloak_id FROM users WHERE id = $1").bind(user.0);
                Ok(subject.fetch_one(connection).await?)
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

            /// The audit log and Keycloak hear of a member who came, went or got another role.
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
                // The organization too: it says at Keycloak who has which role.
                Self::queue(&mut *connection, &KeycloakTask::Organization(organization), by.now).await?;
                let subject = Self::subject_of(&mut *connection, user).await?;
                Self::queue(connection, &KeycloakTask::Member { organization, user, subject }, by.now).await
            }
        }
    };
}
pub(crate) use impl_membership;
