from .adopt import (
    adoption_of as adoption_of,
)
from .doctor import (
    checkup as checkup,
)
from .files import (
    TOOL_FILE as TOOL_FILE,
    Options as Options,
    founding_files as founding_files,
    options_for as options_for,
    own_files as own_files,
    shared_files as shared_files,
    without_local as without_local,
)
from .found import (
    drift_of as drift_of,
    found_in_clone as found_in_clone,
    found_repository as found_repository,
    is_clone as is_clone,
    refuse_nested as refuse_nested,
    refuse_used as refuse_used,
    with_generated as with_generated,
)
from .github_doctor import (
    REQUIRED_CHECK as REQUIRED_CHECK,
    create_labels as create_labels,
    examine as examine,
)
from .tool import (
    EXAMPLE as EXAMPLE,
    checked_requirement as checked_requirement,
    running_requirement as running_requirement,
)
