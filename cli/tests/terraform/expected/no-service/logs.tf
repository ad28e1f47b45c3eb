# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_cloudwatch_log_group" "log_router" {
  name              = "/firelens-kit/shop/router"
  retention_in_days = 30
  tags              = local.tags
}

resource "aws_cloudwatch_log_group" "live" {
  name              = "/shop/live"
  retention_in_days = 7
  skip_destroy      = !var.delete_data
  tags              = local.tags
}
