from .document import (
    Link as Link,
    Markdown as Markdown,
    Part as Part,
    anchors as anchors,
    estimated_tokens as estimated_tokens,
    inline_text as inline_text,
    parser as parser,
    part_at as part_at,
    parts_of as parts_of,
    slug as slug,
    sure_anchors as sure_anchors,
    without_front_matter as without_front_matter,
)
from .front_matter import (
    FrontMatter as FrontMatter,
    as_data as as_data,
    as_string as as_string,
    quote as quote,
    read_front_matter as read_front_matter,
    written as written,
    written_key as written_key,
)
from .front_matter_editing import (
    CannotEdit as CannotEdit,
    Field as Field,
    FrontMatterLines as FrontMatterLines,
    front_matter_lines as front_matter_lines,
    new_front_matter as new_front_matter,
    rewritten as rewritten,
    set_value as set_value,
    tidy_value as tidy_value,
)
from .names import names_lost as names_lost, not_in as not_in
from .rendering import (
    PREFIX as PREFIX,
    render_html as render_html,
    visible as visible,
)
from .replacing import CannotPlace as CannotPlace, Replacement as Replacement, place as place, put as put
from .scanning import (
    DEFINITION as DEFINITION,
    Block as Block,
    code_spans as code_spans,
    lines_containing as lines_containing,
    links_on as links_on,
    scan_fences as scan_fences,
    without_code as without_code,
)
from .words import (
    PLACEHOLDER as PLACEHOLDER,
    as_code as as_code,
    escaped as escaped,
    first_sentence as first_sentence,
    one_line as one_line,
    plain as plain,
    relevance as relevance,
    shortened as shortened,
    shown as shown,
    slugged as slugged,
    stem as stem,
    tidy as tidy,
)
from .yaml import (
    Fault as Fault,
    Mapping as Mapping,
    Node as Node,
    Scalar as Scalar,
    Sequence as Sequence,
    parse as parse,
    scalars as scalars,
)
