//! Where records arrive, as far as it can be looked at.
use crate::{
    Stack,
    names::Place as Account,
    observe::objects::fixed,
    stack::{Compression, Destination, Target},
};

/// A destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    pub destination: String,
    pub place: Place,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    LogGroup(String),
    DataStream(String),
    /// Objects of a bucket whose keys begin with `prefix` and not with `but`.
    Bucket {
        name: String,
        prefix: String,
    },
    /// What a delivery stream writes to a bucket.
    DeliveryStream {
        name: String,
        bucket: String,
        prefix: String,
        but: Option<String>,
    },
    /// What cannot be looked at.
    Unseen {
        kind: &'static str,
        name: String,
        reason: String,
    },
}

impl Site {
    /// That of a destination; `prefix` is what the keys of its objects begin with when it is a bucket.
    pub fn of(stack: &Stack, destination: &Destination, account: &Account, prefix: &str) -> Site {
        let bucket = |own: &Option<String>| account.bucket_of(&stack.name, &destination.name, own.as_deref());
        let unseen = |kind, name: &str, reason: &str| Place::Unseen { kind, name: name.into(), reason: reason.into() };
        let place = match &destination.target {
            Target::LogGroup(group) => Place::LogGroup(group.name.clone()),
            Target::DataStream(stream) => Place::DataStream(stream.name.clone()),
            Target::Bucket(own) => Place::Bucket { name: bucket(&own.name), prefix: prefix.to_string() },
            Target::DeliveryStream(stream) => match stream.compression {
                _ if destination.existing => {
                    let reason = "the stream was there already; where it delivers is not said";
                    unseen("delivery_stream", &stream.name, reason)
                }
                Compression::Zip | Compression::Snappy => {
                    unseen("delivery_stream", &stream.name, "its objects are neither plain nor gzip")
                }
                Compression::Uncompressed | Compression::Gzip => {
                    let (prefix, errors) = (fixed(&stream.prefix), fixed(&stream.error_prefix));
                    let but = Some(errors).filter(|errors| !errors.is_empty() && errors.starts_with(&prefix));
                    let name = stream.name.clone();
                    Place::DeliveryStream { name, bucket: bucket(&stream.bucket.name), prefix, but }
                }
            },
            Target::Other => unseen("other", &destination.name, "it is not on AWS"),
        };
        Site { destination: destination.name.clone(), place }
    }

    /// `log_group`, `data_stream`, `bucket`, `delivery_stream`, `other`
    pub fn kind(&self) -> &'static str {
        match &self.place {
            Place::LogGroup(_) => "log_group",
            Place::DataStream(_) => "data_stream",
            Place::Bucket { .. } => "bucket",
            Place::DeliveryStream { .. } => "delivery_stream",
            Place::Unseen { kind, .. } => kind,
        }
    }

    /// Its name on AWS.
    pub fn name(&self) -> String {
        match &self.place {
            Place::LogGroup(name) | Place::DataStream(name) => name.clone(),
            Place::Bucket { name, .. } | Place::DeliveryStream { name, .. } | Place::Unseen { name, .. } => {
                name.clone()
            }
        }
    }

    /// Why it cannot be looked at, if so.
    pub fn unchecked(&self) -> Option<String> {
        match &self.place {
            Place::Unseen { reason, .. } => Some(reason.clone()),
            _ => None,
        }
    }
}
