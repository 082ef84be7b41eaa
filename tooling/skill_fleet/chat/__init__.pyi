from .questions import (
    ask as ask,
    console as console,
    has_arrow_keys as has_arrow_keys,
    pick as pick,
    step_lines as step_lines,
)
from .session import (
    hold as hold,
)
