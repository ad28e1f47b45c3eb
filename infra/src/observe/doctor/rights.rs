//! What the calls of `doctor` need besides those of a plan.
use crate::{
    Place, Stack,
    policy::deployer::{Rights, Verb, needs_role_of_ecs},
};

const DOCTOR: &[Verb] = &[Verb::Doctor];

/// Who asks whether it may deploy is not known here.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let principals = ["user", "role"].map(|kind| format!("arn:{}:iam::{}:{kind}/*", place.partition, place.account));
    let role = place.role_arn("/aws-service-role/ecs.amazonaws.com/", "AWSServiceRoleForECS");
    let role = if needs_role_of_ecs(stack) { vec![role] } else { Vec::new() };
    vec![
        Rights::anywhere().may(DOCTOR, &["iam:GetAccountSummary", "kinesis:DescribeLimits"]),
        Rights::on("SimulateRights", principals.into()).may(DOCTOR, &["iam:SimulatePrincipalPolicy"]),
        Rights::on("SeeRoleOfEcs", role).may(DOCTOR, &["iam:GetRole"]),
    ]
}
