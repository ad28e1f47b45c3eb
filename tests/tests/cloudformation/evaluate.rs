//! What CloudFormation makes of a template's functions, in an account and a region.
//!
//! AWS CloudFormation template reference, "Intrinsic functions", "Pseudo parameters", and the return values of each type.
use firelens_infra::Place;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

pub struct Evaluation<'a> {
    pub template: &'a Value,
    pub place: &'a Place,
    /// What is given; other parameters have their defaults.
    pub parameters: BTreeMap<&'a str, &'a str>,
}

impl Evaluation<'_> {
    /// The properties of a resource.
    pub fn properties(&self, id: &str) -> Value {
        self.value(&self.template["Resources"][id]["Properties"])
    }

    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::Object(members) if members.len() == 1 => {
                let (name, argument) = members.iter().next().unwrap();
                match name.as_str() {
                    "Ref" => self.reference(argument.as_str().unwrap()),
                    "Fn::Join" => {
                        let pieces: Vec<&str> =
                            argument[1].as_array().unwrap().iter().map(|piece| piece.as_str().unwrap()).collect();
                        pieces.join(argument[0].as_str().unwrap()).into()
                    }
                    "Fn::Sub" => self.substitute(argument.as_str().unwrap()).into(),
                    "Fn::GetAtt" => self.attribute(argument[0].as_str().unwrap(), argument[1].as_str().unwrap()).into(),
                    _ => self.members(members),
                }
            }
            Value::Object(members) => self.members(members),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            other => other.clone(),
        }
    }

    fn members(&self, members: &Map<String, Value>) -> Value {
        members.iter().map(|(name, member)| (name.clone(), self.value(member))).collect::<Map<_, _>>().into()
    }

    fn reference(&self, name: &str) -> Value {
        match name {
            "AWS::AccountId" => self.place.account.as_str().into(),
            "AWS::Region" => self.place.region.as_str().into(),
            "AWS::Partition" => self.place.partition.as_str().into(),
            "AWS::URLSuffix" => self.place.dns_suffix().into(),
            _ => self.parameter(name).unwrap_or_else(|| self.physical(name).into()),
        }
    }

    fn parameter(&self, name: &str) -> Option<Value> {
        let declared = self.template["Parameters"].get(name)?;
        let value = match self.parameters.get(name) {
            Some(given) => Value::from(*given),
            None => declared.get("Default").unwrap_or_else(|| panic!("{name} has to be given")).clone(),
        };
        let is_list = declared["Type"].as_str().unwrap().starts_with("List<");
        Some(if is_list { value.as_str().unwrap().split(',').collect() } else { value })
    }

    /// A resource's name, by which `Ref` gives it, or what stands for an id that AWS gives.
    fn physical(&self, id: &str) -> String {
        let resource = &self.template["Resources"][id];
        let name = match resource["Type"].as_str().unwrap_or_else(|| panic!("nothing is called {id}")) {
            "AWS::S3::Bucket" => "BucketName",
            "AWS::Logs::LogGroup" => "LogGroupName",
            "AWS::Logs::LogStream" => "LogStreamName",
            "AWS::IAM::Role" => "RoleName",
            "AWS::Kinesis::Stream" => "Name",
            "AWS::KinesisFirehose::DeliveryStream" => "DeliveryStreamName",
            "AWS::ECS::Cluster" => "ClusterName",
            "AWS::ECR::Repository" => "RepositoryName",
            _ => return format!("the id of {id}"),
        };
        self.value(&resource["Properties"][name]).as_str().unwrap().to_string()
    }

    fn attribute(&self, id: &str, name: &str) -> String {
        let kind = self.template["Resources"][id]["Type"].as_str().unwrap_or_else(|| panic!("nothing is called {id}"));
        let physical = self.physical(id);
        match (kind, name) {
            ("AWS::IAM::Role", "Arn") => {
                let path = self.properties(id)["Path"].as_str().unwrap().to_string();
                self.place.role_arn(&path, &physical)
            }
            ("AWS::S3::Bucket", "Arn") => self.place.bucket_arn(&physical),
            ("AWS::Logs::LogGroup", "Arn") => self.place.arn("logs", &format!("log-group:{physical}:*")),
            ("AWS::Kinesis::Stream", "Arn") => self.place.arn("kinesis", &format!("stream/{physical}")),
            _ => format!("{name} of {id}"),
        }
    }

    fn substitute(&self, text: &str) -> String {
        let mut pieces = text.split("${");
        let mut result = pieces.next().unwrap().to_string();
        for piece in pieces {
            let (name, after) = piece.split_once('}').unwrap();
            result += &match (name.strip_prefix('!'), name.split_once('.')) {
                (Some(literal), _) => format!("${{{literal}}}"),
                (_, Some((id, attribute))) => self.attribute(id, attribute),
                _ => self.reference(name).as_str().unwrap().to_string(),
            };
            result += after;
        }
        result
    }
}
