use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;

use super::*;

const URL: &str = "postgresql://{username}:{password}@db.example:5432/app?schema=public";

fn document(value: Value) -> Document {
    Document::unseal(&SecretValue::new(value.to_string())).expect("tests store objects")
}

fn database() -> Fields {
    Fields::from([
        ("username".to_owned(), Field::Plain("sidekick".to_owned())),
        ("password".to_owned(), Field::Generated { length: 40 }),
        ("DATABASE_URL".to_owned(), Field::Composed(URL.to_owned())),
    ])
}

fn complete(stored: Document, asked: &Fields, supplied: &Supplied, seed: u64) -> Result<Document> {
    stored.complete(asked, supplied, &mut StdRng::seed_from_u64(seed))
}

fn supplied(values: &[(&str, &str)]) -> Supplied {
    values.iter().map(|(name, value)| ((*name).to_owned(), SecretValue::new(*value))).collect()
}

fn text<'a>(document: &'a Document, name: &str) -> &'a str {
    document.text(name).expect("the field holds a text")
}

/// Values that no wish, name or word of ours contains by chance.
fn value() -> impl Strategy<Value = String> {
    "[!-~]{0,20}#[!-~]{12,40}"
}

fn name() -> impl Strategy<Value = String> {
    "[A-Za-z_]{1,12}"
}

fn field() -> impl Strategy<Value = Field> {
    prop_oneof![
        "[a-z.]{1,20}".prop_map(Field::Plain),
        any::<u8>().prop_map(|length| Field::Generated { length }),
        Just(Field::Supplied),
    ]
}

/// Fields of every sort; the last one is composed of all others.
fn asked() -> impl Strategy<Value = Fields> {
    prop::collection::btree_map(name(), field(), 1..6).prop_map(|mut fields| {
        let parts: Vec<_> = fields.keys().map(|name| format!("{{{name}}}")).collect();
        fields.insert("composed-url".to_owned(), Field::Composed(format!("x://{}/y", parts.join(":"))));
        fields
    })
}

/// A document that holds these values under names that are asked for, as far as the values go.
fn holding(asked: &Fields, values: &[String]) -> Document {
    document(asked.keys().zip(values).map(|(name, value)| (name.clone(), json!(value))).collect())
}

fn giving(asked: &Fields, value: &str) -> Supplied {
    asked.keys().map(|name| (name.clone(), SecretValue::new(value))).collect()
}

proptest! {
    #[test]
    fn a_completed_document_is_as_asked_and_stays_so(
        asked in asked(),
        stored in prop::collection::vec(value(), 0..6),
        given in value(),
        seeds in any::<(u64, u64)>(),
    ) {
        let supplied = giving(&asked, &given);
        let once = complete(holding(&asked, &stored), &asked, &supplied, seeds.0).expect("everything is given");
        prop_assert_eq!(once.classify(&asked, &supplied), asked.clone());
        // The operator need not supply it again, and nothing is generated anew.
        let again = complete(once.clone(), &asked, &Supplied::new(), seeds.1).expect("everything is stored");
        prop_assert!(again.0 == once.0);
    }

    #[test]
    fn no_value_shows_in_what_is_said_about_a_document(
        asked in asked(),
        stored in prop::collection::vec(value(), 0..6),
        given in value(),
    ) {
        let supplied = giving(&asked, &given);
        let document = holding(&asked, &stored);
        let mut said = Vec::new();
        for supplied in [&supplied, &Supplied::new()] {
            let classified = document.classify(&asked, supplied);
            said.push(format!("{classified:?}"));
            said.push(json!(classified).to_string());
            said.extend(complete(document.clone(), &asked, supplied, 1).err().map(|fault| format!("{fault:?}")));
        }
        for value in stored.iter().chain([&given]) {
            prop_assert!(said.iter().all(|said| !said.contains(value.as_str())));
        }
    }

    #[test]
    fn keys_that_nobody_asked_for_are_kept(
        stored in prop::collection::btree_map("operator-[a-z]{1,8}", value(), 0..6),
    ) {
        let mut others = stored.clone();
        let sealed = complete(document(json!(stored)), &database(), &Supplied::new(), 1).expect("complete").seal();
        let filled: BTreeMap<String, String> = serde_json::from_str(sealed.expose()).expect("an object of texts");
        others.extend(database().into_keys().map(|name| (name.clone(), filled[&name].clone())));
        prop_assert_eq!(filled, others);
    }

    #[test]
    fn generated_values_are_letters_and_digits_and_long_enough(length in any::<u8>(), seed in any::<u64>()) {
        let asked = Fields::from([("password".to_owned(), Field::Generated { length })]);
        let made = complete(Document::default(), &asked, &Supplied::new(), seed).expect("complete");
        let password = text(&made, "password");
        prop_assert_eq!(password.len(), usize::from(length.max(32)));
        prop_assert!(password.chars().all(|character| character.is_ascii_alphanumeric()));
    }

    #[test]
    fn any_password_comes_back_out_of_the_url(password in value()) {
        let stored = document(json!({ "password": password }));
        let made = complete(stored, &database(), &Supplied::new(), 1).expect("complete");
        let url = text(&made, "DATABASE_URL");
        let encoded = url.strip_prefix("postgresql://sidekick:").and_then(|rest| rest.split_once('@'));
        let (encoded, rest) = encoded.expect("the first @ ends the password");
        prop_assert_eq!(rest, "db.example:5432/app?schema=public");
        let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8().expect("text");
        prop_assert_eq!(decoded.into_owned(), password);
    }
}

