# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {
  lifecycle {
    postcondition {
      condition     = self.region == "eu-west-1"
      error_message = "The module was exported for eu-west-1."
    }
  }
}

locals {
  account_id = data.aws_caller_identity.current.account_id
  tags = {
    "firelens-kit:stack" = "shop"
    team                 = "web"
  }
}
