"""The folder that is viewed: what is in it, how far each run is, and what was read of it and is still true."""
