"""Published data sets by name: what they are, where they come from, and whether a copy is whole."""
