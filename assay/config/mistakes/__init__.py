"""Mistakes in what a user writes that Python or OmegaConf would take in silence."""
