"""Ask the model one step, hold the reply to account, and give it one second try with the reason."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from skill_fleet.fleet import SKILL_FILE, is_name, is_skill_id, split_id
from skill_fleet.markdown import PLACEHOLDER, Markdown, tidy
from skill_fleet.model.grounding import echo
from skill_fleet.model.lm import Call, Progress, Traffic, carrying, load_dspy, reach_this_machine
from skill_fleet.model.program import Program, load_program
from skill_fleet.model.settings import ModelSettings, is_loopback
from skill_fleet.model.shapes import Plan, Understanding
from skill_fleet.model.sources import Range, Sources
from skill_fleet.model.spending import Meter, ModelFailed, OutOfBudget, Spent, Unreadable
from skill_fleet.model.tape import Tape

Judge = Callable[[Any], str]
"""Why a reply cannot be taken, in words that the model can act on; '' when it can."""
NONE = "(none)"


class Refused(ModelFailed):
    """A reply was refused twice; `reason` is why, the second time."""

    def __init__(self, step: str, reason: str, model: str) -> None:
        super().__init__(
            f"The reply of {model} to the step {step!r} was refused twice: {reason}",
            "Run again, try another model, or draft without one.",
        )
        self.reason = reason


class Asker:
    """One run with one model: all calls of it share a budget, a tape and an account. A tape may go on from run to run."""

    def __init__(
        self,
        settings: ModelSettings,
        tape: Tape | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.settings = settings
        self._programs: dict[str, Program] = {}
        self._lm: Any = None
        self.traffic = Traffic(settings, tape or Tape(), Meter(settings.calls, settings.tokens), progress)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Ask within this. However it ends, the connections are closed and an empty purse is an error like others."""
        from skill_fleet.model.adapter import StrictAdapter

        dspy = load_dspy()
        if is_loopback(self.settings.api_base):
            reach_this_machine()
        if self._lm is None:
            from skill_fleet.model.lm import FleetLM

            self._lm = FleetLM(self.settings, offline=self.traffic.tape.is_offline or not self.settings.is_set)
        try:
            with carrying(self.traffic), dspy.context(lm=self._lm, adapter=StrictAdapter(), disable_history=False):
                yield
        except OutOfBudget as spent:
            raise ModelFailed(
                f"The budget ended in the step {self.traffic.step!r}: {spent}.",
                "Nothing was changed. Raise calls or tokens in [tool.skill-fleet.lm], or give less to read.",
            ) from None
        finally:
            self._lm.history.clear()
            self._lm.close()

    def ask(self, step: str, judge: Judge, **inputs: str) -> Any:
        """The reply to `step`, once `judge` has nothing against it; Refused when it had twice."""
        program = self._program(step)
        reason = told = ""
        for _ in range(2):
            self.traffic.enter(step)
            output: Any = None
            try:
                output = getattr(program.predict(**inputs, refused=told or NONE), program.output)
                reason = judge(output)
            except Unreadable as problem:
                reason = str(problem)
            self._note(program, inputs, output, reason)
            if not reason:
                return output
            told = self._refusal(reason)
        raise Refused(step, reason, self.model)

    def reject(self, reason: str) -> None:
        """Note that the last reply was not taken after all."""
        if self.traffic.calls:
            self.traffic.calls[-1] = replace(self.traffic.calls[-1], refused=reason)

    @property
    def model(self) -> str:
        """The model's name, as the server gives it if it has answered."""
        last = self.traffic.last
        return last.model if last else (self._lm.model if self._lm else self.settings.model)

    @property
    def spent(self) -> Spent:
        """The account so far."""
        return self.traffic.meter.spent

    @property
    def digests(self) -> dict[str, str]:
        """What each step that was asked said, by its hash."""
        return {step: program.digest for step, program in self._programs.items()}

    @property
    def notes(self) -> tuple[str, ...]:
        """Files of programs that were not taken."""
        return tuple(program.note for program in self._programs.values() if program.note)

    def _program(self, step: str) -> Program:
        if step not in self._programs:
            self._programs[step] = load_program(step, self.settings.programs.get(step, ""))
        return self._programs[step]

    def _refusal(self, reason: str) -> str:
        """Why the last reply was not taken, and that reply, which a model does not remember; quoted, so that no line of
        it can pose as ours."""
        last = self.traffic.last
        if last is None or last.finish != "stop" or not last.text.strip():
            return tidy(reason)
        quoted = "\n".join(f"> {line}" for line in last.text.strip().split("\n"))
        return f"{tidy(reason)}\n\nThe reply was:\n{quoted}"

    def _note(self, program: Program, inputs: dict[str, str], output: Any, refused: str) -> None:
        last = self.traffic.last
        if last is None:
            return
        options = {"temperature": self.settings.temperature, "max_tokens": self.settings.max_tokens}
        plain = _plain(output)
        self.traffic.calls.append(
            Call(program.step, program.digest, dict(inputs), plain, last.text, last.finish, last.model, options,
                 last.usage.prompt, last.usage.completion, refused)
        )  # fmt: skip


