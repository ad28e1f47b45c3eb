//! What a stream buffers, delivered before the stream goes: DeleteDeliveryStream deletes it with its data.
//!
//! Firehose delivers when its buffer is full or its interval is over, whatever comes first (developer guide, "Buffering
//! hints"). It does not tell what it holds. Once nobody writes any more, an interval later all of it is delivered.
use super::DeliveryStream;
use crate::{
    Aws, Id, Kind, Result,
    resource::{Goes, Progress},
};
use aws_sdk_firehose::types::{DeliveryStreamDescription, DeliveryStreamStatus};
use tokio::time::sleep;

/// The interval of a stream that names none (API reference, BufferingHints), in seconds.
const DEFAULT_INTERVAL: u32 = 300;

/// For the delivery itself, and for records that were on their way, in seconds.
const MARGIN: u32 = 30;

/// How often it is said that it still waits, in seconds.
const TOLD_EVERY: u32 = 30;

impl DeliveryStream {
    /// Waits until the stream has delivered what it buffers, unless what it delivers to `goes` as well.
    pub(super) async fn deliver(&self, aws: &Aws, goes: Goes<'_>, progress: Progress<'_>) -> Result<()> {
        let Some(stream) = self.describe(aws).await? else { return Ok(()) };
        if stream.delivery_stream_status != DeliveryStreamStatus::Active {
            return Ok(());
        }
        let (bucket, interval) = buffer(&stream);
        if goes(&Id::new(Kind::Bucket, &bucket)) {
            return Ok(());
        }
        let mut left = interval + MARGIN;
        while left > 0 {
            progress(&format!("waiting {left} s until Firehose has delivered what it buffers to the bucket {bucket}"));
            let step = left.min(TOLD_EVERY);
            sleep(aws.second() * step).await;
            left -= step;
        }
        Ok(())
    }
}

/// The bucket's name, and the seconds after which its objects are written at the latest.
fn buffer(stream: &DeliveryStreamDescription) -> (String, u32) {
    let to = stream.destinations.first().and_then(|to| to.extended_s3_destination_description());
    let bucket = to.map_or("", |to| to.bucket_arn()).rsplit(':').next().unwrap_or_default().to_string();
    let hints = to.and_then(|to| to.buffering_hints());
    let interval = hints.and_then(|hints| hints.interval_in_seconds()).map(i32::unsigned_abs);
    (bucket, interval.unwrap_or(DEFAULT_INTERVAL))
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_firehose::types::DeliveryStreamDescription;

    #[test]
    fn a_stream_that_names_no_interval_has_firehoses_own() {
        let stream = DeliveryStreamDescription::builder()
            .delivery_stream_name("a")
            .delivery_stream_arn("arn")
            .delivery_stream_status(DeliveryStreamStatus::Active)
            .delivery_stream_type(aws_sdk_firehose::types::DeliveryStreamType::DirectPut)
            .version_id("1")
            .destinations(
                aws_sdk_firehose::types::DestinationDescription::builder().destination_id("d").build().unwrap(),
            )
            .has_more_destinations(false)
            .build()
            .unwrap();
        assert_eq!(buffer(&stream), (String::new(), DEFAULT_INTERVAL));
    }
}
