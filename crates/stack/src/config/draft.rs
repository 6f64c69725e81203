//! The first configuration of an environment: what ships, and a file of its own with what was answered.

use std::fmt::Write as _;

use ipnet::Ipv4Net;

/// The files that all environments share, as they ship: their names and texts.
pub const SHARED: [(&str, &str); 2] = [
    ("default.toml", include_str!("../../../../config/default.toml")),
    ("schema.json", include_str!("../../../../config/schema.json")),
];

/// The smallest VPC that has room for five subnets of the sizes that AWS asks for.
pub const SMALLEST_VPC: u8 = 24;

/// The two zones that most regions have. The others are for the operator to name.
const ZONES: [char; 2] = ['a', 'b'];

/// How much smaller than the VPC a subnet is at least: there are five.
const SUBNETS: u8 = 3;

/// The usual size of a subnet.
const SUBNET: u8 = 24;

/// What is to differ from what ships.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The environment's name, such as `dev`.
    pub environment: String,
    /// What the names of resources begin with; two environments of one account must differ in it.
    pub name: Option<String>,
    /// Where it shall be.
    pub region: Option<String>,
    /// `dev` or `production`.
    pub profile: Option<String>,
    /// The only account in which it may be.
    pub account: Option<String>,
    /// The addresses of its VPC.
    pub vpc_cidr: Option<Ipv4Net>,
    /// What it runs.
    pub image: Option<String>,
}

impl Draft {
    /// The environment's own file.
    pub fn text(&self) -> String {
        let Self { environment, name, region, profile, account, vpc_cidr, image } = self;
        let mut text = format!(
            "#:schema schema.json\n# What differs from default.toml in {environment}. \
             `sidekick config show -e {environment}` prints every value that counts.\n\n"
        );
        let keys = [("name", name), ("region", region), ("profile", profile)];
        for (key, value) in keys.into_iter().filter_map(|(key, value)| Some((key, value.as_ref()?))) {
            let _ = writeln!(text, "{key} = {value:?}");
        }
        match account {
            Some(account) => {
                let _ = writeln!(text, "allowed_account_ids = [{account:?}]");
            }
            None => text.push_str(
                "# allowed_account_ids = [\"123456789012\"]   # a run in any other account stops\n",
            ),
        }
        let _ = writeln!(text, "\n[tags]\nEnv = {environment:?}");
        if let Some(region) = region {
            let _ = writeln!(text, "AWSRegion = {region:?}");
        }
        if region.is_some() || vpc_cidr.is_some() {
            text.push_str(&network(region.as_deref(), *vpc_cidr));
        }
        if let Some(image) = image {
            let _ = writeln!(text, "\n[service]\nimage = {image:?}");
        }
        text.push_str(PEERS);
        text
    }
}

const PEERS: &str = "
# Networks that may reach the service, one table each; default.toml says what else a peer may have.
# [[peers]]
# name = \"office\"
# cidr = \"10.102.0.0/16\"
# connection_id = \"pcx-0123456789abcdef0\"
";

/// The VPC, two private subnets, two for the load balancer, and one for the NAT gateway.
fn network(region: Option<&str>, vpc_cidr: Option<Ipv4Net>) -> String {
    let region = region.unwrap_or("us-west-2");
    let vpc = vpc_cidr.unwrap_or_else(|| Ipv4Net::new_assert([10, 0, 0, 0].into(), 16));
    let size = SUBNET.max(vpc.prefix_len() + SUBNETS).min(32);
    let mut blocks =
        vpc.subnets(size).into_iter().flatten().skip(usize::from(vpc.prefix_len() + SUBNETS < SUBNET));
    let mut subnet = |zone: char| {
        let block = blocks.next().map(|block| block.to_string()).unwrap_or_default();
        format!("    {{ cidr = {block:?}, zone = \"{region}{zone}\" }},\n")
    };
    let mut list = |zones: &[char]| zones.iter().map(|zone| subnet(*zone)).collect::<String>();
    let (private, alb, nat) = (list(&ZONES), list(&ZONES), list(&ZONES[..1]));
    format!(
        "\n[network]\nvpc_cidr = \"{vpc}\"\nprivate_subnets = [\n{private}]\nalb_subnets = [\n{alb}]\nnat_subnets = [\n{nat}]\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::load::load_texts;

    fn draft(draft: Draft) -> crate::config::Config {
        let text = Draft { environment: "staging".to_owned(), ..draft }.text();
        load_texts("staging", SHARED[0].1, &text).unwrap_or_else(|problems| panic!("{problems:?}\n{text}"))
    }

    #[test]
    fn whatever_was_answered_the_file_is_valid_and_says_it() {
        assert_eq!(draft(Draft::default()).tags["Env"], "staging");
        let config = draft(Draft {
            name: Some("gamma".to_owned()),
            region: Some("eu-west-1".to_owned()),
            profile: Some("production".to_owned()),
            account: Some("123456789012".to_owned()),
            vpc_cidr: Some("10.9.0.0/16".parse().unwrap()),
            image: Some("ghcr.io/acme/app:1".to_owned()),
            ..Draft::default()
        });
        assert_eq!((config.name.as_str(), config.region.as_str()), ("gamma", "eu-west-1"));
        assert_eq!(config.network.vpc_cidr.to_string(), "10.9.0.0/16");
        assert_eq!(config.network.private_subnets[0].zone, "eu-west-1a");
        assert_eq!(config.network.private_subnets[0].cidr.to_string(), "10.9.1.0/24");
        assert_eq!(config.service.image, "ghcr.io/acme/app:1");
        assert_eq!(config.allowed_account_ids.len(), 1);
        assert!(config.database.deletion_protection);
    }

    #[test]
    fn subnets_lie_in_the_vpc_whatever_its_size() {
        for prefix in 16..=SMALLEST_VPC {
            let vpc_cidr = Some(Ipv4Net::new([10, 9, 0, 0].into(), prefix).unwrap());
            let config = draft(Draft { vpc_cidr, ..Draft::default() });
            assert_eq!(config.network.private_subnets.len(), 2, "/{prefix}");
        }
    }
}
