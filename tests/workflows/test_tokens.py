"""Every workflow over a double of GitHub with the permissions of its jobs: they are enough, and none of them is too many."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agents.provider import serving
from evals import planted
from evals.test_models import scripted
from gitbed import skill
from workflows.acting import Stage, fleet_files, needs_act, with_job_tokens
from workflows.reading import ROOT, workflow
from workflows.test_catalog_runs import BY_APP, PUSH, TO_MAIN
from workflows.test_check_runs import GOOD, PULL, put_on_test_merge
from workflows.test_doorbell_runs import comment
from workflows.test_draft_runs import labelled
from workflows.test_publishing_runs import PARTS

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "github"))  # as its own tests do

from double.world import Pull
from scene import ADA, BOT, GRACE, MALLORY, OWNER, Scene, prepare, set_up, token_of
from session import Session

from skill_fleet.agents import Isolation, isolations_here
from skill_fleet.provenance import RECEIPTS

pytestmark = needs_act

APP = ("SKILL_FLEET_APP_CLIENT_ID=Iv1",)
BUDGET = ("SKILL_FLEET_EVAL_BUDGET=5",)
PATH = "skills/python/wheels/SKILL.md"
Payload = dict[str, Any]


def pushed(scene: Scene) -> Payload:
    """A push to main."""
    return PUSH


def broken(scene: Scene) -> Payload:
    """A night with a broken skill on main."""
    scene.clone.commit("Break it", {"skills/python/packaging/SKILL.md": skill("other")})
    return {}


def changed(scene: Scene) -> Payload:
    """A pull request."""
    put_on_test_merge(scene.clone, {PATH: GOOD})
    return PULL


def checked(scene: Scene) -> Payload:
    """The check of a fork has ended."""
    head = scene.origin.commit_to("topic", {PATH: GOOD})
    scene.origin.git("update-ref", "-d", "refs/heads/topic")
    scene.origin.git("update-ref", "refs/pull/5/head", head)
    event = {"event": "pull_request", "conclusion": "success", "head_sha": head}
    return {"action": "completed", "workflow_run": event}


def spoken(scene: Scene) -> Payload:
    """Somebody comments on a pull request of the bot."""
    scene.pull(BOT, number=5)
    return comment()


def dispatched(scene: Scene) -> Payload:
    """A turn on a draft with things to do."""
    session = Session(scene)
    scene.origin.git("update-ref", "-d", "refs/heads/draft/x")
    session.open()
    session.turn()
    session.suggest()
    scene.double.faults.writes.clear()
    return {"inputs": {"pull": "1"}}


def asked(scene: Scene) -> Payload:
    """A maintainer labels an issue."""
    scene.origin.git("update-ref", "-d", "refs/heads/draft/x")
    scene.world.issues[4] = Pull(4, MALLORY, "A skill", "", "", "", "", False, scene.world.tick())
    return {**labelled(), "sender": {"login": GRACE.login, "id": GRACE.id}}


def merged(scene: Scene) -> Payload:
    """A pull request was approved, and merged in its page."""
    scene.pull(ADA)
    grace = scene.forge(GRACE)
    grace.review(1, "approved", "")
    grace.calls.set("PUT", "pulls/1/merge", {"merge_method": "squash", "commit_title": "Draft (#1)"})
    scene.clone.git("pull", "--quiet", "origin", "main")
    return PUSH


def tagged(scene: Scene) -> Payload:
    """A version is tagged, in the repository of the tool."""
    pytest.importorskip("hatchling", reason="the build back end is not installed")
    for name in PARTS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, scene.clone.path / name, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / name, scene.clone.path / name)
    scene.clone.commit("The tool")
    scene.clone.git("push", "--quiet", "origin", "HEAD:main")
    return {"ref": "refs/tags/v0.1.0"}


def measured(scene: Scene) -> Payload:
    """Somebody with write asks for a measurement, of a pull request with nothing to measure."""
    scene.pull(ADA)
    scene.forge(GRACE).comment(1, "/eval")
    (said,) = scene.world.pulls[1].comments
    return {"inputs": {"pull": "1", "comment": str(said.id)}}


def worsened(scene: Scene) -> Payload:
    """The same, of a pull request that makes a skill worse: all jobs run."""
    if {*isolations_here()} <= {Isolation.NONE}:
        pytest.skip("there is no sandbox here")
    tasks = planted.cases(*(planted.case(n, 0) for n in range(1, 8)))
    skill_file = f"{planted.FOLDER}/SKILL.md"
    scene.clone.commit(
        "Say BLUE",
        {
            skill_file: skill("colours", body="Answer BLUE, whatever the question is."),
            f"{planted.FOLDER}/evals/evals.json": tasks,
        },
    )
    scene.clone.git("push", "--quiet", "origin", "HEAD:main")
    scene.origin.git("update-ref", "-d", "refs/heads/draft/x")
    scene.origin.commit_to("draft/x", {skill_file: skill("colours", body="Answer as you like.")})
    provider = scene.stack.enter_context(serving(scripted("follow")))
    return {**measured(scene), "variables": [f"SKILL_FLEET_API_BASE={provider.address}/v1"]}


@dataclass(frozen=True)
class Case:
    """An event that lets these jobs (by their keys) of a workflow run."""

    workflow: str
    event: str
    jobs: tuple[str, ...]
    happens: Callable[[Scene], Payload]
    variables: tuple[str, ...] = ()


CASES = {
    "catalog": Case("catalog", "push", ("build", "publish"), pushed, BUDGET),
    "catalog by key": Case("catalog", "push", ("build", "commit-with-key"), pushed, tuple(TO_MAIN)),
    "catalog by app": Case("catalog", "push", ("build", "commit-as-app"), pushed, tuple(BY_APP)),
    "check": Case("check", "pull_request", ("skills", "preview", "gate"), changed),
    "doorbell": Case("doorbell", "issue_comment", ("ring",), spoken),
    "draft": Case("draft", "issues", ("plan", "apply-as-workflow", "ring"), asked),
    "draft by app": Case("draft", "issues", ("plan", "apply-as-app", "ring"), asked, APP),
    "eval": Case("eval", "workflow_dispatch", ("plan", "tell"), measured, (*BUDGET, "SKILL_FLEET_MODEL=openai/m-1")),
    "eval whole": Case(
        "eval",
        "workflow_dispatch",
        ("plan", "tell", "run", "weigh", "confirm", "report"),
        worsened,
        (
            *BUDGET,
            "SKILL_FLEET_MODEL=openai/scripted-1",
            "SKILL_FLEET_EVAL_RUNS=1",
            "SKILL_FLEET_EVAL_JOBS=1",
            "SKILL_FLEET_EVAL_PRICE=1 10",
        ),
    ),
    "gate": Case("gate", "workflow_run", ("report",), checked, APP),
    "nightly": Case("nightly", "schedule", ("check", "issue"), broken),
    "pages": Case("pages", "push", ("build", "deploy"), pushed, ("SKILL_FLEET_PAGES=on", "SKILL_FLEET_ATTEST=on")),
    "receipts": Case("receipts", "push", ("record",), merged, ("SKILL_FLEET_ATTEST=on",)),
    "release": Case("release", "push", ("build", "publish"), tagged),
    "review": Case("review", "workflow_dispatch", ("plan", "ack", "apply-as-workflow", "status"), dispatched),
    "review by app": Case("review", "workflow_dispatch", ("plan", "ack", "apply-as-app"), dispatched, APP),
}
RIGHTS = with_job_tokens(fleet_files(), "")
SWALLOWED = "review-ack"  # a reaction that fails is no reason to stop
# With these the runner itself fetches our own action; what the job does is done with a key.
OF_THE_RUNNER = ("catalog-commit-with-key", "catalog-commit-as-app")

# With permissions, and tried elsewhere: it needs a change of the tool.
ELSEWHERE = {"check-new-tool"}


def test_every_job_is_tried() -> None:
    """Whoever adds a workflow or a job with permissions adds a case here."""
    tried = {f"{start}{case.workflow}-{job}" for case in CASES.values() for job in case.jobs for start in ("", "app-")}
    assert {token for token, rights in RIGHTS.items() if rights} - tried == ELSEWHERE


def grants() -> Iterator[Any]:
    """Each permission of each token, once: the case where it is used, the token, and the permission."""
    seen = set()
    for name, case in CASES.items():
        for job in case.jobs:
            for token in (f"{case.workflow}-{job}", f"app-{case.workflow}-{job}"):
                for right in RIGHTS.get(token, {}):
                    if token not in OF_THE_RUNNER and (token, right) not in seen:
                        seen.add((token, right))
                        yield pytest.param(name, token, right, id=f"{token} {right}")


@pytest.fixture(scope="module")
def template(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The repositories of a scene, without workflows."""
    folder = tmp_path_factory.mktemp("tokens") / "template"
    prepare(folder)
    return folder


