# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_kinesis_firehose_delivery_stream" "archive" {
  name        = "shop-archive"
  destination = "extended_s3"
  tags        = local.tags

  server_side_encryption {
    enabled  = true
    key_type = "AWS_OWNED_CMK"
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = aws_s3_bucket.archive.arn
    prefix              = "archive/!{timestamp:yyyy/MM/dd/HH}/"
    error_output_prefix = "archive-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/"
    buffering_size      = 64
    buffering_interval  = 300
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery_errors.name
      log_stream_name = aws_cloudwatch_log_stream.archive.name
    }
  }

  depends_on = [aws_iam_role_policy.firehose]
}