def _plain(output: Any) -> Any:
    """Pydantic's values as JSON has them."""
    if isinstance(output, list):
        return [_plain(each) for each in output]
    return output.model_dump() if hasattr(output, "model_dump") else output


LONGEST_DESCRIPTION = 1024
SKILL_TOKENS, REFERENCE_TOKENS = 3_000, 6_000
_FILE = re.compile(r"references/[a-z0-9]+(?:-[a-z0-9]+)*\.md\Z|(?:scripts|assets)/[A-Za-z0-9_][A-Za-z0-9_.-]*\Z")
_HEADING = re.compile(r"^ {0,3}#{1,2}(?=[ \t]|$)")
_SHOWN = 6


def judge_understanding(
    answer: Understanding, sources: Sources, categories: Collection[str], neighbours: Collection[str], path: str | None
) -> str:
    """Why an understanding cannot be taken: a path that cannot be, lines that are not there, questions without choice."""
    wrong: list[str] = []
    if path and answer.path != path:
        wrong.append(f"path must be the given {path!r}.")
    elif not is_skill_id(answer.path):
        wrong.append(f"path {answer.path!r} is not CATEGORY/NAME in lower-case letters, digits and single hyphens.")
    elif split_id(answer.path)[0] not in categories:
        wrong.append(f"There is no category {split_id(answer.path)[0]!r}; there are {', '.join(categories)}.")
    for claim in answer.claims:
        if why := sources.wrong(Range(claim.source, claim.first, claim.last)):
            wrong.append(f"The claim {claim.text[:60]!r} cites lines that do not exist. {why}")
    for question in answer.questions:
        if question.default not in question.options:
            wrong.append(f"The default of {question.text!r} is not one of its options, to the letter.")
    if answer.covered_by and answer.covered_by not in neighbours:
        wrong.append(f"There is no neighbour {answer.covered_by!r}.")
    return _listed(wrong)


def judge_plan(plan: Plan, claims: int, capabilities: Sequence[str]) -> str:
    """Why a plan cannot be taken: files that may not be, claims that are not, capabilities that nobody covers."""
    wrong: list[str] = []
    paths = [file.path for file in plan.files]
    if not paths or paths[0] != SKILL_FILE:
        wrong.append("The first file must be SKILL.md.")
    wrong += [f"{path} is planned twice." for path, count in Counter(paths).items() if count > 1]
    for file in plan.files:
        if file.path != SKILL_FILE and not _FILE.match(file.path):
            wrong.append(f"{file.path!r} is not SKILL.md, references/NAME.md, scripts/NAME or assets/NAME.")
        if not is_markdown(file.path) and len(file.sections) > 1:
            wrong.append(f"{file.path} must have exactly one section.")
        if file.path != SKILL_FILE and not file.read_when.strip():
            wrong.append(f"{file.path} has no read_when.")
        headings = Counter(section.heading.strip().lower() for section in file.sections)
        wrong += [f"{file.path} has the heading {heading!r} twice." for heading, count in headings.items() if count > 1]
        for section in file.sections:
            if not section.heading.strip() or section.heading.lstrip().startswith("#") or "\n" in section.heading:
                wrong.append(f"{section.heading!r} in {file.path} is not a heading of one line without number signs.")
            odd = [f"C{number}" for number in section.claims if not 1 <= number <= claims]
            odd += [f"K{number}" for number in section.covers if not 1 <= number <= len(capabilities)]
            if odd:
                wrong.append(f"The section {section.heading!r} names {', '.join(odd)}, which do not exist.")
        size = sum(section.tokens for section in file.sections)
        if size > (limit := SKILL_TOKENS if file.path == SKILL_FILE else REFERENCE_TOKENS):
            wrong.append(f"{file.path} is planned with {size} tokens; it may have {limit}.")
    covered = {number for file in plan.files for section in file.sections for number in section.covers}
    for number, capability in enumerate(capabilities, 1):
        if number not in covered:
            wrong.append(f"No section covers K{number}: {capability}")
    return _listed(wrong)


