//! Organizations, and who belongs to them.

/// Implements [`super::super::Organizations`].
macro_rules! impl_organizations {
    ($store:ty, $database:ty) => {
        const ORGANIZATION: &str = "SELECT o.id, o.name, o.keycloak_org_id, o.created_at, o.settings, o.owner_id, o.status, \
             o.deleted_at, u.username AS owner_username, \
             (SELECT count(*) FROM organization_users m WHERE m.organization_id = o.id) AS member_count \
             FROM organizations o LEFT JOIN users u ON u.id = o.owner_id ";

        impl $store {
            async fn put_in(
                &self,
                organization: OrganizationId,
                user: UserId,
                role: Role,
                agreed: bool,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                if !Self::give_role(&mut transaction, organization, user, role, agreed, by).await? {
                    return Ok(false);
                }
                transaction.commit().await?;
                Ok(true)
            }
        }

        #[async_trait]
        impl Organizations for $store {
            async fn find_role(&self, user: UserId, organization: OrganizationId) -> Result<Option<Role>, StoreError> {
                let role: Option<String> = sqlx::query_scalar(
                    "SELECT m.role FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
                     WHERE m.organization_id = $1 AND m.user_id = $2 AND o.deleted_at IS NULL",
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
                let sql = AssertSqlSafe(format!("{ORGANIZATION} WHERE o.id = $1"));
                let row: Option<OrganizationRow> =
                    sqlx::query_as(sql).bind(organization.0).fetch_optional(self.read()).await?;
                row.map(Organization::try_from).transpose()
            }

            async fn find_organization_status(
                &self,
                organization: OrganizationId,
            ) -> Result<Option<OrganizationStatus>, StoreError> {
                let status: Option<String> =
                    sqlx::query_scalar("SELECT status FROM organizations WHERE id = $1 AND deleted_at IS NULL")
                        .bind(organization.0)
                        .fetch_optional(self.read())
                        .await?;
                status.as_deref().map(word).transpose()
            }

            async fn list_organizations(
                &self,
                viewer: Option<UserId>,
                filter: &OrganizationFilter,
            ) -> Result<Vec<Organization>, StoreError> {
                if filter.text.as_deref().is_some_and(|text| text.contains('\0')) {
                    return Ok(Vec::new());
                }
                let mut query = QueryBuilder::<$database>::new(ORGANIZATION);
                query.push(" WHERE o.deleted_at IS NULL");
                if let Some(viewer) = viewer {
                    query.push(" AND o.id IN (SELECT organization_id FROM organization_users WHERE user_id = ");
                    query.push_bind(viewer.0).push(")");
                }
                if let Some((at, id)) = filter.after {
                    query.push(" AND (o.created_at, o.id) > (").push_bind(at).push(", ").push_bind(id.0).push(")");
                }
                if let Some(text) = &filter.text {
                    query.push(" AND ");
                    Self::push_containing(&mut query, "o.id", &["o.name_folded"], text);
                }
                query.push(" ORDER BY o.created_at, o.id LIMIT ");
                query.push_bind(filter.limit.map_or(MAX_ROWS, i64::from));
                let rows: Vec<OrganizationRow> = query.build_query_as().fetch_all(self.read()).await?;
                convert(rows)
            }

            async fn found_organization(
                &self,
                organization: OrganizationId,
                name: &str,
                settings: &OrganizationSettings,
                owner: UserId,
                most: Option<u32>,
                by: &Actor,
            ) -> Result<Founding, StoreError> {
                let settings =
                    serde_json::to_string(settings).map_err(|error| StoreError::Defect(error.to_string()))?;
                let mut transaction = self.begin().await?;
                let admitted = Self::admit_organization(&mut transaction, owner, most).await?;
                if admitted != Founding::Done {
                    return Ok(admitted);
                }
                sqlx::query(
                    "INSERT INTO organizations (id, name, name_folded, owner_id, settings, created_at, updated_at) \
                     VALUES ($1, $2, $6, $3, $4, $5, $5)",
                )
                .bind(organization.0)
                .bind(name.to_owned())
                .bind(owner.0)
                .bind(settings)
                .bind(by.now)
                .bind(fold(name))
                .execute(&mut *transaction)
                .await?;
                let subject = Self::subject_of(&mut transaction, owner).await?;
                let subject = subject.ok_or_else(|| StoreError::Defect("an organization needs a person".to_owned()))?;
                Self::admit_founder(&mut transaction, organization, owner, &subject, by).await?;
                transaction.commit().await?;
                Ok(Founding::Done)
            }

            async fn list_organizations_of(&self, user: UserId) -> Result<Vec<OrganizationOfUser>, StoreError> {
                let rows: Vec<OrganizationOfUserRow> = sqlx::query_as(
                    "SELECT o.id, o.name, o.keycloak_org_id, o.created_at, m.role, m.joined_at, w.username AS owner_username, \
                     (SELECT count(*) FROM organization_users c WHERE c.organization_id = o.id) AS member_count \
                     FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
                     LEFT JOIN users w ON w.id = o.owner_id WHERE m.user_id = $1 AND o.deleted_at IS NULL \
                     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, m.joined_at",
                )
                .bind(user.0)
                .fetch_all(self.read())
                .await?;
                convert(rows)
            }

            async fn list_members(
                &self,
                organization: OrganizationId,
                filter: &MemberFilter,
            ) -> Result<Vec<Member>, StoreError> {
                let mark = filter.after.as_ref();
                let texts = [filter.text.as_deref(), mark.map(|mark| mark.username.as_str())];
                // PostgreSQL takes no NUL in a text, so nobody's has one.
                if texts.into_iter().flatten().any(|text| text.contains('\0')) {
                    return Ok(Vec::new());
                }
                let rows: Vec<MemberRow> = sqlx::query_as(
                    "SELECT u.id, u.username, u.email, m.role, m.joined_at, u.created_at AS user_created_at, u.kind \
                     FROM organization_users m JOIN users u ON u.id = m.user_id WHERE m.organization_id = $1 \
                     AND ($2 IS NULL OR m.role = $2) \
                     AND ($3 IS NULL OR u.username_folded LIKE $3 ESCAPE '\\' \
                     OR u.email_folded LIKE $3 ESCAPE '\\') \
                     AND ($4 IS NULL OR (CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, u.username) > ($5, $4)) \
                     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, u.username LIMIT $6",
                )
                .bind(organization.0)
                .bind(filter.role.map(Role::as_str))
                .bind(filter.text.as_deref().map(containing))
                .bind(mark.map(|mark| mark.username.clone()))
                .bind(i32::from(mark.is_some_and(|mark| !mark.is_admin)))
                .bind(filter.limit.map_or(MAX_ROWS, i64::from))
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
                self.put_in(organization, user, role, true, by).await
            }

            async fn add_member(
                &self,
                organization: OrganizationId,
                user: UserId,
                role: Role,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                self.put_in(organization, user, role, false, by).await
            }

            async fn change_role(
                &self,
                organization: OrganizationId,
                user: UserId,
                role: Role,
                by: &Actor,
            ) -> Result<RoleChange, StoreError> {
                let mut transaction = self.begin().await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                if Self::role_of(&mut transaction, organization, user).await?.is_none() {
                    return Ok(RoleChange::NoMember);
                }
                if !Self::give_role(&mut transaction, organization, user, role, false, by).await? {
                    return Ok(RoleChange::LastAdmin);
                }
                transaction.commit().await?;
                Ok(RoleChange::Done)
            }

            async fn remove_member(
                &self,
                organization: OrganizationId,
                user: UserId,
                by: &Actor,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.begin().await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                let Some(before) = Self::role_of(&mut transaction, organization, user).await? else {
                    return Ok(true);
                };
                if before == Role::OrgAdmin && !Self::may_resign(&mut transaction, organization, user).await? {
                    return Ok(false);
                }
                Self::drop_member(&mut transaction, organization, user, before, by).await?;
                transaction.commit().await?;
                Ok(true)
            }
        }
    };
}
pub(crate) use impl_organizations;
