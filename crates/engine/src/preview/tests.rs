use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{Accepted, Diff, Handle, Intent, Live, Mark, Observed, Owner, Ready, Resource, Result};

/// A spec of whatever form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
struct Thing(Value);

/// Outputs of every form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Outputs {
    text: String,
    number: u16,
    flag: bool,
    option: Option<String>,
    list: Vec<String>,
    map: BTreeMap<String, u8>,
}

impl Resource for Thing {
    const KIND: &'static str = "thing";

    type Cloud = ();
    type Id = String;
    type Outputs = Outputs;

    fn diff(&self, actual: &Self) -> Diff {
        let names = self.0.as_object().into_iter().flat_map(|fields| fields.keys());
        names.fold(Diff::default(), |diff, name| diff.mutable(name, &self.0[name], &actual.0[name]))
    }

    async fn find(&self, (): &(), _: &Mark) -> Result<Option<String>> {
        Ok(None)
    }

    async fn observe(&self, (): &(), _: &String) -> Result<Observed<Self>> {
        let outputs = outputs("observed");
        Ok(Observed::Steady(Live { actual: self.clone(), outputs, owner: Owner::Parent }))
    }

    async fn create(&self, (): &(), _: &Intent) -> Result<String> {
        Ok(String::new())
    }

    async fn update(&self, _: &Self, (): &(), _: &String, _: &Intent) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, (): &(), _: &String, _: &Intent) -> Result<()> {
        Ok(())
    }
}

/// The outputs of a thing that stands.
fn outputs(name: &str) -> Outputs {
    Outputs {
        text: format!("{name}-text"),
        number: 0,
        flag: true,
        option: None,
        list: vec![name.to_owned()],
        map: BTreeMap::new(),
    }
}

const PRODUCERS: [&str; 3] = ["a.one", "a.three", "a.two"];

/// What a value of a spec is made of. Numbers are places among the producers.
#[derive(Clone, Debug)]
enum Piece {
    Given(Value),
    Id(usize),
    Text(usize),
    Around(usize),
    Number(usize),
    Flag(usize),
    Option(usize),
    List(usize),
    Map(usize),
    /// Given items with those of an output between them.
    Spliced(usize),
    /// Identities and given texts in their order.
    Sorted(BTreeSet<usize>),
    /// An entry that is there if an output is.
    Perhaps(usize),
    Items(Vec<Self>),
    Entries(BTreeMap<String, Self>),
}

/// What a spec is given: the identity and the outputs of each producer.
type Values = Vec<(String, Outputs)>;

impl Piece {
    fn value(&self, values: &Values) -> Value {
        let of = |producer: &usize| &values[*producer].1;
        match self {
            Self::Given(value) => value.clone(),
            Self::Id(producer) => json!(values[*producer].0),
            Self::Text(producer) => json!(of(producer).text),
            Self::Around(producer) => json!(format!("arn:{}:*", of(producer).text)),
            Self::Number(producer) => json!(of(producer).number),
            Self::Flag(producer) => json!(of(producer).flag),
            Self::Option(producer) => json!(of(producer).option),
            Self::List(producer) => json!(of(producer).list),
            Self::Map(producer) => json!(of(producer).map),
            Self::Spliced(producer) => {
                let between = of(producer).list.iter().map(String::as_str);
                json!(["first"].into_iter().chain(between).chain(["last"]).collect::<Vec<_>>())
            }
            Self::Sorted(producers) => {
                let ids = producers.iter().map(|producer| values[*producer].0.as_str());
                json!(ids.chain(GIVEN).collect::<BTreeSet<_>>())
            }
            Self::Perhaps(producer) => {
                let entry = of(producer).option.as_ref().map(|value| ("entry", value));
                json!(entry.into_iter().collect::<BTreeMap<_, _>>())
            }
            Self::Items(items) => items.iter().map(|item| item.value(values)).collect(),
            Self::Entries(entries) => {
                json!(entries.iter().map(|(name, it)| (name, it.value(values))).collect::<BTreeMap<_, _>>())
            }
        }
    }

