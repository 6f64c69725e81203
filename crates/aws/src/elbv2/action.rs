//! What a listener, or a rule of it, does with requests.

use aws_sdk_elasticloadbalancingv2::types::{
    Action as Wire, ActionTypeEnum, FixedResponseActionConfig, ForwardActionConfig, RedirectActionConfig,
    RedirectActionStatusCodeEnum as Status, TargetGroupTuple,
};
use serde::{Deserialize, Serialize};

use crate::TargetGroupArn;

/// What happens to requests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Action {
    /// A healthy target of the group gets them.
    Forward(TargetGroupArn),
    /// A healthy target of the first group gets them. The second one gets none yet, but its targets are checked, and ECS
    /// takes it, for the load balancer has it.
    HandOver {
        /// The first group.
        from: TargetGroupArn,
        /// The second one.
        to: TargetGroupArn,
    },
    /// The client is sent, for good, to the same address over TLS.
    RedirectToHttps {
        /// The port there.
        port: u16,
    },
    /// The client is sent to another host or path, or both; what is not given stays.
    RedirectTo {
        /// The host there.
        host: Option<String>,
        /// The path there, which begins with a slash.
        path: Option<String>,
        /// Whether for good.
        permanent: bool,
    },
    /// The load balancer itself answers.
    FixedResponse {
        /// The status code of the answer.
        status: u16,
        /// The type of its body.
        content_type: String,
        /// Its body.
        body: String,
    },
    /// Something else, by AWS's name; seen, never wanted.
    Other(String),
}

impl Action {
    /// The action in an answer.
    pub(super) fn read(wire: &Wire) -> Self {
        let forward = || match wire.target_group_arn() {
            Some(arn) => Some(Self::Forward(TargetGroupArn::new(arn))),
            None => wire.forward_config().and_then(hand_over),
        };
        let redirect = || wire.redirect_config().and_then(redirect);
        let fixed = || wire.fixed_response_config().and_then(fixed_response);
        let other = || Self::Other(wire.r#type().map_or("unknown", ActionTypeEnum::as_str).to_owned());
        match wire.r#type() {
            // AWS leaves the ARN out, and gives a list with weights, when there is more than one target group.
            Some(ActionTypeEnum::Forward) => forward(),
            Some(ActionTypeEnum::Redirect) => redirect(),
            Some(ActionTypeEnum::FixedResponse) => fixed(),
            _ => None,
        }
        .unwrap_or_else(other)
    }

    /// What is done while targets come into the group that requests shall go to, and until those of the former one have
    /// come there as well. Nobody is sent to HTTPS before everything stands, because what listens there may forward to a
    /// group to which no targets have come yet.
    pub(super) fn meanwhile(&self, actual: &Self) -> Self {
        match (self, actual) {
            (Self::Forward(to), Self::Forward(from) | Self::HandOver { from, .. }) if from != to => {
                Self::HandOver { from: from.clone(), to: to.clone() }
            }
            (Self::Forward(_), Self::HandOver { .. })
            | (Self::RedirectToHttps { .. }, Self::Forward(_) | Self::HandOver { .. }) => actual.clone(),
            _ => self.clone(),
        }
    }

    /// The action as calls say it.
    pub(super) fn wire(&self) -> Wire {
        match self {
            Self::Forward(group) => {
                Wire::builder().r#type(ActionTypeEnum::Forward).target_group_arn(group.as_str()).build()
            }
            Self::HandOver { from, to } => {
                let weighted = |group: &TargetGroupArn, weight| {
                    TargetGroupTuple::builder().target_group_arn(group.as_str()).weight(weight).build()
                };
                let forward = ForwardActionConfig::builder().target_groups(weighted(from, 1));
                let forward = forward.target_groups(weighted(to, 0)).build();
                Wire::builder().r#type(ActionTypeEnum::Forward).forward_config(forward).build()
            }
            Self::RedirectToHttps { port } => {
                let redirect = RedirectActionConfig::builder()
                    .protocol("HTTPS")
                    .port(port.to_string())
                    .status_code(Status::Http301)
                    .build();
                Wire::builder().r#type(ActionTypeEnum::Redirect).redirect_config(redirect).build()
            }
            Self::RedirectTo { host, path, permanent } => {
                let status = if *permanent { Status::Http301 } else { Status::Http302 };
                let redirect = RedirectActionConfig::builder().set_host(host.clone()).set_path(path.clone());
                let redirect = redirect.status_code(status).build();
                Wire::builder().r#type(ActionTypeEnum::Redirect).redirect_config(redirect).build()
            }
            Self::FixedResponse { status, content_type, body } => {
                let fixed = FixedResponseActionConfig::builder().status_code(status.to_string());
                let fixed = fixed.content_type(content_type).message_body(body).build();
                Wire::builder().r#type(ActionTypeEnum::FixedResponse).fixed_response_config(fixed).build()
            }
            Self::Other(kind) => Wire::builder().r#type(kind.as_str().into()).build(),
        }
    }
}

