"""SMFNet's own commands, and the front door to all of them."""
