"""What a fleet publishes about itself: pure functions of the tree, the same bytes on every run and checkout."""
