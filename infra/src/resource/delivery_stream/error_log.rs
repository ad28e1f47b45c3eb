//! The log stream of the delivery's errors. Firehose does not make it, and says nothing when it is not there.
use super::DeliveryStream;
use crate::{
    Aws, Result,
    aws::{error::Call as _, wait},
};

impl DeliveryStream {
    pub(super) async fn create_log_stream(&self, aws: &Aws) -> Result<()> {
        let create = || async {
            let create = aws.logs().create_log_stream().log_group_name(&self.log_group).log_stream_name(&self.name);
            create.send().await.call("logs:CreateLogStream", &self.log_group).map(drop)
        };
        // The group may be a moment old.
        wait::known(aws, create).await.or_else(|error| error.unless("ResourceAlreadyExistsException"))
    }

    pub(super) async fn has_log_stream(&self, aws: &Aws) -> Result<bool> {
        let streams = aws.logs().describe_log_streams().log_group_name(&self.log_group);
        let streams = streams.log_stream_name_prefix(&self.name);
        let mut pages = streams.into_paginator().send();
        while let Some(page) = pages.next().await {
            match page.call("logs:DescribeLogStreams", &self.log_group) {
                Ok(page) if page.log_streams().iter().any(|stream| stream.log_stream_name() == Some(&self.name)) => {
                    return Ok(true);
                }
                Ok(_) => {}
                Err(error) if error.is("ResourceNotFoundException") => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(false)
    }
}
