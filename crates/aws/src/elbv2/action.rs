//! What a listener does with requests.

use aws_sdk_elasticloadbalancingv2::types::{
    Action as Wire, ActionTypeEnum, RedirectActionConfig, RedirectActionStatusCodeEnum,
};
use serde::{Deserialize, Serialize};

use crate::TargetGroupArn;

/// What happens to requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// A healthy target of the group gets them.
    Forward(TargetGroupArn),
    /// The client is sent, for good, to the same address over TLS.
    RedirectToHttps {
        /// The port there.
        port: u16,
    },
    /// Something else, by AWS's name; seen, never wanted.
    Other(String),
}

impl Action {
    /// The action in an answer.
    pub(super) fn read(wire: &Wire) -> Self {
        let forward = || wire.target_group_arn().map(|arn| Self::Forward(TargetGroupArn::new(arn)));
        let redirect = || wire.redirect_config().and_then(redirect_to_https);
        let other = || Self::Other(wire.r#type().map_or("unknown", ActionTypeEnum::as_str).to_owned());
        match wire.r#type() {
            // AWS leaves the ARN out, and gives a list with weights, when there is more than one target group.
            Some(ActionTypeEnum::Forward) => forward(),
            Some(ActionTypeEnum::Redirect) => redirect(),
            _ => None,
        }
        .unwrap_or_else(other)
    }

    /// The action as calls say it.
    pub(super) fn wire(&self) -> Wire {
        match self {
            Self::Forward(group) => {
                Wire::builder().r#type(ActionTypeEnum::Forward).target_group_arn(group.as_str()).build()
            }
            Self::RedirectToHttps { port } => {
                let redirect = RedirectActionConfig::builder()
                    .protocol("HTTPS")
                    .port(port.to_string())
                    .status_code(RedirectActionStatusCodeEnum::Http301)
                    .build();
                Wire::builder().r#type(ActionTypeEnum::Redirect).redirect_config(redirect).build()
            }
            Self::Other(kind) => Wire::builder().r#type(kind.as_str().into()).build(),
        }
    }
}

/// The permanent redirect that only changes protocol and port. AWS spells out the parts that stay.
fn redirect_to_https(config: &RedirectActionConfig) -> Option<Action> {
    let stays = config.host().is_none_or(|host| host == "#{host}")
        && config.path().is_none_or(|path| path == "/#{path}")
        && config.query().is_none_or(|query| query == "#{query}");
    let permanent = config.status_code() == Some(&RedirectActionStatusCodeEnum::Http301);
    let port = config.port().and_then(|port| port.parse().ok())?;
    (stays && permanent && config.protocol() == Some("HTTPS")).then_some(Action::RedirectToHttps { port })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect() -> RedirectActionConfig {
        Action::RedirectToHttps { port: 443 }.wire().redirect_config.unwrap()
    }

    fn read(config: RedirectActionConfig) -> Action {
        Action::read(&Wire::builder().r#type(ActionTypeEnum::Redirect).redirect_config(config).build())
    }

    #[test]
    fn what_aws_spells_out_in_a_redirect_is_no_difference() {
        let mut config = redirect();
        config.host = Some("#{host}".to_owned());
        config.path = Some("/#{path}".to_owned());
        config.query = Some("#{query}".to_owned());
        assert_eq!(read(config), Action::RedirectToHttps { port: 443 });
    }

    #[test]
    fn a_redirect_elsewhere_or_for_a_while_is_another_action() {
        let mut elsewhere = redirect();
        elsewhere.host = Some("example.com".to_owned());
        let mut temporary = redirect();
        temporary.status_code = Some(RedirectActionStatusCodeEnum::Http302);
        for config in [elsewhere, temporary] {
            assert_eq!(read(config), Action::Other("redirect".to_owned()));
        }
    }

    #[test]
    fn a_forward_to_several_groups_is_another_action() {
        let split = Wire::builder().r#type(ActionTypeEnum::Forward).build();
        assert_eq!(Action::read(&split), Action::Other("forward".to_owned()));
    }
}
