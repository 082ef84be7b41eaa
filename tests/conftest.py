"""What every test gets: Git without the machine's configuration, and copies of ready-made repositories.

A property is tried with forty examples, unless its test names another number; SKILL_FLEET_EXAMPLES=2000 tries more.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import gitbed
from skill_fleet.git import forget_inherited_repository

# A repository of a test is gone soon: nobody waits for the disk, and nobody tidies it up behind a commit or a push.
GIT_CONFIG = "[core]\n\tfsync = none\n[maintenance]\n\tauto = false\n[receive]\n\tautogc = false\n"

# Thousands of tests share one process with all that they import. Looking for cycles in that again and again took a tenth
# of the time of the tests that run in process; what a test makes is freed without it.
GARBAGE_THRESHOLDS = (20_000, 20, 50)
gc.set_threshold(*GARBAGE_THRESHOLDS)


def forget_credentials() -> None:
    """Nothing of a person's own set-up: a test must never ask their model, or act on a forge in their name."""
    for name in [*os.environ]:
        ours = name.startswith("SKILL_FLEET_") and name != "SKILL_FLEET_EXAMPLES"
        if ours or name.endswith(("_API_KEY", "_API_BASE")) or name in ("GH_TOKEN", "GITHUB_TOKEN"):
            del os.environ[name]


forget_credentials()  # here, before any test module is imported and any process begun

# What a shell starts in the background ignores Ctrl-C, and so would all that a test starts: one that presses it waits.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

settings.register_profile("fleet", deadline=None, max_examples=int(os.environ.get("SKILL_FLEET_EXAMPLES", "40")))
settings.load_profile("fleet")

# What takes many seconds a test: a stop at every write, every order of events, whole workflows, a model or GitHub behind
# a server of the test, the code in the skills.
THOROUGH = (
    "tests/agents/test_meter.py::test_a_run_of_the_loop",
    "tests/catalog/test_any_order",
    "tests/checks/test_large",
    "tests/cli/test_chat",
    "tests/cli/test_demo",
    "tests/cli/test_generate_xml.py::test_standard_output_in_any_locale",
    "tests/cli/test_inbox.py::test_everybody_sees_what_waits_for_them",
    "tests/cli/test_programs.py::test_json_of_a_whole_session",
    "tests/cli/test_refuse_place.py::test_subfolder_and_linked_work_tree",
    "tests/cli_model/test_chat",
    "tests/cli_model/test_create.py::test_hostile_words",
    "tests/cli_model/test_create.py::test_questions",
    "tests/cli_model/test_create.py::test_same_wish",
    "tests/cli_model/test_create.py::test_steps_and_cost",
    "tests/cli_model/test_create.py::test_stopped",
    "tests/cli_model/test_killed",
    "tests/cli_model/test_records",
    "tests/cli_model/test_review",
    "tests/cli_model/test_revise",
    "tests/cli_model/test_several",
    "tests/evals/test_judge",
    "tests/evals/test_measure",
    "tests/evals/test_models",
    "tests/forges/test_faults",
    "tests/forges/test_local.py::test_a_writer_who_always_loses_gives_up",
    "tests/forges/test_offline",
    "tests/forges/test_races",
    "tests/fleet/test_model_settings.py::test_start_asks_nobody",
    "tests/founding/test_hooks.py::test_hook_refuses",
    "tests/founding/test_init.py::test_its_checks_run",
    "tests/founding/test_tool",
    "tests/github/test_chat",
    "tests/github/test_commands",
    "tests/github/test_contract",
    "tests/github/test_hostile",
    "tests/github/test_outages",
    "tests/github/test_races",
    "tests/github/test_records",
    "tests/github/test_stops",
    "tests/house/test_demo",
    "tests/house/test_readme",
    "tests/house/test_wheel",
    "tests/learning/test_data.py::test_a_merged",
    "tests/learning/test_data.py::test_no_train",
    "tests/learning/test_run",
    "tests/measuring/test_parts.py::test_a_moved",
    "tests/measuring/test_steps",
    "tests/model/test_litellm",
    "tests/model/test_settings",
    "tests/review/test_properties",
    "tests/kinds/test_kills",
    "tests/kinds/test_merges",
    "tests/kinds/test_refusals",
    "tests/review/test_any_story",
    "tests/review/test_heard",
    "tests/review/test_notes.py::test_one_comment_for_each_cause",
    "tests/review/test_preview.py::test_a_large_one",
    "tests/review/test_races",
    "tests/review/test_settle",
    "tests/review/test_stops",
    "tests/review/test_write",
    "tests/site/test_build.py::test_same_bytes",
    "tests/skills/test_blocks",
    "tests/workflows/test_catalog_runs",
    "tests/workflows/test_check_runs",
    "tests/workflows/test_doorbell_runs",
    "tests/workflows/test_draft_runs",
    "tests/workflows/test_eval_runs",
    "tests/workflows/test_gate_runs",
    "tests/workflows/test_linters",
    "tests/workflows/test_nightly_runs",
    "tests/workflows/test_publishing_runs",
    "tests/workflows/test_review_runs",
    "tests/workflows/test_review_whole",
    "tests/workflows/test_tokens.py::test_a_pull_request_of_a_fork",
    "tests/workflows/test_tokens.py::test_no_permission_is_too_many",
    "tests/workflows/test_tokens.py::test_permissions_are_enough",
    "tests/workflows/test_tokens.py::test_receipts",
)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out the files whose tests would all be deselected: to import them takes seconds, in each process."""
    name = collection_path.relative_to(config.rootpath).with_suffix("").as_posix()
    return True if name in THOROUGH and "not thorough" in config.option.markexpr else None


# These load DSPy, which takes seconds. They come first, so that one of several processes runs them all.
MODEL = ("tests/agents/test_meter", "tests/cli_model/", "tests/evals/", "tests/learning/", "tests/model/")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests in order, and mark those that `make test-thorough` runs, before pytest selects by marker."""
    items.sort(key=lambda item: not item.nodeid.startswith(MODEL))
    for item in items:
        if item.nodeid.startswith(THOROUGH):
            item.add_marker("thorough")


