"""The name of a model as DSPy wants it; for a server that has only an address, the model it says it has."""

from __future__ import annotations

import http.client
import json
import urllib.error
import urllib.request

from skill_fleet.drafting.model.failure import ModelFailed
from skill_fleet.drafting.model.settings import ADDRESS, MODEL, ModelSettings

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
