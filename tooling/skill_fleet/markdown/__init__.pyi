from .document import (
    Link as Link,
    Markdown as Markdown,
    Piece as Piece,
    anchors as anchors,
    parser as parser,
    slug as slug,
    sure_anchors as sure_anchors,
)
from .escaping import (
    as_code as as_code,
    escaped as escaped,
    one_line as one_line,
    shown as shown,
)
from .fences import (
    Block as Block,
    scan_fences as scan_fences,
)
from .front_matter import (
    CannotEdit as CannotEdit,
    FrontMatter as FrontMatter,
    quote as quote,
    read_front_matter as read_front_matter,
    set_value as set_value,
)
from .front_matter_writing import write_front_matter as write_front_matter
from .links import (
    DEFINITION as DEFINITION,
    LinkSpan as LinkSpan,
    links_on as links_on,
    without_code as without_code,
)
from .words import (
    PLACEHOLDER as PLACEHOLDER,
    first_sentence as first_sentence,
    plain as plain,
    shortened as shortened,
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
)
