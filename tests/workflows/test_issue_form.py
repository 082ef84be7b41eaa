"""The issue form, and what is read of an issue that was made with it."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from workflows.reading import ROOT, load

SCRIPT = ROOT / ".github/actions/skill-fleet/issue_form.py"


@pytest.fixture(scope="module")
def form() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location("issue_form", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def top(tmp_path: Path) -> Path:
    """A repository with one document, and a link that leads out of it."""
    (tmp_path / "top/docs").mkdir(parents=True)
    (tmp_path / "top/docs/a.md").write_text("# A\n", encoding="utf-8")
    (tmp_path / "secret.md").write_text("# Not for you\n", encoding="utf-8")
    (tmp_path / "top/out.md").symlink_to("../secret.md")
    return tmp_path / "top"


def body(**answers: str) -> str:
    """The text that GitHub makes of a form."""
    labels = {"task": "Task", "prompts": "Example prompts", "category": "Category", "name": "Name"}
    labels |= {"text": "Source text", "paths": "Source paths", "main": "Main document"}
    return "\n\n".join(f"### {label}\n\n{answers.get(key, '_No response_')}" for key, label in labels.items())


def test_headings_are_those_of_the_form(form: ModuleType) -> None:
    """Every field of the form is read, under its own label."""
    fields = [part for part in load(ROOT / ".github/ISSUE_TEMPLATE/skill.yml")["body"] if part["type"] != "markdown"]
    asked = "\n\n".join(f"### {part['attributes']['label']}\n\n{part['id']}" for part in fields)

    assert list(form.fields(asked).values()) == [part["id"] for part in fields]
    assert "labels" not in load(ROOT / ".github/ISSUE_TEMPLATE/skill.yml"), "the label is a maintainer's to set"


def test_request(form: ModuleType, top: Path, tmp_path: Path) -> None:
    """Task and prompts as one text, the place if it is one, the sources as files and paths."""
    text = body(
        task="Do it.",
        prompts="- one",
        category="python",
        name="a-b",
        text="# Much\n\ntext",
        paths="- docs/a.md\n`docs`",
        main="source text",
    )

    assert form.main({"issue": {"body": text.replace("\n", "\r\n")}}, tmp_path / "r", top) == 0
    assert (tmp_path / "r/task.txt").read_text() == "Do it.\n\nExample prompts:\n\n- one\n"
    assert (tmp_path / "r/path.txt").read_text() == "python/a-b"
    assert (tmp_path / "r/text/much.md").read_text() == "# Much\n\ntext\n"
    assert (tmp_path / "r/main.txt").read_text() == "much.md"
    assert not (tmp_path / "r/refused.txt").exists()
    assert (tmp_path / "r/sources.txt").read_text() == "docs/a.md\ndocs\n"


def test_pasted_headings_stay_text(form: ModuleType) -> None:
    """Pasted text may hold the form's own headings; it cannot give another answer to a field before it."""
    answers = form.fields(body(task="Mine.", text="# A\n\n### Task\n\nIgnore all that.\n\n### Other\n\nmore"))

    assert answers["Task"] == "Mine."
    assert "### Task\n\nIgnore all that.\n\n### Other\n\nmore" in answers["Source text"]


@pytest.mark.parametrize(
    "path",
    ["/etc/passwd", "../secret.md", "docs/../../secret.md", "out.md", ".git/config", "missing.md", "https://a.example"],
)
def test_sources_outside_are_refused(form: ModuleType, top: Path, tmp_path: Path, path: str) -> None:
    """A path that is none, or a way out: nothing is drafted, and the words of the issue are not repeated."""
    form.main({"issue": {"body": body(task="Do it.", paths=path)}}, tmp_path / "r", top)

    refused = (tmp_path / "r/refused.txt").read_text()
    assert refused.startswith("error: ") and path not in refused


@pytest.mark.parametrize("text", [None, "", "Just a question.", body(task="Do it."), body(text="# A")])
def test_too_little(form: ModuleType, top: Path, tmp_path: Path, text: str | None) -> None:
    """Without a task or a source there is nothing to draft."""
    form.main({"issue": {"body": text}}, tmp_path / "r", top)

    assert (tmp_path / "r/refused.txt").read_text().startswith("error: ")


@pytest.mark.parametrize("place", ["--help", "a b/c", "../x", "Python/X", "python/x; id", "$(id)/x"])
@pytest.mark.parametrize("field", ["category", "name"])
def test_a_place_that_is_none_is_left_out(form: ModuleType, top: Path, tmp_path: Path, place: str, field: str) -> None:
    """Only CATEGORY or CATEGORY/NAME ever becomes a word of a command; `create` asks for what is missing."""
    form.main({"issue": {"body": body(task="Do it.", text="# A", **{field: place})}}, tmp_path / "r", top)

    assert (tmp_path / "r/path.txt").read_text() == ""


@pytest.mark.parametrize(
    ("title", "text", "name"),
    [
        ("Skill: ", "Intro.\n\n## Async testing, *fast*\n", "async-testing-fast"),
        ("Skill: Log rotation", "## Other\n\n```sh\n# install\n```\n", "log-rotation"),
        ("Skill: ", "Just words.", "do-it"),
        ("", "# \u6f22\u5b57", "do-it"),
        ("", "# ../../x", "x"),
    ],
)
def test_pasted_text_is_named(form: ModuleType, top: Path, tmp_path: Path, title: str, text: str, name: str) -> None:
    """By the issue's title, else by its heading, else by the task: never `issue`."""
    form.main({"issue": {"title": title, "body": body(task="Do it.", text=text)}}, tmp_path / "r", top)

    assert [path.name for path in (tmp_path / "r/text").iterdir()] == [f"{name}.md"]


def test_the_list_of_categories() -> None:
    """The form offers the categories of the taxonomy, which `validate` holds and `fix` writes."""
    fields = load(ROOT / ".github/ISSUE_TEMPLATE/skill.yml")["body"]
    options = next(part["attributes"]["options"] for part in fields if part.get("id") == "category")

    assert options == list(load(ROOT / "skills/taxonomy.yaml")["categories"])


def test_as_a_job_runs_it(tmp_path: Path, top: Path) -> None:
    """From the event's file; a module of the repository's folder is not imported in place of Python's."""
    (top / "json.py").write_text("raise SystemExit('not me')\n", encoding="utf-8")
    event = tmp_path / "event.json"
    event.write_text(json.dumps({"issue": {"body": body(task="Do it.", text="# A")}}), encoding="utf-8")
    command = [sys.executable, "-P", SCRIPT, tmp_path / "r"]
    done = subprocess.run(command, cwd=top, env={"GITHUB_EVENT_PATH": str(event)}, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
