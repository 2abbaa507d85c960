"""Does fusing help a task? Detectors and segmentation networks that read fused images (the paper's Tables 2 and 3)."""
