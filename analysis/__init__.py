"""What a person runs or opens: ``table5``, ``calibration``, notebooks, printed tables. The code is assay.evidence."""
