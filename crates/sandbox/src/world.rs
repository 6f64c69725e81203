//! The simulated AWS account: plain data with its clock inside.

use std::collections::BTreeMap;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::call::Refusal;
use crate::duration::Spread;
use crate::fault::Faults;
use crate::rate::Level;
use crate::sealed::SealingKey;
use crate::seed::{fraction, mix, uuid};
use crate::service::SERVICES;
use crate::shared::Shared;

/// Everything there is. Tables are sorted maps, because iteration order must never depend on a hash.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct World {
    /// The shape of this data; a newer one is refused by name.
    pub(crate) format: u32,
    pub(crate) seed: u64,
    /// Counts whatever was drawn from the seed by things: ids, durations.
    drawn: u64,
    /// Counts the calls, which draw their ids, delays and faults from it.
    pub(crate) calls: u64,
    /// Simulated unix seconds.
    pub(crate) now: f64,
    pub(crate) account: String,
    pub(crate) region: String,
    /// Whether something was made in the region, which cannot change from then on.
    pub(crate) is_settled: bool,
    pub(crate) faults: Faults,
    /// Who makes the call at hand.
    #[serde(skip)]
    pub(crate) caller: Caller,
    /// What is left of the rate limits, by their row.
    #[serde(default)]
    pub(crate) levels: BTreeMap<usize, Level>,
    /// Client tokens with what they were first used for.
    pub(crate) tokens: Shared<BTreeMap<String, TokenUse>>,
    /// Never saved with the world that it seals.
    #[serde(skip)]
    pub(crate) sealing_key: SealingKey,
    pub(crate) ec2: Shared<crate::ec2::Ec2>,
    #[serde(default)]
    pub(crate) rds: Shared<crate::rds::Rds>,
    #[serde(default)]
    pub(crate) elasticache: Shared<crate::elasticache::ElastiCache>,
    #[serde(default)]
    pub(crate) secretsmanager: Shared<crate::secretsmanager::SecretsManager>,
    #[serde(default)]
    pub(crate) iam: Shared<crate::iam::Iam>,
    #[serde(default)]
    pub(crate) logs: Shared<crate::logs::Logs>,
    #[serde(default)]
    pub(crate) elbv2: Shared<crate::elbv2::LoadBalancing>,
    #[serde(default)]
    pub(crate) wafv2: Shared<crate::wafv2::Waf>,
    #[serde(default)]
    pub(crate) ecs: Shared<crate::ecs::Ecs>,
    #[serde(default)]
    pub(crate) ecr: Shared<crate::ecr::Ecr>,
    #[serde(default)]
    pub(crate) applicationautoscaling: Shared<crate::applicationautoscaling::ApplicationAutoScaling>,
}

/// An account, and the region in which it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Caller {
    pub(crate) account: String,
    pub(crate) region: String,
}

/// The first use of a client token.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TokenUse {
    pub(crate) params: Map<String, Value>,
    pub(crate) answer: Value,
}

impl World {
    /// The newest shape of the data.
    pub(crate) const FORMAT: u32 = 1;

    /// An empty account.
    pub(crate) fn new(seed: u64, now: f64) -> Self {
        Self {
            format: Self::FORMAT,
            seed,
            drawn: 0,
            calls: 0,
            now,
            account: "123456789012".to_owned(),
            region: "us-west-2".to_owned(),
            is_settled: false,
            faults: Faults::default(),
            caller: Caller::default(),
            levels: BTreeMap::new(),
            tokens: Shared::default(),
            sealing_key: SealingKey::default(),
            ec2: Shared::default(),
            rds: Shared::default(),
            elasticache: Shared::default(),
            secretsmanager: Shared::default(),
            iam: Shared::default(),
            logs: Shared::default(),
            elbv2: Shared::default(),
            wafv2: Shared::default(),
            ecs: Shared::default(),
            ecr: Shared::default(),
            applicationautoscaling: Shared::default(),
        }
    }

    /// Moves on to `now` and lets every service do what time has brought.
    pub(crate) fn advance(&mut self, now: f64) {
        self.now = self.now.max(now);
        SERVICES.iter().for_each(|service| (service.settle)(self));
    }

    /// A new id in EC2's form, such as `vpc-0f3b6c41d2a89e507`.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{}", self.hex())
    }

    /// Sixteen hexadecimal digits that never come again.
    pub(crate) fn hex(&mut self) -> String {
        format!("{:016x}", self.draw())
    }

    /// A UUID that never comes again.
    pub(crate) fn uuid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        uuid(high, low)
    }

    /// Sixty-four bits that never come again.
    pub(crate) fn draw(&mut self) -> u64 {
        self.drawn += 1;
        mix(self.seed, self.drawn)
    }

    /// How long something takes this time.
    pub(crate) fn takes(&mut self, spread: impl Into<Spread>) -> f64 {
        spread.into().at(self.chance()) * (1.0 + self.faults.slowdown)
    }

    /// Whether a new thing of this kind ends in its failure state.
    pub(crate) fn fails(&mut self, kind: &str) -> bool {
        // Nothing is drawn where nothing can happen, so that a seed without faults stays as it is.
        let probability = self.faults.failure;
        self.faults.failing.contains(kind) || (probability > 0.0 && self.chance() < probability)
    }

    /// Refuses with this code if AWS has no room for what the call at hand asks for.
    pub(crate) fn refuse_without_capacity(&self, code: &'static str) -> Result<(), Refusal> {
        if !self.faults.lacks_capacity(self.calls) {
            return Ok(());
        }
        Err(Refusal::injected(code, "There is not enough capacity for what was asked for.", 400))
    }

    /// A number from 0 (included) to 1 (excluded) that never comes again.
    fn chance(&mut self) -> f64 {
        self.drawn += 1;
        fraction(self.seed, self.drawn)
    }

    /// An ARN in this account and region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// The ARN of whoever calls with the account's own credentials.
    pub(crate) fn user(&self) -> String {
        format!("arn:aws:iam::{}:user/sandbox", self.account)
    }

    /// Whether a thing made at `created` is still hidden from describe calls.
    pub(crate) fn hides(&self, created: f64) -> bool {
        created + self.faults.hidden_seconds > self.now
    }
}

/// A time as XML answers write it.
pub(crate) fn timestamp(seconds: f64) -> String {
    let time = DateTime::from_millis((seconds * 1000.0) as i64);
    // Only years beyond 9999 cannot be written.
    time.fmt(Format::DateTime).unwrap_or_default()
}
