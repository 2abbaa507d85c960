"""Fusion of an image of any size in bounded memory: tile by tile, with the statistics of the whole image."""
