"""What a command shows while it works, and what `--plan` prints."""
