//! A configuration whose archive is a bucket that Fluent Bit writes to.
use e2e::moto::Moto;

pub const REGION: &str = "eu-central-1";

pub const CONFIG: &str = r#"
name = "shop"

[[container]]
name = "httpd"
stdout = ["combined"]

[[route]]
name = "failures"
match = { status = "5xx" }
to = ["files", "live"]

[[route]]
name = "rest"
to = "files"

[destination.live]
type = "cloudwatch_logs"

[destination.files]
type = "s3"
bucket = "shop-files"
"#;

/// Makes the bucket.
pub fn bucket(moto: &Moto) {
    let place = format!(
        "<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint></CreateBucketConfiguration>"
    );
    moto.http(REGION, "s3", "PUT", "/shop-files", "", place.as_bytes());
}
