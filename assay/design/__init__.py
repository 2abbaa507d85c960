"""Designs: which combinations of a study's parts are trained, and which sums of them tell what."""
