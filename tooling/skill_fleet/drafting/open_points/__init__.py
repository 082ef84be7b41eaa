"""What a maintainer has to settle, with the place: the open points."""
