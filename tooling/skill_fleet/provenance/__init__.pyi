from .receipts import (
    RECEIPTS as RECEIPTS,
    Approval as Approval,
    Receipt as Receipt,
    receipt_of as receipt_of,
    without_receipt as without_receipt,
    write_receipts as write_receipts,
)
from .verify import (
    About as About,
    Basis as Basis,
    Fact as Fact,
    checked_by as checked_by,
    verify_archive as verify_archive,
    verify_site as verify_site,
    verify_skills as verify_skills,
)
