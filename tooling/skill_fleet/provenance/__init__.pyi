from .verify import (
    RECEIPTS as RECEIPTS,
    About as About,
    Basis as Basis,
    Fact as Fact,
    verify_archive as verify_archive,
    verify_site as verify_site,
    verify_skill as verify_skill,
)
