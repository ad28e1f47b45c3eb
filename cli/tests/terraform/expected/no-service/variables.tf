# Written by firelens-kit export terraform from firelens.toml: change that file, and export again.

variable "delete_data" {
  description = "Whether destroying deletes the logs, too. Without it, log groups stay, and so do buckets that are not empty."
  type        = bool
  default     = false
  nullable    = false
}
