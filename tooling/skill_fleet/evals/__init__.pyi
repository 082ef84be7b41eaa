from .cases import (
    CASES_FILE as CASES_FILE,
    Case as Case,
    case_of as case_of,
    digest_of as digest_of,
    faults as faults,
    read_cases as read_cases,
)
from .effect import (
    Request as Request,
    measure_effect as measure_effect,
)
from .evidence import (
    Document as Document,
    figures as figures,
    file_of as file_of,
    pooled as pooled,
)
from .grading import grade as grade
from .judging import family as family, judge_outputs as judge_outputs, specificity as specificity
from .report import (
    junit_report as junit_report,
    markdown_report as markdown_report,
    summary as summary,
    text_report as text_report,
)
from .runs import (
    PREFIX as PREFIX,
    Arm as Arm,
    Plan as Plan,
    Progress as Progress,
    Run as Run,
    Store as Store,
    measure as measure,
    run_of as run_of,
)
from .scenarios import with_scenarios as with_scenarios
from .subject import (
    staged as staged,
    subject_of as subject_of,
)
from .triggers import (
    Ranked as Ranked,
    Shift as Shift,
    prompts as prompts,
    ranking as ranking,
    shifts as shifts,
)
from .verdict import (
    ALPHA as ALPHA,
    Comparison as Comparison,
    Flaw as Flaw,
    Outcome as Outcome,
    Verdict as Verdict,
    compare_costs as compare_costs,
    holm as holm,
    judge as judge,
    share_interval as share_interval,
)
from .verification import (
    Problem as Problem,
    Source as Source,
    Status as Status,
    Verified as Verified,
    cases_of as cases_of,
    evidence_entries as evidence_entries,
    published_fleets as published_fleets,
    verify_evidence as verify_evidence,
    verify_skills as verify_skills,
)