#[test]
fn a_plain_field_that_held_a_secret_before_is_not_quoted() {
    let asked = Fields::from([("username".to_owned(), Field::Plain("sidekick".to_owned()))]);
    let classified = document(json!({ "username": "hunter2" })).classify(&asked, &Supplied::new());
    assert_eq!(classified["username"], Field::Differs);
}

#[test]
fn a_supplied_value_wins_over_the_stored_one() {
    let asked = Fields::from([("KEY".to_owned(), Field::Supplied)]);
    let stored = document(json!({ "KEY": "old" }));
    assert_eq!(stored.classify(&asked, &Supplied::new()), asked);
    assert_eq!(
        stored.classify(&asked, &supplied(&[("KEY", "")])),
        asked,
        "an empty variable supplies nothing"
    );
    let given = supplied(&[("KEY", "new")]);
    assert_eq!(stored.classify(&asked, &given)["KEY"], Field::Differs);
    assert_eq!(text(&complete(stored, &asked, &given, 1).expect("complete"), "KEY"), "new");
}

#[test]
fn every_missing_variable_is_named_at_once() {
    let asked = ["FIRST", "SECOND", "STORED"].map(|name| (name.to_owned(), Field::Supplied)).into();
    let stored = document(json!({ "STORED": "x", "SECOND": "" }));
    let fault = complete(stored, &asked, &Supplied::new(), 1).err().expect("two are missing");
    assert_eq!(fault.class, Class::Invalid);
    assert!(fault.message.contains("FIRST, SECOND,"), "{fault}");
    assert!(fault.hint.is_some_and(|hint| hint.contains("--secrets-file")));
}

#[test]
fn a_template_names_only_fields_that_are_stored_and_not_composed_themselves() {
    for template in ["x://{nobody}", "x://{url}", "x://{empty}", "x://{username"] {
        let asked = Fields::from([
            ("username".to_owned(), Field::Plain("sidekick".to_owned())),
            ("url".to_owned(), Field::Composed(template.to_owned())),
        ]);
        let stored = document(json!({ "empty": "", "url": "x" }));
        assert_eq!(stored.classify(&asked, &Supplied::new())["url"], Field::Differs, "{template}");
        assert!(complete(stored, &asked, &Supplied::new(), 1).is_err(), "{template}");
    }
}

#[test]
fn a_secret_can_be_filled_in_two_layers_without_either_undoing_the_other() {
    let first = Fields::from([("password".to_owned(), Field::Generated { length: 40 })]);
    let second = Fields::from([
        ("host".to_owned(), Field::Plain("db.example".to_owned())),
        ("url".to_owned(), Field::Composed("x://{password}@{host}".to_owned())),
    ]);
    let below = complete(Document::default(), &first, &Supplied::new(), 1).expect("complete");
    let whole = complete(below.clone(), &second, &Supplied::new(), 2).expect("complete");
    assert_eq!(text(&whole, "url"), format!("x://{}@db.example", text(&below, "password")));
    for layer in [first, second] {
        assert_eq!(whole.classify(&layer, &Supplied::new()), layer);
    }
}

#[test]
fn a_changed_template_is_a_difference_and_changes_only_itself() {
    let made = complete(Document::default(), &database(), &Supplied::new(), 1).expect("complete");
    let mut asked = database();
    asked.insert("DATABASE_URL".to_owned(), Field::Composed("postgresql://{username}@elsewhere".to_owned()));
    let classified = made.classify(&asked, &Supplied::new());
    assert_eq!(classified["DATABASE_URL"], Field::Differs);
    assert_eq!(classified["password"], asked["password"]);
    let moved = complete(made.clone(), &asked, &Supplied::new(), 2).expect("complete");
    assert_eq!(text(&moved, "password"), text(&made, "password"));
    assert_eq!(text(&moved, "DATABASE_URL"), "postgresql://sidekick@elsewhere");
}

#[test]
fn only_texts_count_as_held() {
    let stored = document(json!({ "text": "x", "empty": "", "number": 5, "null": null }));
    assert_eq!(stored.keys(), BTreeSet::from(["text".to_owned()]));
    assert!(stored.field("number").is_none());
    assert!(stored.field("text").is_some_and(|value| value.expose() == "x"));
}

#[test]
fn what_is_no_json_object_is_no_document() {
    for text in ["hunter2", "\"hunter2\"", "[1]", "", "{\"a\":"] {
        assert!(Document::unseal(&SecretValue::new(text)).is_none(), "{text}");
    }
}

#[test]
fn every_text_but_a_plain_one_is_taken_for_a_secret() {
    let stored =
        json!({ "username": "sidekick", "password": "a", "DATABASE_URL": "b", "theirs": "c", "port": 5432 });
    let secrets = document(stored).secrets(&database());
    let mut secrets: Vec<_> = secrets.iter().map(SecretValue::expose).collect();
    secrets.sort_unstable();
    assert_eq!(secrets, ["a", "b", "c"]);
}
