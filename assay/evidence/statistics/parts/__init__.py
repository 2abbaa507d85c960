"""Effects, interactions and shares of the parts of a design, with intervals and words."""
