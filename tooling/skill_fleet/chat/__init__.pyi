from .memory import (
    Memory as Memory,
)
from .questions import (
    ask as ask,
    has_arrow_keys as has_arrow_keys,
    pick as pick,
)
from .rounds import (
    hold as hold,
    typed as typed,
)
