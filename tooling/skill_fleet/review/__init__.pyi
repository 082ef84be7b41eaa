from .commands import (
    COMMANDS as COMMANDS,
    MISSPELLED as MISSPELLED,
    read_comment as read_comment,
    suggestion_block as suggestion_block,
)
from .decision import (
    decide as decide,
)
from .edits import (
    Files as Files,
    Refused as Refused,
    describe as describe,
    drop as drop,
    lines_of as lines_of,
    move as move,
    rebuild as rebuild,
    replace_lines as replace_lines,
)
from .execution import (
    WRITES_A_RUN as WRITES_A_RUN,
    apply as apply,
    require_same as require_same,
    step as step,
)
from .gates import (
    Gate as Gate,
    approvers as approvers,
    check_gates as check_gates,
    merge_trailers as merge_trailers,
    one_pair_of_eyes as one_pair_of_eyes,
    open_requests as open_requests,
    requester as requester,
    standing_approvals as standing_approvals,
)
from .handlers import (
    DONE as DONE,
)
from .markers import (
    Receipt as Receipt,
    credit as credit,
    digest_of as digest_of,
    doubles as doubles,
    read_receipt as read_receipt,
    read_trailers as read_trailers,
    receipts as receipts,
    render_receipt as render_receipt,
    trailer as trailer,
    write_message as write_message,
)
from .notices import (
    TOO_LONG as TOO_LONG,
    pin_of as pin_of,
)
from .plan import (
    Plan as Plan,
    decode as decode,
    encode as encode,
    render_answer as render_answer,
)
from .requests import (
    WORDS as WORDS,
    clear_doubles as clear_doubles,
    may_decide as may_decide,
    named_by as named_by,
    read_requests as read_requests,
)
from .rounds import (
    Reply as Reply,
    Revised as Revised,
    Reviser as Reviser,
    Round as Round,
    texts_of as texts_of,
)
from .sanitize import (
    LIMIT as LIMIT,
    harmless as harmless,
    visible as visible,
)
from .scope import (
    LABEL as LABEL,
    TRAILER as TRAILER,
    check_scope as check_scope,
    code_trailers as code_trailers,
    model_written_code as model_written_code,
)
from .session import (
    ADDRESSES as ADDRESSES,
    CHECKS as CHECKS,
    DRAFT_BRANCHES as DRAFT_BRANCHES,
    LEDGER_HEADING as LEDGER_HEADING,
    MOVED as MOVED,
    REQUESTED_BY as REQUESTED_BY,
    SESSION as SESSION,
    read_session as read_session,
)
from .status import (
    skill_findings as skill_findings,
    stage as stage,
)
from .words import (
    Words as Words,
    plan_digest as plan_digest,
    reader_of as reader_of,
    take_words as take_words,
    unwritten as unwritten,
)
from .writing import (
    LEAKED as LEAKED,
    MOST_CALLS as MOST_CALLS,
    Heard as Heard,
    guarded as guarded,
    heard as heard,
    own_secrets as own_secrets,
    round_row as round_row,
    with_texts as with_texts,
    write as write,
)
