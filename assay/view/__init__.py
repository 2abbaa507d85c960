"""The live page: runs, searches and stores below one folder, in a browser on this machine."""
