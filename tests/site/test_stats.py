"""A fleet in numbers: every figure is what a story in Git makes it, and every piece of advice has its reason."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitbed import Bed, make_repo, skill
from skill_fleet.fleet import skills_at
from skill_fleet.site import Advice, Stats, count

TAXONOMY = "owners: [ada@example.org]\ncategories:\n  web:\n    description: The web.\n    owners: [gone@example.org, '@org/team']\n"
NOW = datetime(2030, 1, 1, tzinfo=UTC)
BODY = "\n".join(f"- Step {number}: fold the paper along line {number} and press it flat." for number in range(30))


def at(day: str, monkeypatch: pytest.MonkeyPatch, who: str = "ada@example.org") -> None:
    """The day, and the person, of the next commits."""
    for name in ("GIT_AUTHOR_DATE", "GIT_COMMITTER_DATE"):
        monkeypatch.setenv(name, f"{day}T12:00:00Z")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", who)


@pytest.fixture
def bed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bed:
    """Three skills: one old and quiet, two that came by a branch of two commits in four days."""
    at("2027-01-01", monkeypatch, "gone@example.org")
    old = skill("paper", body=f"Use it with web/boats.\n\n{BODY}\n")
    found = make_repo(tmp_path / "fleet", {"skills/taxonomy.yaml": TAXONOMY, "skills/web/paper/SKILL.md": old})
    at("2029-12-01", monkeypatch)
    found.git("switch", "--quiet", "--create", "draft/boats")
    found.commit("Begin", {"skills/web/boats/SKILL.md": skill("boats", body=f"{BODY}\n")})
    at("2029-12-03", monkeypatch)
    found.commit("Go on", {"skills/web/hats/SKILL.md": skill("hats")})
    at("2029-12-05", monkeypatch)
    found.git("switch", "--quiet", "main")
    found.git("merge", "--quiet", "--no-ff", "draft/boats")
    return found


def stats(bed: Bed) -> Stats:
    """The figures of HEAD at the beginning of 2030."""
    return count(bed.repo, skills_at(bed.repo, "HEAD"), bed.tip(), NOW)


def test_ages_and_reviews(bed: Bed) -> None:
    """A skill is as old as the commit of main that brought it; a review lasts from a branch's first commit to its merge."""
    found = stats(bed)
    rows = {each.id: each for each in found.skills}

    assert (rows["web/paper"].age, rows["web/paper"].quiet, rows["web/paper"].changes) == (1095, 1095, 1)
    assert (rows["web/boats"].age, rows["web/hats"].quiet) == (26, 26)
    assert found.reviews and (found.reviews.merges, found.reviews.days, found.reviews.commits) == (1, 4.0, 2)


def test_advice(bed: Bed) -> None:
    """What nobody touches, what is named and not required, what is there twice, and who has left."""
    advice = {(each.advice, each.about) for each in stats(bed).recommendations}

    assert (Advice.LOOK, "web/paper") in advice and (Advice.REQUIRE, "web/paper") in advice
    assert (Advice.OWN, "gone@example.org") in advice and (Advice.OWN, "ada@example.org") not in advice
    assert not any(about == "@org/team" for _, about in advice), "Git knows nothing of teams"
    assert any(kind is Advice.MERGE for kind, _ in advice)


@pytest.mark.parametrize(("quiet", "size"), [(365, 2), (1095, 3)])
def test_settings(bed: Bed, monkeypatch: pytest.MonkeyPatch, quiet: int, size: int) -> None:
    """Above the fleet's own limits there is advice, at them there is none."""
    at("2029-12-06", monkeypatch)
    bed.commit("Settle", {"pyproject.toml": f"[tool.skill-fleet]\nquiet-days = {quiet}\ncategory-size = {size}\n"})
    advice = {(each.advice, each.about) for each in stats(bed).recommendations}

    wanted = {(Advice.SPLIT, "web"), (Advice.LOOK, "web/paper"), (Advice.OWN, "gone@example.org")}
    assert advice & wanted == (wanted if size == 2 else set())


def test_a_fleet_without_skills(tmp_path: Path) -> None:
    """There is nothing to count."""
    found = stats(make_repo(tmp_path / "fleet", {"skills/taxonomy.yaml": TAXONOMY}))

    assert (found.skills, found.reviews) == ((), None)