@pytest.fixture
def scene(template: Path, stage: Stage, tmp_path: Path) -> Iterator[Scene]:
    """A repository on the double with the workflows, in which each job has its own token."""
    with set_up(template, tmp_path / "scene") as scene:
        files = fleet_files()
        rights = with_job_tokens(files, scene.double.address)
        scene.clone.commit("Have workflows", files)
        scene.clone.git("push", "--quiet", "origin", "main")
        scene.world.rights |= rights
        scene.world.tokens |= dict.fromkeys(rights, BOT)
        stage.with_double(scene.double.environment(""))
        yield scene


def act(stage: Stage, scene: Scene, case: Case) -> tuple[str, dict[str, str]]:
    """Let it happen; return the log, and how each job ended, by its key."""
    payload = {"repository": {"default_branch": "main", "full_name": "fleet/skills"}, **case.happens(scene)}
    payload["repository"] |= {"id": 7_000_001, "full_name": "fleet/skills"}
    keys = [f"SKILL_FLEET_DEPLOY_KEY={token_of(OWNER)}", "SKILL_FLEET_MODEL_KEY=the-key"]
    variables = [*case.variables, *payload.pop("variables", ())]
    run = stage.run(scene.clone, case.workflow, case.event, payload, variables, secrets=keys, seconds=600)
    names = {workflow(case.workflow)["jobs"][job]["name"]: job for job in case.jobs}
    return run.log, {names.get(name, name): how for name, how in run.jobs.items()}


