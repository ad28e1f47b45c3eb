//! The deployer's policy and the code: each call is granted by the rights beside it, and each right is for a call.
use crate::stacks;
use firelens_infra::policy::deployer::{self, Verb};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Calls that need no right of whoever makes them.
const FREE: [(&str, &str); 1] =
    [("sts:GetCallerIdentity", "AWS: no permissions are required to perform this operation")];

/// Rights that no call of that module has the name of.
const WITHOUT_A_CALL: [(&str, &str, &str); 28] = [
    ("lock", "logs:CreateLogGroup", "the lock's group is made as any other, by resource/log_group"),
    ("lock", "logs:PutRetentionPolicy", "the same"),
    ("lock", "logs:TagResource", "the same"),
    ("resource/bucket", "s3:TagResource", "CreateBucket with tags"),
    ("resource/bucket", "s3:DeleteObject", "DeleteObjects of what has no version"),
    ("resource/delivery_stream", "kms:CreateGrant", "Firehose calls KMS for whoever makes an encrypted stream"),
    ("resource/delivery_stream", "kms:RetireGrant", "the same"),
    ("resource/delivery_stream", "kms:DescribeKey", "the same"),
    ("resource/repository", "kms:CreateGrant", "ECR calls KMS for whoever makes an encrypted repository"),
    ("resource/repository", "kms:RetireGrant", "the same"),
    ("resource/repository", "kms:DescribeKey", "the same"),
    (
        "resource/repository",
        "ecr:BatchCheckLayerAvailability",
        "a push: HEAD of a blob, through the registry's own protocol",
    ),
    ("resource/repository", "ecr:BatchGetImage", "a push: GET of a manifest"),
    ("resource/repository", "ecr:GetDownloadUrlForLayer", "a push: GET of a blob"),
    ("resource/repository", "ecr:InitiateLayerUpload", "a push: POST of an upload"),
    ("resource/repository", "ecr:UploadLayerPart", "a push: PATCH of an upload"),
    ("resource/repository", "ecr:CompleteLayerUpload", "a push: PUT of an upload"),
    ("resource/repository", "ecr:PutImage", "a push: PUT of a manifest"),
    ("resource/role", "iam:PassRole", "RegisterTaskDefinition and CreateDeliveryStream name roles"),
    ("resource/role", "iam:CreateServiceLinkedRole", "ECS makes its role with the account's first cluster"),
    ("resource/task_definition", "ecs:TagResource", "RegisterTaskDefinition with tags"),
    ("observe/status", "kms:Decrypt", "GetRecords of an encrypted stream"),
    ("observe/verify", "logs:FilterLogEvents", "observe/logs reads a log group, page by page"),
    ("observe/verify", "kms:Decrypt", "GetObject and GetRecords of what is encrypted"),
    ("send", "kms:Decrypt", "as the router: a multipart upload to an encrypted bucket"),
    ("send", "kms:GenerateDataKey", "PutObject and PutRecords to what is encrypted"),
    ("send", "s3:AbortMultipartUpload", "as the router"),
    ("observe/status", "s3:ListBucket", "observe/objects lists them, for verify as well"),
];

/// Shared by several modules: each call in them is granted by one at least.
const SHARED: [&str; 3] = ["aws", "observe/objects", "resource/role_policy"];

/// `"logs:CreateLogGroup"` in a source's text, but for its tests and its rights.
fn calls(text: &str) -> BTreeSet<String> {
    let code = text.split("\n#[cfg(test)]").next().unwrap_or_default();
    let code = code.split("\npub(crate) fn rights(").next().unwrap_or_default();
    let literals = code.split('"').skip(1).step_by(2);
    let is_call = |text: &&str| {
        let Some((service, operation)) = text.split_once(':') else { return false };
        let services = ["logs", "s3", "firehose", "kinesis", "ecr", "ecs", "ec2", "iam", "tag", "sts", "kms"];
        services.contains(&service)
            && operation.starts_with(|first: char| first.is_ascii_uppercase())
            && operation.chars().all(|char| char.is_ascii_alphanumeric())
    };
    literals.filter(is_call).map(str::to_owned).collect()
}

fn sources(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        match path.is_dir() {
            true => sources(&path, all),
            false if path.extension().is_some_and(|end| end == "rs") => all.push(path),
            false => {}
        }
    }
}

/// The calls of each module, by the longest of the names that its path begins with.
fn calls_by_room(rooms: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut all: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let path = file.strip_prefix(&src).unwrap().with_extension("").display().to_string();
        if path.ends_with("/rights") || path.starts_with("policy/") || path.starts_with("export/") {
            continue;
        }
        let is_of = |room: &&&str| path == **room || path.starts_with(&format!("{room}/"));
        let room = rooms.iter().chain(&SHARED).filter(is_of).max_by_key(|room| room.len());
        let calls = calls(&fs::read_to_string(&file).unwrap());
        let room = room.map_or_else(|| path.clone(), |room| (*room).to_owned());
        all.entry(room).or_default().extend(calls);
    }
    all
}

#[test]
fn each_call_is_granted_beside_it_and_each_right_is_for_a_call() {
    let mut granted: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let mut bounded = stacks::shop();
    bounded.stack.permissions_boundary = Some("arn:aws:iam::123456789012:policy/limit".into());
    for example in stacks::all().into_iter().chain([bounded]) {
        for (room, document) in deployer::rooms(&example.stack, &example.place, &Verb::ALL) {
            let actions = document.statement.into_iter().flat_map(|statement| statement.action);
            granted.entry(room).or_default().extend(actions);
        }
    }
    let rooms: Vec<&str> = granted.keys().copied().collect();
    let called = calls_by_room(&rooms);
    assert!(called.values().map(BTreeSet::len).sum::<usize>() > 90, "{called:#?}");
    let anywhere: BTreeSet<&String> = granted.values().flatten().collect();
    let shared: BTreeSet<&String> = SHARED.iter().filter_map(|name| called.get(*name)).flatten().collect();
    let mut wrong = Vec::new();
    for (room, calls) in &called {
        for call in calls.iter().filter(|call| FREE.iter().all(|(free, _)| free != call)) {
            let is_granted = match SHARED.contains(&room.as_str()) {
                true => anywhere.contains(call),
                false => granted.get(room.as_str()).is_some_and(|granted| granted.contains(call)),
            };
            if !is_granted {
                wrong.push(format!("{room} calls {call}, and its rights do not grant it"));
            }
        }
    }
    let reason = |room: &str, action: &str| WITHOUT_A_CALL.iter().any(|(of, what, _)| *of == room && *what == action);
    for (room, actions) in &granted {
        let calls = called.get(*room);
        for action in actions {
            let is_called = calls.is_some_and(|calls| calls.contains(action)) || shared.contains(action);
            if !is_called && !reason(room, action) {
                wrong.push(format!("the rights of {room} grant {action}, which it does not call"));
            }
        }
    }
    for (room, action, _) in WITHOUT_A_CALL {
        let is_called = called.get(room).is_some_and(|calls| calls.contains(action));
        if is_called || !granted.get(room).is_some_and(|granted| granted.contains(action)) {
            wrong.push(format!("{room} needs no reason for {action}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
