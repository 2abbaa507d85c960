"""Fused images of many methods: where they and their sources are, and what they measure beside what is in print."""
