"""What a provider's refusal means for the person, without the key in it."""

from __future__ import annotations

from skill_fleet.drafting.model.failure import ModelFailed
from skill_fleet.drafting.model.settings import ADDRESS, MODEL, ModelSettings

TIMED_OUT = "Try again, or allow more: timeout = SECONDS in [tool.skill-fleet.lm]"
# What the library calls a refusal, what that means, and what to do. Its own words are several lines of advice for
# programmers around what the provider said.
_KNOWN = {
    "LMAuthError": ("it does not take the key", "Check the provider's key in the environment."),
    "LMNotConfiguredError": ("it has no key", "Set the provider's key in the environment."),
    "LMBillingError": ("the account there may not be charged", "Look at your account with the provider."),
    "LMRateLimitError": (
        "it takes no more requests for now",
        "Wait a while and run again; with --record and --replay nothing is paid twice.",
    ),
    "LMTimeoutError": ("its time is up", TIMED_OUT),
    "LMTransportError": ("it cannot be reached", f"Is the server running? Check {ADDRESS}."),
    "ContextWindowExceededError": (
        "it cannot take so much text at once",
        "Give fewer or shorter documents, or set context = TOKENS in [tool.skill-fleet.lm].",
    ),
    "LMUnsupportedModelError": ("it has no such model", f"Check the model's name: {MODEL}=PROVIDER/NAME"),
    "LMServerError": ("it has an error of its own", "Run again in a while, or draft without a model."),
}


def explained(problem: Exception, settings: ModelSettings, model: str) -> ModelFailed:
    """The error for the person: a sentence of ours for each kind that is known, else the first line of what was said.

    A provider repeats parts of the key when it refuses one, and other than that line nothing of it is shown.
    """
    for kind in type(problem).__mro__:
        if kind.__name__ in _KNOWN:
            reason, tip = _KNOWN[kind.__name__]
            return ModelFailed(f"{model} did not answer: {reason}.", tip)
    lines = str(getattr(problem, "message", problem)).strip().splitlines()
    said = " ".join(lines[0].split())[:300] if lines else ""
    if settings.api_key:
        said = said.replace(settings.api_key, "[key]")
    reason = said.rstrip(".") or type(problem).__name__
    return ModelFailed(f"{model} did not answer: {reason}.", "Run again, or draft without a model.")


def timed_out(settings: ModelSettings, model: str) -> ModelFailed:
    """The error for an answer that does not come."""
    return ModelFailed(f"{model} gave no answer in {settings.timeout:g} seconds.", TIMED_OUT)
