"""One page with every method's image of every scene, for looking."""
