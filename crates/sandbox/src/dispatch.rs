//! From a call to its answer: everything that is the same for all operations.

use crate::call::{Answer, Call, Reason, Refusal};
use crate::params::{Params, Trace};
use crate::service::{Handler, Operation, Protocol, Service};
use crate::world::{Caller, TokenUse, World};

/// Lets a call take effect, or refuses it and leaves the world as it was.
pub(crate) fn dispatch(world: &mut World, service: &'static Service, call: &Call) -> Answer {
    let known = service.operation(&call.operation);
    if !known.is_some_and(|operation| operation.is_shared) {
        check_account(world, service, call)?;
        check_region(world, service, call)?;
    }
    let account = call.account.clone().unwrap_or_else(|| world.account.clone());
    world.caller = Caller { account, region: call.region.clone() };
    let operation = known.ok_or_else(|| unknown_operation(service, call))?;
    let trace = Trace::default();
    let params = Params::new(&call.params, &trace, service.dialect);
    let is_dry_run =
        matches!(service.protocol, Protocol::Ec2Query { .. }) && params.flag("DryRun")? == Some(true);
    let mut trial;
    let answer = match operation.handler {
        Handler::Reads(handler) => {
            let answer = handler(world, &params)?;
            refuse_unread(call, &params)?;
            return if is_dry_run { Err(dry_run()) } else { Ok(answer) };
        }
        Handler::Mutates(handler) => {
            trial = world.clone();
            trial.is_settled |= !is_global(service);
            mutate(&mut trial, service, operation, handler, call, &params)?
        }
    };
    if is_dry_run {
        return Err(dry_run());
    }
    *world = trial;
    // What a change sets going begins at the time of the change, and not when somebody looks next.
    world.advance(world.now);
    Ok(answer)
}

/// Calls the handler, unless the call's client token says that this was done before.
fn mutate(
    world: &mut World,
    service: &Service,
    operation: &Operation,
    handler: fn(&mut World, &Params) -> Answer,
    call: &Call,
    params: &Params,
) -> Answer {
    let token = operation.token.map_or(Ok(None), |parameter| params.text_if(parameter))?;
    let Some((parameter, token)) = operation.token.zip(token) else {
        let answer = handler(world, params)?;
        return refuse_unread(call, params).map(|()| answer);
    };
    let mut unmarked = call.params.clone();
    unmarked.remove(parameter);
    let key = format!("{}/{}/{token}", service.name, operation.name);
    if let Some(used) = world.tokens.get(&key) {
        let words = format!("The client token '{token}' was used before with other parameters.");
        let mismatch = || Refusal::illegal(service.dialect.token_mismatch, words);
        return if used.params == unmarked { Ok(used.answer.clone()) } else { Err(mismatch()) };
    }
    let answer = handler(world, params)?;
    refuse_unread(call, params)?;
    world.tokens.insert(key, TokenUse { params: unmarked, answer: answer.clone() });
    Ok(answer)
}

/// The refusal of a dry run that would have succeeded.
fn dry_run() -> Refusal {
    let words = "Request would have succeeded, but DryRun flag is set.";
    Refusal { reason: Reason::DryRun, ..Refusal::illegal("DryRunOperation", words).status(412) }
}

/// A setting that nobody looked at must not seem applied.
fn refuse_unread(call: &Call, params: &Params) -> Result<(), Refusal> {
    match params.unread() {
        Some(path) => {
            let words = format!(
                "the sandbox does not model parameter {path} of {} with these values",
                call.operation
            );
            Err(Refusal::illegal("SandboxUnsupportedParameter", words))
        }
        None => Ok(()),
    }
}

/// Whether a service is the same in all regions.
fn is_global(service: &Service) -> bool {
    matches!(service.name, "iam" | "sts")
}

/// A world is one account, which shares only peering connections with others.
fn check_account(world: &World, service: &Service, call: &Call) -> Result<(), Refusal> {
    let Some(account) = call.account.as_ref().filter(|account| **account != world.account) else {
        return Ok(());
    };
    let words = format!(
        "account {account} is not authorized to perform {}:{}: the sandbox is account {}.",
        service.name, call.operation, world.account
    );
    Err(Refusal::illegal("UnauthorizedOperation", words).status(403))
}

/// A world is one region: that of the first call which makes something in it.
fn check_region(world: &mut World, service: &Service, call: &Call) -> Result<(), Refusal> {
    if is_global(service) || call.region == world.region {
        return Ok(());
    }
    if !world.is_settled {
        world.region.clone_from(&call.region);
        return Ok(());
    }
    let words = format!(
        "Credential should be scoped to a valid region, not '{}': the sandbox is in {}.",
        call.region, world.region
    );
    Err(Refusal::illegal("SignatureDoesNotMatch", words).status(403))
}

fn unknown_operation(service: &Service, call: &Call) -> Refusal {
    let words = format!(
        "The action {} is not valid for this web service: the sandbox does not model it.",
        call.operation
    );
    Refusal::illegal(service.dialect.unknown_operation, words)
}
