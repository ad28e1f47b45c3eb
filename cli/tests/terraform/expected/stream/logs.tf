# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_cloudwatch_log_group" "log_router" {
  name              = "/firelens-kit/events/router"
  retention_in_days = 30
  tags              = local.tags
}
