//! Who people are.

/// Implements [`super::super::People`].
macro_rules! impl_people {
    ($store:ty) => {
        const USER: &str = "SELECT id, keycloak_id, username, email, first_name, last_name, phone, avatar_url, status, \
             created_at, updated_at FROM users ";

        #[async_trait]
        impl People for $store {
            async fn find_user_by_subject(&self, subject: &str) -> Result<Option<User>, StoreError> {
                // PostgreSQL takes no NUL in a text, so nobody's has one.
                if subject.contains('\0') {
                    return Ok(None);
                }
                let sql = AssertSqlSafe(format!("{USER} WHERE keycloak_id = $1 AND kind = 'person'"));
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
                let rows: Vec<UserRow> =
                    sqlx::query_as(sql).bind(containing(text)).fetch_all(self.read()).await?;
                convert(rows)
            }

            async fn create_user(
                &self,
                user: &NewUser,
                own: Option<(OrganizationId, String, String)>,
                by: &Actor,
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
                .bind(by.now)
                .execute(&mut *transaction)
                .await?;
                let entry = AuditEntry {
                    action: "user.signed_up",
                    organization: None,
                    target: ("user", user.id.to_string()),
                    old: None,
                    new: None,
                };
                Self::record(&mut transaction, by, &entry).await?;
                if let Some((organization, name, domain)) = own {
                    sqlx::query(
                        "INSERT INTO organizations (id, name, domain, owner_id, created_at, updated_at) \
                         VALUES ($1, $2, $3, $4, $5, $5)",
                    )
                    .bind(organization.0)
                    .bind(name)
                    .bind(domain)
                    .bind(user.id.0)
                    .bind(by.now)
                    .execute(&mut *transaction)
                    .await?;
                    Self::admit_founder(&mut transaction, organization, user.id, &user.subject, by).await?;
                }
                Ok(transaction.commit().await?)
            }

            async fn list_memberships(&self, user: UserId) -> Result<Vec<Membership>, StoreError> {
                let rows: Vec<MembershipRow> = sqlx::query_as(
                    "SELECT m.organization_id, m.role, o.name AS organization_name, o.keycloak_org_id \
                     FROM organization_users m JOIN organizations o ON o.id = m.organization_id \
                     WHERE m.user_id = $1 AND o.deleted_at IS NULL \
                     ORDER BY CASE m.role WHEN 'orgAdmin' THEN 0 ELSE 1 END, m.joined_at",
                )
                .bind(user.0)
                .fetch_all(self.read())
                .await?;
                convert(rows)
            }
        }
    };
}
pub(crate) use impl_people;
