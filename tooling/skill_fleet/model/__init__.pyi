from .client import Journal as Journal, ModelClient as ModelClient, Refused as Refused
from .critique import size_for as size_for
from .drafter import (
    DspyDrafter as DspyDrafter,
    Understood as Understood,
    agreed_answer as agreed_answer,
    drafted as drafted,
)
from .edits import made_edits as made_edits
from .lm import StrictAdapter as StrictAdapter, model_name as model_name, split_fields as split_fields
from .pipeline import SkillProgram as SkillProgram, StepProgram as StepProgram, Stopped as Stopped
from .program import (
    STEPS as STEPS,
    file_of as file_of,
    load_steps as load_steps,
    save_program as save_program,
    signature_of as signature_of,
)
from .revision import Handled as Handled, Revision as Revision, estimated as estimated, revise as revise
from .run import (
    Meter as Meter,
    ModelFailed as ModelFailed,
    OutOfBudget as OutOfBudget,
    Progress as Progress,
    Reply as Reply,
    Tape as Tape,
    Unreadable as Unreadable,
    Unsafe as Unsafe,
    load_dspy as load_dspy,
)
from .shown import (
    NONE as NONE,
    Range as Range,
    brief_text as brief_text,
    files_shown as files_shown,
    listed as listed,
    narrowed as narrowed,
    nearest as nearest,
    number_sources as number_sources,
    shown_files as shown_files,
    sources_shown as sources_shown,
    threads_said as threads_said,
)
