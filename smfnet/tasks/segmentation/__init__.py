"""Segmentation: a network that reads fused images and names the class of every pixel, as a study of the engine."""
