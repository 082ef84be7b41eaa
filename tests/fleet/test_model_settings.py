"""Which model: from the file, from the environment, or none; and where a key may go."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration, configured_model, read_configuration, why_no_model


def _lm(**table: object) -> Configuration:
    return Configuration(lm={name.replace("_", "-"): value for name, value in table.items()})


def test_nothing_set_up() -> None:
    """No model, and a line that names the variable to set."""
    assert configured_model(Configuration(), {}) is None
    assert "SKILL_FLEET_MODEL" in why_no_model(Configuration(), {})


def test_a_model_without_its_key() -> None:
    """No model, and a line that names the missing variable."""
    assert configured_model(_lm(model="anthropic/claude"), {}) is None
    assert "ANTHROPIC_API_KEY" in why_no_model(_lm(model="anthropic/claude"), {})
    found = configured_model(_lm(model="anthropic/claude"), {"ANTHROPIC_API_KEY": "k"})
    assert (
        found
        and found.api_key == "k"
        and "k" not in repr(found).split("model=")[1].replace("anthropic/claude", "").split(",")
    )


def test_an_address_is_enough() -> None:
    """A server of one's own has neither a name nor a key."""
    found = configured_model(Configuration(), {"SKILL_FLEET_API_BASE": "http://127.0.0.1:8080/v1/"})

    assert found and (found.model, found.api_base, found.api_key) == ("", "http://127.0.0.1:8080/v1", "")


def test_the_environment_goes_first_and_reviews_may_differ() -> None:
    """Each purpose has its model."""
    table = _lm(model="ollama/a", review_model="ollama/b", temperature=0.5, max_tokens=4000)
    env = {"SKILL_FLEET_MODEL": "ollama/c"}

    assert [configured_model(table, {}, purpose).model for purpose in ("draft", "review")] == ["ollama/a", "ollama/b"]  # type: ignore[union-attr]
    assert configured_model(table, env, "review").model == "ollama/c"  # type: ignore[union-attr]
    assert configured_model(table, env).max_tokens == 4000  # type: ignore[union-attr]


def test_a_file_cannot_have_the_key_sent_somewhere() -> None:
    """A key goes to an address only if the environment names the address."""
    table, env = _lm(model="openai/x", api_base="https://evil.example/v1"), {"OPENAI_API_KEY": "secret"}

    assert configured_model(table, env).api_key == ""  # type: ignore[union-attr]
    assert configured_model(table, {**env, "SKILL_FLEET_API_BASE": "https://mine.example/v1"}).api_key == "secret"  # type: ignore[union-attr]


@pytest.mark.parametrize("model", ["openai/x", "anthropic/x", "gemini/x", "x"])
def test_one_name_for_every_providers_key(model: str) -> None:
    """A workflow hands one key over; it goes with the model of the environment, never with one that a file names."""
    key = {"SKILL_FLEET_MODEL_KEY": "k", "OPENAI_API_KEY": "other"}

    assert configured_model(Configuration(), {**key, "SKILL_FLEET_MODEL": model}).api_key == "k"  # type: ignore[union-attr]
    assert configured_model(_lm(model="mistral/x"), key) is None
    assert "SKILL_FLEET_MODEL_KEY" in why_no_model(Configuration(), {"SKILL_FLEET_MODEL": model})


@pytest.mark.parametrize(
    "address", ["ftp://x", "localhost:80", "http://user:word@localhost/v1", "http://example.org/v1"]
)
def test_odd_addresses(address: str) -> None:
    """Refused before anything is sent."""
    with pytest.raises(UserError):
        configured_model(Configuration(), {"SKILL_FLEET_API_BASE": address})


def test_the_table_of_the_file() -> None:
    """The schema knows every setting, and no key."""
    text = b'[tool.skill-fleet.lm]\nmodel = "ollama/a"\nmax-tokens = 500\ntimeout = 9.5\ncalls = 3\ntokens = 9\ncontext = 1000\nretries = 0\n'
    found = configured_model(read_configuration(text), {})

    assert found and (found.max_tokens, found.timeout, found.calls, found.retries) == (500, 9.5, 3, 0)
    with pytest.raises(UserError, match="api-key"):
        read_configuration(b'[tool.skill-fleet.lm]\napi-key = "x"\n')


def test_no_dspy_without_a_model() -> None:
    """The command line, the drafter without a model and the settings load neither DSPy nor Pydantic."""
    code = (
        "import sys, skill_fleet.cli.main, skill_fleet.drafting, skill_fleet.fleet.model_settings, "
        "skill_fleet.proposals.recording\n"
        "print([name for name in ('dspy', 'pydantic', 'litellm', 'openai') if name in sys.modules])"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert out.strip() == "[]"


def test_start_asks_nobody_and_leaves_nothing(tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Loading the library and making a model opens no connection and makes no folder in the home."""
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise SystemExit('network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        "from skill_fleet.fleet import ModelSettings\n"
        "from skill_fleet.model import ModelClient\n"
        "one = ModelClient(ModelSettings('openai/x', api_key='k'))\n"
        "with one.connected(): print(one.model, 'litellm' in sys.modules)\n"
    )
    env = {"HOME": str(tmp_path), "PYTHONPATH": os.environ.get("PYTHONPATH", "")}
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, env=env)

    assert (done.stdout.strip(), done.stderr) == ("openai/x False", "") and list(tmp_path.iterdir()) == []


def test_without_dspy_the_user_is_told_what_to_install() -> None:
    """Drafting or revising without the extra is an error of the user, not a bug."""
    code = (
        "import sys\n"
        "sys.modules.update(dict.fromkeys(('dspy', 'pydantic', 'litellm')))\n"
        "from skill_fleet.errors import UserError\n"
        "from skill_fleet.drafting import Brief, Discussion\n"
        "from skill_fleet.fleet import ModelSettings\n"
        "from skill_fleet.model import DspyDrafter, ModelClient, revise\n"
        "one, thread = ModelClient(ModelSettings('x/y')), Discussion('r', '', 0, 0, '', (('a', 'b'),))\n"
        "for act in (\n"
        "    lambda: DspyDrafter(one, {}, {}).understand('x', ()),\n"
        "    lambda: revise(one, {}, Brief('', 'a/b'), [thread]),\n"
        "):\n"
        "    try: act()\n"
        "    except UserError as error: print(error.tip)\n"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout

    assert out.count("pip install") == 2
