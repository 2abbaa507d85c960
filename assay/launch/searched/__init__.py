"""What comes of a search: its record and files, the best configuration, its confirmation."""
