//! Any route, for what has no method of its own: `happening api`.

use super::{Client, ClientError};
use reqwest::Method;
use serde_json::Value;

impl Client {
    /// Asks for `path` in any way and returns the body as it came. A refusal is an error, as everywhere.
    pub async fn raw(&self, method: &str, path: &str, body: Option<&Value>) -> Result<String, ClientError> {
        let method = Method::from_bytes(method.as_bytes())
            .map_err(|_| ClientError::Broken(format!("`{method}` is no method of HTTP")))?;
        // Another host would be sent our token.
        if !path.starts_with('/') || path.starts_with("//") {
            return Err(ClientError::Address(path.to_owned()));
        }
        let mut request = self.request(method, path).await?;
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = self.send_raw(request).await?;
        if !response.status().is_success() {
            return Err(Self::refusal(response).await);
        }
        response.text().await.map_err(|error| ClientError::Broken(error.without_url().to_string()))
    }
}
