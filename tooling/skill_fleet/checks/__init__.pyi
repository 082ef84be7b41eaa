from .baseline import (
    render_baseline as render_baseline,
    with_baseline as with_baseline,
)
from .contexts import (
    ChangeContext as ChangeContext,
    FleetContext as FleetContext,
    SkillContext as SkillContext,
    compare as compare,
)
from .link_targets import SkillFiles as SkillFiles
from .rule import (
    Finding as Finding,
    Outcome as Outcome,
)
from .rules import (
    RENAMED as RENAMED,
    RULES as RULES,
)
from .rules.change import (
    hosts_in as hosts_in,
    is_binary as is_binary,
    is_script as is_script,
    tools_of as tools_of,
)
from .rules.client_fields import (
    CLIENT_FIELDS as CLIENT_FIELDS,
    CLIENTS as CLIENTS,
    readers as readers,
    type_of as type_of,
)
from .rules.duplicates import (
    MAX_PAIRS as MAX_PAIRS,
    near_duplicate_of as near_duplicate_of,
    similar_pairs as similar_pairs,
)
from .rules.form import (
    outdated_form as outdated_form,
)
from .rules.manifests import (
    not_looked_at as not_looked_at,
)
from .rules.paths import is_misspelled as is_misspelled
from .rules.relations import (
    STATUSES as STATUSES,
    cycles as cycles,
)
from .rules.secrets import (
    NAMED_PATTERNS as NAMED_PATTERNS,
    SECRET_PATTERNS as SECRET_PATTERNS,
    find_secrets as find_secrets,
)
from .rules.snippets import (
    SNIPPET_LANGUAGES as SNIPPET_LANGUAGES,
    syntax_errors as syntax_errors,
)
from .rules.spec_fields import (
    CONTROL as CONTROL,
    FIELDS as FIELDS,
    MAX_COMPATIBILITY as MAX_COMPATIBILITY,
    MAX_DESCRIPTION as MAX_DESCRIPTION,
    MAX_UNKNOWN as MAX_UNKNOWN,
    OWN_KEYS as OWN_KEYS,
    closest_field as closest_field,
    has_meaning as has_meaning,
    is_variant as is_variant,
    suggested_name as suggested_name,
)
from .run import (
    Selection as Selection,
    as_configured as as_configured,
    check_change as check_change,
    check_files as check_files,
    check_fleet as check_fleet,
    check_skill as check_skill,
    explain as explain,
    in_batches as in_batches,
    on_real_paths as on_real_paths,
    rules_digest as rules_digest,
    run_tasks as run_tasks,
    select as select,
)
