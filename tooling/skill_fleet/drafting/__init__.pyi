from .adding import (
    add_documents as add_documents,
    read_source_trailers as read_source_trailers,
    source_trailers as source_trailers,
)
from .briefs import (
    read_brief as read_brief,
    render_brief as render_brief,
    show_brief as show_brief,
)
from .drafter import (
    MOST_QUESTIONS as MOST_QUESTIONS,
    brief_for as brief_for,
    draft_selection as draft_selection,
    name_of as name_of,
    placeholder_question as placeholder_question,
    render_files as render_files,
    render_preview as render_preview,
    safety_points as safety_points,
)
from .naming import (
    ranked_categories as ranked_categories,
)
from .points import (
    most_important as most_important,
    point_text as point_text,
    points_as_json as points_as_json,
)
from .read import (
    document_from_text as document_from_text,
    fill as fill,
    read_documents as read_documents,
)
from .selection import (
    Selection as Selection,
    Undecided as Undecided,
    chosen_documents as chosen_documents,
    render_listing as render_listing,
    select as select,
)
from .types import (
    Brief as Brief,
    Call as Call,
    Discussion as Discussion,
    Document as Document,
    Draft as Draft,
    Entry as Entry,
    Fate as Fate,
    Generated as Generated,
    Kind as Kind,
    LineFate as LineFate,
    Place as Place,
    Point as Point,
    Question as Question,
    Severity as Severity,
    entries_of as entries_of,
)
from .writing import (
    render_ledger as render_ledger,
)
