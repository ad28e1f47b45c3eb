# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_kinesis_firehose_delivery_stream" "archive" {
  name        = "shop-archive"
  destination = "extended_s3"
  tags        = local.tags

  server_side_encryption {
    enabled  = true
    key_type = "CUSTOMER_MANAGED_CMK"
    key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/archive"
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = aws_s3_bucket.archive.arn
    prefix              = "archive/route=!{partitionKeyFromQuery:route}/!{timestamp:yyyy/MM/dd/HH}/"
    error_output_prefix = "archive-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/"
    buffering_size      = 64
    buffering_interval  = 300
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery_errors.name
      log_stream_name = aws_cloudwatch_log_stream.archive.name
    }

    dynamic_partitioning_configuration {
      enabled = true
    }

    processing_configuration {
      enabled = true

      processors {
        type = "MetadataExtraction"

        parameters {
          parameter_name  = "MetadataExtractionQuery"
          parameter_value = "{route:.route}"
        }

        parameters {
          parameter_name  = "JsonParsingEngine"
          parameter_value = "JQ-1.6"
        }
      }
    }
  }

  depends_on = [aws_iam_role_policy.firehose]
}

resource "aws_kinesis_firehose_delivery_stream" "_2nd_archive" {
  name        = "shop-second"
  destination = "extended_s3"
  tags        = local.tags

  server_side_encryption {
    enabled  = true
    key_type = "CUSTOMER_MANAGED_CMK"
    key_arn  = "arn:aws:kms:eu-west-1:123456789012:key/stack"
  }

  extended_s3_configuration {
    role_arn            = aws_iam_role.firehose.arn
    bucket_arn          = "arn:${local.partition}:s3:::shop-there"
    prefix              = "2nd-archive/!{timestamp:yyyy/MM/dd/HH}/"
    error_output_prefix = "2nd-archive-errors/!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd}/"
    buffering_size      = 64
    buffering_interval  = 300
    compression_format  = "GZIP"

    cloudwatch_logging_options {
      enabled         = true
      log_group_name  = aws_cloudwatch_log_group.delivery_errors.name
      log_stream_name = aws_cloudwatch_log_stream._2nd_archive.name
    }
  }

  depends_on = [aws_iam_role_policy.firehose]
}
