"""The long part with a model: every reply is remembered as it comes, so that a stop or a failure costs none of them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from skill_fleet.cli.chat.agreeing import Agreement
from skill_fleet.cli.chat.memory import Memory
from skill_fleet.cli.chat.talk import Talk
from skill_fleet.cli.drafting import Wish
from skill_fleet.cli.propose import Proposal
from skill_fleet.cli.written import write
from skill_fleet.drafting.types import Brief
from skill_fleet.fleet.fleet import Fleet
from skill_fleet.fleet.git import Repository
from skill_fleet.review.opening import Where

if TYPE_CHECKING:
    from skill_fleet.drafting.model.drafter import DspyDrafter
    from skill_fleet.drafting.model.settings import ModelSettings
    from skill_fleet.drafting.model.understanding import Understood

OFTEN = 20.0  # seconds; whoever kills the process loses at most the replies of that time
_ONE_QUESTION = 2  # replies: the first, and the one to the second try


@dataclass
class Writing:
    """One run of a model in a session. `before` is how many replies there were when the brief was agreed on."""

    talk: Talk
    memory: Memory
    agreement: Agreement
    settings: ModelSettings
    record: Path | None
    replay: Path | None
    before: int = 0
    saved: float = 0.0

    def write(self, wish: Wish, fleet: Fleet, repo: Repository, where: Where) -> Proposal:
        """The draft of the brief that is agreed on. ModelFailed, Left and Ctrl-C leave everything said remembered.

        Replies that were refused are not: played again, they would be refused for ever.
        """
        from skill_fleet.drafting.model.ask import Refused
        from skill_fleet.drafting.model.failure import Unsafe

        refused = 0
        try:
            return write(
                self.settings, wish, fleet, repo, where, asks=False, record=self.record, replay=self.replay,
                agree=self._agree, told=self._told,
            )  # fmt: skip
        except Refused:
            refused = _ONE_QUESTION
            raise
        except Unsafe:
            refused = self.memory.replies() - self.before
            raise
        finally:
            self.talk.steps.stop()
            self.memory.save(refused)

    def _agree(self, drafter: DspyDrafter, understood: Understood) -> Brief:
        brief = self.agreement(drafter, understood)
        self.before = self.memory.replies()
        return brief

    def _told(self, step: str, seconds: float, left: int) -> None:
        if time.monotonic() - self.saved > OFTEN:
            self.saved = time.monotonic()
            self.memory.save()
        self.talk.steps(step, seconds, left)
