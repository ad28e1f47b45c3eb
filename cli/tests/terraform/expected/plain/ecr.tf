# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_ecr_repository" "log_router" {
  name                 = "shop-log-router"
  image_tag_mutability = "IMMUTABLE"
  force_delete         = true
  tags                 = local.tags

  encryption_configuration {
    encryption_type = "AES256"
  }

  image_scanning_configuration {
    scan_on_push = true
  }
}

resource "aws_ecr_lifecycle_policy" "log_router" {
  repository = aws_ecr_repository.log_router.name
  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "the last 30 images stay"
        selection = {
          tagStatus      = "tagged"
          tagPatternList = ["*"]
          countType      = "imageCountMoreThan"
          countNumber    = 30
        }
        action = {
          type = "expire"
        }
      },
      {
        rulePriority = 2
        description  = "what no tag leads to goes"
        selection = {
          tagStatus   = "untagged"
          countType   = "sinceImagePushed"
          countUnit   = "days"
          countNumber = 14
        }
        action = {
          type = "expire"
        }
      },
    ]
  })
}
