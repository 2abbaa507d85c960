"""Writing on this machine: whole or not at all, by one at a time, and where nobody else may."""
