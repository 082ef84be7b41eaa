from .amendments import point_mark as point_mark
from .commands import (
    COMMANDS as COMMANDS,
    MISSPELLED as MISSPELLED,
    meant_by as meant_by,
    read_comment as read_comment,
    suggestion_block as suggestion_block,
)
from .decision import (
    DONE as DONE,
    Turn as Turn,
    decide as decide,
    whose_turn as whose_turn,
)
from .edits import (
    describe as describe,
    drop as drop,
    move as move,
    rebuild as rebuild,
    replace_lines as replace_lines,
)
from .execution import (
    WRITES_A_RUN as WRITES_A_RUN,
    apply as apply,
    delete_duplicates as delete_duplicates,
    require_same as require_same,
    step as step,
)
from .gates import (
    Condition as Condition,
    Gate as Gate,
    approvers as approvers,
    check_gates as check_gates,
    current_approvals as current_approvals,
    is_requester as is_requester,
    merge_trailers as merge_trailers,
    open_requests as open_requests,
    restoring as restoring,
    self_approvers as self_approvers,
)
from .markers import (
    Receipt as Receipt,
    credit as credit,
    digest_of as digest_of,
    duplicates as duplicates,
    message_body as message_body,
    read_receipt as read_receipt,
    read_trailers as read_trailers,
    receipts as receipts,
    render_answer as render_answer,
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
    plan_digest as plan_digest,
)
from .preview import (
    changelog as changelog,
    previewed as previewed,
)
from .refusals import (
    Reason as Reason,
    Refusal as Refusal,
)
from .requests import (
    COMMENT as COMMENT,
    may_decide as may_decide,
    named_by as named_by,
    read_requests as read_requests,
)
from .sanitizing import (
    LIMIT as LIMIT,
    sanitize as sanitize,
    visible as visible,
)
from .scope import (
    CODE_LABEL as CODE_LABEL,
    CODE_TRAILER as CODE_TRAILER,
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
    Files as Files,
    path_in as path_in,
    pluralized as pluralized,
    read_session as read_session,
    requested_by as requested_by,
    skill_findings as skill_findings,
)
from .status import stage as stage
from .writing import (
    LEAKED as LEAKED,
    MOST_CALLS as MOST_CALLS,
    Reply as Reply,
    Revised as Revised,
    Reviser as Reviser,
    Round as Round,
    Words as Words,
    collect_words as collect_words,
    guarded as guarded,
    model_calls as model_calls,
    open_points as open_points,
    own_secrets as own_secrets,
    replayed as replayed,
    round_row as round_row,
    texts_of as texts_of,
    with_texts as with_texts,
    without_words as without_words,
    write as write,
)
