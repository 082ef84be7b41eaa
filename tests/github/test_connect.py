"""Which GitHub, whose token, and who the bot is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from scene import ADA, BOT, GRACE, Scene, actor_of, token_of

import gitbed
from forges.grounds import NOTES
from skill_fleet.errors import UserError
from skill_fleet.forges import Anchor
from skill_fleet.forges.github import choose, find_place
from skill_fleet.proposals import forge_here

HOME = "https://github.com"


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://github.com/acme/skills.git", ("acme/skills", "origin")),
        ("https://github.com/acme/skills", ("acme/skills", "origin")),
        ("https://someone:secret@github.com/acme/skills.git/", ("acme/skills", "origin")),
        ("git@github.com:acme/skills.git", ("acme/skills", f"{HOME}/acme/skills.git")),
        ("ssh://git@github.com/acme/skills.git", ("acme/skills", f"{HOME}/acme/skills.git")),
        ("ssh://git@ssh.github.com:443/acme/skills.git", ("acme/skills", f"{HOME}/acme/skills.git")),
        ("git@github.com:acme/my.skills-2", ("acme/my.skills-2", f"{HOME}/acme/my.skills-2.git")),
        ("https://github.com.evil.example/acme/skills.git", None),
        ("https://evil.example/github.com/acme/skills.git", None),
        ("https://github.com@evil.example/acme/skills.git", None),
        ("git@evil.example:acme/skills.git", None),
        ("https://github.com/acme/skills/../../x.git", None),
        ("/srv/git/acme/skills.git", None),
        ("../origin.git", None),
    ],
)
def test_which_repository(bed: gitbed.Bed, url: str, found: tuple[str, str] | None) -> None:
    """The remote's address says it, in all the forms that Git knows; a token goes to no other server."""
    bed.git("remote", "add", "origin", url)
    place = find_place(bed.repo, {})
    assert (place and (place.full_name, place.git)) == found


def test_other_servers(bed: gitbed.Bed) -> None:
    """Actions says where the API is; elsewhere it follows from the server; never without encryption."""
    bed.git("remote", "add", "origin", "https://git.acme.example/a/b.git")
    place = find_place(bed.repo, {"GITHUB_SERVER_URL": "https://git.acme.example"})
    assert place and (place.api, place.graphql) == (
        "https://git.acme.example/api/v3",
        "https://git.acme.example/api/graphql",
    )
    bed.git("remote", "set-url", "origin", "https://acme.ghe.com/a/b.git")
    place = find_place(bed.repo, {"GITHUB_SERVER_URL": "https://acme.ghe.com"})
    assert place and (place.api, place.graphql) == ("https://api.acme.ghe.com", "https://api.acme.ghe.com/graphql")
    bed.git("remote", "set-url", "origin", "https://git.acme.example/a/b.git")
    for env in (
        {"GITHUB_SERVER_URL": "http://git.acme.example"},
        {"GITHUB_SERVER_URL": "https://git.acme.example", "GITHUB_API_URL": "http://api.acme.example"},
        {"GITHUB_SERVER_URL": "https://git.acme.example", "GITHUB_GRAPHQL_URL": "https://evil.example/graphql"},
    ):
        with pytest.raises(UserError):
            find_place(bed.repo, env)


def test_which_forge_and_why(bed: gitbed.Bed) -> None:
    """GitHub when the remote is; the sentence says whose token, and never the token."""
    assert choose(bed.repo, {}).place is None
    bed.git("remote", "add", "origin", "git@github.com:acme/skills.git")
    choice = choose(bed.repo, {})
    assert choice.place and not choice.token and "GH_TOKEN" in choice.why and "GITHUB_TOKEN" in choice.why
    choice = choose(bed.repo, {"GITHUB_TOKEN": "two", "GH_TOKEN": "one"})
    assert choice.token == "one" and "acme/skills" in choice.why and "GITHUB_TOKEN" not in choice.why
    assert "one" not in repr(choice).replace(choice.why, "")


@pytest.mark.parametrize(("script", "token"), [("echo $4-token", "github.com-token"), ("exit 1", ""), ("echo", "")])
def test_token_of_gh(bed: gitbed.Bed, tmp_path: Path, script: str, token: str) -> None:
    """GitHub's own tool is asked for its token for this server, unless the environment has one."""
    gh = tmp_path / "gh"
    gh.write_text(f"#!/bin/sh\n{script}\n")
    gh.chmod(0o755)
    bed.git("remote", "add", "origin", "git@github.com:acme/skills.git")
    choice = choose(bed.repo, {"PATH": str(tmp_path)})
    assert choice.token == token and choice.place and (not token or token not in repr(choice))
    assert choose(bed.repo, {"PATH": str(tmp_path), "GH_TOKEN": "mine"}).token == "mine"


