//! Organizations, and who belongs to them.

/// Implements [`super::super::Organizations`].
macro_rules! impl_organizations {
    ($store:ty) => {
        #[async_trait]
        impl Organizations for $store {
            async fn find_role(&self, user: UserId, organization: OrganizationId) -> Result<Option<Role>, StoreError> {
                let role: Option<String> = sqlx::query_scalar(
                    "SELECT role FROM organization_users WHERE organization_id = $1 AND user_id = $2",
                )
                .bind(organization.0)
                .bind(user.0)
                .fetch_optional(self.read())
                .await?;
                role.as_deref().map(word).transpose()
            }

            async fn find_organization(
                &self,
                organization: OrganizationId,
            ) -> Result<Option<Organization>, StoreError> {
                let row: Option<OrganizationRow> = sqlx::query_as(
                    "SELECT o.id, o.name, o.keycloak_org_id, o.created_at, o.settings, \
                     (SELECT count(*) FROM organization_users m WHERE m.organization_id = o.id) AS member_count, \
                     u.username AS owner_username \
                     FROM organizations o LEFT JOIN users u ON u.id = o.owner_id WHERE o.id = $1",
                )
                .bind(organization.0)
                .fetch_optional(self.read())
                .await?;
                row.map(Organization::try_from).transpose()
            }

            async fn create_organization(
                &self,
                organization: OrganizationId,
                name: &str,
                settings: &OrganizationSettings,
                owner: UserId,
                by: &Actor,
            ) -> Result<(), StoreError> {
                let settings =
                    serde_json::to_string(settings).map_err(|error| StoreError::Defect(error.to_string()))?;
                let mut transaction = self.write().begin_with(Self::BEGIN).await?;
                sqlx::query(
                    "INSERT INTO organizations (id, name, owner_id, settings, created_at, updated_at) \
                     VALUES ($1, $2, $3, $4, $5, $5)",
                )
                .bind(organization.0)
                .bind(name.to_owned())
                .bind(owner.0)
                .bind(settings)
                .bind(by.now)
                .execute(&mut *transaction)
                .await?;
                let subject = Self::subject_of(&mut transaction, owner).await?;
                Self::admit_founder(&mut transaction, organization, owner, &subject, by).await?;
                Ok(transaction.commit().await?)
            }

            async fn list_organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, StoreError> {
                let rows: Vec<OrganizationOfUserRow> = sqlx::query_as(
                    "SELECT o.id, o.name, o.keycloak_org_id, o.created_at, m.role, m.joined_at, \
                     (SELECT count(*) FROM organization_users c WHERE c.organization_id = o.id) AS member_count \
                     FROM organization_users m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = $1 \
                     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, m.joined_at",
                )
                .bind(user.0)
                .fetch_all(self.read())
                .await?;
                convert(rows)
            }

            async fn list_members(&self, organization: OrganizationId) -> Result<Vec<Member>, StoreError> {
                let rows: Vec<MemberRow> = sqlx::query_as(
                    "SELECT u.id, u.username, u.email, m.role, m.joined_at, u.created_at AS user_created_at \
                     FROM organization_users m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 \
                     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, u.username LIMIT $2",
                )
                .bind(organization.0)
                .bind(MAX_ROWS)
                .fetch_all(self.read())
                .await?;
                convert(rows)
            }

            async fn set_member(
                &self,
                organization: OrganizationId,
                user: UserId,
                role: Role,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.write().begin_with(Self::BEGIN).await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                let before = Self::role_of(&mut transaction, organization, user).await?;
                if before == Some(role) {
                    return Ok(true);
                }
                if before == Some(Role::OrgAdmin) && !Self::has_other_admins(&mut transaction, organization, user).await?
                {
                    return Ok(false);
                }
                sqlx::query(
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                     VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(role.as_str())
                .bind(by.now)
                .execute(&mut *transaction)
                .await?;
                Self::tell_of_member(&mut transaction, organization, user, before, Some(role), by).await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn remove_member(
                &self,
                organization: OrganizationId,
                user: UserId,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.write().begin_with(Self::BEGIN).await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                let Some(before) = Self::role_of(&mut transaction, organization, user).await? else {
                    return Ok(true);
                };
                if before == Role::OrgAdmin && !Self::has_other_admins(&mut transaction, organization, user).await? {
                    return Ok(false);
                }
                sqlx::query("DELETE FROM organization_users WHERE organization_id = $1 AND user_id = $2")
                    .bind(organization.0)
                    .bind(user.0)
                    .execute(&mut *transaction)
                    .await?;
                Self::tell_of_member(&mut transaction, organization, user, Some(before), None, by).await?;
                transaction.commit().await?;
                Ok(true)
            }
        }
    };
}
pub(crate) use impl_organizations;
