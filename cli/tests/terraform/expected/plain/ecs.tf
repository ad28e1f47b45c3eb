# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_ecs_cluster" "app" {
  name = "shop"
  tags = local.tags
}

resource "aws_ecs_task_definition" "app" {
  family                   = "shop"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = "256"
  memory                   = "2048"
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions = jsonencode([
    {
      name              = "httpd"
      image             = "httpd:2.4"
      essential         = true
      memoryReservation = 512
      logConfiguration = {
        logDriver = "awsfirelens"
        options = {
          log-driver-buffer-limit = "15000"
        }
      }
      dependsOn = [{
        containerName = "log_router"
        condition     = "HEALTHY"
      }]
    },
    {
      name              = "log_router"
      image             = var.router_image
      essential         = true
      memory            = 512
      memoryReservation = 256
      user              = "0"
      firelensConfiguration = {
        type = "fluentbit"
        options = {
          config-file-type        = "file"
          config-file-value       = "/firelens-kit/pipeline.conf"
          enable-ecs-log-metadata = "true"
        }
      }
      healthCheck = {
        command     = ["CMD-SHELL", "curl -fsS http://127.0.0.1:2020/api/v1/uptime || exit 1"]
        interval    = 5
        timeout     = 5
        retries     = 5
        startPeriod = 30
      }
      restartPolicy = {
        enabled              = true
        restartAttemptPeriod = 60
      }
      stopTimeout = 45
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.log_router.name
          awslogs-region        = local.region
          awslogs-stream-prefix = "firelens"
        }
      }
      mountPoints = [{
        sourceVolume  = "firelens-kit-buffer"
        containerPath = "/var/lib/firelens-kit"
      }]
    },
  ])
  skip_destroy = true
  tags         = local.tags

  runtime_platform {
    cpu_architecture        = "X86_64"
    operating_system_family = "LINUX"
  }

  volume {
    name = "firelens-kit-buffer"
  }
}

resource "aws_ecs_service" "app" {
  name                               = "shop"
  cluster                            = aws_ecs_cluster.app.arn
  task_definition                    = aws_ecs_task_definition.app.arn
  desired_count                      = 1
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  wait_for_steady_state              = true
  tags                               = local.tags

  network_configuration {
    subnets          = data.aws_subnets.default.ids
    security_groups  = [aws_security_group.app.id]
    assign_public_ip = true
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  lifecycle {
    ignore_changes = [desired_count]
  }

  depends_on = [
    aws_iam_role_policy.task,
    aws_iam_role_policy.execution,
    aws_cloudwatch_log_group.cloudwatch,
    aws_s3_bucket.archive,
    aws_kinesis_firehose_delivery_stream.archive,
  ]
}
