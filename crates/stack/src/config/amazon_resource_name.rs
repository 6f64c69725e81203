//! Amazon resource names that the configuration refers to.

use super::problem::Refusal;
use super::value::Value;

/// The resource that a configured name must be of.
pub(super) struct Expected<'a> {
    pub(super) service: &'a str,
    /// The environment's region, unless that is itself in doubt.
    pub(super) region: Option<&'a str>,
    /// What the resource part begins with, such as `certificate/`.
    pub(super) resource: &'a str,
}

/// The ARN of a KMS key, where one may be given.
pub(super) fn kms_key(value: &Value<'_>, region: Option<&str>) -> Option<String> {
    let expected = Expected { service: "kms", region, resource: "key/" };
    value.optional().map(|value| value.text(|text| expected.check(text).map(|()| text.to_owned())))
}

impl Expected<'_> {
    /// Checks that the text names such a resource; whether it exists, only AWS knows.
    pub(super) fn check(&self, text: &str) -> Result<(), Refusal> {
        let Self { service, region, resource } = self;
        let region = region.unwrap_or("REGION");
        let form = format!("arn:aws:{service}:{region}:ACCOUNT:{resource}ID");
        let refuse = |message: String| Err(Refusal::new(message, format!("it looks like \"{form}\"")));
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [arn, partition, its_service, its_region, account, its_resource] = parts[..] else {
            return refuse(format!("{text:?} is not an ARN"));
        };
        let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let id = its_resource.strip_prefix(resource).unwrap_or_default();
        let is_id = !id.is_empty() && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if arn != "arn" || !partition.starts_with("aws") || its_service != *service || !is_account || !is_id {
            return refuse(format!("{text:?} is not the ARN of such a resource"));
        }
        match self.region {
            Some(region) if its_region != region => {
                refuse(format!("{text:?} is in {its_region}, and the environment in {region}"))
            }
            Some(_) | None => Ok(()),
        }
    }
}
