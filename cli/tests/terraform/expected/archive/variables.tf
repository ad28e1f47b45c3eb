# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

variable "router_image" {
  description = "The router's image, as firelens-kit push printed it: REPOSITORY@sha256:… or REPOSITORY:TAG."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@]+(@sha256:[0-9a-f]{64}|:[0-9A-Za-z_][0-9A-Za-z_.-]*)$", var.router_image)) && !endswith(var.router_image, ":latest")
    error_message = "The image needs a digest, or a tag other than latest."
  }
}

variable "delete_data" {
  description = "Whether destroying deletes the logs, too. Without it, log groups stay, and so do buckets that are not empty."
  type        = bool
  default     = false
  nullable    = false
}
