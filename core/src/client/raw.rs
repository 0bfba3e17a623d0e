//! Any route, for what has no method of its own: `happening api`.

use super::{Client, ClientError};
use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::Value;

impl Client {
    /// Asks for `path` in any way, with these headers beside the usual ones or in their place, and returns the body as it
    /// came. A refusal is an error, as everywhere.
    pub async fn raw(
        &self,
        method: &str,
        path: &str,
        headers: &[(String, String)],
        body: Option<&Value>,
    ) -> Result<String, ClientError> {
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
        request = request.headers(named(headers)?);
        let response = self.send_raw(request).await?;
        if !response.status().is_success() {
            return Err(Self::refusal(&response));
        }
        Ok(String::from_utf8_lossy(response.body()).into_owned())
    }
}

fn named(headers: &[(String, String)]) -> Result<HeaderMap, ClientError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let broken = || ClientError::Broken(format!("`{name}: {value}` is no header of HTTP"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        map.append(name, HeaderValue::from_str(value).map_err(|_| broken())?);
    }
    Ok(map)
}
