"""One module per command: parse, call the rooms below, print, return the exit code."""
