from .archives import (
    INDEX_FILE as INDEX_FILE,
    Archive as Archive,
    pack as pack,
    render_index as render_index,
    tar_of as tar_of,
)
from .codeowners import (
    CODEOWNERS_FILE as CODEOWNERS_FILE,
    render_codeowners as render_codeowners,
)
from .marketplace import (
    MARKETPLACE_FILE as MARKETPLACE_FILE,
    Project as Project,
    merge_marketplace as merge_marketplace,
    project_of as project_of,
    render_marketplace as render_marketplace,
)
from .xml import (
    CATALOGUE_FILE as CATALOGUE_FILE,
    LeftOut as LeftOut,
    addresses as addresses,
    catalogue_commit as catalogue_commit,
    render_catalogue as render_catalogue,
    render_shards as render_shards,
    shelves as shelves,
)
