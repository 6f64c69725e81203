//! What a listener or a rule does with a request: forward it, redirect it, or answer it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::call::Refusal;
use crate::params::Params;
use crate::world::World;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Action {
    Forward {
        target_group: String,
    },
    /// To several target groups, each with its weight.
    Split {
        groups: Vec<(String, i64)>,
    },
    Redirect {
        protocol: String,
        port: String,
        host: String,
        path: String,
        query: String,
        code: String,
    },
    FixedResponse {
        status: String,
        content_type: String,
        body: String,
    },
}

/// The most target groups of one action, and the most weight of one.
const GROUPS: usize = 5;
const WEIGHT: i64 = 999;

/// The types of a fixed response's body.
const CONTENT_TYPES: &[&str] =
    &["text/plain", "text/css", "text/html", "application/javascript", "application/json"];

impl Action {
    /// The target groups that it names, those with a weight of zero as well.
    pub(super) fn target_groups(&self) -> Vec<&str> {
        match self {
            Self::Forward { target_group } => vec![target_group],
            Self::Split { groups } => groups.iter().map(|(group, _)| group.as_str()).collect(),
            Self::Redirect { .. } | Self::FixedResponse { .. } => Vec::new(),
        }
    }

    /// Whether it names this target group: its targets are checked then, whatever its weight.
    pub(super) fn forwards_to(&self, wanted: &str) -> bool {
        self.target_groups().contains(&wanted)
    }

    /// The action as answers show it.
    pub(super) fn view(&self) -> Value {
        match self {
            Self::Forward { target_group } => json!({
                "Type": "forward",
                "TargetGroupArn": target_group,
                "ForwardConfig": {
                    "TargetGroups": [{ "TargetGroupArn": target_group, "Weight": 1 }],
                    "TargetGroupStickinessConfig": { "Enabled": false },
                },
            }),
            Self::Split { groups } => {
                let tuple =
                    |(group, weight): &(String, i64)| json!({ "TargetGroupArn": group, "Weight": weight });
                json!({
                    "Type": "forward",
                    "ForwardConfig": {
                        "TargetGroups": groups.iter().map(tuple).collect::<Value>(),
                        "TargetGroupStickinessConfig": { "Enabled": false },
                    },
                })
            }
            Self::Redirect { protocol, port, host, path, query, code } => json!({
                "Type": "redirect",
                "RedirectConfig": {
                    "Protocol": protocol, "Port": port, "Host": host,
                    "Path": path, "Query": query, "StatusCode": code,
                },
            }),
            Self::FixedResponse { status, content_type, body } => json!({
                "Type": "fixed-response",
                "FixedResponseConfig": {
                    "StatusCode": status, "ContentType": content_type, "MessageBody": body,
                },
            }),
        }
    }
}

/// The one action that a call names in this list.
pub(super) fn read(world: &World, params: &Params, list: &str) -> Result<Action, Refusal> {
    let actions = params.objects(list)?;
    let [action] = actions.as_slice() else {
        let words = "There must be exactly one action that forwards, redirects or answers";
        return Err(Refusal::illegal("ValidationError", words));
    };
    // A single action has no order to be in.
    action.ignore(&["Order"]);
    match action.text("Type")? {
        "forward" => read_forward(world, action),
        "redirect" => read_redirect(action),
        "fixed-response" => read_fixed_response(action),
        other => {
            Err(params.invalid("Type", other, "The sandbox models forward, redirect and fixed-response."))
        }
    }
}

fn read_forward(world: &World, action: &Params) -> Result<Action, Refusal> {
    let mut groups = match action.object("ForwardConfig")? {
        Some(config) => read_groups(&config)?,
        None => Vec::new(),
    };
    if let Some(named) = action.text_if("TargetGroupArn")? {
        // Answers name a single group in both ways, and what was answered may be sent back.
        if groups.iter().any(|(group, _)| group != named) || groups.len() > 1 {
            let words = "You must specify either a target group ARN or a ForwardConfig, not both";
            return Err(Refusal::illegal("ValidationError", words));
        }
        groups = vec![(named.to_owned(), 1)];
    }
    groups.iter().try_for_each(|(group, _)| super::target_group::find(world, group).map(drop))?;
    match groups.as_slice() {
        [] => Err(action.missing("TargetGroupArn")),
        [(group, _)] => Ok(Action::Forward { target_group: group.clone() }),
        _ => Ok(Action::Split { groups }),
    }
}

