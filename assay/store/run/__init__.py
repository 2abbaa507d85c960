"""The folder of a run: its record, its log, and what its trials leave there."""
