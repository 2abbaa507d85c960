"""How often verdicts are wrong, on simulated tables whose truth is known; docs/calibration.md has what came out."""
