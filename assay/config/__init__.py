"""Typed configuration: frozen sections, composition, variants."""
