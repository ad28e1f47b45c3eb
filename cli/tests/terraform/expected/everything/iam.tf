# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

data "aws_iam_policy_document" "task_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:ecs:eu-west-1:${local.account_id}:*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "task" {
  name                 = "shop-task"
  path                 = "/firelens-kit/shop/"
  description          = "What the tasks of the stack may do: write to its destinations"
  assume_role_policy   = data.aws_iam_policy_document.task_trust.json
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  tags                 = local.tags
}

data "aws_iam_policy_document" "task" {
  statement {
    sid     = "LogGroups"
    actions = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = [
      "${aws_cloudwatch_log_group.cloudwatch.arn}:log-stream:*",
      "arn:aws:logs:eu-west-1:${local.account_id}:log-group:/ecs/all:log-stream:*",
    ]
  }

  statement {
    sid       = "DeliveryStreams"
    actions   = ["firehose:PutRecordBatch"]
    resources = [aws_kinesis_firehose_delivery_stream.archive.arn]
  }

  statement {
    sid       = "DataStreams"
    actions   = ["kinesis:PutRecords"]
    resources = [aws_kinesis_stream.stream.arn]
  }

  statement {
    sid       = "Objects"
    actions   = ["s3:PutObject", "s3:AbortMultipartUpload"]
    resources = ["${aws_s3_bucket.files.arn}/*", "arn:aws:s3:::shop-named/*"]
  }

  statement {
    sid       = "KeyOfObjects"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/files"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values   = [aws_s3_bucket.files.arn, "${aws_s3_bucket.files.arn}/*"]
    }
  }

  statement {
    sid       = "KeyOfDataStreams"
    actions   = ["kms:GenerateDataKey"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/stack"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["kinesis.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:kinesis:arn"
      values   = [aws_kinesis_stream.stream.arn]
    }
  }
}

resource "aws_iam_role_policy" "task" {
  name   = "firelens-kit"
  role   = aws_iam_role.task.name
  policy = data.aws_iam_policy_document.task.json
}

data "aws_iam_policy_document" "execution_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["arn:aws:ecs:eu-west-1:${local.account_id}:*"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }
  }
}

resource "aws_iam_role" "execution" {
  name                 = "shop-execution"
  path                 = "/firelens-kit/shop/"
  description          = "What ECS does for the tasks of the stack: images, logs, secrets"
  assume_role_policy   = data.aws_iam_policy_document.execution_trust.json
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  tags                 = local.tags
}

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "RegistryLogin"
    actions   = ["ecr:GetAuthorizationToken"]
    resources = ["*"]
  }

  statement {
    sid       = "Images"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"]
    resources = ["arn:aws:ecr:eu-west-1:123456789012:repository/httpd"]
  }

  statement {
    sid       = "ContainerLogs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.log_router.arn}:log-stream:*"]
  }

  statement {
    sid       = "Secrets"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:search-AbCdEf"]
  }

  statement {
    sid       = "Parameters"
    actions   = ["ssm:GetParameters"]
    resources = ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"]
  }

  statement {
    sid       = "KeyOfSecrets"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/secrets"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:SecretARN"
      values   = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:search-AbCdEf"]
    }
  }

  statement {
    sid       = "KeyOfSecrets2"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/stack"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["secretsmanager.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:SecretARN"
      values   = ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:search-AbCdEf"]
    }
  }

  statement {
    sid       = "KeyOfParameters"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/secrets"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ssm.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:PARAMETER_ARN"
      values   = ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"]
    }
  }

  statement {
    sid       = "KeyOfParameters2"
    actions   = ["kms:Decrypt"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/stack"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["ssm.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:PARAMETER_ARN"
      values   = ["arn:aws:ssm:eu-west-1:123456789012:parameter/shop/key"]
    }
  }
}

resource "aws_iam_role_policy" "execution" {
  name   = "firelens-kit"
  role   = aws_iam_role.execution.name
  policy = data.aws_iam_policy_document.execution.json
}

data "aws_iam_policy_document" "firehose_trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "firehose" {
  name                 = "shop-firehose"
  path                 = "/firelens-kit/shop/"
  description          = "What the stack's delivery streams do: write to their buckets"
  assume_role_policy   = data.aws_iam_policy_document.firehose_trust.json
  permissions_boundary = "arn:aws:iam::123456789012:policy/boundary"
  tags                 = local.tags
}

data "aws_iam_policy_document" "firehose" {
  statement {
    sid       = "Buckets"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [aws_s3_bucket.archive.arn]
  }

  statement {
    sid     = "Objects"
    actions = ["s3:PutObject", "s3:GetObject", "s3:AbortMultipartUpload"]
    resources = [
      "${aws_s3_bucket.archive.arn}/archive/route=*",
      "${aws_s3_bucket.archive.arn}/archive-errors/*",
    ]
  }

  statement {
    sid       = "DeliveryErrors"
    actions   = ["logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.delivery_errors.arn}:log-stream:*"]
  }

  statement {
    sid       = "KeyOfObjects"
    actions   = ["kms:GenerateDataKey", "kms:Decrypt"]
    resources = ["arn:aws:kms:eu-west-1:123456789012:key/stack"]

    condition {
      test     = "StringEquals"
      variable = "kms:ViaService"
      values   = ["s3.eu-west-1.amazonaws.com"]
    }

    condition {
      test     = "StringLike"
      variable = "kms:EncryptionContext:aws:s3:arn"
      values = [
        aws_s3_bucket.archive.arn,
        "${aws_s3_bucket.archive.arn}/archive-errors/*",
        "${aws_s3_bucket.archive.arn}/archive/route=*",
      ]
    }
  }
}

resource "aws_iam_role_policy" "firehose" {
  name   = "firelens-kit"
  role   = aws_iam_role.firehose.name
  policy = data.aws_iam_policy_document.firehose.json
}
