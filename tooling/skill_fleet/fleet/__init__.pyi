from .configuration import (
    BASELINE_FILE as BASELINE_FILE,
    CONFIGURATION_FILE as CONFIGURATION_FILE,
    FORM_FILE as FORM_FILE,
    PROFILES_FILE as PROFILES_FILE,
    PROGRAMS as PROGRAMS,
    SETTINGS_FILE as SETTINGS_FILE,
    TAXONOMY_FILE as TAXONOMY_FILE,
    Configuration as Configuration,
    Profile as Profile,
    Taxonomy as Taxonomy,
    read_configuration as read_configuration,
    read_json as read_json,
    read_programs as read_programs,
    read_taxonomy as read_taxonomy,
    with_categories as with_categories,
)
from .fleet import (
    ROOT as ROOT,
    Fleet as Fleet,
    by_folder as by_folder,
    home_of as home_of,
    is_in as is_in,
    read_fleet as read_fleet,
)
from .inventory import (
    Kind as Kind,
    Root as Root,
    categories as categories,
    inventory as inventory,
    is_nearly_skill_file as is_nearly_skill_file,
    namespaces as namespaces,
    no_skill as no_skill,
    notes as notes,
    real_paths as real_paths,
    unseen as unseen,
)
from .model_settings import (
    ADDRESS as ADDRESS,
    MODEL as MODEL,
    ModelSettings as ModelSettings,
    Purpose as Purpose,
    configured_model as configured_model,
    missing_keys as missing_keys,
    why_no_model as why_no_model,
)
from .places import (
    CATALOGUE_BRANCH as CATALOGUE_BRANCH,
    branch_of_ones_own as branch_of_ones_own,
    fleet_at as fleet_at,
    fleet_in as fleet_in,
    fleet_of as fleet_of,
    here as here,
    paths_in as paths_in,
    skill_id as skill_id,
    skills_at as skills_at,
    skills_in as skills_in,
    skills_since as skills_since,
    top as top,
)
from .schemas import (
    load_schema as load_schema,
    quick_check as quick_check,
    violations as violations,
)
from .search import (
    descriptions as descriptions,
    find_skill as find_skill,
    nearest as nearest,
    prompts_led as prompts_led,
    search as search,
)
from .skill import (
    MAX_NAME as MAX_NAME,
    SKILL_FILE as SKILL_FILE,
    Copy as Copy,
    Skill as Skill,
    device_in as device_in,
    is_name as is_name,
    is_skill_id as is_skill_id,
    plugin_parts as plugin_parts,
    split_id as split_id,
)
from .tree import (
    GitTree as GitTree,
    MemoryTree as MemoryTree,
    TooLarge as TooLarge,
    Tree as Tree,
    WorkTree as WorkTree,
    content_of as content_of,
    is_skipped as is_skipped,
)
