"""A clone, a double beside it, and forges that look at it: what the tests here stand on."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from double.bare import Bare
from double.server import Double, running
from double.world import NAME, Account, Pull, World

import gitbed
from forges.grounds import FILES, Ground
from skill_fleet.forges import Actor
from skill_fleet.forges.github import ACTIONS, GitHubForge, as_bot, connect

ADA = Account(1001, "ada", name="Ada Byron", email="ada@example.org")
GRACE = Account(1002, "grace", name="Grace Murray", email="grace@example.org")
MALLORY = Account(1003, "mallory", permission="read")
OWNER = Account(1000, "fleet", permission="admin")
BOT = Account(int(ACTIONS.id), ACTIONS.name, kind="Bot")
PEOPLE = (ADA, GRACE, MALLORY, OWNER, BOT)


def token_of(account: Account) -> str:
    """The token of an account; recognisable, so that a test can look for it where it must not be."""
    return f"SECRET-of-{account.login}"


def actor_of(account: Account) -> Actor:
    """The account as snapshots have it."""
    return Actor(str(account.id), account.login)


def prepare(folder: Path) -> None:
    """Make a bare repository with the branch draft/x, and two clones: copied for each test."""
    origin, clone = gitbed.make_origin_and_clone(folder)
    clone.commit_to("draft/x", FILES, "Draft web/x")
    clone.git("push", "--quiet", "origin", "draft/x")
    clone.git("branch", "--quiet", "-D", "draft/x")
    gitbed.clone(origin, folder / "second")
    origin.path.rename(folder / f"{NAME}.git")
    Bare(folder / f"{NAME}.git").prepare()
    for name in (f"{NAME}.git", "clone", "second"):
        gitbed.Bed(folder / name).pack()


@dataclass
class Scene:
    """The double with its repository, and the clones."""

    double: Double
    origin: gitbed.Bed
    clone: gitbed.Bed
    second: gitbed.Bed
    stack: ExitStack
    pauses: list[float] = field(default_factory=list)
    """How long the client would have waited."""

    @property
    def world(self) -> World:
        """What the double remembers."""
        return self.double.world

    def forge(
        self,
        account: Account,
        *,
        bed: gitbed.Bed | None = None,
        bot: bool = False,
        as_me: bool = False,
        **options: object,
    ) -> GitHubForge:
        """The forge, opened with the account's token; with `bot` it acts as the bot."""
        env = {**self.double.environment(token_of(account)), **options.pop("env", {})}  # type: ignore[dict-item]
        repo = (bed or self.clone).repo
        forge = connect(repo, env, pause=self.pauses.append, **options)  # type: ignore[arg-type]
        self.stack.callback(forge.calls.close)
        return as_bot(forge, as_me=as_me) if bot else forge

    def ground(self) -> Ground:
        """The scene as the contract knows it."""
        bot = self.forge(BOT, bot=True)
        here = [self.forge(ADA), self.forge(GRACE), bot, self.forge(OWNER, bed=self.second)]
        return Ground(*here, self.clone, self.origin)

    def pull(self, author: Account = ADA, head: str = "draft/x", *, draft: bool = False, number: int = 1) -> Pull:
        """A pull request that is simply there."""
        oid = self.origin.tip(head)
        pull = Pull(number, author, "Draft web/x", "The **brief**.", head, oid, "main", draft, self.world.tick())
        self.world.pulls[number] = pull
        self.world.git.keep(number, oid)
        return pull


@contextmanager
def set_up(template: Path, folder: Path) -> Iterator[Scene]:
    """A scene of its own; at the end nothing may have been of a wrong shape."""
    gitbed.copy_folder(template, folder)
    origin = gitbed.Bed(folder / f"{NAME}.git")
    clone, second = gitbed.Bed(folder / "clone"), gitbed.Bed(folder / "second")
    tokens = {token_of(each): each for each in PEOPLE}
    world = World(Bare(origin.path), {each.login: each for each in PEOPLE}, tokens)
    with ExitStack() as stack, running(world) as double:
        header = base64.b64encode(f"x:{token_of(OWNER)}".encode()).decode()
        for bed in (clone, second):  # as actions/checkout leaves a clone: with a header of its own
            if bed.path.exists():
                config = bed.path / ".git" / "config"
                text = re.sub(r"(?m)^\turl = .*", f"\turl = {double.git_url}", config.read_text())
                text = re.sub(r'(?ms)^\[http ".*?(?=^\[|\Z)', "", text)  # of the scene that this is a copy of
                extra = f'[http "{double.address}/"]\n\textraheader = Authorization: Basic {header}\n'
                config.write_text(text + extra)
        with stack:
            yield Scene(double, origin, clone, second, stack)
    assert not double.amiss, "\n".join(double.amiss)
