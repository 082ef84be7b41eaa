from .codeowners import (
    CODEOWNERS_FILE as CODEOWNERS_FILE,
    render_codeowners as render_codeowners,
)
from .marketplace import (
    MARKETPLACE_FILE as MARKETPLACE_FILE,
    merge_marketplace as merge_marketplace,
    render_marketplace as render_marketplace,
)
from .xml import (
    CATALOGUE_FILE as CATALOGUE_FILE,
    render_catalogue as render_catalogue,
)
