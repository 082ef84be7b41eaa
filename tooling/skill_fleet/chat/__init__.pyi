from .memory import (
    Memory as Memory,
)
from .progress import (
    Steps as Steps,
    progress_bar as progress_bar,
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
