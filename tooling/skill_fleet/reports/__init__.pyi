from .annotations import (
    github_report as github_report,
)
from .data import (
    json_report as json_report,
    sarif_report as sarif_report,
)
from .summary import (
    MOST as MOST,
    markdown_report as markdown_report,
)
from .terminal import (
    source_of as source_of,
    text_report as text_report,
)
