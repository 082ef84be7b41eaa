"""What has one right answer, mended: pure functions from what a skill is to what it should be."""
