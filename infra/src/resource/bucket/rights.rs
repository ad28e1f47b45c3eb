//! What the calls on buckets need.
use crate::{
    Kind, Place, Stack,
    policy::deployer::{CHANGE, DELETE_DATA, READ, Rights, parts::Parts},
};

/// S3 does not show a bucket's tags to IAM: what the configuration no longer names is not covered.
pub(crate) fn rights(stack: &Stack, place: &Place) -> Vec<Rights> {
    let buckets = Parts::of(stack, place).ours(Kind::Bucket);
    let objects = buckets.iter().map(|arn| format!("{arn}/*")).collect();
    vec![
        Rights::on("Buckets", buckets.clone())
            .may(
                READ,
                &[
                    "s3:GetBucketTagging",
                    "s3:GetEncryptionConfiguration",
                    "s3:GetBucketPublicAccessBlock",
                    "s3:GetBucketOwnershipControls",
                    "s3:GetLifecycleConfiguration",
                    "s3:GetBucketPolicy",
                ],
            )
            .may(
                CHANGE,
                &[
                    "s3:CreateBucket",
                    "s3:PutEncryptionConfiguration",
                    "s3:PutBucketPublicAccessBlock",
                    "s3:PutBucketOwnershipControls",
                    "s3:PutLifecycleConfiguration",
                    "s3:PutBucketPolicy",
                    "s3:DeleteBucketPolicy",
                ],
            )
            .may(DELETE_DATA, &["s3:DeleteBucket", "s3:ListBucketVersions"]),
        // CreateBucket with tags needs TagResource (Amazon S3 user guide, "Using tags with S3 general purpose buckets").
        Rights::on("TagBuckets", buckets).may(CHANGE, &["s3:TagResource", "s3:PutBucketTagging"]).when_tagging(stack),
        Rights::on("EmptyBuckets", objects).may(DELETE_DATA, &["s3:DeleteObject", "s3:DeleteObjectVersion"]),
    ]
}
