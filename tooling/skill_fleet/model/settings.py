"""Which model, where, and how much of it: from `[tool.skill-fleet.lm]` and the environment. Asks nobody anything."""

from __future__ import annotations

import http.client
import ipaddress
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from skill_fleet.errors import UserError
from skill_fleet.fleet import Configuration
from skill_fleet.model.spending import ModelFailed

Purpose = Literal["draft", "review"]

MODEL, REVIEW_MODEL, ADDRESS = "SKILL_FLEET_MODEL", "SKILL_FLEET_REVIEW_MODEL", "SKILL_FLEET_API_BASE"
ANY_KEY = "SKILL_FLEET_MODEL_KEY"
"""The key of whatever provider the environment names, so that a workflow can hand it over without knowing which."""
_KEYS = {"gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY")}
# They have no key, or more than one word of credentials, which DSPy finds itself.
_NO_ONE_KEY = {"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "bedrock", "sagemaker", "vertex_ai", "azure"}


@dataclass(frozen=True)
class ModelSettings:
    """A model and what may be spent on it. `model` is PROVIDER/NAME; '' means the one that the server at `api_base` has."""

    model: str
    api_base: str = ""
    api_key: str = field(default="", repr=False)
    temperature: float | None = None
    """None leaves it to the provider: some models refuse any other."""
    max_tokens: int = 16_000
    """The longest reply. A longer one is cut off, which is an error."""
    timeout: float = 600
    """Seconds for one answer, with every retry and wait in it."""
    retries: int = 3
    """How often a call is tried again when the provider is busy or the line breaks."""
    longest_wait: float = 30
    """Seconds between two tries at most, whatever the provider asks for."""
    calls: int = 160
    """The most calls for one draft, or one round of revision."""
    tokens: int = 1_000_000
    """The most tokens for the same, both ways together."""
    context: int = 120_000
    """The most tokens of sources that are shown in one call."""
    programs: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Programs of steps that people have merged, as they stand in their files, by step."""

    @property
    def is_set(self) -> bool:
        """Whether there is a model to ask; without one a record can still be played again."""
        return bool(self.model or self.api_base)


def configured_model(
    configuration: Configuration, environ: Mapping[str, str], purpose: Purpose = "draft"
) -> ModelSettings | None:
    """The model that is set up for `purpose`, or None: then the extractive drafter does what it can.

    The environment goes before the file. A server at an address of one's own needs no name and no key. A provider
    needs its key, and only from the environment: the file is committed.
    """
    table = {key.replace("-", "_"): value for key, value in configuration.lm.items()}
    named = str(table.pop("model", ""))
    for_review = str(table.pop("review_model", ""))
    from_file = str(table.pop("api_base", ""))
    model = environ.get(MODEL) or named
    if purpose == "review":
        model = environ.get(REVIEW_MODEL) or environ.get(MODEL) or for_review or named
    address = environ.get(ADDRESS) or from_file
    if not (model or address):
        return None
    if address:
        _refuse_odd(address)
    key = _key(model, environ)
    if environ.get(MODEL) or environ.get(REVIEW_MODEL) or environ.get(ADDRESS):
        # not for a model of the file: a key that was meant for one provider must not go to another
        key = environ.get(ANY_KEY, "").strip() or key
    if not address and not key and _provider(model) not in _NO_ONE_KEY:
        return None
    if address and not environ.get(ADDRESS):
        key = ""  # else whoever writes the file of a repository could have your key sent to him
    return replace(ModelSettings(model, address.rstrip("/"), key), **table)


def why_no_model(configuration: Configuration, environ: Mapping[str, str], purpose: Purpose = "draft") -> str:
    """One line for the person, when `configured_model` gives None."""
    named = environ.get(MODEL) or configuration.lm.get("model", "")
    if purpose == "review":
        named = environ.get(REVIEW_MODEL) or named or configuration.lm.get("review-model", "")
    if not named:
        return f"No model is set up ({MODEL} or {ADDRESS}), so documents are restructured, not rewritten."
    keys = " or ".join(
        (*_key_names(str(named)), *((ANY_KEY,) if environ.get(MODEL) or environ.get(REVIEW_MODEL) else ()))
    )
    return f"The model {named} needs {keys} in the environment; without it documents are restructured, not rewritten."


def is_loopback(address: str) -> bool:
    """Whether the server is on this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _refuse_odd(address: str) -> None:
    parts = urlsplit(address)
    tip = f"Give it as in {ADDRESS}=http://127.0.0.1:8080/v1"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{address!r} is not the address of a model server.", tip)
    if parts.username or parts.password:
        raise UserError("The address of the model server has a password in it.", f"Leave it out. {tip}")
    if parts.scheme == "http" and not is_loopback(address) and not _is_private(parts.hostname):
        raise UserError(f"{address} would send documents and keys in the clear.", "Use https, or a local address.")


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".lan"))


def _provider(model: str) -> str:
    return model.partition("/")[0].lower() if "/" in model else "openai"


def _key_names(model: str) -> tuple[str, ...]:
    provider = _provider(model)
    return _KEYS.get(provider, (f"{provider.upper().replace('-', '_')}_API_KEY",))


def _key(model: str, environ: Mapping[str, str]) -> str:
    return next((environ[name] for name in _key_names(model) if environ.get(name)), "")


_PROVIDERS = {
    "openai", "anthropic", "gemini", "groq", "openrouter", "deepseek", "xai", "ollama", "ollama_chat",
    "hosted_vllm", "moonshot", "azure", "mistral", "bedrock", "vertex_ai", "together_ai", "fireworks_ai", "cohere",
}  # fmt: skip
_OWN = "hosted_vllm"
_MOST = 1_000_000


def model_name(settings: ModelSettings, *, offline: bool = False) -> str:
    """PROVIDER/NAME. Without a name, the server's first model; `offline` (a replay) asks no server.

    A server of one's own is spoken to as vLLM is: to OpenAI itself DSPy sends `max_completion_tokens`, which smaller
    servers do not know, and then the reply has no limit.
    """
    if not settings.model:
        return f"{_OWN}/{'recorded' if offline else _first_model(settings)}"
    provider = settings.model.partition("/")[0] if "/" in settings.model else ""
    if settings.api_base:
        return settings.model if provider in _PROVIDERS else f"{_OWN}/{settings.model}"
    return settings.model if provider else f"openai/{settings.model}"


def _first_model(settings: ModelSettings) -> str:
    where = f"{settings.api_base}/models"
    request = urllib.request.Request(where)
    # unredirected, because a redirect to another host would carry the key there
    request.add_unredirected_header("Authorization", f"Bearer {settings.api_key or 'none'}")
    try:
        with urllib.request.urlopen(request, timeout=min(settings.timeout, 10)) as answer:
            listed = json.loads(answer.read(_MOST))["data"]
        return str(listed[0]["id"])
    except urllib.error.HTTPError as problem:
        problem.close()
        reason = f"it answers {problem.code}"
    except (OSError, http.client.HTTPException) as problem:
        reason = str(getattr(problem, "reason", problem)) or type(problem).__name__
    except (ValueError, LookupError, TypeError):
        reason = "its list has none"
    raise ModelFailed(
        f"{where} does not say which model there is: {reason}.", f"Check {ADDRESS}, or name the model: {MODEL}=NAME"
    )
