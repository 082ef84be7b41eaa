from .examples import Example as Example, planted_examples as planted_examples
from .metrics import Score as Score, critique_score as critique_score, interval as interval
from .optimising import Found as Found, run as run
from .planning import (
    LEAST_TEST as LEAST_TEST,
    Optimiser as Optimiser,
    Parts as Parts,
    Plan as Plan,
    plan_of as plan_of,
    planted_parts as planted_parts,
    recorded_parts as recorded_parts,
)
from .planting import Change as Change, Kind as Kind, plant as plant
from .proposing import propose as propose, refuse_used as refuse_used, summary as summary
from .scoring import REPLY as REPLY, Scored as Scored, score as score, tokens_of as tokens_of
