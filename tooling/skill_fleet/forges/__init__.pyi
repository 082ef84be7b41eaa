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
    untouched as untouched,
    where as where,
)
from .protocol import (
    Forge as Forge,
    StaleHead as StaleHead,
)
from .types import (
    BODY_LIMIT as BODY_LIMIT,
    ITEM_LIMIT as ITEM_LIMIT,
    TITLE_LIMIT as TITLE_LIMIT,
    Action as Action,
    Actor as Actor,
    Anchor as Anchor,
    AnswerAction as AnswerAction,
    CommitAction as CommitAction,
    CommitFact as CommitFact,
    EditAction as EditAction,
    FileChange as FileChange,
    FileFact as FileFact,
    FlagAction as FlagAction,
    FleetFacts as FleetFacts,
    Item as Item,
    Listed as Listed,
    NoteAction as NoteAction,
    Permission as Permission,
    Snapshot as Snapshot,
    StatusAction as StatusAction,
    Thread as Thread,
    Verdict as Verdict,
)
