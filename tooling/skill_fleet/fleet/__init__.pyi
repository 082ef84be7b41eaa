from .configuration import (
    CONFIGURATION_FILE as CONFIGURATION_FILE,
    FORM_FILE as FORM_FILE,
    PROGRAMS as PROGRAMS,
    TAXONOMY_FILE as TAXONOMY_FILE,
    Configuration as Configuration,
    Taxonomy as Taxonomy,
    load_schema as load_schema,
    read_configuration as read_configuration,
    read_taxonomy as read_taxonomy,
    violations as violations,
    with_categories as with_categories,
)
from .fleet import (
    ROOT as ROOT,
    Fleet as Fleet,
    branch_of_ones_own as branch_of_ones_own,
    fleet_at as fleet_at,
    fleet_of as fleet_of,
    here as here,
    read_fleet as read_fleet,
    skill_id as skill_id,
    top as top,
)
from .skill import (
    MAX_NAME as MAX_NAME,
    SKILL_FILE as SKILL_FILE,
    Skill as Skill,
    device_in as device_in,
    is_name as is_name,
    is_skill_id as is_skill_id,
    split_id as split_id,
)
from .tree import (
    GitTree as GitTree,
    MemoryTree as MemoryTree,
    Tree as Tree,
    WorkTree as WorkTree,
    is_skipped as is_skipped,
)
