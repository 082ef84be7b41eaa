from .change import (
    compare as compare,
)
from .finding import (
    Finding as Finding,
    Outcome as Outcome,
)
from .graphs import (
    cycles as cycles,
)
from .parallel import (
    run_all as run_all,
)
from .reading import (
    Ground as Ground,
    Reading as Reading,
)
from .rules.duplicates import (
    twin_of as twin_of,
)
from .rules.spec_fields import (
    CONTROL as CONTROL,
    FIELDS as FIELDS,
    MAX_COMPATIBILITY as MAX_COMPATIBILITY,
    MAX_DESCRIPTION as MAX_DESCRIPTION,
    is_meant as is_meant,
    nearly as nearly,
    suggested_name as suggested_name,
)
from .rules.spec_file import (
    STRING_FIELDS as STRING_FIELDS,
)
from .run import (
    check_change as check_change,
    check_fleet as check_fleet,
    check_skill as check_skill,
    check_skills as check_skills,
)
from .secrets import (
    FORMS as FORMS,
    NAMED as NAMED,
    tokens_in as tokens_in,
)
from .selection import (
    Selection as Selection,
    explain as explain,
    rule_table as rule_table,
    select as select,
)
from .similar import (
    ENOUGH as ENOUGH,
    similar_pairs as similar_pairs,
)
from .snippets import (
    LANGUAGES as LANGUAGES,
    complaints as complaints,
)
