from .comment import result_text as result_text, told_text as told_text
from .parts import (
    Measured as Measured,
    Result as Result,
    attested as attested,
    confirming_plan as confirming_plan,
    keep_outputs as keep_outputs,
    plan_parts as plan_parts,
    results as results,
)
