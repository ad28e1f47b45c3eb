# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

output "log_groups" {
  description = "The log groups' names."
  value = {
    log_router = aws_cloudwatch_log_group.log_router.name
    live       = aws_cloudwatch_log_group.live.name
  }
}

output "buckets" {
  description = "The buckets' names, by destination."
  value = {
    files = aws_s3_bucket.files.bucket
  }
}

output "role_arns" {
  description = "The roles' ARNs."
  value = {
    task      = aws_iam_role.task.arn
    execution = aws_iam_role.execution.arn
  }
}

output "repository_url" {
  description = "Where firelens-kit push brings the router's image to."
  value       = aws_ecr_repository.log_router.repository_url
}
