//! A service as a static row: how it speaks, and the table of its operations.

use serde_json::Value;

use crate::call::{Answer, Refusal};
use crate::params::{Params, Trace};
use crate::reference::Reference;
use crate::world::World;

/// All simulated services, in the order in which time passes for them. ECS goes first: its scheduler looks back at
/// what was there at the time of each of its steps, before the others forget what is gone.
pub(crate) static SERVICES: &[&Service] = &[
    &crate::ecs::SERVICE,
    &crate::ec2::SERVICE,
    &crate::elbv2::SERVICE,
    &crate::wafv2::SERVICE,
    &crate::sts::SERVICE,
    &crate::iam::SERVICE,
    &crate::logs::SERVICE,
    &crate::secretsmanager::SERVICE,
    &crate::rds::SERVICE,
    &crate::elasticache::SERVICE,
    &crate::ecr::SERVICE,
    &crate::applicationautoscaling::SERVICE,
    &crate::acm::SERVICE,
    &crate::servicequotas::SERVICE,
];

/// One simulated service.
pub(crate) struct Service {
    /// The signing name, by which requests find it.
    pub(crate) name: &'static str,
    pub(crate) protocol: Protocol,
    pub(crate) dialect: &'static Dialect,
    pub(crate) operations: &'static [Operation],
    /// Does what has become due by `world.now`: forgets what is gone, and so on.
    pub(crate) settle: fn(&mut World),
    /// Everything in this service that refers to something else.
    pub(crate) references: fn(&World) -> Vec<Reference>,
}

impl Service {
    /// The service with this signing name.
    pub(crate) fn named(name: &str) -> Option<&'static Self> {
        SERVICES.iter().find(|service| service.name == name).copied()
    }

    /// The operation with this name.
    pub(crate) fn operation(&self, name: &str) -> Option<&'static Operation> {
        self.operations.iter().find(|operation| operation.name == name)
    }
}

/// Lets one service look at another one in the way of a client.
pub(crate) fn ask(world: &World, service: &str, operation: &str, params: Value) -> Answer {
    let unknown = || Refusal::illegal("InvalidAction", format!("nothing answers {service}:{operation}"));
    let service = Service::named(service).ok_or_else(unknown)?;
    let known = service.operation(operation).ok_or_else(unknown)?;
    let (Handler::Reads(handler), Value::Object(params)) = (known.handler, params) else {
        return Err(unknown());
    };
    handler(world, &Params::new(&params, &Trace::default(), service.dialect))
}

/// How a service's requests and answers look on the wire.
#[derive(Clone, Copy)]
pub(crate) enum Protocol {
    /// EC2's own query protocol: flat lists in, `item` lists and its own error form out.
    Ec2Query { namespace: &'static str },
    /// The query protocol of the older services; `item` names the elements of an answer's list by the list's name.
    AwsQuery { namespace: &'static str, item: fn(&str) -> &'static str },
    /// JSON 1.1 with the operation in `x-amz-target`.
    AwsJson,
}

/// A service's error codes for what is refused before or around its handlers.
pub(crate) struct Dialect {
    /// A required parameter is absent.
    pub(crate) missing: &'static str,
    /// A parameter has a value that is not taken.
    pub(crate) invalid: &'static str,
    /// There is no such operation.
    pub(crate) unknown_operation: &'static str,
    /// Too many calls.
    pub(crate) throttled: &'static str,
    pub(crate) throttled_words: &'static str,
    pub(crate) throttled_status: u16,
    /// A failure of the service itself.
    pub(crate) internal: &'static str,
    /// A client token came back with other parameters.
    pub(crate) token_mismatch: &'static str,
}

/// One operation of a service.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) handler: Handler,
    /// The parameter that carries a client token.
    pub(crate) token: Option<&'static str>,
    /// Whether other accounts and regions may call it, for things that belong to two of them.
    pub(crate) is_shared: bool,
}

/// What an operation does. A mutating handler that refuses leaves no trace in the world.
#[derive(Clone, Copy)]
pub(crate) enum Handler {
    Reads(fn(&World, &Params) -> Answer),
    Mutates(fn(&mut World, &Params) -> Answer),
}

/// The row of an operation that only looks.
pub(crate) const fn reads(name: &'static str, handler: fn(&World, &Params) -> Answer) -> Operation {
    Operation { name, handler: Handler::Reads(handler), token: None, is_shared: false }
}

/// The row of an operation that changes the world.
pub(crate) const fn mutates(name: &'static str, handler: fn(&mut World, &Params) -> Answer) -> Operation {
    Operation { name, handler: Handler::Mutates(handler), token: None, is_shared: false }
}

impl Operation {
    /// Makes the operation idempotent by the client token in this parameter.
    pub(crate) const fn token(self, parameter: &'static str) -> Self {
        Self { token: Some(parameter), ..self }
    }

    /// Lets other accounts and regions call the operation.
    pub(crate) const fn shared(self) -> Self {
        Self { is_shared: true, ..self }
    }

    /// Whether the operation changes the world.
    pub(crate) fn is_mutating(&self) -> bool {
        matches!(self.handler, Handler::Mutates(_))
    }
}

impl Dialect {
    /// What most query services say.
    pub(crate) const QUERY: Self = Self {
        missing: "MissingParameter",
        invalid: "InvalidParameterValue",
        unknown_operation: "InvalidAction",
        throttled: "Throttling",
        throttled_words: "Rate exceeded",
        throttled_status: 400,
        internal: "InternalFailure",
        token_mismatch: "IdempotentParameterMismatch",
    };
}