/// The target groups of a forward that names them with their weights.
fn read_groups(config: &Params) -> Result<Vec<(String, i64)>, Refusal> {
    if let Some(stickiness) = config.object("TargetGroupStickinessConfig")?
        && stickiness.flag("Enabled")? == Some(true)
    {
        return Err(config.invalid("TargetGroupStickinessConfig", true, "The sandbox does not model it."));
    }
    let mut groups: Vec<(String, i64)> = Vec::new();
    for group in config.objects("TargetGroups")? {
        let (arn, weight) = (group.text("TargetGroupArn")?, group.number("Weight")?.unwrap_or(1));
        if !(0..=WEIGHT).contains(&weight) {
            return Err(group.invalid("Weight", weight, "It must be between 0 and 999."));
        }
        if groups.iter().any(|(other, _)| other == arn) {
            let words = "A target group may be named only once in an action";
            return Err(Refusal::illegal("ValidationError", words));
        }
        groups.push((arn.to_owned(), weight));
    }
    if groups.len() > GROUPS {
        return Err(Refusal::illegal(
            "TooManyTargetGroups",
            "An action forwards to 5 target groups at the most",
        ));
    }
    Ok(groups)
}

fn read_redirect(action: &Params) -> Result<Action, Refusal> {
    let config = action.object("RedirectConfig")?.ok_or_else(|| action.missing("RedirectConfig"))?;
    let part = |name: &str, default: &str| Ok(config.text_if(name)?.unwrap_or(default).to_owned());
    let redirect = Action::Redirect {
        protocol: part("Protocol", "#{protocol}")?,
        port: part("Port", "#{port}")?,
        host: part("Host", "#{host}")?,
        path: part("Path", "/#{path}")?,
        query: part("Query", "#{query}")?,
        code: config.text("StatusCode")?.to_owned(),
    };
    let Action::Redirect { protocol, port, host, path, code, .. } = &redirect else { return Ok(redirect) };
    let keeps = [protocol.as_str(), port, host, path] == ["#{protocol}", "#{port}", "#{host}", "/#{path}"];
    let refuse = |words: &str| Err(Refusal::illegal("InvalidLoadBalancerAction", words));
    if keeps {
        return refuse("The redirect configuration is not valid because it creates a loop.");
    }
    if !matches!(code.as_str(), "HTTP_301" | "HTTP_302") {
        return refuse("A redirect must have the status code HTTP_301 or HTTP_302.");
    }
    Ok(redirect)
}

fn read_fixed_response(action: &Params) -> Result<Action, Refusal> {
    let config = action.object("FixedResponseConfig")?;
    let config = config.ok_or_else(|| action.missing("FixedResponseConfig"))?;
    let (status, body) = (config.text("StatusCode")?, config.text_if("MessageBody")?.unwrap_or_default());
    let content_type = config.text_if("ContentType")?.unwrap_or("text/plain");
    let is_status = status.len() == 3
        && status.starts_with(['2', '4', '5'])
        && status.chars().all(|c| c.is_ascii_digit());
    let refuse = |words: String| Err(Refusal::illegal("InvalidLoadBalancerAction", words));
    if !is_status {
        return refuse(format!("The status code '{status}' of a fixed response must be 2XX, 4XX or 5XX"));
    }
    if body.len() > 1024 || !CONTENT_TYPES.contains(&content_type) {
        return refuse("The body of a fixed response, or its type, is not valid".to_owned());
    }
    let [status, content_type, body] = [status, content_type, body].map(str::to_owned);
    Ok(Action::FixedResponse { status, content_type, body })
}
