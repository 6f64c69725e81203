//! Load balancer, target group and web ACL.

use super::{check, over_default};

#[test]
fn the_load_balancer_and_its_targets_are_checked() {
    check(&[
        (
            "[alb]\ninternal = false\nsubnet_routing = \"private\"",
            3,
            "alb.subnet_routing",
            "faces the internet",
        ),
        ("[alb]\ningress_ports = [80, 80]", 2, "alb.ingress_ports[1]", "is the same"),
        ("[alb]\ningress_ports = [0, 80]", 2, "alb.ingress_ports[0]", "from 1 to 65535"),
        ("[alb]\nlistener_port = 8080", 2, "alb.listener_port", "add 8080 to `alb.ingress_ports`"),
        ("[alb]\nidle_timeout_seconds = 0", 2, "alb.idle_timeout_seconds", "from 1 to 4000"),
        ("[alb]\ntls_policy = \"TLS13\"", 2, "alb.tls_policy", "not a security policy"),
        ("[alb]\ncertificate_arn = \"x\"", 2, "alb.certificate_arn", "is not an ARN"),
        (
            "[alb]\ncertificate_arn = \"arn:aws:acm:eu-west-1:123456789012:certificate/1-2\"",
            2,
            "alb.certificate_arn",
            "is in eu-west-1, and the environment in us-west-2",
        ),
        (
            "[alb]\ncertificate_arn = \"arn:aws:iam:us-west-2:123456789012:certificate/1-2\"",
            2,
            "alb.certificate_arn",
            "not the ARN of such a resource",
        ),
        (
            "[alb]\nlistener_port = 443\ncertificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/1-2\"",
            2,
            "alb.listener_port",
            "that of the HTTPS listener",
        ),
        (
            "[alb]\ningress_ports = [80]\ncertificate_arn = \"arn:aws:acm:us-west-2:123456789012:certificate/1-2\"",
            3,
            "alb.certificate_arn",
            "add 443",
        ),
        (
            "[target_group]\nderegistration_delay_seconds = 3601",
            2,
            "target_group.deregistration_delay_seconds",
            "3600",
        ),
        (
            "[target_group.health_check]\npath = \"health\"",
            2,
            "target_group.health_check.path",
            "is not a path",
        ),
        (
            "[target_group.health_check]\ninterval_seconds = 5\ntimeout_seconds = 5",
            3,
            "target_group.health_check.timeout_seconds",
            "shorter than `interval_seconds`",
        ),
        (
            "[target_group.health_check]\nhealthy_threshold = 1",
            2,
            "target_group.health_check.healthy_threshold",
            "from 2 to 10",
        ),
    ]);
}

#[test]
fn the_web_acl_is_checked() {
    check(&[
        (
            "[waf]\nmanaged_rule_groups = [{ vendor = \"AWS\", name = \"A\", priority = 2 },\n\
             { vendor = \"AWS\", name = \"B\" }]",
            3,
            "waf.managed_rule_groups[1]",
            "the priority of",
        ),
        (
            "[waf]\nrate_limit = { requests = 100, window_seconds = 60, priority = 1 }",
            2,
            "waf.rate_limit.priority",
            "the priority of",
        ),
        (
            "[waf]\nmanaged_rule_groups = [{ vendor = \"AWS\", name = \"A\" },\n{ vendor = \"AWS\", name = \"A\" }]",
            3,
            "waf.managed_rule_groups[1].name",
            "the name of",
        ),
        (
            "[waf]\nrate_limit = { requests = 9, window_seconds = 60, priority = 7 }",
            2,
            "waf.rate_limit.requests",
            "from 10 to 2000000",
        ),
        (
            "[waf]\nrate_limit = { requests = 10, window_seconds = 61, priority = 7 }",
            2,
            "waf.rate_limit.window_seconds",
            "use one of 60, 120, 300, 600",
        ),
        (
            "[waf]\nmanaged_rule_groups = [{ vendor = \"AWS\", name = \"A\", count_rules = [\"B\", \"B\"] }]",
            2,
            "waf.managed_rule_groups[0].count_rules[1]",
            "the rule of",
        ),
        (
            "[waf]\nmanaged_rule_groups = [{ vendor = \"AWS\", name = \"A\", count_rules = [\"Size Restrictions\"] }]",
            2,
            "waf.managed_rule_groups[0].count_rules[0]",
            "a rule name cannot have",
        ),
        ("[waf]\nallow_list = [\"203.0.113.7\"]", 2, "waf.allow_list[0]", "is not an IPv4 CIDR block"),
        ("[waf]\nallow_list = [\"0.0.0.0/0\"]", 2, "waf.allow_list[0]", "from /1 to /32"),
        ("[waf]\nallow_list = [\"10.0.0.0/8\", \"10.0.0.0/8\"]", 2, "waf.allow_list[1]", "is the same"),
        (
            "[waf]\nallow_list = [\"10.0.0.0/8\"]\nrate_limit = { requests = 100, window_seconds = 60, priority = 0 }",
            2,
            "waf.allow_list",
            "the priority of",
        ),
        ("[waf]\ndescription = \"it's ours; keep\"", 2, "waf.description", "cannot have a '\\''"),
        ("[waf]\nenabled = false\ndescription = \"x\"", 3, "waf.description", "3 to 256 characters"),
    ]);
}

