"""What is wrong with a fleet, as Findings: one small function a rule, content errors are data, nothing ever raises."""
