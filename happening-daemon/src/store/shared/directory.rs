//! Who people are and where they belong.

/// Implements [`super::super::Directory`].
macro_rules! impl_directory {
    ($store:ty) => {
        const USER: &str = "SELECT id, keycloak_id, username, email, first_name, last_name, phone, avatar_url, status, \
             created_at, updated_at FROM users ";

        /// Members' rows are locked or the only writer's: whether an orgAdmin other than `$2` remains.
        const OTHER_ADMINS: &str = "SELECT count(*) FROM organization_users WHERE organization_id = $1 \
             AND role = 'orgAdmin' AND user_id <> $2";

        #[async_trait]
        impl Directory for $store {
            async fn find_user_by_subject(&self, subject: &str) -> Result<Option<User>, StoreError> {
                // PostgreSQL takes no NUL in a text, so nobody's has one.
                if subject.contains('\0') {
                    return Ok(None);
                }
                let sql = AssertSqlSafe(format!("{USER} WHERE keycloak_id = $1"));
                let row: Option<UserRow> =
                    sqlx::query_as(sql).bind(subject.to_owned()).fetch_optional(self.read()).await?;
                row.map(User::try_from).transpose()
            }

            async fn find_user(&self, user: UserId) -> Result<Option<User>, StoreError> {
                let sql = AssertSqlSafe(format!("{USER} WHERE id = $1"));
                let row: Option<UserRow> = sqlx::query_as(sql).bind(user.0).fetch_optional(self.read()).await?;
                row.map(User::try_from).transpose()
            }

            async fn search_users(&self, text: &str) -> Result<Vec<User>, StoreError> {
                if text.contains('\0') {
                    return Ok(Vec::new());
                }
                let sql = AssertSqlSafe(format!(
                    "{USER} WHERE lower(username) LIKE lower($1) ESCAPE '\\' \
                     OR lower(email) LIKE lower($1) ESCAPE '\\' ORDER BY username LIMIT 50"
                ));
                // The database lowers both sides: SQLite knows the case of ASCII letters alone.
                let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
                let rows: Vec<UserRow> =
                    sqlx::query_as(sql).bind(format!("%{escaped}%")).fetch_all(self.read()).await?;
                convert(rows)
            }

            async fn create_user(
                &self,
                user: &NewUser,
                own: Option<(OrganizationId, String, String)>,
                now: DateTime<Utc>,
            ) -> Result<(), StoreError> {
                let mut transaction = self.write().begin_with(Self::BEGIN).await?;
                sqlx::query(
                    "INSERT INTO users (id, keycloak_id, username, email, first_name, last_name, phone, avatar_url, \
                     created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9)",
                )
                .bind(user.id.0)
                .bind(&user.subject)
                .bind(&user.username)
                .bind(&user.email)
                .bind(&user.first_name)
                .bind(&user.last_name)
                .bind(&user.phone)
                .bind(&user.avatar_url)
                .bind(now)
                .execute(&mut *transaction)
                .await?;
                if let Some((organization, name, domain)) = own {
                    sqlx::query(
                        "INSERT INTO organizations (id, name, domain, owner_id, created_at, updated_at) \
                         VALUES ($1, $2, $3, $4, $5, $5)",
                    )
                    .bind(organization.0)
                    .bind(name)
                    .bind(domain)
                    .bind(user.id.0)
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
                    sqlx::query(
                        "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                         VALUES ($1, $2, 'orgAdmin', $3)",
                    )
                    .bind(organization.0)
                    .bind(user.id.0)
                    .bind(now)
                    .execute(&mut *transaction)
                    .await?;
                }
                Ok(transaction.commit().await?)
            }

            async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
                let rows: Vec<MembershipRow> = sqlx::query_as(
                    "SELECT m.organization_id, m.role, o.name AS organization_name, o.keycloak_org_id \
                     FROM organization_users m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = $1 \
                     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, m.joined_at",
                )
                .bind(user.0)
                .fetch_all(self.read())
                .await?;
                convert(rows)
            }

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
                now: DateTime<Utc>,
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
                .bind(now)
                .execute(&mut *transaction)
                .await?;
                sqlx::query(
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                     VALUES ($1, $2, 'orgAdmin', $3)",
                )
                .bind(organization.0)
                .bind(owner.0)
                .bind(now)
                .execute(&mut *transaction)
                .await?;
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
                now: DateTime<Utc>,
            ) -> Result<bool, StoreError> {
                let mut transaction = self.write().begin_with(Self::BEGIN).await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                let others: i64 = sqlx::query_scalar(OTHER_ADMINS)
                    .bind(organization.0)
                    .bind(user.0)
                    .fetch_one(&mut *transaction)
                    .await?;
                if others == 0 && role != Role::OrgAdmin {
                    return Ok(false);
                }
                sqlx::query(
                    "INSERT INTO organization_users (organization_id, user_id, role, joined_at) \
                     VALUES ($1, $2, $3, $4) ON CONFLICT (organization_id, user_id) DO UPDATE SET role = excluded.role",
                )
                .bind(organization.0)
                .bind(user.0)
                .bind(role.as_str())
                .bind(now)
                .execute(&mut *transaction)
                .await?;
                transaction.commit().await?;
                Ok(true)
            }

            async fn remove_member(&self, organization: OrganizationId, user: UserId) -> Result<bool, StoreError> {
                let mut transaction = self.write().begin_with(Self::BEGIN).await?;
                sqlx::query(Self::LOCK_ORGANIZATION).bind(organization.0).execute(&mut *transaction).await?;
                let others: i64 = sqlx::query_scalar(OTHER_ADMINS)
                    .bind(organization.0)
                    .bind(user.0)
                    .fetch_one(&mut *transaction)
                    .await?;
                if others == 0 {
                    return Ok(false);
                }
                sqlx::query("DELETE FROM organization_users WHERE organization_id = $1 AND user_id = $2")
                    .bind(organization.0)
                    .bind(user.0)
                    .execute(&mut *transaction)
                    .await?;
                transaction.commit().await?;
                Ok(true)
            }
        }
    };
}
pub(crate) use impl_directory;
