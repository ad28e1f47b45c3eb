//! Task definitions with all that ECS knows, `task_definition.json`, and with what it does not know.
use crate::stacks;
use firelens_infra::{
    Stack,
    export::{cloudformation, symbol},
    stack::{Existing, Run},
};
use serde_json::{Value, json};
use std::fs;

const EVERYTHING: &str = include_str!("task_definition.json");

fn everything() -> Value {
    serde_json::from_str(EVERYTHING).unwrap()
}

/// The stack `logs` with this task definition.
fn stack(task_definition: Value) -> Stack {
    let mut stack = stacks::named("logs").stack(&symbol::place(None, None));
    if let Run::Own(service) = &mut stack.run {
        service.task_definition = task_definition;
    }
    stack
}

fn template(stack: &Stack) -> Result<Value, String> {
    let template = cloudformation::template(stack, &symbol::place(None, None));
    template.map(|template| template.value().clone()).map_err(|error| error.to_string())
}

mod needs_moto {
    use super::*;
    use crate::needs_moto::lint;

    /// What cfn-lint's schema of AWS::ECS::TaskDefinition does not know, it finds.
    #[test]
    fn all_properties_are_cloudformations() {
        let template = template(&stack(everything())).unwrap();
        let properties = &template["Resources"]["TaskDefinition"]["Properties"];
        let volumes = &properties["Volumes"];
        assert_eq!(volumes[1]["EFSVolumeConfiguration"]["FilesystemId"], "fs-0123456789abcdef0");
        assert_eq!(volumes[1]["EFSVolumeConfiguration"]["AuthorizationConfig"]["IAM"], "ENABLED");
        assert_eq!(properties["ProxyConfiguration"]["ProxyConfigurationProperties"][0]["Name"], "AppPorts");
        // Names of the user's stay.
        let web = &properties["ContainerDefinitions"][0];
        assert_eq!(web["DockerLabels"], json!({ "com.example.team": "web", "lower": "case", "Upper": "Case" }));
        assert_eq!(web["LogConfiguration"]["Options"]["awslogs-group"], "/somewhere/else");
        assert_eq!(volumes[2]["DockerVolumeConfiguration"]["DriverOpts"], json!({ "type": "tmpfs" }));
        let program = lint::program("cfn-lint");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("template.json");
        fs::write(&path, template.to_string()).unwrap();
        let findings = lint::findings(&program, &[path]);
        let unknown = findings.as_array().unwrap().iter().filter(|finding| finding["Rule"]["Id"] == "E3002");
        assert_eq!(unknown.collect::<Vec<_>>(), Vec::<&Value>::new());
    }
}

/// Each field of the table is in the example: none is known to the export that the schema has not seen.
#[test]
fn a_field_that_cloudformation_does_not_have_is_refused_by_its_place() {
    let mut unknown = everything();
    unknown["containerDefinitions"][0]["healthCheck"]["patience"] = json!(5);
    let said = template(&stack(unknown)).unwrap_err();
    assert!(said.contains("`containerDefinitions[0].healthCheck.patience` of the task definition"), "{said}");
    let mut unknown = everything();
    unknown["frobnicate"] = json!(true);
    let said = template(&stack(unknown)).unwrap_err();
    assert!(said.contains("`frobnicate` of the task definition"), "{said}");
}

#[test]
fn a_service_that_is_there_is_refused_by_its_name() {
    let existing = Existing {
        cluster: "main".into(),
        service: "web".into(),
        task_definition: everything(),
        ..Existing::default()
    };
    let said = template(&Stack { run: Run::Existing(existing), ..stack(everything()) }).unwrap_err();
    assert!(said.contains("the service web in cluster main"), "{said}");
}
