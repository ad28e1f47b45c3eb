# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

output "log_groups" {
  description = "The log groups' names."
  value = {
    log_router = aws_cloudwatch_log_group.log_router.name
  }
}

output "data_streams" {
  description = "The data streams' ARNs, by destination."
  value = {
    stream = aws_kinesis_stream.stream.arn
  }
}

output "role_arns" {
  description = "The roles' ARNs."
  value = {
    task      = aws_iam_role.task.arn
    execution = aws_iam_role.execution.arn
  }
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
