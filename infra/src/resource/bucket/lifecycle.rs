//! What becomes of a bucket's objects with time, as the rules that S3 takes.
use super::incomplete;
use crate::{Result, stack::Lifecycle};
use aws_sdk_s3::types::{
    AbortIncompleteMultipartUpload, BucketLifecycleConfiguration, ExpirationStatus, LifecycleExpiration, LifecycleRule,
    LifecycleRuleFilter, NoncurrentVersionExpiration, Transition, TransitionStorageClass,
};
use serde_json::{Value, json};

/// Parts of uploads that nobody finished are charged for until they are aborted. A writer that retries for an hour is
/// still well within.
const LEFTOVERS_DAYS: i32 = 7;

/// `logs` for the objects, `leftovers` for what nobody sees: parts of uploads, and, where somebody has turned on versioning,
/// the versions behind expired objects.
pub(super) fn configuration(lifecycle: &Lifecycle) -> Result<BucketLifecycleConfiguration> {
    let rules = [logs(lifecycle)?, Some(leftovers(lifecycle)?)];
    let rules = rules.into_iter().flatten().collect();
    BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().map_err(incomplete)
}

fn logs(lifecycle: &Lifecycle) -> Result<Option<LifecycleRule>> {
    if *lifecycle == Lifecycle::default() {
        return Ok(None);
    }
    let days = |days: u32| days as i32;
    let transition =
        |at: Option<u32>, class| at.map(|at| Transition::builder().days(days(at)).storage_class(class).build());
    let transitions = [
        transition(lifecycle.infrequent_access_days, TransitionStorageClass::StandardIa),
        transition(lifecycle.glacier_days, TransitionStorageClass::Glacier),
    ];
    let expire = lifecycle.expire_days.map(|at| LifecycleExpiration::builder().days(days(at)).build());
    let rule = LifecycleRule::builder().id("logs").status(ExpirationStatus::Enabled).filter(everything());
    let transitions: Vec<_> = transitions.into_iter().flatten().collect();
    let transitions = Some(transitions).filter(|transitions| !transitions.is_empty());
    rule.set_transitions(transitions).set_expiration(expire).build().map_err(incomplete).map(Some)
}

fn leftovers(lifecycle: &Lifecycle) -> Result<LifecycleRule> {
    let abort = AbortIncompleteMultipartUpload::builder().days_after_initiation(LEFTOVERS_DAYS).build();
    let rule = LifecycleRule::builder().id("leftovers").status(ExpirationStatus::Enabled).filter(everything());
    let rule = rule.abort_incomplete_multipart_upload(abort);
    let rule = match lifecycle.expire_days {
        None => rule,
        Some(_) => rule
            .noncurrent_version_expiration(
                NoncurrentVersionExpiration::builder().noncurrent_days(LEFTOVERS_DAYS).build(),
            )
            .expiration(LifecycleExpiration::builder().expired_object_delete_marker(true).build()),
    };
    rule.build().map_err(incomplete)
}

fn everything() -> LifecycleRuleFilter {
    LifecycleRuleFilter::builder().prefix("").build()
}

/// All that a rule says, by its id.
pub(super) fn attributes(rules: &[LifecycleRule]) -> Value {
    rules.iter().map(|rule| (rule.id().unwrap_or_default().to_string(), attribute(rule))).collect()
}

fn attribute(rule: &LifecycleRule) -> Value {
    let prefix = rule.filter().and_then(LifecycleRuleFilter::prefix).filter(|prefix| !prefix.is_empty());
    let transitions = rule.transitions().iter().filter_map(|transition| {
        Some((transition.storage_class()?.as_str().to_lowercase() + "_days", json!(transition.days())))
    });
    let expiration = rule.expiration();
    let noncurrent = rule.noncurrent_version_expiration();
    let abort = rule.abort_incomplete_multipart_upload();
    let marker = expiration.and_then(LifecycleExpiration::expired_object_delete_marker).filter(|expired| *expired);
    let all = [
        ("enabled", json!(rule.status() == &ExpirationStatus::Enabled)),
        ("prefix", json!(prefix)),
        ("expire_days", json!(expiration.and_then(LifecycleExpiration::days))),
        ("expired_object_delete_marker", json!(marker)),
        ("noncurrent_days", json!(noncurrent.and_then(NoncurrentVersionExpiration::noncurrent_days))),
        (
            "abort_incomplete_multipart_upload_days",
            json!(abort.and_then(AbortIncompleteMultipartUpload::days_after_initiation)),
        ),
    ];
    let all = all.into_iter().filter(|(_, value)| !value.is_null());
    all.map(|(name, value)| (name.to_string(), value)).chain(transitions).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(lifecycle: Lifecycle) -> Value {
        attributes(configuration(&lifecycle).expect("rules").rules())
    }

    #[test]
    fn uploads_that_nobody_finished_always_go() {
        let leftovers = json!({"enabled": true, "abort_incomplete_multipart_upload_days": 7});
        assert_eq!(rules(Lifecycle::default()), json!({ "leftovers": leftovers }));
    }

    #[test]
    fn objects_move_and_expire_and_their_versions_with_them() {
        let lifecycle = Lifecycle { infrequent_access_days: Some(30), glacier_days: Some(90), expire_days: Some(365) };
        let rules = rules(lifecycle);
        let logs = json!({"enabled": true, "expire_days": 365, "standard_ia_days": 30, "glacier_days": 90});
        assert_eq!(rules["logs"], logs);
        assert_eq!(rules["leftovers"]["noncurrent_days"], 7);
        assert_eq!(rules["leftovers"]["expired_object_delete_marker"], true);
    }
}
