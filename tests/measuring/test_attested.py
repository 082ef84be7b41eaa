"""Attested evidence: who may publish it, where it is read, and which forgeries are found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import gitbed
from cli.command import run
from evals import planted
from skill_fleet.evals import digest_of

Document = dict[str, Any]
FILE = f"{planted.FOLDER}/evals/evidence/scripted--scripted-1.json"


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> tuple[gitbed.Bed, Document]:
    """A fleet with a skill, and what a run of the workflow has measured about it: in a sandbox, it says."""
    bed = planted.make_fleet(tmp_path_factory.mktemp("measured"), 5)
    assert planted.measured(bed, "follow").status == 0
    path, data = planted.evidence(bed)
    path.unlink()
    data["metadata"]["isolation"] = "namespaces"
    bed.git("update-ref", "-d", "refs/skill-fleet/evals/python-colours")  # it has another plan
    return bed, data


@pytest.fixture
def bed(measured: tuple[gitbed.Bed, Document], tmp_path: Path) -> gitbed.Bed:
    """A copy of the fleet."""
    return measured[0].copy(tmp_path / "fleet")


def publish(bed: gitbed.Bed, data: Document, folder: Path, skill: str = planted.SKILL) -> bool:
    """Publish what run 3 has measured; whether it was written."""
    (folder / "3").mkdir(parents=True, exist_ok=True)
    (folder / "3/evidence.json").write_text(json.dumps({skill: data}))
    done = run(bed.path, "eval", "pull", "publish", str(folder))
    assert done.status == 0, done
    return (bed.path / FILE).exists()


def changed(data: Document, path: str, value: object) -> Document:
    """A copy with another value at a path with dots."""
    new: Document = json.loads(json.dumps(data))
    *way, last = path.split(".")
    inner: Any = new
    for each in way:
        inner = inner[int(each) if each.isdigit() else each]
    inner[last] = value
    return new


def findings(bed: gitbed.Bed, *words: str) -> list[tuple[str, str]]:
    """The severity and the key of what `validate` finds in evidence."""
    done = run(bed.path, "validate", "--format", "json", *words)
    rows = json.loads(done.out)["findings"]
    return [(each["severity"], each["path"]) for each in rows if each["rule"] == "evals/evidence"]


def test_main_has_it(bed: gitbed.Bed, measured: tuple[gitbed.Bed, Document], tmp_path: Path) -> None:
    """It names the run and the digest of what that measured, and any tool says who made its runs."""
    assert publish(bed, measured[1], tmp_path / "runs")
    bed.commit("Write the catalogue")
    data = json.loads((bed.path / FILE).read_text())
    assert data["attestation"] == {"run": 3, "digest": digest_of(measured[1])}
    (found,) = planted.verified(bed)
    assert (found["status"], found["source"], found["run"]) == ("fresh", "attested", 3)
    assert "attested (run 3)" in run(bed.path, "eval", "verify").out
    assert "attested (run 3)" in run(bed.path, "verify", planted.SKILL).out
    assert findings(bed) == []


def test_the_branch_catalog_has_it(bed: gitbed.Bed, measured: tuple[gitbed.Bed, Document], tmp_path: Path) -> None:
    """Where nothing may push to main. Everything that reads evidence reads it there, and stale is a hint."""
    publish(bed, measured[1], tmp_path / "runs")
    bed.git("switch", "--quiet", "--create", "catalog")
    bed.commit("Write the catalogue")
    bed.git("switch", "--quiet", "main")
    clone = gitbed.clone(bed, tmp_path / "clone")
    (found,) = planted.verified(clone)
    assert (found["status"], found["source"], found["path"]) == ("fresh", "attested", FILE)
    assert "attested (run 3)" in run(clone.path, "verify", planted.SKILL).out
    assert findings(clone) == []
    clone.git("switch", "--quiet", "--create", "change")
    clone.commit("Change", {f"{planted.FOLDER}/SKILL.md": gitbed.skill("colours", body="Answer BLUE or not.")})
    assert findings(clone) == findings(clone, "--base", "main") == [("hint", FILE)]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"metadata.isolation": "none"}, id="no sandbox"),
        pytest.param({"subject.tree": "0" * 40}, id="another skill"),
        pytest.param({"verdicts.effect.lift": 0.9}, id="a figure"),
        pytest.param({"subject.cases.1": "0" * 64}, id="other cases"),
        pytest.param({"metadata.harness": "../../x"}, id="another form"),
        pytest.param({"runs": []}, id="no runs"),
        pytest.param({"attestation": {"run": 1, "digest": "0" * 64}}, id="it attests itself"),
    ],
)
def test_what_is_not_published(
    bed: gitbed.Bed, measured: tuple[gitbed.Bed, Document], tmp_path: Path, change: Document
) -> None:
    """Only what is whole, fresh and from a sandbox is; nothing is written elsewhere."""
    ((path, value),) = change.items()
    data = changed(measured[1], path, value)
    publish(bed, data, tmp_path / "runs")
    written = bed.git("status", "--porcelain", "--untracked-files=all").split()
    assert written == [] or path == "metadata.harness"
    assert all("evals/evidence/" in name for name in written[1::2])
    assert not publish(bed, measured[1], tmp_path / "runs", "python/none")


def attest(data: Document) -> Document:
    """Evidence that claims a run, with a digest that is right."""
    return {**data, "attestation": {"run": 9, "digest": digest_of(data)}}


@pytest.mark.parametrize(
    ("forge", "status", "severity"),
    [
        pytest.param(attest, "fresh", "error", id="a pull request brings it"),
        pytest.param(lambda data: {**attest(data), "costs": {}}, "forged", "error", id="a figure was changed later"),
        pytest.param(
            lambda data: attest(changed(data, "metadata.isolation", "none")), "forged", "error", id="no sandbox"
        ),
        pytest.param(
            lambda data: {**data, "attestation": {"run": "x", "digest": 3}}, "forged", "error", id="no number"
        ),
        pytest.param(lambda data: {**data, "attestation": 7}, "forged", "error", id="no object"),
    ],
)
def test_forged(
    bed: gitbed.Bed,
    measured: tuple[gitbed.Bed, Document],
    forge: Callable[[Document], Document],
    status: str,
    severity: str,
) -> None:
    """It is an error in a pull request, and self-reported for everybody else, until it is on main."""
    bed.git("switch", "--quiet", "--create", "forged")
    bed.commit("Forge", {FILE: json.dumps(forge(measured[1]))})
    (found,) = planted.verified(bed)
    assert found["status"] == status and found["source"].startswith("self-reported")
    assert findings(bed, "--base", "main", "--head", "forged") == [(severity, FILE)]


def test_what_a_judge_adds_is_not_attested(
    bed: gitbed.Bed, measured: tuple[gitbed.Bed, Document], tmp_path: Path
) -> None:
    """A copy of what main has is attested on every branch; another version of it is not."""
    publish(bed, measured[1], tmp_path / "runs")
    bed.commit("Write the catalogue")
    bed.git("switch", "--quiet", "--create", "branch")
    bed.commit("Other", {"README.md": "x"})
    assert [each["source"] for each in planted.verified(bed)] == ["attested"]
    (bed.path / FILE).write_text(json.dumps(measured[1]))
    assert [each["source"] for each in planted.verified(bed)] == ["self-reported"]
