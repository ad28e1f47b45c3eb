//! ECS's calls that carry a task definition, as JSON: what stands in one that is there is kept, whether this SDK knows it
//! or not.
//!
//! Source: Amazon ECS API reference, RegisterTaskDefinition and DescribeTaskDefinition.
use super::{
    Aws, Error,
    error::Call as _,
    raw::{Request, Service},
};
use crate::Result;
use serde_json::{Value, json};

pub(super) const ECS: Service = Service { name: "ecs", id: "ECS", failure };

impl Aws {
    /// The latest active revision of a family, or the revision that an ARN names, also one that is inactive:
    /// `{"taskDefinition": …, "tags": […]}`. `None` when there is none.
    ///
    /// # Errors
    /// When ECS refuses.
    pub async fn describe_task_definition(&self, name: &str) -> Result<Option<Value>> {
        let input = json!({ "taskDefinition": name, "include": ["TAGS"] });
        let answer = self.ecs_raw("ecs:DescribeTaskDefinition", name, "DescribeTaskDefinition", &input).await;
        match answer {
            Err(error) if error.is("ClientException") && error.message.contains("Unable to describe") => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Registers a revision: its ARN.
    ///
    /// # Errors
    /// When ECS refuses.
    pub async fn register_task_definition(&self, input: &Value) -> Result<String> {
        const CALL: &str = "ecs:RegisterTaskDefinition";
        let family = input["family"].as_str().unwrap_or_default();
        let answer = self.ecs_raw(CALL, family, "RegisterTaskDefinition", input).await?;
        let arn = answer["taskDefinition"]["taskDefinitionArn"].as_str();
        arn.map(str::to_string).ok_or_else(|| Error::new("the answer has no taskDefinitionArn").of(CALL, family))
    }

    async fn ecs_raw(&self, call: &'static str, on: &str, operation: &str, input: &Value) -> Result<Value> {
        let headers = vec![
            ("content-type", "application/x-amz-json-1.1".to_string()),
            ("x-amz-target", format!("AmazonEC2ContainerServiceV20141113.{operation}")),
        ];
        let body = self.clients.ecs_raw.send(Request { headers, body: input.to_string() }).await.call(call, on)?;
        serde_json::from_str(&body)
            .map_err(|error| Error::new(format!("the answer cannot be read: {error}")).of(call, on))
    }
}

/// `{"__type": "ClientException", "message": "…"}`
fn failure(body: &[u8]) -> Option<(String, String)> {
    let error: Value = serde_json::from_slice(body).ok()?;
    let code = error["__type"].as_str()?.rsplit('#').next()?.to_string();
    let message = error["message"].as_str().or_else(|| error["Message"].as_str());
    Some((code, message.unwrap_or_default().to_string()))
}
