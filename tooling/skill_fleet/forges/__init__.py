"""Pull requests as one Snapshot, and what may be done to them, behind one protocol for every forge."""
