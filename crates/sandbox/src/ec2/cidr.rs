//! CIDR blocks as AWS takes them: IPv4, made canonical, from /16 to /28.

use ipnet::Ipv4Net;

use crate::call::Refusal;
use crate::params::Params;

/// Reads the block of a VPC or a subnet; `range` is the code for a block of the wrong size.
pub(crate) fn read(params: &Params, name: &str, range: &'static str) -> Result<Ipv4Net, Refusal> {
    let text = params.text(name)?;
    let block = parse(text).ok_or_else(|| params.invalid(name, text, "This is not a valid CIDR block."))?;
    if (16..=28).contains(&block.prefix_len()) {
        Ok(block)
    } else {
        Err(Refusal::illegal(range, format!("The CIDR '{text}' is invalid.")))
    }
}

/// Any block, with the bits behind its prefix cleared.
pub(crate) fn parse(text: &str) -> Option<Ipv4Net> {
    text.parse::<Ipv4Net>().ok().map(|block| block.trunc())
}