def test_without_a_token_nothing_is_kept_here(bed: gitbed.Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A remote on GitHub and no token: exit 2, with both ways out, and no pull request that nobody asked for."""
    bed.git("remote", "add", "origin", "git@github.com:acme/skills.git")
    monkeypatch.chdir(bed.path)
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "SKILL_FLEET_FORGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", str(Path(shutil.which("git") or "").parent))
    with pytest.raises(UserError) as error:
        forge_here(bed.repo)
    assert "gh auth" in error.value.tip and "--forge local" in error.value.tip
    monkeypatch.setenv("SKILL_FLEET_FORGE", "local")
    assert forge_here(bed.repo).name == "local"


def test_who_the_bot_is(scene: Scene) -> None:
    """GitHub Actions, unless the token is an app's, or an account is named."""
    assert scene.forge(ADA).bot == actor_of(BOT)
    named = scene.forge(ADA, env={"SKILL_FLEET_BOT_ID": "1002"})
    assert (named.bot, named.actor) == (actor_of(GRACE), actor_of(ADA))
    with pytest.raises(UserError, match="77"):
        scene.forge(ADA, env={"SKILL_FLEET_BOT_ID": "77"})


def test_a_person_is_not_the_bot(scene: Scene) -> None:
    """Unless the account is named as the bot's, or lent with --as-me."""
    with pytest.raises(UserError, match=r"ada.* github-actions") as error:
        scene.forge(ADA, bot=True)
    assert "--as-me" in error.value.tip
    assert scene.forge(ADA, bot=True, env={"SKILL_FLEET_BOT_ID": "1001"}).actor == actor_of(ADA)


def test_a_lent_account(scene: Scene) -> None:
    """Only text with our mark is the bot's; the rest stays the person's, who approves nothing."""
    scene.pull(ADA)
    lent = scene.forge(ADA, bot=True, as_me=True)
    lent.comment(1, "<!-- skill-fleet receipt repository=1 pull=1 key=x:y/1 outcome=done digest= -->\nDone.")
    lent.comment(1, "/cancel")
    scene.forge(GRACE).edit(1, lent.comment(1, "<!-- skill-fleet x -->"), "<!-- skill-fleet y -->")
    snapshot = lent.snapshot(1)
    bot, person, edited = snapshot.items
    assert snapshot.bot.id == bot.author.id == edited.author.id == snapshot.author.id != person.author.id == "1001"
    assert edited.editor == actor_of(GRACE)
    assert snapshot.permissions == {snapshot.bot.id: "write", "1001": "write"}
    scene.world.pulls[1].author = GRACE
    scene.forge(ADA).review(1, "approved", "Fine.")
    assert [item.verdict for item in lent.snapshot(1).items] == [None, None, None, "commented"]


def test_a_repository_that_was_renamed(scene: Scene) -> None:
    """The clone has the old name: everything goes to the new one, for GitHub redirects no write."""
    scene.pull()
    scene.world.former = ("old", "name")
    scene.clone.git("config", "remote.origin.url", f"{scene.double.address}/old/name.git")
    forge = scene.forge(ADA)
    forge.comment(1, "x")
    assert (forge.snapshot(1).complete, forge.calls.place.full_name) == (True, "fleet/skills")


def test_a_remote_over_ssh(scene: Scene) -> None:
    """Fetched and pushed over HTTPS with the token: no key is needed, and none is asked for."""
    scene.pull()
    host = scene.double.address.removeprefix("http://")
    scene.clone.git("config", "remote.origin.url", f"ssh://git@{host}/fleet/skills.git")
    forge = scene.forge(BOT, bot=True)
    forge.comment_on(1, "x", Anchor(NOTES, "", 1, 1))
    assert forge.snapshot(1).complete


def test_git_never_shows_the_token(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in its command line, not in a trace of the connection, not to a hook, not in an error."""
    scene.pull()
    trace, argv, hook = (scene.clone.path.parent / name for name in ("trace", "argv", "hook"))
    (scene.clone.path / ".git/hooks").mkdir(exist_ok=True)
    script = scene.clone.path / ".git/hooks/reference-transaction"
    script.write_text(f"#!/bin/sh\nenv >> {hook}\n")
    script.chmod(0o755)
    monkeypatch.setenv("GIT_TRACE_CURL", str(trace))
    monkeypatch.setenv("GIT_TRACE", str(argv))
    forge = scene.forge(BOT, bot=True)
    assert forge.snapshot(1).complete
    forge.repo.run("update-ref", "refs/heads/mine", "HEAD")
    written = trace.read_text() + argv.read_text() + (hook.read_text() if hook.exists() else "")
    assert "Authorization: Basic <redacted>" in written and "GIT_DIR" in written
    import base64

    for secret in (token_of(BOT), base64.b64encode(f"x-access-token:{token_of(BOT)}".encode()).decode()):
        assert secret not in written
    status, _, said = forge.repo.attempt("fetch", f"http://x:{token_of(BOT)}@127.0.0.1:1/x.git")
    assert status and token_of(BOT) not in said


def test_the_client_is_imported_late() -> None:
    """Importing the forge costs no client; opening it does."""
    code = "import skill_fleet.forges.github.connection, sys; sys.exit('github' in sys.modules or 'requests' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=dict(os.environ), check=False)
    assert done.returncode == 0
