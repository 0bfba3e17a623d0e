//! Any route, for what has no method of its own: `happening api`.

use super::{Client, ClientError};
use reqwest::Method;
use reqwest::header::{HOST, HeaderMap, HeaderName, HeaderValue};
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
        let mut request = self.request(method, path)?;
        if let Some(body) = body {
            request = request.json(body);
        }
        request = request.headers(named(headers)?);
        let response = self.send_raw(request).await?;
        if !response.status().is_success() {
            return Err(self.refusal(&response));
        }
        Ok(String::from_utf8_lossy(response.body()).into_owned())
    }
}

fn named(headers: &[(String, String)]) -> Result<HeaderMap, ClientError> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        let broken = || ClientError::Broken(format!("`{name}: {value}` is no header of HTTP"));
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| broken())?;
        // A server of many hosts chooses one by it, which may be another application.
        if name == HOST {
            return Err(ClientError::Broken(
                "the header Host is the daemon's own: it cannot be set".to_owned(),
            ));
        }
        map.append(name, HeaderValue::from_str(value).map_err(|_| broken())?);
    }
    Ok(map)
}
