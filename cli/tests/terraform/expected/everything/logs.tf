# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_cloudwatch_log_group" "log_router" {
  name              = "/firelens-kit/shop/router"
  retention_in_days = 90
  kms_key_id        = "arn:aws:kms:eu-west-1:123456789012:key/stack"
  tags              = local.tags
}

resource "aws_cloudwatch_log_metric_filter" "log_router" {
  name           = "router-errors"
  log_group_name = aws_cloudwatch_log_group.log_router.name
  pattern        = "\"[error]\""

  metric_transformation {
    name          = "RouterErrors"
    namespace     = "firelens-kit/shop"
    value         = "1"
    default_value = "0"
  }
}

resource "aws_cloudwatch_log_group" "delivery_errors" {
  name              = "/firelens-kit/shop/firehose"
  retention_in_days = 90
  kms_key_id        = "arn:aws:kms:eu-west-1:123456789012:key/stack"
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "cloudwatch" {
  name         = "/ecs/shop/httpd"
  kms_key_id   = "arn:aws:kms:eu-west-1:123456789012:key/logs"
  skip_destroy = !var.delete_data
  tags         = local.tags
}

resource "aws_cloudwatch_log_stream" "archive" {
  name           = "shop-logs"
  log_group_name = aws_cloudwatch_log_group.delivery_errors.name
}
