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
  to = aws_iam_role.firehose
  id = "shop-firehose"
}

import {
  to = aws_iam_role_policy.firehose
  id = "shop-firehose:firelens-kit"
}

import {
  to = aws_cloudwatch_log_group.log_router
  id = "/firelens-kit/shop/router"
}

import {
  to = aws_cloudwatch_log_metric_filter.log_router
  id = "/firelens-kit/shop/router:router-errors"
}

import {
  to = aws_cloudwatch_log_group.delivery_errors
  id = "/firelens-kit/shop/firehose"
}

import {
  to = aws_cloudwatch_log_group.cloudwatch
  id = "/ecs/shop/httpd"
}

import {
  to = aws_s3_bucket.archive
  id = "shop-archive"
}

import {
  to = aws_s3_bucket_public_access_block.archive
  id = "shop-archive"
}

import {
  to = aws_s3_bucket_ownership_controls.archive
  id = "shop-archive"
}

import {
  to = aws_s3_bucket_server_side_encryption_configuration.archive
  id = "shop-archive"
}

import {
  to = aws_s3_bucket_policy.archive
  id = "shop-archive"
}

import {
  to = aws_s3_bucket_lifecycle_configuration.archive
  id = "shop-archive"
}

import {
  to = aws_cloudwatch_log_stream.archive
  id = "/firelens-kit/shop/firehose:shop-logs"
}

import {
  to = aws_kinesis_firehose_delivery_stream.archive
  id = "arn:aws:firehose:eu-west-1:${local.account_id}:deliverystream/shop-logs"
}

import {
  to = aws_kinesis_stream.stream
  id = "shop-stream"
}

import {
  to = aws_s3_bucket.files
  id = "shop-files-${local.account_id}-eu-west-1"
}

import {
  to = aws_s3_bucket_public_access_block.files
  id = "shop-files-${local.account_id}-eu-west-1"
}

import {
  to = aws_s3_bucket_ownership_controls.files
  id = "shop-files-${local.account_id}-eu-west-1"
}

import {
  to = aws_s3_bucket_server_side_encryption_configuration.files
  id = "shop-files-${local.account_id}-eu-west-1"
}

import {
  to = aws_s3_bucket_policy.files
  id = "shop-files-${local.account_id}-eu-west-1"
}

import {
  to = aws_s3_bucket_lifecycle_configuration.files
  id = "shop-files-${local.account_id}-eu-west-1"
}

data "aws_security_group" "deployed" {
  filter {
    name   = "group-name"
    values = ["shop-app"]
  }

  filter {
    name   = "tag:firelens-kit:stack"
    values = ["shop"]
  }
}

import {
  to = aws_security_group.app
  id = data.aws_security_group.deployed.id
}

import {
  to = aws_ecs_cluster.app
  id = "shop"
}

data "aws_ecs_task_definition" "deployed" {
  task_definition = "shop"
}

import {
  to = aws_ecs_task_definition.app
  id = data.aws_ecs_task_definition.deployed.arn
}

import {
  to = aws_ecs_service.app
  id = "shop/shop"
}
