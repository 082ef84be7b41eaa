"""Notes: an example of a topic with owners, to be replaced by yours."""
