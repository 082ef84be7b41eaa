"""A GitHub on loopback: real Git, real HTTP, the shapes of GitHub's own API description, and its known refusals."""
