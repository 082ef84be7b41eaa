from .memory import (
    Memory as Memory,
)
from .questions import (
    answered as answered,
    has_arrow_keys as has_arrow_keys,
    pick as pick,
    settled as settled,
)
from .rounds import (
    hold as hold,
    typed as typed,
)
