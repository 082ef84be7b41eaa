"""Forget the repository that a calling Git (a hook, an alias) has put into our environment."""

from __future__ import annotations

import os

# With any of these set, every Git command of ours would work on the caller's repository or index.
NAMES = (
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
)


def forget_inherited_repository() -> None:
    """Drop those variables from this process; call it once, before anything else."""
    for name in NAMES:
        os.environ.pop(name, None)