def judge_section(
    body: str, *, markdown: bool, cites: bool, runs: frozenset[tuple[str, ...]], passages: str, planned: Collection[str]
) -> str:
    """Why a section cannot be taken: code that does not close, headings that are not its, words from the prompt."""
    wrong: list[str] = []
    if left := dict.fromkeys(PLACEHOLDER.findall(body)):
        wrong.append(f"It has placeholders: {', '.join(f'{{{{{key}}}}}' for key in left)}.")
    if copied := echo(body, runs, passages):
        wrong.append(f"It repeats words of these directions or of another skill: {copied!r}.")
    if markdown:
        text = Markdown(body)
        fences = text.fences
        wrong += [f"The code block of line {fence.start + 1} is not closed." for fence in fences if not fence.closed]
        code = {number for fence in fences for number in range(fence.start, fence.end)}
        high = [line for number, line in enumerate(text.lines) if number not in code and _HEADING.match(line)]
        wrong += [f"The line {line!r} is a heading above ###." for line in high[:2]]
        for link in text.links:
            target = link.target.partition("#")[0]
            if target and "://" not in target and not target.startswith("mailto:") and not _is_planned(target, planned):
                wrong.append(f"The link to {link.target!r} leads to no file of the outline.")
        if not cites:
            wrong.append("It cites no line. End each paragraph with its lines, as in [S1:12-18].")
    return _listed(wrong)


def judge_description(text: str, runs: frozenset[tuple[str, ...]]) -> str:
    """Why a description cannot be taken."""
    wrong = []
    if not 20 <= len(text) <= LONGEST_DESCRIPTION:
        wrong.append(f"It has {len(text)} characters; it may have 20 to {LONGEST_DESCRIPTION}.")
    if odd := sorted(set(re.findall(r"[<>{}]|-{3,}", text))):
        wrong.append(f"It may not contain {' '.join(odd)}.")
    if "\n" in text.strip():
        wrong.append("It has line breaks.")
    if "use when" not in text.lower():
        wrong.append('It does not say "Use when".')
    if copied := echo(text, runs):
        wrong.append(f"It repeats words of these directions or of another skill: {copied!r}.")
    return _listed(wrong)


def is_markdown(path: str) -> bool:
    """Whether a file of the plan is written as sections of Markdown."""
    return path.endswith(".md")


def file_name_ok(path: str) -> bool:
    """Whether a revision may make a file of this name."""
    return bool(_FILE.match(path)) and path.startswith("references/") and is_name(PurePosixPath(path).stem)


def _is_planned(target: str, planned: Collection[str]) -> bool:
    return any(target in (path, f"./{path}", f"../{path}", PurePosixPath(path).name) for path in planned)


def _listed(wrong: Sequence[str]) -> str:
    """The first few reasons: enough to mend, and not so many that the answer is rewritten."""
    more = f" And {len(wrong) - _SHOWN} more of the kind." if len(wrong) > _SHOWN else ""
    return " ".join(wrong[:_SHOWN]) + more