    /// What can be known of it. It is written without the engine's two ways to imagine a value.
    fn known(&self, stands: &[bool], values: &Values) -> Value {
        let after = |producer: &usize| json!({ "known_after": [PRODUCERS[*producer]] });
        let anything = || {
            let unknown = PRODUCERS.iter().zip(stands).filter(|(_, stands)| !**stands).map(|(it, _)| it);
            json!({ "known_after": unknown.collect::<Vec<_>>() })
        };
        match self {
            Self::Items(items) => items.iter().map(|item| item.known(stands, values)).collect(),
            Self::Entries(entries) => entries
                .iter()
                .map(|(name, piece)| (name.clone(), piece.known(stands, values)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Self::Sorted(producers) => {
                let given = GIVEN.iter().map(|text| (*text, json!(text)));
                let ids = producers.iter().map(|producer| match stands[*producer] {
                    true => (values[*producer].0.as_str(), json!(values[*producer].0)),
                    false => (PRODUCERS[*producer], after(producer)),
                });
                ids.chain(given).collect::<BTreeMap<_, _>>().into_values().collect()
            }
            Self::Id(it) | Self::Text(it) | Self::Around(it) | Self::Option(it) if !stands[*it] => after(it),
            Self::Number(it) | Self::Flag(it) if !stands[*it] => anything(),
            Self::List(it) if !stands[*it] => json!([after(it)]),
            Self::Map(it) if !stands[*it] => json!({ PRODUCERS[*it]: after(it) }),
            Self::Spliced(it) if !stands[*it] => json!(["first", after(it), "last"]),
            Self::Perhaps(it) if !stands[*it] => json!({ "entry": after(it) }),
            _ => self.value(values),
        }
    }
}

/// Texts among which identities stand in a sorted list; the addresses of two producers come between them.
const GIVEN: [&str; 2] = ["a.p", "z"];

fn piece() -> impl Strategy<Value = Piece> {
    let of = 0..PRODUCERS.len();
    let given =
        [json!("a"), json!(""), json!(0), json!(1), json!(false), json!(true), json!(null), json!([])];
    let leaf = prop_oneof![
        4 => proptest::sample::select(given.to_vec()).prop_map(Piece::Given),
        1 => of.clone().prop_map(Piece::Id),
        1 => of.clone().prop_map(Piece::Text),
        1 => of.clone().prop_map(Piece::Around),
        1 => of.clone().prop_map(Piece::Number),
        1 => of.clone().prop_map(Piece::Flag),
        1 => of.clone().prop_map(Piece::Option),
        1 => of.clone().prop_map(Piece::List),
        1 => of.clone().prop_map(Piece::Map),
        1 => of.clone().prop_map(Piece::Spliced),
        1 => of.clone().prop_map(Piece::Perhaps),
        1 => proptest::collection::btree_set(of, 0..3).prop_map(Piece::Sorted),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Piece::Items),
            proptest::collection::btree_map("[a-c]", inner, 0..4).prop_map(Piece::Entries),
        ]
    })
}

type Producers = Vec<(Accepted<Thing>, Ready<Thing>)>;

/// The producers, of which some stand, and a thing that is made of them.
fn graph(spec: Piece) -> Graph<()> {
    let mut graph = Graph::new();
    let producers = PRODUCERS.map(|name| graph.add(name, (), |()| Thing(json!({}))));
    let needs: Producers = producers.iter().map(|it: &Handle<Thing>| (it.accepted(), it.ready())).collect();
    graph.add("thing", needs, move |values: Values| Thing(json!({ "field": spec.value(&values) })));
    graph
}

fn step(address: &str, action: Planned) -> Step {
    serde_json::from_value(json!({ "address": address, "kind": "thing", "action": action })).expect("a step")
}

