from .examples import Example as Example, planted_examples as planted_examples
from .metrics import Score as Score, critique_score as critique_score, interval as interval
from .planting import Change as Change, Kind as Kind, plant as plant
from .scoring import Scored as Scored, score as score, tokens_of as tokens_of
