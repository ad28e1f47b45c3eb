# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

import {
  to = aws_iam_role.task
  id = "shop-task"
}

import {
  to = aws_iam_role_policy.task
  id = "shop-task:firelens-kit"
}

import {
  to = aws_iam_role.execution
  id = "shop-execution"
}

import {
  to = aws_iam_role_policy.execution
  id = "shop-execution:firelens-kit"
}

import {
  to = aws_cloudwatch_log_group.log_router
  id = "/firelens-kit/shop/router"
}

import {
  to = aws_ecr_repository.log_router
  id = "shop-log-router"
}

import {
  to = aws_ecr_lifecycle_policy.log_router
  id = "shop-log-router"
}

import {
  to = aws_cloudwatch_log_group.live
  id = "/shop/live"
}

import {
  to = aws_s3_bucket.files
  id = "shop-files-${local.account_id}-${local.region}"
}

import {
  to = aws_s3_bucket_public_access_block.files
  id = "shop-files-${local.account_id}-${local.region}"
}

import {
  to = aws_s3_bucket_ownership_controls.files
  id = "shop-files-${local.account_id}-${local.region}"
}

import {
  to = aws_s3_bucket_server_side_encryption_configuration.files
  id = "shop-files-${local.account_id}-${local.region}"
}

import {
  to = aws_s3_bucket_policy.files
  id = "shop-files-${local.account_id}-${local.region}"
}

import {
  to = aws_s3_bucket_lifecycle_configuration.files
  id = "shop-files-${local.account_id}-${local.region}"
}
