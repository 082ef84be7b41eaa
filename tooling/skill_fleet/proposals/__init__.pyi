from .drafts import (
    Begun as Begun,
    announce as announce,
    asked_by as asked_by,
    begin as begin,
    documents_from as documents_from,
    draft_each as draft_each,
    put_on_branch as put_on_branch,
)
from .opening import (
    Texts as Texts,
    Where as Where,
    branch_of as branch_of,
    find_session as find_session,
    open_pull_request as open_pull_request,
    put_branch as put_branch,
    read_branch as read_branch,
    refuse_taken as refuse_taken,
)
from .proposal import (
    Covered as Covered,
    Proposal as Proposal,
    Wish as Wish,
    differences as differences,
    errors as errors,
    facts as facts,
    files_of as files_of,
    find_written as find_written,
    finish as finish,
    points as points,
    propose as propose,
    refuse_id as refuse_id,
    revising_with as revising_with,
    revision_facts as revision_facts,
    settings_for as settings_for,
    texts as texts,
    with_ledger as with_ledger,
    write as write,
)
from .recording import (
    NO_TRAIN as NO_TRAIN,
    ModelReviser as ModelReviser,
    ending_row as ending_row,
    keep_turn as keep_turn,
    request_rows as request_rows,
    reviser_for as reviser_for,
    reviser_here as reviser_here,
    take_turn as take_turn,
)
from .revision import (
    revision_of as revision_of,
    skill_called as skill_called,
)
from .start import (
    base_configuration as base_configuration,
    model_for as model_for,
    refresh as refresh,
    starting_point as starting_point,
    with_programs as with_programs,
)
