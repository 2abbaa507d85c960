"""What the branches and the fusion layers are made of."""
