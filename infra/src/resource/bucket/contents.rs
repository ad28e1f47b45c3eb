//! Emptying a bucket.
use super::{Bucket, incomplete};
use crate::{Aws, Error, Result, aws::error::Call as _, resource::Progress, words};
use aws_sdk_s3::{
    operation::list_object_versions::ListObjectVersionsOutput,
    types::{Delete, ObjectIdentifier},
};

impl Bucket {
    /// Deletes all objects, in all their versions, a page at a time. What comes in meanwhile is found by the next round.
    pub(super) async fn empty(&self, aws: &Aws, progress: Progress<'_>) -> Result<()> {
        let mut deleted = 0;
        loop {
            let list = aws.s3().list_object_versions().bucket(&self.name);
            let page = list.expected_bucket_owner(&aws.place().account).send().await;
            let objects = identifiers(&page.call("s3:ListBucketVersions", &self.name)?)?;
            if objects.is_empty() {
                return Ok(());
            }
            deleted += objects.len();
            self.delete_objects(aws, objects).await?;
            progress(&format!("{} deleted", words::count(deleted as u64, "object")));
        }
    }

    /// Not more than a page of them: 1,000 (Amazon S3 API reference, DeleteObjects).
    async fn delete_objects(&self, aws: &Aws, objects: Vec<ObjectIdentifier>) -> Result<()> {
        const CALL: &str = "s3:DeleteObjectVersion";
        let delete = Delete::builder().set_objects(Some(objects)).quiet(true).build().map_err(incomplete)?;
        let gone = aws.s3().delete_objects().bucket(&self.name).expected_bucket_owner(&aws.place().account);
        let gone = gone.delete(delete).send().await.call(CALL, &self.name)?;
        match gone.errors().first() {
            None => Ok(()),
            Some(error) => {
                let on = format!("{}/{}", self.name, error.key().unwrap_or_default());
                let code = error.code().map(Box::from);
                Err(Error { code, ..Error::new(error.message().unwrap_or("it was not deleted")).of(CALL, &on) })
            }
        }
    }
}

fn identifiers(page: &ListObjectVersionsOutput) -> Result<Vec<ObjectIdentifier>> {
    let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
    let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
    let identifier = |(key, version): (Option<&str>, Option<&str>)| {
        let identifier = ObjectIdentifier::builder().set_key(key.map(str::to_string));
        identifier.set_version_id(version.map(str::to_string)).build().map_err(incomplete)
    };
    versions.chain(markers).map(identifier).collect()
}
