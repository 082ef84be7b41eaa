from .accounts import (
    ACTIONS as ACTIONS,
    GHOST as GHOST,
    committer as committer,
)
from .calls import (
    Refused as Refused,
)
from .connection import (
    as_bot as as_bot,
    choose as choose,
    connect as connect,
)
from .forge import (
    GitHubForge as GitHubForge,
)
from .merging import (
    merge_methods as merge_methods,
)
from .place import (
    find_place as find_place,
)
from .settings import (
    ENVIRONMENTS as ENVIRONMENTS,
    Branch as Branch,
    Settings as Settings,
    create_label as create_label,
    read_settings as read_settings,
)
