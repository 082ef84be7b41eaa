from .accounts import (
    BOT as BOT,
    account as account,
    permissions as permissions,
)
from .position import (
    count_lines as count_lines,
    follow as follow,
    lines_of as lines_of,
    moved as moved,
    moves as moves,
)
from .protocol import (
    Forge as Forge,
    StaleHead as StaleHead,
)
from .refusals import (
    TITLE_LIMIT as TITLE_LIMIT,
)
from .types import (
    Action as Action,
    AnswerAction as AnswerAction,
    CommitAction as CommitAction,
    EditAction as EditAction,
    FileChange as FileChange,
    FlagAction as FlagAction,
    NoteAction as NoteAction,
    StatusAction as StatusAction,
    BODY_LIMIT as BODY_LIMIT,
    ITEM_LIMIT as ITEM_LIMIT,
    Actor as Actor,
    Anchor as Anchor,
    CommitFact as CommitFact,
    FileFact as FileFact,
    FleetFacts as FleetFacts,
    Item as Item,
    Listed as Listed,
    Permission as Permission,
    Snapshot as Snapshot,
    Thread as Thread,
    Verdict as Verdict,
)
