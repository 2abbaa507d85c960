"""A study that is a command: a YAML file names a training script as it is, in any framework and any language."""
