from .examples import (
    Example as Example,
    Parts as Parts,
    Planting as Planting,
    data_rows as data_rows,
    recorded_examples as recorded_examples,
    split as split,
)
from .optimising import Found as Found, run as run
from .planning import (
    LEAST_TEST as LEAST_TEST,
    Optimiser as Optimiser,
    Plan as Plan,
    plan_of as plan_of,
)
from .planting import Change as Change, Kind as Kind, plant as plant
from .proposing import (
    propose as propose,
    record_use as record_use,
    refuse_used as refuse_used,
    summary as summary,
)
from .scoring import (
    METRICS as METRICS,
    Score as Score,
    Scored as Scored,
    critique_score as critique_score,
    describe_score as describe_score,
    draft_score as draft_score,
    edit_score as edit_score,
    reply_tokens as reply_tokens,
    score as score,
    tokens_of as tokens_of,
    triage_score as triage_score,
)