/// A forward to two groups of which one gets all requests.
fn hand_over(config: &ForwardActionConfig) -> Option<Action> {
    let [one, other] = config.target_groups() else { return None };
    let (from, to) = match (one.weight()?, other.weight()?) {
        (1.., 0) => (one, other),
        (0, 1..) => (other, one),
        _ => return None,
    };
    let arn = |group: &TargetGroupTuple| group.target_group_arn().map(TargetGroupArn::new);
    Some(Action::HandOver { from: arn(from)?, to: arn(to)? })
}

/// A redirect of one of the two sorts. AWS spells out the parts that stay.
fn redirect(config: &RedirectActionConfig) -> Option<Action> {
    let moved = |part: Option<&str>, same: &str| part.filter(|part| *part != same).map(str::to_owned);
    let (protocol, port) = (moved(config.protocol(), "#{protocol}"), moved(config.port(), "#{port}"));
    let (host, path) = (moved(config.host(), "#{host}"), moved(config.path(), "/#{path}"));
    let permanent = config.status_code() == Some(&Status::Http301);
    if moved(config.query(), "#{query}").is_some() {
        return None;
    }
    match (protocol.as_deref(), port, &host, &path) {
        (None, None, ..) => Some(Action::RedirectTo { host, path, permanent }),
        (Some("HTTPS"), Some(port), None, None) if permanent => {
            Some(Action::RedirectToHttps { port: port.parse().ok()? })
        }
        _ => None,
    }
}

fn fixed_response(config: &FixedResponseActionConfig) -> Option<Action> {
    Some(Action::FixedResponse {
        status: config.status_code()?.parse().ok()?,
        content_type: config.content_type().unwrap_or("text/plain").to_owned(),
        body: config.message_body().unwrap_or_default().to_owned(),
    })
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
        temporary.status_code = Some(Status::Http302);
        for config in [elsewhere, temporary] {
            assert_eq!(read(config), Action::Other("redirect".to_owned()));
        }
    }

    #[test]
    fn what_a_rule_does_is_read_back() {
        let moved = Action::RedirectTo { host: Some("example.com".to_owned()), path: None, permanent: false };
        let fixed = Action::FixedResponse {
            status: 403,
            content_type: "text/plain".to_owned(),
            body: "forbidden".to_owned(),
        };
        for action in [moved, fixed] {
            assert_eq!(Action::read(&action.wire()), action);
        }
    }

    #[test]
    fn a_group_without_targets_comes_beside_the_one_that_has_them() {
        let [old, new, newer] = ["old", "new", "newer"].map(TargetGroupArn::new);
        let forward = |group: &TargetGroupArn| Action::Forward(group.clone());
        let hand_over = |from: &TargetGroupArn, to: &TargetGroupArn| Action::HandOver {
            from: from.clone(),
            to: to.clone(),
        };
        let beside = forward(&new).meanwhile(&forward(&old));
        assert_eq!(beside, hand_over(&old, &new));
        assert_eq!(Action::read(&beside.wire()), beside);
        assert_eq!(forward(&new).meanwhile(&beside), beside);
        assert_eq!(forward(&newer).meanwhile(&beside), hand_over(&old, &newer));
        assert_eq!(forward(&old).meanwhile(&beside), beside, "until the targets have left the new one");
        assert_eq!(forward(&new).meanwhile(&forward(&new)), forward(&new));
        let redirect = Action::RedirectToHttps { port: 443 };
        assert_eq!(redirect.meanwhile(&forward(&old)), forward(&old));
        assert_eq!(redirect.meanwhile(&redirect), redirect);
        assert_eq!(forward(&new).meanwhile(&redirect), forward(&new));
    }

    #[test]
    fn a_forward_to_several_groups_is_another_action() {
        let split = Wire::builder().r#type(ActionTypeEnum::Forward).build();
        assert_eq!(Action::read(&split), Action::Other("forward".to_owned()));
    }
}
