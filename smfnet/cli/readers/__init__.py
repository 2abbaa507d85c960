"""What `tasks` does: read images by a detector as it is, or by networks that are trained for it."""
