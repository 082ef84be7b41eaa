from .fix import (
    Changes as Changes,
    as_patch as as_patch,
    fix_fleet as fix_fleet,
    fix_skill as fix_skill,
    named_as_folder as named_as_folder,
)
from .front_matter import (
    fix_front_matter as fix_front_matter,
)
from .migration import (
    MigratedSkill as MigratedSkill,
    Origin as Origin,
    migrate as migrate,
)
from .relocate import (
    Relocation as Relocation,
    move_skill as move_skill,
    retire_skill as retire_skill,
)
from .writing import (
    write_changes as write_changes,
)