#[test]
fn matchers_are_codes_and_ranges() {
    for matcher in ["200", "200-399", "200,202", "200,204,300-399", "499"] {
        let own = format!("target_group.health_check.matcher = \"{matcher}\"");
        assert!(over_default(&own).is_ok(), "{matcher}");
    }
    for matcher in
        ["", "2xx", "199", "500", "200-500", "399-200", "200-", "200,,201", "+200", "0200", "200 - 300"]
    {
        let own = format!("target_group.health_check.matcher = \"{matcher}\"");
        let problems = over_default(&own).expect_err(matcher);
        assert!(problems.problems()[0].message().contains("status codes"), "{matcher}");
    }
}

#[test]
fn the_public_load_balancer_is_checked() {
    check(&[
        ("[public_alb]\nenabled = true", 2, "public_alb.enabled", "`public_alb.allowed_cidrs` is empty"),
        (
            "[public_alb]\nallowed_cidrs = [\"0.0.0.0/0\"]",
            2,
            "public_alb.allowed_cidrs[0]",
            "allow_anywhere = true",
        ),
        (
            "[public_alb]\nallowed_cidrs = [\"203.0.113.7/24\"]",
            2,
            "public_alb.allowed_cidrs[0]",
            "203.0.113.0/24",
        ),
        (
            "[alb]\nsubnet_routing = \"private\"\n[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]",
            4,
            "public_alb.enabled",
            "set `alb.subnet_routing = \"public\"`",
        ),
        (
            "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]\nname = \"{name}-alb\"",
            4,
            "public_alb.name",
            "is the same",
        ),
        (
            "[public_alb]\nenabled = true\nallowed_cidrs = [\"203.0.113.0/24\"]\ntarget_group = \"{name}-tg\"",
            4,
            "public_alb.target_group",
            "is the same",
        ),
        ("[public_alb]\nidle_timeout_seconds = 0", 2, "public_alb.idle_timeout_seconds", "from 1 to 4000"),
        ("[public_alb]\ncertificate_arn = \"x\"", 2, "public_alb.certificate_arn", "is not an ARN"),
        ("[security]\npublic_alb_group = \"{name}-alb-sg\"", 2, "security.public_alb_group", "is the same"),
    ]);
    let anywhere =
        over_default("[public_alb]\nenabled = true\nallow_anywhere = true\nallowed_cidrs = [\"0.0.0.0/0\"]")
            .unwrap();
    assert_eq!(anywhere.public_alb.map(|public| public.alb.ingress_ports.len()), Some(1));
    // Its names are longer than those of the first one, which must be no limit for those who do not have it.
    assert!(over_default("name = \"a-name-of-26-characters-xyz\"").is_ok());
}

#[test]
fn rules_of_listeners_are_checked() {
    let rule = |more: &str| format!("[[alb.rules]]\npriority = 10\n{more}\n");
    let fixed = "action = { type = \"fixed_response\", status = 403 }";
    for (own, path, says) in [
        (rule(fixed), "alb.rules[0]", "has no condition"),
        (
            rule(&format!("path_patterns = [\"/a\", \"/b\", \"/c\", \"/d\", \"/e\", \"/f\"]\n{fixed}")),
            "alb.rules[0]",
            "6 patterns",
        ),
        (
            rule(&format!("path_patterns = [\"a b\"]\n{fixed}")),
            "alb.rules[0].path_patterns[0]",
            "pattern of paths",
        ),
        (
            rule(&format!("host_headers = [\"Example.com\"]\n{fixed}")),
            "alb.rules[0].host_headers[0]",
            "in lower case",
        ),
        (
            rule(&format!("host_headers = [\"a.com\", \"a.com\"]\n{fixed}")),
            "alb.rules[0].host_headers[1]",
            "is the same",
        ),
        (
            rule("path_patterns = [\"/a\"]\naction = { type = \"fixed_response\", status = 301 }"),
            "alb.rules[0].action.status",
            "cannot have the status 301",
        ),
        (
            rule("path_patterns = [\"/a\"]\naction = { type = \"redirect\", status = 301 }"),
            "alb.rules[0].action",
            "would never end",
        ),
        (
            rule(
                "path_patterns = [\"/a\"]\naction = { type = \"redirect\", status = 301, host = \"*.a.com\" }",
            ),
            "alb.rules[0].action.host",
            "is not a host",
        ),
        (
            rule("path_patterns = [\"/a\"]\naction = { type = \"redirect\", status = 301, path = \"/b/*\" }"),
            "alb.rules[0].action.path",
            "#{path} stands for",
        ),
        (
            rule("path_patterns = [\"/a\"]\naction = { type = \"redirect\", status = 307, path = \"/b\" }"),
            "alb.rules[0].action.status",
            "use one of 301, 302",
        ),
        (
            rule("path_patterns = [\"/a\"]\naction = { type = \"drop\" }"),
            "alb.rules[0].action.type",
            "fixed_response",
        ),
        (
            format!("{0}{0}", rule(&format!("path_patterns = [\"/a\"]\n{fixed}"))),
            "alb.rules[1].priority",
            "the priority of",
        ),
    ] {
        let problems = over_default(&own).expect_err(&own);
        let [problem] = problems.problems() else {
            panic!("one problem, not {:?} in:\n{own}", problems.problems())
        };
        let text = format!("{} -- {}", problem.message(), problem.hint());
        assert!(problem.path() == path && text.contains(says), "{}: {text}, for:\n{own}", problem.path());
    }
}
