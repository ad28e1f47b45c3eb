# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  region     = data.aws_region.current.region
  partition  = data.aws_partition.current.partition
  tags = {
    "firelens-kit:stack" = "shop"
  }
}
