from .events import (
    replay as replay,
)
from .exchange import (
    TRIES as TRIES,
    Exchange as Exchange,
    timeline_ref as timeline_ref,
)
from .forge import (
    LocalForge as LocalForge,
    open_local_forge as open_local_forge,
)
from .timeline import (
    EVENTS_FILE as EVENTS_FILE,
    Chains as Chains,
    Event as Event,
    read_chains as read_chains,
    union as union,
    write_events as write_events,
)
