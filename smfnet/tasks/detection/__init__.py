"""Detection: what a detector finds in fused images, held against boxes."""
