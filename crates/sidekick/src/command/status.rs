//! `sidekick status`: the environment at a glance, and who can reach whom in it.

use serde::de::DeserializeOwned;
use serde_json::Value;
use sidekick_aws::{KINDS, ec2, ecs, elasticache, rds};
use sidekick_engine::{Address, Contents, Fault, look, patiently};
use sidekick_stack::access::{self, Seen};
use sidekick_stack::outputs;
use sidekick_stack::promises::promises;
use sidekick_stack::reachability::Environment;

use crate::args::Global;
use crate::error::Error;
use crate::printer::Printer;
use crate::render::{self, Glance};
use crate::session::{Session, load_config};
use crate::state_file::recorded;

/// The exit code when something is not as it should be.
const UNWELL: u8 = 1;

/// With `check`, only the promises of the configuration count, and what is not on record keeps none: the state file may be
/// lost, or another environment be meant.
pub(crate) async fn status(global: &Global, printer: &Printer, check: bool) -> Result<u8, Error> {
    let Some(contents) = recorded(global)?.filter(|contents| !contents.rows.is_empty()) else {
        render::nothing_on_record(printer, &global.state_file());
        if check {
            render::nothing_checked(printer);
        }
        return Ok(if check { UNWELL } else { 0 });
    };
    let config = load_config(global)?;
    let (session, facts) = Session::open(global, &config).await?;
    let survey = async { Ok(look(&session.aws, KINDS, session.clock, &contents).await?) };
    let (survey, around) = tokio::try_join!(survey, Around::read(&session, &contents))?;
    let environment = Environment::standing(&contents, &survey).amid(&around.network);
    let outputs_of = |address: &Address| survey.outputs(address).cloned();
    let seen =
        Seen { environment: &environment, state: &|address| survey.state(address), outputs: &outputs_of };
    let glance = Glance {
        contents: &contents,
        survey: &survey,
        service: around.service,
        database: around.database,
        cache: around.cache,
        drift: survey.drift(KINDS, &contents).map_err(Error::Aws)?,
        pending: access::pending(&config, &facts, &outputs_of),
        access: access::access(&config, &facts, &seen, &outputs::outputs(&contents.rows)),
        promises: promises(&config, &facts, &seen),
    };
    render::status(printer, &glance);
    let is_good = if check { glance.promises.iter().all(|it| it.kept) } else { glance.is_well() };
    Ok(if is_good { 0 } else { UNWELL })
}

/// What no resource on record tells by itself.
struct Around {
    network: ec2::Surroundings,
    service: Option<ecs::ServiceStanding>,
    database: Option<rds::InstanceStanding>,
    cache: Option<elasticache::GroupStanding>,
}

impl Around {
    /// Reads all of it at once.
    async fn read(session: &Session, contents: &Contents) -> Result<Self, Error> {
        let Session { aws, clock, .. } = session;
        let network = async {
            let Some(vpc) = identity(contents, "network.vpc") else {
                return Ok(ec2::Surroundings::default());
            };
            patiently(*clock, || ec2::surroundings(aws, &vpc)).await
        };
        let service = async {
            let Some(id) = identity(contents, "compute.service") else { return Ok(None) };
            patiently(*clock, || ecs::standing(aws, &id)).await
        };
        let database = async {
            let Some(id) = identity(contents, "data.postgres") else { return Ok(None) };
            patiently(*clock, || rds::standing(aws, &id)).await
        };
        let cache = async {
            let Some(id) = identity(contents, "data.redis") else { return Ok(None) };
            patiently(*clock, || elasticache::standing(aws, &id)).await
        };
        let read = async { tokio::try_join!(network, service, database, cache) };
        let (network, service, database, cache) = read.await.map_err(|fault: Fault| Error::Aws(fault))?;
        Ok(Self { network, service, database, cache })
    }
}

/// The identity on record of what stands at an address.
fn identity<T: DeserializeOwned>(contents: &Contents, address: &str) -> Option<T> {
    let id: &Value = contents.rows.get(&Address::from(address))?.id.as_ref()?;
    T::deserialize(id).ok()
}
