"""Plan: the files and sections of the skill, and which claims each rests on."""

from __future__ import annotations

import dspy  # type: ignore[import-untyped]

from skill_fleet.drafting.model.shapes import Plan as PlanShape
from skill_fleet.drafting.model.steps import REFUSED


class Plan(dspy.Signature):  # type: ignore[misc]
    """You plan an agent skill: a folder of Markdown files that an AI agent loads when a task calls for it. The agent
    reads SKILL.md in full each time, and opens another file only when SKILL.md says that it needs it. What SKILL.md
    holds is paid for in every task, so it holds what nearly every task needs, and says of everything else when to read
    it. A person agreed to `brief`. The claims (C1, C2, ...) say what the sources hold and how long those lines are.
    Afterwards each section is written on its own, by a writer who sees the lines of its claims, the whole plan, and
    nothing of the other sections; the code of those lines is copied, not rewritten.

    Decide on the files and, in each, the sections in the order in which an agent works:

    - SKILL.md comes first. It has the core procedure, the rules that always hold, and one short example, within the
      number of tokens that `limits` gives. Do not plan a section that lists the other files: such a table is made from
      each file's `read_when`. Do not plan front matter or a section "When to use": the description says that.
    - `references/NAME.md`, names of lower-case letters, digits and hyphens: details that only some tasks need, one
      subject a file. If everything fits well into SKILL.md, plan no other file.
    - `scripts/` and `assets/`: only when the sources hold such a file whole. It has exactly one section, whose heading
      is the file's name. When in doubt, show the code in a section instead.
    - Every capability (K1, K2, ...) is in `covers` of at least one section. A section names every claim that its writer
      has to know: a procedure that leads through the whole also the claims of its steps. Otherwise a claim is told in
      one place. Claims that serve no capability are left out.
    - `read_when` completes "read it when you ..." with a situation ("need to undo a migration"), not with a title.
    - Headings are unique within a file, short and plain, without numbers. A section is a whole that an agent needs
      together: rules on one subject are one section, a procedure with its code and its warnings is one; its writer
      divides it with lower headings. A usual skill has four to ten sections in one to four files. Each section costs a
      call of the model, so keep to the number in `limits`: put together what would be less than 150 tokens.
    - `tokens` of a section is what it needs, not more: the code of its claims as long as it is, and the prose around it
      shorter than in the sources. Three rules need 150, a procedure with code 400 to 900.
    """

    brief: str = dspy.InputField(desc="what was agreed on; capabilities are numbered K1, K2, ...")
    claims: str = dspy.InputField(desc="one line each: C7 (S2:118-131, 240 tokens): what those lines say")
    limits: str = dspy.InputField(desc="sizes that the plan keeps to")
    refused: str = dspy.InputField(desc=REFUSED)
    plan: PlanShape = dspy.OutputField(desc="the files with their sections")
