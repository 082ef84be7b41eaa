from .github import github_report as github_report
from .json_sarif import (
    json_report as json_report,
    sarif_report as sarif_report,
)
from .markdown_table import (
    MAX_ROWS as MAX_ROWS,
    markdown_report as markdown_report,
)
from .terminal import (
    line_reader as line_reader,
    statistics_report as statistics_report,
    text_report as text_report,
)
