from .drafts import (
    Opened as Opened,
    draft_each as draft_each,
    draft_of as draft_of,
    open_proposal as open_proposal,
    refuse_too_many as refuse_too_many,
)
from .forge import (
    AnyForge as AnyForge,
    bot_of as bot_of,
    forge_here as forge_here,
    person as person,
    print_notes as print_notes,
    refuse_ended as refuse_ended,
    refuse_strangers as refuse_strangers,
)
from .handmade import (
    read_branch as read_branch,
)
from .opening import (
    Proposal as Proposal,
    Texts as Texts,
    Where as Where,
    find_session as find_session,
    open_files as open_files,
    open_pull_request as open_pull_request,
    put_branch as put_branch,
    refuse_taken as refuse_taken,
)
from .presentation import (
    differences as differences,
    facts as facts,
    points as points,
    revision_facts as revision_facts,
    with_ledger as with_ledger,
)
from .proposal import (
    category_question as category_question,
    choose as choose,
    main_question as main_question,
    propose as propose,
)
from .recording import (
    NO_TRAIN as NO_TRAIN,
    PREFIX as PREFIX,
    drop_rows as drop_rows,
    export_records as export_records,
    fetch_records as fetch_records,
    keep as keep,
    keep_rows as keep_rows,
    keep_turn as keep_turn,
    kept_rows as kept_rows,
    names_kept as names_kept,
    recorded_passages as recorded_passages,
    redacted as redacted,
)
from .request import (
    Ask as Ask,
    Console as Console,
    Covered as Covered,
    Options as Options,
    Request as Request,
    refuse_id as refuse_id,
    resolve_path as resolve_path,
)
from .reviser import (
    ModelReviser as ModelReviser,
    reviser_for as reviser_for,
    reviser_here as reviser_here,
    take_turn as take_turn,
)
from .revision import (
    revision_of as revision_of,
)
from .start import (
    Job as Job,
    base_configuration as base_configuration,
    model_here as model_here,
    prepare as prepare,
    refresh as refresh,
    starting_point as starting_point,
)
from .written import (
    answered as answered,
    find_written as find_written,
    with_given_answers as with_given_answers,
    write as write,
)
