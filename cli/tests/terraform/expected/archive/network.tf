# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

data "aws_vpc" "default" {
  default = true
}

resource "aws_security_group" "app" {
  name        = "shop-app"
  description = "Tasks of the firelens-kit stack shop"
  vpc_id      = data.aws_vpc.default.id
  tags        = local.tags

  ingress {
    from_port        = 8080
    to_port          = 8080
    protocol         = "tcp"
    cidr_blocks      = ["10.0.0.0/8"]
    ipv6_cidr_blocks = ["2001:db8::/32", "::ffff:10.0.0.0/104"]
    security_groups  = ["sg-0123456789abcdef1"]
    prefix_list_ids  = ["pl-0123456789abcdef2"]
  }

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
