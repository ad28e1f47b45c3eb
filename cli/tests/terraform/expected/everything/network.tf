# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

resource "aws_security_group" "app" {
  name        = "shop-app"
  description = "Tasks of the firelens-kit stack shop"
  vpc_id      = "vpc-0123456789abcdef0"
  tags        = local.tags

  ingress {
    from_port       = 80
    to_port         = 80
    protocol        = "tcp"
    cidr_blocks     = ["10.0.0.0/8"]
    security_groups = ["sg-0123456789abcdef1"]
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
