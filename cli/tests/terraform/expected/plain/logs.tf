# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_cloudwatch_log_group" "log_router" {
  name              = "/firelens-kit/shop/router"
  retention_in_days = 30
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "delivery_errors" {
  name              = "/firelens-kit/shop/firehose"
  retention_in_days = 30
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "cloudwatch" {
  name              = "/shop/cloudwatch"
  retention_in_days = 30
  skip_destroy      = !var.delete_data
  tags              = local.tags
}

resource "aws_cloudwatch_log_stream" "archive" {
  name           = "shop-archive"
  log_group_name = aws_cloudwatch_log_group.delivery_errors.name
}
