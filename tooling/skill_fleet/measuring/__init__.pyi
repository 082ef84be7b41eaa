from .comment import plan_text as plan_text, results_text as results_text
from .parts import (
    Measured as Measured,
    Result as Result,
    attested as attested,
    confirming_plan as confirming_plan,
    keep_outputs as keep_outputs,
    plan_parts as plan_parts,
    results as results,
)
