//! The ARNs of WAF, out of which calls are told what they are about.

use sidekick_engine::Result;

use crate::fault::missing;

/// The two parts by which calls name a resource: `…:regional/webacl/NAME/ID`.
pub(super) fn name_and_id<'a>(arn: &'a str, operation: &str) -> Result<(&'a str, &'a str)> {
    let (rest, id) = arn.rsplit_once('/').ok_or_else(|| missing(operation, "id in the ARN"))?;
    let (_, name) = rest.rsplit_once('/').ok_or_else(|| missing(operation, "name in the ARN"))?;
    Ok((name, id))
}
