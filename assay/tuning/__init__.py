"""Hyperparameter search: spaces, objectives, one memory in an Optuna study, and the source of its trials."""
