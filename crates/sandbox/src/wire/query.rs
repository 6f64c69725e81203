//! The two query protocols' requests: dotted form keys to nested JSON with real arrays.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// No real request nests deeper; an invented one shall not exhaust the stack.
const DEPTH: usize = 32;

/// How a protocol writes its lists.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lists {
    /// `Filter.1.Value.2`
    Flat,
    /// `Filters.Filter.1.Values.member.2`: the name of the elements stands between the list and the number.
    Wrapped,
}

/// The operation and the parameters of a form.
pub(crate) fn read(form: &[(String, String)], lists: Lists) -> Result<(String, Map<String, Value>), String> {
    let mut root = BTreeMap::new();
    let mut operation = None;
    for (key, value) in form {
        if key.matches('.').count() > DEPTH {
            return Err(format!("A parameter lies deeper than {DEPTH} levels."));
        }
        match key.as_str() {
            "Action" => operation = Some(value.clone()),
            "Version" => (),
            key => insert(&mut root, key, value)?,
        }
    }
    let operation = operation.ok_or("The request has no Action.")?;
    let fields = root.into_iter().map(|(name, node)| (name, node.into_value(lists))).collect();
    Ok((operation, fields))
}

enum Node {
    Text(String),
    Branch(BTreeMap<String, Self>),
}

fn insert(branch: &mut BTreeMap<String, Node>, key: &str, value: &str) -> Result<(), String> {
    let clash = || format!("The parameter {key} is both a value and a structure.");
    let Some((name, rest)) = key.split_once('.') else {
        return match branch.insert(key.to_owned(), Node::Text(value.to_owned())) {
            None => Ok(()),
            Some(_) => Err(clash()),
        };
    };
    match branch.entry(name.to_owned()).or_insert_with(|| Node::Branch(BTreeMap::new())) {
        Node::Branch(inner) => insert(inner, rest, value),
        Node::Text(_) => Err(clash()),
    }
}

impl Node {
    fn into_value(self, lists: Lists) -> Value {
        let mut inner = match self {
            Self::Text(text) => return Value::String(text),
            Self::Branch(inner) => inner,
        };
        if is_list(&inner) {
            return list(inner, lists);
        }
        if lists == Lists::Wrapped && inner.len() == 1 {
            let (name, only) = inner.pop_first().unwrap_or((String::new(), Self::Branch(BTreeMap::new())));
            match only {
                Self::Branch(elements) if is_list(&elements) => return list(elements, lists),
                other => inner.insert(name, other),
            };
        }
        Value::Object(inner.into_iter().map(|(name, node)| (name, node.into_value(lists))).collect())
    }
}

fn is_list(branch: &BTreeMap<String, Node>) -> bool {
    branch.keys().all(|key| key.parse::<u32>().is_ok())
}

fn list(branch: BTreeMap<String, Node>, lists: Lists) -> Value {
    let numbered = |(key, node): (String, Node)| (key.parse::<u32>().unwrap_or(u32::MAX), node);
    let sorted: BTreeMap<u32, Node> = branch.into_iter().map(numbered).collect();
    sorted.into_values().map(|node| node.into_value(lists)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Lists, read};

    fn parse(form: &[(&str, &str)], lists: Lists) -> Value {
        let form: Vec<_> = form.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        let (operation, params) = read(&form, lists).unwrap();
        assert_eq!(operation, "Do");
        Value::Object(params)
    }

    #[test]
    fn flat_lists_sort_by_number_and_not_by_text() {
        let mut form = vec![("Action", "Do"), ("Filter.1.Name", "vpc-id")];
        let keys: Vec<String> = (1..=11).map(|n| format!("Filter.1.Value.{n}")).collect();
        form.extend(keys.iter().map(|key| (key.as_str(), key.rsplit('.').next().unwrap())));
        let values: Vec<String> = (1..=11).map(|n| n.to_string()).collect();
        assert_eq!(parse(&form, Lists::Flat), json!({ "Filter": [{ "Name": "vpc-id", "Value": values }] }));
    }

    #[test]
    fn wrapped_lists_lose_their_wrapper_and_structures_of_one_list_do_not() {
        let form = [
            ("Action", "Do"),
            ("Conditions.member.1.Field", "path-pattern"),
            ("Conditions.member.1.PathPatternConfig.Values.member.1", "/a"),
            ("Tags.Tag.1.Key", "k"),
            ("Tags.Tag.1.Value", ""),
            ("SubnetIds.SubnetIdentifier.1", "subnet-1"),
            ("Empty", ""),
        ];
        let expected = json!({
            "Conditions": [{ "Field": "path-pattern", "PathPatternConfig": { "Values": ["/a"] } }],
            "Tags": [{ "Key": "k", "Value": "" }],
            "SubnetIds": ["subnet-1"],
            "Empty": "",
        });
        assert_eq!(parse(&form, Lists::Wrapped), expected);
    }

    #[test]
    fn a_key_that_is_value_and_structure_or_too_deep_is_refused() {
        let deep = "A.".repeat(100_000);
        for keys in [["A", "A.1"], ["B", &deep]] {
            let action = ("Action".to_owned(), "Do".to_owned());
            let form: Vec<_> =
                [action].into_iter().chain(keys.map(|key| (key.to_owned(), "1".to_owned()))).collect();
            assert!(read(&form, Lists::Flat).is_err());
        }
    }
}
