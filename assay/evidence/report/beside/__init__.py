"""Runs beside each other: what may be compared of them, and what came out."""
