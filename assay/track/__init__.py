"""Trackers that are told of a run: TensorBoard, MLflow and W&B, each in a process of its own, none able to fail it."""
