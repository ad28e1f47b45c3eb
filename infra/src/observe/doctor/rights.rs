//! What the calls of `doctor` need besides those of a plan.
use crate::{
    Place, Stack,
    policy::deployer::{Rights, Verb, needs_role_of_ecs},
};

const DOCTOR: &[Verb] = &[Verb::Doctor];

/// Who asks whether it may deploy is not known here. A session does not show its role's path: the role is read to be simulated.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let all = |kind: &str| place.iam_arn(&format!("{kind}/*"));
    let role = place.role_arn("/aws-service-role/ecs.amazonaws.com/", "AWSServiceRoleForECS");
    let role = if needs_role_of_ecs(stack) { vec![role] } else { Vec::new() };
    vec![
        Rights::anywhere().may(DOCTOR, &["iam:GetAccountSummary", "kinesis:DescribeLimits"]),
        Rights::on("SimulateRights", vec![all("user"), all("role")]).may(DOCTOR, &["iam:SimulatePrincipalPolicy"]),
        Rights::on("SeeOwnRole", vec![all("role")]).may(DOCTOR, &["iam:GetRole"]),
        Rights::on("SeeRoleOfEcs", role).may(DOCTOR, &["iam:GetRole"]),
    ]
}
