"""What is to be done, in which order, and what it will take."""
