from .patch import (
    patch_of as patch_of,
)
from .repository import (
    Repository as Repository,
    forget_inherited_repository as forget_inherited_repository,
)
from .types import (
    ABSENT as ABSENT,
    EXECUTABLE as EXECUTABLE,
    REGULAR as REGULAR,
    SUBMODULE as SUBMODULE,
    SYMLINK as SYMLINK,
    Commit as Commit,
    Entry as Entry,
    GitFailure as GitFailure,
    Hunk as Hunk,
    Identity as Identity,
    RefMoved as RefMoved,
    RemoteUnreachable as RemoteUnreachable,
    Update as Update,
)
from .writing import (
    advance_branch as advance_branch,
    conflicts as conflicts,
    create_branch as create_branch,
    fetch as fetch,
    follow_branch as follow_branch,
    make_repository as make_repository,
    merge_trees as merge_trees,
    move_refs as move_refs,
    push as push,
    refuse_blocked as refuse_blocked,
    refuse_dirty as refuse_dirty,
    track_branch as track_branch,
    write_blobs as write_blobs,
    write_commit as write_commit,
    write_folder as write_folder,
    write_tree as write_tree,
)