def pytest_collection_finish() -> None:
    """Leave what was imported out of every later look for garbage: it stays to the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def isolated_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """No configuration of the machine or of a person, and one person at the keyboard."""
    forget_inherited_repository()  # a hook that runs the tests names its own repository
    config = tmp_path_factory.mktemp("git") / "config"
    config.write_text(GIT_CONFIG, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(config))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        patch.setenv("GIT_TERMINAL_PROMPT", "0")
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", gitbed.PERSON.name)
            patch.setenv(f"GIT_{role}_EMAIL", gitbed.PERSON.email)
        yield


@pytest.fixture(scope="session")
def lone_template(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> gitbed.Bed:
    """A repository without a remote; copied, never changed."""
    bed = gitbed.make_repo(tmp_path_factory.mktemp("lone") / "repo")
    bed.pack()
    return bed


@pytest.fixture(scope="session")
def pair_template(isolated_git: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `origin.git` and `clone`; copied, never changed."""
    folder = tmp_path_factory.mktemp("pair") / "both"
    for bed in gitbed.make_origin_and_clone(folder):
        bed.pack()
    return folder


@pytest.fixture
def bed(lone_template: gitbed.Bed, tmp_path: Path) -> gitbed.Bed:
    """A repository with a small fleet on main, and no remote."""
    return lone_template.copy(tmp_path / "repo")


@pytest.fixture
def origin_and_clone(pair_template: Path, tmp_path: Path) -> tuple[gitbed.Bed, gitbed.Bed]:
    """A bare repository with a small fleet on main, and a clone of it."""
    gitbed.copy_folder(pair_template, tmp_path / "pair")
    return gitbed.Bed(tmp_path / "pair" / "origin.git"), gitbed.Bed(tmp_path / "pair" / "clone")