@pytest.mark.parametrize("name", CASES)
def test_permissions_are_enough(stage: Stage, scene: Scene, name: str) -> None:
    """Every job succeeds with the permissions that the workflow grants it."""
    log, ended = act(stage, scene, CASES[name])
    assert ended == dict.fromkeys(CASES[name].jobs, "succeeded"), log


@pytest.mark.parametrize(("name", "token", "right"), [*grants()])
def test_no_permission_is_too_many(stage: Stage, scene: Scene, name: str, token: str, right: str) -> None:
    """With any one of them taken away, or one that writes made to read, the job fails."""
    left = dict(scene.world.rights[token])
    if left.pop(right) == "write":
        left[right] = "read"
    scene.world.rights[token] = left
    job = token.removeprefix("app-").removeprefix(f"{CASES[name].workflow}-")
    log, ended = act(stage, scene, CASES[name])
    if token == SWALLOWED:
        assert not [each for each in scene.world.done if each.startswith("reaction")], log
    else:
        assert ended.get(job) == "failed", log


def test_a_pull_request_of_a_fork(stage: Stage, scene: Scene) -> None:
    """It gets one comment and labels, by jobs whose tokens have what the workflow grants, and nothing else happens to it."""
    pull = scene.pull(MALLORY)
    pull.fork = "mallory"
    scene.forge(MALLORY).comment(1, "/cancel")
    case = Case("review", "workflow_dispatch", ("plan", "apply-as-workflow"), lambda _: {"inputs": {"pull": "1"}})
    for _ in range(2):
        log, ended = act(stage, scene, case)
        assert set(ended) <= {*case.jobs} and {*ended.values()} == {"succeeded"}, log
    command, said = pull.comments
    assert (pull.state, pull.labels, pull.reviews, command.body) == ("open", ["new-skill"], [], "/cancel")
    assert said.author == BOT and "web/x" in said.body and said.edited is None
    assert len(scene.double.faults.writes) == 4, "the first push, the stranger's comment, a label and the bot's comment"


def test_receipts(stage: Stage, scene: Scene) -> None:
    """A merge in the page gets a receipt; a second run adds none."""
    payload = merged(scene)
    for _ in range(2):
        log, ended = act(stage, scene, replace(CASES["receipts"], happens=lambda _: payload))
        assert ended == {"record": "succeeded"}, log
        assert (stage.store / "attested").read_text().count(".json") == 1, "of the first run"
    assert scene.origin.git("rev-list", "--count", RECEIPTS) == "1"
    assert "grace" in scene.origin.read(RECEIPTS, f"{scene.world.pulls[1].merge_commit}.json")
