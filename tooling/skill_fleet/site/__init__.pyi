from .build import (
    MAX_BYTES as MAX_BYTES,
    Built as Built,
    build_site as build_site,
)
