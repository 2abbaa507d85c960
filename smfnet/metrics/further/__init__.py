"""Metrics of the field beside those of the paper's tables: each in one convention, which its entry names."""
