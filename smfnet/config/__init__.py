"""Typed configuration: frozen classes, presets, composition, variants."""
