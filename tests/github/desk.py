"""A clone of the double where people, and the bot, type commands in this process, each with a token of their own."""

from __future__ import annotations

import pytest
from scene import Account, Scene, token_of

from skill_fleet.cli.main import main


class Desk:
    """A clone where each in turn types with a token."""

    def __init__(self, scene: Scene, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.scene, self.patch, self.capsys = scene, patch, capsys
        patch.chdir(scene.clone.path)

    def type(self, account: Account, *words: str) -> tuple[int, str, str]:
        """Run a command, and return its status, output and errors; none of them may contain the token."""
        for name, value in self.scene.double.environment(token_of(account)).items():
            self.patch.setenv(name, value)
        status = main(list(words))
        said = self.capsys.readouterr()
        assert token_of(account) not in said.out + said.err
        return status, said.out, said.err
