# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

output "log_groups" {
  description = "The log groups' names."
  value = {
    log_router      = aws_cloudwatch_log_group.log_router.name
    delivery_errors = aws_cloudwatch_log_group.delivery_errors.name
    cloudwatch      = aws_cloudwatch_log_group.cloudwatch.name
  }
}

output "buckets" {
  description = "The buckets' names, by destination."
  value = {
    archive = aws_s3_bucket.archive.bucket
  }
}

output "delivery_streams" {
  description = "The delivery streams' ARNs, by destination."
  value = {
    archive = aws_kinesis_firehose_delivery_stream.archive.arn
  }
}

output "role_arns" {
  description = "The roles' ARNs."
  value = {
    task      = aws_iam_role.task.arn
    execution = aws_iam_role.execution.arn
    firehose  = aws_iam_role.firehose.arn
  }
}

output "repository_url" {
  description = "Where firelens-kit push brings the router's image to."
  value       = aws_ecr_repository.log_router.repository_url
}

output "security_group_id" {
  description = "The security group of the tasks."
  value       = aws_security_group.app.id
}

output "cluster_name" {
  description = "The cluster."
  value       = aws_ecs_cluster.app.name
}

output "task_definition_arn" {
  description = "The task definition's revision."
  value       = aws_ecs_task_definition.app.arn
}

output "service_name" {
  description = "The service."
  value       = aws_ecs_service.app.name
}
