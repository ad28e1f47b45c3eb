use super::*;
use crate::resource::{Changes, Kind, Progress};
use async_trait::async_trait;
use serde_json::json;

#[derive(Debug)]
struct Thing {
    name: &'static str,
    days: u32,
    data: bool,
    adopted: bool,
}

#[async_trait]
impl Resource for Thing {
    fn id(&self) -> Id {
        Id::new(Kind::LogGroup, self.name)
    }

    fn wanted(&self, _: &Known) -> Value {
        json!({"days": self.days, "class": "a"})
    }

    async fn read(&self, _: &Aws) -> Result<Option<Found>> {
        Ok(None)
    }

    async fn create(&self, _: &Aws, _: &Known, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    async fn update(&self, _: &Aws, _: &Known, _: &mut Changes<'_>, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    async fn delete(&self, _: &Aws, _: Progress<'_>) -> Result<()> {
        Ok(())
    }

    fn fixed(&self) -> &'static [&'static str] {
        &["class"]
    }

    fn holds_data(&self) -> bool {
        self.data
    }

    fn adopted(&self) -> bool {
        self.adopted
    }
}

fn place() -> Place {
    Place { partition: "aws".into(), account: "123456789012".into(), region: "eu-west-1".into(), plain_http: false }
}

fn reading(name: &'static str, found: Option<(Owner, Value)>) -> Reading {
    let found = found.map(|(owner, attributes)| Found { owner, attributes, physical: None });
    (Arc::new(Thing { name, days: 7, data: name == "data", adopted: name == "adopted" }), found)
}

fn deploy(wanted: Vec<Reading>, remains: Vec<Reading>) -> Plan {
    Plan::to_deploy("shop", &place(), wanted, remains, true)
}

fn verbs(plan: &Plan) -> Vec<(&str, Verb)> {
    plan.actions.iter().map(|action| (action.id.name.as_str(), action.action)).collect()
}

#[test]
fn what_is_missing_is_created_and_what_differs_is_changed() {
    let same = (Owner::Ours, json!({"days": 7, "class": "a"}));
    let other = (Owner::Ours, json!({"days": 9, "class": "a"}));
    let plan = deploy(vec![reading("a", None), reading("b", Some(same)), reading("c", Some(other))], vec![]);
    assert_eq!(verbs(&plan), [("a", Verb::Create), ("b", Verb::Keep), ("c", Verb::Update)]);
    let change = FieldChange { field: "days".into(), before: json!(9), after: json!(7) };
    assert_eq!(plan.actions[2].changes, [change]);
    assert!(!plan.is_clean());
}

#[test]
fn what_is_not_ours_is_in_the_way() {
    let there = || json!({"days": 7, "class": "a"});
    let nobody = reading("a", Some((Owner::Nobody, there())));
    let other = reading("b", Some((Owner::Stack("blog".into()), there())));
    let plan = deploy(vec![nobody, other], vec![]);
    assert!(plan.actions.is_empty());
    assert!(plan.problems[0].message.contains("not made by this stack"));
    assert!(plan.problems[1].message.contains("`blog`"));
}

#[test]
fn what_aws_fixes_is_in_the_way() {
    let plan = deploy(vec![reading("a", Some((Owner::Ours, json!({"days": 7, "class": "b"}))))], vec![]);
    assert_eq!(plan.problems[0].message, r#"class cannot be changed from "b" to "a""#);
}

#[test]
fn what_remains_goes_but_for_data_and_what_is_not_ours() {
    let found = |owner| Some((owner, json!({})));
    let remains = || {
        let foreign = reading("foreign", found(Owner::Nobody));
        vec![reading("old", found(Owner::Ours)), reading("data", found(Owner::Ours)), foreign, reading("gone", None)]
    };
    assert_eq!(verbs(&deploy(vec![], remains())), [("data", Verb::Keep), ("old", Verb::Delete)]);
    let plan = Plan::to_destroy("shop", &place(), remains(), false);
    assert_eq!(verbs(&plan), [("data", Verb::Delete), ("old", Verb::Delete)]);
}

#[test]
fn what_is_adopted_is_given_back() {
    let there =
        vec![reading("adopted", Some((Owner::Ours, json!({})))), reading("old", Some((Owner::Ours, json!({}))))];
    let plan = Plan::to_destroy("shop", &place(), there, false);
    assert_eq!(verbs(&plan), [("old", Verb::Delete), ("adopted", Verb::GiveBack)]);
    let text: String = text::pieces(&plan).into_iter().map(|(_, piece)| piece).collect();
    let expected = "\
shop in eu-west-1 of 123456789012

- log group old
~ log group adopted

0 to create, 0 to change, 1 to delete, 1 to give back, 0 stay as they are
";
    assert_eq!(text, expected);
    assert_eq!(serde_json::to_value(&plan).unwrap()["actions"][1]["action"], "give_back");
}

#[test]
fn text_and_json_say_the_same() {
    let other = (Owner::Ours, json!({"days": 9, "class": "a"}));
    let plan = deploy(vec![reading("a", None), reading("c", Some(other))], vec![]);
    let text: String = text::pieces(&plan).into_iter().map(|(_, piece)| piece).collect();
    let expected = "\
shop in eu-west-1 of 123456789012

+ log group a
    days   7
    class  a
~ log group c
    days  9 -> 7

1 to create, 1 to change, 0 to delete, 0 stay as they are
";
    assert_eq!(text, expected);
    let json = serde_json::to_value(&plan).unwrap();
    assert_eq!(json["actions"][1]["changes"][0], json!({"field": "days", "before": 9, "after": 7}));
    assert_eq!((&json["account"], &json["actions"][0]["action"]), (&json!("123456789012"), &json!("create")));
}
