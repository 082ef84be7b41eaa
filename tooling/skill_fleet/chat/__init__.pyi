from .memory import (
    Memory as Memory,
)
from .progress import (
    Steps as Steps,
    progress_bar as progress_bar,
    step_lines as step_lines,
)
from .questions import (
    ask as ask,
    console as console,
    has_arrow_keys as has_arrow_keys,
    pick as pick,
)
from .session import (
    Outcome as Outcome,
    hold as hold,
)
