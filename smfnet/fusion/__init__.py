"""From two images to a fused one: the test step, training-free rules, users' files, fused images of any method."""