fn sighting(name: &str, actual: &Value) -> Sighting {
    let (actual, outputs) = (actual.clone(), json!(outputs(name)));
    let seen = Seen::Live { actual, outputs, owner: Owner::Parent, degraded: None, notice: None };
    Sighting { id: Some(json!(name)), seen, ours: true }
}

/// A plan in which the thing has its turn, and what was seen of the producers that stand.
fn planned(stands: &[bool], action: Planned) -> (Plan, Survey) {
    let mut survey = Survey::default();
    let mut steps = Vec::new();
    for (name, stands) in PRODUCERS.into_iter().zip(stands) {
        steps.push(step(name, if *stands { Planned::Keep } else { Planned::Create }));
        if *stands {
            survey.sightings.insert(name.into(), sighting(name, &json!({})));
        }
    }
    steps.push(step("thing", action));
    (Plan { steps }, survey)
}

fn of_the_thing(previews: Vec<Preview>) -> Vec<Field> {
    previews.into_iter().find(|it| it.address == "thing".into()).expect("a preview").fields
}

proptest! {
    #[test]
    fn all_that_is_known_is_told_and_nothing_else(
        spec in piece(),
        stands in proptest::collection::vec(any::<bool>(), PRODUCERS.len()),
    ) {
        let values = PRODUCERS.map(|name| (name.to_owned(), outputs(name))).to_vec();
        let known = spec.known(&stands, &values);
        let (plan, survey) = planned(&stands, Planned::Create);
        let fields = of_the_thing(graph(spec).preview(&plan, &survey));
        prop_assert_eq!(json!(fields), json!([{ "field": "field", "new": known }]));
    }
}

#[test]
fn of_what_follows_only_that_is_told_which_may_change() {
    let entries = |value: &str| {
        let (given, same) = (Piece::Given(json!(value)), Piece::Given(json!(1)));
        let pieces = [("changed", given), ("same", same), ("flag", Piece::Flag(0)), ("text", Piece::Text(0))];
        Piece::Entries(pieces.map(|(name, piece)| (name.to_owned(), piece)).into())
    };
    let mut graph = Graph::new();
    let one = graph.add(PRODUCERS[0], (), |()| Thing(json!({})));
    let spec = entries("new");
    graph.add("thing", vec![(one.accepted(), one.ready())], move |values: Values| Thing(spec.value(&values)));
    let (plan, mut survey) = planned(&[false], Planned::Follow);
    let actual = json!({ "changed": "old", "same": 1, "flag": true, "text": "as it is" });
    survey.sightings.insert("thing".into(), sighting("thing", &actual));
    let unknown = json!({ "known_after": [PRODUCERS[0]] });
    let expected = json!([
        { "field": "changed", "old": "old", "new": "new" },
        { "field": "flag", "old": true, "new": unknown },
        { "field": "text", "old": "as it is", "new": unknown },
    ]);
    assert_eq!(json!(of_the_thing(graph.preview(&plan, &survey))), expected);
}

#[test]
fn what_is_made_anew_is_told_in_full_and_what_stays_is_not_told() {
    let graph = graph(Piece::Flag(0));
    for (action, told) in [
        (Planned::Create, 1),
        (Planned::Recover, 1),
        (Planned::Replace, 1),
        (Planned::Keep, 0),
        (Planned::Update, 0),
        (Planned::Adopt, 0),
    ] {
        let (plan, mut survey) = planned(&[true; 3], action);
        survey.sightings.insert("thing".into(), sighting("thing", &json!({ "field": false })));
        assert_eq!(graph.preview(&plan, &survey).len(), told, "{action:?}");
    }
}

#[test]
fn the_outputs_of_what_is_replaced_are_not_those_that_it_has() {
    let graph = graph(Piece::Text(0));
    let (mut plan, survey) = planned(&[true; 3], Planned::Create);
    plan.steps[0].action = Planned::Replace;
    let unknown = json!([{ "field": "field", "new": { "known_after": [PRODUCERS[0]] } }]);
    assert_eq!(json!(of_the_thing(graph.preview(&plan, &survey))), unknown);
}
