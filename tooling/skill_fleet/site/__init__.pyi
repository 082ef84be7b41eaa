from .build import (
    MAX_BYTES as MAX_BYTES,
    Built as Built,
    build_site as build_site,
)
from .stats import Advice as Advice, Stats as Stats, count as count
