"""A pull request is the session: a Snapshot goes in, a pure decision gives Actions, applying them answers people."""
