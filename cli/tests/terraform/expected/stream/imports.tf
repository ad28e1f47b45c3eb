# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

import {
  to = aws_iam_role.task
  id = "events-task"
}

import {
  to = aws_iam_role_policy.task
  id = "events-task:firelens-kit"
}

import {
  to = aws_iam_role.execution
  id = "events-execution"
}

import {
  to = aws_iam_role_policy.execution
  id = "events-execution:firelens-kit"
}

import {
  to = aws_cloudwatch_log_group.log_router
  id = "/firelens-kit/events/router"
}

import {
  to = aws_kinesis_stream.stream
  id = "events-stream"
}

data "aws_security_group" "deployed" {
  filter {
    name   = "group-name"
    values = ["events-app"]
  }

  filter {
    name   = "tag:firelens-kit:stack"
    values = ["events"]
  }
}

import {
  to = aws_security_group.app
  id = data.aws_security_group.deployed.id
}

import {
  to = aws_ecs_cluster.app
  id = "events"
}

data "aws_ecs_task_definition" "deployed" {
  task_definition = "events"
}

import {
  to = aws_ecs_task_definition.app
  id = data.aws_ecs_task_definition.deployed.arn
}

import {
  to = aws_ecs_service.app
  id = "events/events"
}
