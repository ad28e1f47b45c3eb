# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

# It holds records that its readers have not read yet: take prevent_destroy away to delete it.
resource "aws_kinesis_stream" "stream" {
  name             = "events-stream"
  retention_period = 24
  encryption_type  = "KMS"
  kms_key_id       = "alias/aws/kinesis"
  tags             = local.tags

  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }

  lifecycle {
    prevent_destroy = true
  }
}
