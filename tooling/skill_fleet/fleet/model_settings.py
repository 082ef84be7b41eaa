"""Settings of the model, from `[tool.skill-fleet.lm]` and the environment. Nothing here opens a connection."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal
from urllib.parse import urlsplit

from skill_fleet.errors import UserError
from skill_fleet.fleet.configuration import Configuration

Purpose = Literal["draft", "review"]

MODEL, REVIEW_MODEL, ADDRESS = "SKILL_FLEET_MODEL", "SKILL_FLEET_REVIEW_MODEL", "SKILL_FLEET_API_BASE"
ANY_KEY = "SKILL_FLEET_MODEL_KEY"
"""The key for the provider that the environment names, so that a workflow need not know which provider that is."""
_KEYS = {"gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"), "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY")}
_NAMES = {"model", "review-model", "api-base"}
# Providers without a key, or with credentials of several parts, which DSPy finds itself.
_WITHOUT_KEY = {"ollama", "ollama_chat", "hosted_vllm", "lm_studio", "bedrock", "sagemaker", "vertex_ai", "azure"}


@dataclass(frozen=True)
class ModelSettings:
    """A model and its limits. `model` is PROVIDER/NAME, or "" for the first model of the server at `api_base`."""

    model: str
    api_base: str = ""
    api_key: str = field(default="", repr=False)
    temperature: float | None = None  # None leaves it to the provider: some models accept only their default
    max_tokens: int = 16_000  # of a reply: a longer one is cut off, which is an error
    timeout: float = 600  # seconds for one answer, including all retries and waits
    retries: int = 3  # of a call, when the provider is busy or the connection breaks
    longest_wait: float = 30  # seconds between two tries, whatever the provider asks for
    calls: int = 40  # for one draft, or one round of revision
    tokens: int = 500_000  # for the same, prompts and replies together
    context: int = 30_000  # tokens of sources in one call
    programs: Mapping[str, str] = field(default_factory=dict, repr=False)  # merged program files, by step

    @property
    def is_set(self) -> bool:
        """Whether there is a model to ask. Without one, a recording can still be replayed."""
        return bool(self.model or self.api_base)


def configured_model(
    configuration: Configuration, environ: Mapping[str, str], purpose: Purpose = "draft"
) -> ModelSettings | None:
    """Return the settings for `purpose`, or None if no model is configured or its key is missing.

    The environment overrides the file. A server at `api_base` needs neither name nor key. A provider needs its key,
    which is read from the environment alone, because the file is committed. Raises UserError for an unsafe address.
    """
    limits = {key.replace("-", "_"): value for key, value in configuration.lm.items() if key not in _NAMES}
    model = _named(configuration, environ, purpose)
    address = environ.get(ADDRESS) or str(configuration.lm.get("api-base", ""))
    if address:
        _check_address(address)
    elif not model:
        return None
    key = next((environ[name] for name in _key_names(model) if environ.get(name)), "")
    if any(map(environ.get, (MODEL, REVIEW_MODEL, ADDRESS))):
        # not for a model that the file names: a key that was meant for one provider must not go to another
        key = environ.get(ANY_KEY, "").strip() or key
    if not address and not key and _provider(model) not in _WITHOUT_KEY:
        return None
    if address and not environ.get(ADDRESS):
        key = ""  # else whoever writes the file of a repository could have your key sent to their server
    return replace(ModelSettings(model, address.rstrip("/"), key), **limits)


def why_no_model(configuration: Configuration, environ: Mapping[str, str], purpose: Purpose = "draft") -> str:
    """Return one line for people when `configured_model` returns None."""
    if not (keys := missing_keys(configuration, environ, purpose)):
        return f"No model is configured ({MODEL} or {ADDRESS}), so documents are restructured, not rewritten."
    need = f"The model {_named(configuration, environ, purpose)} needs {' or '.join(keys)} in the environment"
    return f"{need}; without it, documents are restructured, not rewritten."


def missing_keys(
    configuration: Configuration, environ: Mapping[str, str], purpose: Purpose = "draft"
) -> tuple[str, ...]:
    """Return the variables of which one has to be set when `configured_model` returns None; none if it names no model."""
    if not (named := _named(configuration, environ, purpose)):
        return ()
    return (*_key_names(named), *([ANY_KEY] if environ.get(MODEL) or environ.get(REVIEW_MODEL) else []))


def _named(configuration: Configuration, environ: Mapping[str, str], purpose: Purpose) -> str:
    """PROVIDER/NAME for a purpose, or "" if none is named."""
    names = [environ.get(MODEL), configuration.lm.get("model")]
    if purpose == "review":
        names = [environ.get(REVIEW_MODEL), names[0], configuration.lm.get("review-model"), names[1]]
    return str(next(filter(None, names), ""))


def _check_address(address: str) -> None:
    parts = urlsplit(address)
    tip = f"Give it as in {ADDRESS}=http://127.0.0.1:8080/v1"
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(f"{address!r} is not the address of a model server.", tip)
    if parts.username or parts.password:
        raise UserError("The address of the model server contains a password.", f"Leave it out. {tip}")
    if parts.scheme == "http" and not _is_private(parts.hostname):
        raise UserError(f"{address} would send documents and keys unencrypted.", "Use https, or a local address.")


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
