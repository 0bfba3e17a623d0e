//! Who vouches for callers: the configured issuer, or the built-in one.

use crate::config::{Config, list};
use crate::identity::{Verifier, VerifierSettings, builtin};
use crate::private;
use happening_core::clock::Clock;
use happening_core::wire::{Discovery, DiscoveryClients};
use std::net::SocketAddr;
use std::sync::Arc;

/// The verifier, the built-in issuer if it is in use, and what clients are told.
pub(super) fn open(
    config: &Config,
    address: SocketAddr,
    clock: &Clock,
) -> anyhow::Result<(Verifier, Option<Arc<builtin::BuiltinIssuer>>, Discovery)> {
    let (issuer, settings) =
        if let (Some(issuer), Some(inside)) = (config.keycloak_issuer(), config.keycloak_inside()) {
            let inside_url = (inside != issuer).then_some(inside);
            (
                None,
                VerifierSettings {
                    kind: "keycloak".to_owned(),
                    issuer,
                    inside_url,
                    audience: config.keycloak_client_id.clone(),
                    trusted_clients: list(&config.oidc_trusted_clients),
                    trust_unverified_email: config.oidc_trust_unverified_email,
                },
            )
        } else {
            private::make_directory(&config.data_dir)?;
            let issuer = Arc::new(builtin::BuiltinIssuer::new(address, &config.data_dir, clock.clone())?);
            let settings = VerifierSettings {
                kind: "built-in".to_owned(),
                issuer: issuer.url().to_owned(),
                inside_url: None,
                audience: builtin::AUDIENCE.to_owned(),
                trusted_clients: Vec::new(),
                trust_unverified_email: config.oidc_trust_unverified_email,
            };
            (Some(issuer), settings)
        };
    let discovery = Discovery {
        name: "Happening".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        issuer: settings.issuer.clone(),
        clients: DiscoveryClients {
            cli: "happening-cli".to_owned(),
            web: "happening-client".to_owned(),
            demo: issuer.is_some().then(|| "happening-demo".to_owned()),
        },
        audience: settings.audience.clone(),
        dry_runs: true,
    };
    Ok((Verifier::new(settings, clock.clone()), issuer, discovery))
}
