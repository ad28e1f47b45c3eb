# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_ecs_cluster" "app" {
  name = "shop"
  tags = local.tags
}

resource "aws_ecs_task_definition" "app" {
  family                   = "shop"
  network_mode             = "awsvpc"
  requires_compatibilities = ["FARGATE"]
  cpu                      = "1024"
  memory                   = "3072"
  task_role_arn            = aws_iam_role.task.arn
  execution_role_arn       = aws_iam_role.execution.arn
  container_definitions = jsonencode([
    {
      name      = "httpd"
      image     = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/httpd:2.4.65-1"
      essential = true
      cpu       = 256
      memory    = 512
      portMappings = [{
        containerPort = 80
        protocol      = "tcp"
      }]
      environment = [
        {
          name  = "TZ"
          value = "UTC"
        },
        {
          name  = "MODE"
          value = "production"
        },
      ]
      healthCheck = {
        command = ["CMD-SHELL", "curl -f http://127.0.0.1/ || exit 1"]
      }
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
      name              = "rails"
      image             = "shop/rails:1.4.0"
      essential         = true
      memoryReservation = 512
      secrets = [{
        name      = "SECRET_KEY_BASE"
        valueFrom = "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"
      }]
      command = ["bin/rails", "server"]
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
      name              = "worker"
      image             = "shop/rails:1.4.0"
      essential         = true
      memoryReservation = 512
      command           = ["bin/jobs"]
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
      memory            = 1024
      memoryReservation = 512
      user              = "1000:1000"
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
      stopTimeout            = 45
      readonlyRootFilesystem = true
      logConfiguration = {
        logDriver = "awslogs"
        options = {
          awslogs-group         = aws_cloudwatch_log_group.log_router.name
          awslogs-region        = "eu-west-1"
          awslogs-stream-prefix = "firelens"
        }
      }
      mountPoints = [{
        sourceVolume  = "firelens-kit-buffer"
        containerPath = "/var/lib/firelens-kit"
      }]
      environment = [{
        name  = "FIRELENS_KIT_FILES_BUCKET"
        value = aws_s3_bucket.files.bucket
      }]
      secrets = [{
        name      = "FIRELENS_KIT_SEARCH_HTTP_PASSWD"
        valueFrom = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:search-AbCdEf"
      }]
    },
  ])
  skip_destroy = true
  tags         = local.tags

  runtime_platform {
    cpu_architecture        = "ARM64"
    operating_system_family = "LINUX"
  }

  ephemeral_storage {
    size_in_gib = 57
  }

  volume {
    name = "firelens-kit-buffer"
  }
}

resource "aws_ecs_service" "app" {
  name                               = "shop"
  cluster                            = aws_ecs_cluster.app.arn
  task_definition                    = aws_ecs_task_definition.app.arn
  desired_count                      = 3
  launch_type                        = "FARGATE"
  platform_version                   = "LATEST"
  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200
  propagate_tags                     = "SERVICE"
  enable_ecs_managed_tags            = true
  wait_for_steady_state              = true
  tags                               = local.tags

  network_configuration {
    subnets          = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
    security_groups  = ["sg-0123456789abcdef0", aws_security_group.app.id]
    assign_public_ip = false
  }

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  depends_on = [
    aws_iam_role_policy.task,
    aws_iam_role_policy.execution,
    aws_cloudwatch_log_group.cloudwatch,
    aws_s3_bucket.archive,
    aws_kinesis_firehose_delivery_stream.archive,
    aws_kinesis_stream.stream,
    aws_s3_bucket.files,
  ]
}
