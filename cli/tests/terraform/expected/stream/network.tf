# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

data "aws_vpc" "default" {
  default = true
}

resource "aws_security_group" "app" {
  name        = "events-app"
  description = "Tasks of the firelens-kit stack events"
  vpc_id      = data.aws_vpc.default.id
  tags        = local.tags

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }

  lifecycle {
    ignore_changes = [egress]
  }
}

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}
