"""How the next sample is drawn."""
