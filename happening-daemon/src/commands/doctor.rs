//! `happening-daemon doctor`

use super::CommonArgs;
use crate::app::doctor::{Condition, Finding, examine};
use crate::config::Flags;
use std::io::Write;
use std::process::ExitCode;

/// Prints what was found; fails if anything keeps the daemon from working.
pub(super) async fn run(args: &CommonArgs) -> anyhow::Result<ExitCode> {
    let findings = examine(&args.config(Flags::default())?).await;
    let mut out = std::io::stdout().lock();
    for finding in &findings {
        out.write_all(told(finding).as_bytes())?;
    }
    let is_well = findings.iter().all(|finding| finding.condition != Condition::Problem);
    Ok(if is_well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn told(finding: &Finding) -> String {
    let condition = match finding.condition {
        Condition::Fine => "ok",
        Condition::Warning => "warning",
        Condition::Problem => "problem",
    };
    let mend = finding.mend.map_or_else(String::new, |mend| format!("{:19}mended by: {mend}\n", ""));
    // A part may say anything.
    let visible = |letter: char| {
        if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
    };
    let detail: String = finding.detail.chars().map(visible).collect();
    format!("{condition:8} {:9} {detail}\n{mend}", finding.check)
}
