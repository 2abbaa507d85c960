"""The memory: entries named by what they are made of, run folders, files that are whole or not there."""
