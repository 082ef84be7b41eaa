"""A whole session on the double: a draft of the bot, what people say about it, the merge. Used whole and in parts."""

from __future__ import annotations

from dataclasses import dataclass

from scene import ADA, BOT, GRACE, MALLORY, Scene

import gitbed
from review.scenes import DRAFT, NOTES, SKILL, SUGGESTION, TEXTS
from skill_fleet.forges import Anchor
from skill_fleet.forges.github import GitHubForge
from skill_fleet.git import Identity, fetch
from skill_fleet.proposals import Where, open_pull_request, put_branch
from skill_fleet.review import check_gates, merge_trailers, step, write_message


@dataclass
class Session:
    """A session, as the commands run it. Every turn opens its forges anew, as every run of a job does."""

    scene: Scene

    def bot(self, bed: gitbed.Bed | None = None) -> GitHubForge:
        """The forge as the bot, from one of the clones."""
        return self.scene.forge(BOT, bot=True, bed=bed)

    def open(self) -> None:
        """What `create` does for Ada once there is a draft; again after a stop, it goes on."""
        forge = self.bot()
        fetch(forge.repo, "origin", ["+refs/heads/*:refs/remotes/origin/*"], prune=True)
        where = Where("origin", "main", forge.repo.resolve("refs/remotes/origin/main"))
        asked_by, bot = Identity(ADA.login, str(ADA.id)), Identity(BOT.login, str(BOT.id))
        tip, _ = put_branch(forge.repo, where, DRAFT, TEXTS, "5e55", asked_by, bot)
        open_pull_request(forge, where, DRAFT, TEXTS, tip)

    def turn(self, bed: gitbed.Bed | None = None) -> tuple[str, ...]:
        """The bot's turn."""
        forge = self.bot(bed)
        return step(forge.repo, forge, 1)

    def suggest(self) -> str:
        """Grace suggests another description on its line."""
        return self.scene.forge(GRACE).comment_on(1, SUGGESTION, Anchor(SKILL, "", 3, 3))

    def talk(self) -> None:
        """What people say about the draft."""
        grace, ada = self.scene.forge(GRACE), self.scene.forge(ADA)
        self.suggest()
        ada.comment_on(1, "```suggestion\nzwei\n```", Anchor(NOTES, "", 2, 2))
        grace.review(1, "changes_requested", "/describe Do x well. Use it when x is asked for.")
        self.scene.forge(MALLORY).comment(1, "/cancel")
        ada.comment(1, "In a fence:\n```\n/cancel\n```\n> /cancel\n\nNo order.")

    def approve(self) -> None:
        """Grace approves the head."""
        self.scene.forge(GRACE).review(1, "approved", "")

    def promote(self) -> None:
        """What `promote` does: the gates, the merge as a person, the bot's last turn."""
        forge = self.scene.forge(GRACE)
        snapshot = forge.snapshot(1)
        if snapshot.state == "open":
            assert all(gate.met for gate in check_gates(snapshot, 0)), check_gates(snapshot, 0)
            forge.set_draft(1, False)
            forge.merge(1, snapshot.head_oid, write_message("Merge it", "", merge_trailers(snapshot)))
        self.turn()
