"""What a provider's refusal means for the person, without the key in it."""

from __future__ import annotations

from skill_fleet.drafting.model.failure import ModelFailed
from skill_fleet.drafting.model.settings import ADDRESS, MODEL, ModelSettings

TIMED_OUT = "Try again, or allow more: timeout = SECONDS in [tool.skill-fleet.lm]"
_TIPS = {
    "LMAuthError": "Check the provider's key in the environment.",
    "LMNotConfiguredError": "Set the provider's key in the environment.",
    "LMBillingError": "Look at your account with the provider.",
    "LMRateLimitError": "Wait a while and run again; with --record and --replay nothing is paid twice.",
    "LMTimeoutError": TIMED_OUT,
    "LMTransportError": f"Is the server running? Check {ADDRESS}.",
    "ContextWindowExceededError": "Give fewer or shorter documents, or set context = TOKENS in [tool.skill-fleet.lm].",
    "LMUnsupportedModelError": f"Check the model's name: {MODEL}=PROVIDER/NAME",
}


def explained(problem: Exception, settings: ModelSettings, model: str) -> ModelFailed:
    """The error for the person. A provider repeats parts of the key when it refuses one."""
    said = " ".join(str(getattr(problem, "message", problem)).split())[:300]
    if settings.api_key:
        said = said.replace(settings.api_key, "[key]")
    tip = next((_TIPS[kind.__name__] for kind in type(problem).__mro__ if kind.__name__ in _TIPS), "")
    reason = said.rstrip(".") or type(problem).__name__
    return ModelFailed(f"{model} did not answer: {reason}.", tip or "Run again, or draft without a model.")


def timed_out(settings: ModelSettings, model: str) -> ModelFailed:
    """The error for an answer that does not come."""
    return ModelFailed(f"{model} gave no answer in {settings.timeout:g} seconds.", TIMED_OUT)
