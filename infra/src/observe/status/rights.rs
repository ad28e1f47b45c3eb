//! What the calls of `status` need.
use crate::{
    Kind, Place, Stack,
    policy::deployer::{
        Rights, Verb,
        parts::{Parts, named},
    },
    resource::service::rights::{adopted, tasks},
    stack::Run,
};

const STATUS: &[Verb] = &[Verb::Status];

/// The service and its tasks, and the newest record at each destination. Who reads what is encrypted decrypts through its
/// service.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let parts = Parts::of(stack, place);
    let service = match &stack.run {
        Run::None => None,
        Run::Own(_) => Some((stack.cluster(), stack.service())),
        Run::Existing(existing) => Some(adopted(existing)),
    };
    let mut rights = vec![
        Rights::on("ReadLogs", named(parts.all(Kind::LogGroup)))
            .may(STATUS, &["logs:DescribeLogStreams", "logs:GetLogEvents", "logs:FilterLogEvents"]),
        Rights::on("ListObjects", parts.all(Kind::Bucket)).may(STATUS, &["s3:ListBucket"]),
    ];
    rights.extend(read_data_streams(&parts, place, STATUS));
    if let Some((cluster, name)) = service {
        let service = vec![Kind::Service.arn(place, &format!("{cluster}/{name}"))];
        rights.push(Rights::on("SeeService", service).may(STATUS, &["ecs:DescribeServices"]));
        rights.extend(tasks(place, &cluster, STATUS));
    }
    rights
}

/// To read the newest records of data streams.
pub(crate) fn read_data_streams(parts: &Parts, place: &Place, verbs: &'static [Verb]) -> Vec<Rights> {
    vec![
        Rights::on("ReadDataStreams", parts.all(Kind::DataStream))
            .may(verbs, &["kinesis:ListShards", "kinesis:GetShardIterator", "kinesis:GetRecords"]),
        Rights::on("KeysOfDataStreams", parts.keys(Kind::DataStream))
            .may(verbs, &["kms:Decrypt"])
            .via("kinesis", place),
    ]
}
