"""The fields of the front matter: those of the specification, and no others."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator

from skill_fleet.checks.contexts import SkillContext
from skill_fleet.checks.rule import Violation, rule
from skill_fleet.checks.rules.client_fields import CLIENT_FIELDS, readers
from skill_fleet.fleet import MAX_NAME, is_name
from skill_fleet.markdown import Mapping, Scalar, Sequence, as_string, quote, shown, written, written_key

FIELDS = ("name", "description", "license", "compatibility", "metadata", "allowed-tools")
MAX_COMPATIBILITY = 500
MAX_DESCRIPTION = 1024
MAX_UNKNOWN = 50
"""The number of unknown fields that are compared with the known ones."""
OWN_KEYS = ("requires", "formerly", "status", "superseded-by")
"""The keys below `metadata` that mean something to this tool."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")  # what XML 1.0 cannot contain


@rule("spec/unknown-field")
def unknown_field(context: SkillContext) -> Iterator[Violation]:
    """The front matter has only the six fields of the specification, and fields that a client is known to read.

    Clients that follow the specification reject a skill with any other field. `metadata` is the place for more.
    `portability/client-field` lists the fields that single clients read.
    Source: https://agentskills.io/specification#frontmatter-required

    Good:

        metadata:
          author: me

    Bad:

        author: me

    Fix: move the field under `metadata:`, as a string.
    """
    pairs = context.fields.pairs if context.fields else ()
    unknown = [key for key, _ in pairs if key.text not in FIELDS and not readers(key.text)]
    for number, key in enumerate(unknown):
        name = key.text
        message = f"`{shown(name)}` is not a field of the specification, and clients may reject the skill."
        fix = "Move it under `metadata:`, as a string."
        if number < MAX_UNKNOWN and (near := closest_field(name)):
            fix = f"Write `{near}` if you mean that; otherwise remove it."
        elif number < MAX_UNKNOWN and closest_field(name, opposites=True):
            fix = "Remove it: no known client reads it."
        elif has_meaning(name):
            fix = "Move it under `metadata:` with another name, or remove it: there, this name has a meaning."
        yield context.at(key, message, fix)


def has_meaning(key: str) -> bool:
    """Whether a client or this tool reads `metadata.KEY`."""
    return key in OWN_KEYS or bool(readers(f"metadata.{key}"))


_KNOWN = (*FIELDS, *dict.fromkeys(row.name for row in CLIENT_FIELDS if "." not in row.name and row.name not in FIELDS))
_OTHER_WORDS = {"tools": "allowed-tools", "disabled-tools": "disallowed-tools"}
_NEGATION = re.compile(r"(?<![a-z])(?:dis|un|non|not|no|never|en)-?(?=[a-z])")


def closest_field(name: str, opposites: bool = False) -> str:
    """Return the known field that `name` is probably a misspelling of, '' if there is none.

    Never one that means the opposite, unless `opposites`: `allowed-tools` is not what `unallowed-tools` should be.
    """
    word = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name[:40]).lower().replace("_", "-")
    known = {field.lower().replace("_", "-"): field for field in _KNOWN}
    close = difflib.get_close_matches(word, known, 3, 0.8)
    same = (known[each] for each in close if opposites or not _are_opposites(word, each))
    return next(same, _OTHER_WORDS.get(word, ""))


def _are_opposites(word: str, other: str) -> bool:
    """Whether the two are more alike without their negations, so that a negation is what sets them apart."""
    bare = _alike(_NEGATION.sub("", word), _NEGATION.sub("", other))
    return bare > _alike(word, other)


def _alike(word: str, other: str) -> float:
    return difflib.SequenceMatcher(None, word, other).ratio()


@rule("spec/license")
def license_field(context: SkillContext) -> Iterator[Violation]:
    """`license`, if given, is text: the name of a licence, or of a file that contains it.

    Tools show it and compare it with a list of allowed licences.
    Source: https://agentskills.io/specification#license-field

    Good:

        license: Apache-2.0

    Bad:

        license:
          name: Apache-2.0

    Fix: write the licence's SPDX identifier, or remove the field.
    """
    fix = "Write the licence's name, such as `license: Apache-2.0`, or remove the field."
    yield from _not_text(context, "license", fix)


@rule("spec/compatibility")
def compatibility(context: SkillContext) -> Iterator[Violation]:
    """`compatibility`, if given, is text of 1 to 500 characters.

    Clients show it before they install a skill.
    Source: https://agentskills.io/specification#compatibility-field

    Good:

        compatibility: Requires git and jq

    Bad:

        compatibility: ""

    Fix: write what the skill requires, or remove the field; most skills need none.
    """
    yield from _not_text(context, "compatibility", "Write what the skill requires, or remove the field.")
    yield from _too_long(context, "compatibility", MAX_COMPATIBILITY)


@rule("spec/metadata")
def metadata(context: SkillContext) -> Iterator[Violation]:
    """`metadata`, if given, is a flat mapping from strings to strings.

    Clients expect that. The reference validator turns a list into the text of a Python object. Keys that a client reads
    in another form, such as `openclaw`, are for `portability/client-field`.
    Source: https://agentskills.io/specification#metadata-field

    Good:

        metadata:
          tags: pdf, forms

    Bad:

        metadata:
          tags: [pdf, forms]

    Fix: write each value as one string; separate items by a comma or a space.
    """
    pair = context.field("metadata")
    if pair is None:
        return
    if not isinstance(pair[1], Mapping):
        message = "`metadata` is not a mapping from keys to text, so clients ignore it or reject the skill."
        yield context.at(pair[0], message, "Write `key: value` lines below it, or remove the field.")
        return
    for key, value in pair[1].pairs:
        if not isinstance(value, Scalar) and not readers(f"metadata.{key.text}"):
            what = "a list" if isinstance(value, Sequence) else "a mapping"
            message = f"`metadata.{shown(key.text)}` is {what}, but the specification allows only text."
            fix = "Write each of its values as text, with a key of its own."
            if isinstance(value, Sequence) and all(isinstance(item, Scalar) for item in value.items):
                whole = f"{written_key(key.text)}: {quote(as_string(value))}"
                fix = "Write it as one string" + (f": `{whole}`." if shown(whole) == whole else ", with commas.")
            yield context.at(key, message, fix)


@rule("spec/allowed-tools")
def allowed_tools(context: SkillContext) -> Iterator[Violation]:
    """`allowed-tools`, if given, is one string, or a list of strings.

    The specification separates tools by spaces, clients read commas and lists too, and each form breaks in some client.
    So no form is changed; `portability/allowed-tools` gives advice for the clients that the settings name.
    Source: https://agentskills.io/specification#allowed-tools-field

    Good:

        allowed-tools: Read Bash(git:*)

    Bad:

        allowed-tools:
          Bash: git

    Fix: write the tools on one line, or as a list.
    """
    pair = context.field("allowed-tools")
    if pair is None or isinstance(pair[1], Scalar):
        return
    if isinstance(pair[1], Mapping) or not all(isinstance(item, Scalar) for item in pair[1].items):
        message = "`allowed-tools` is neither text nor a list of text, so clients allow nothing or reject the skill."
        yield context.at(pair[0], message, "Write the tools on one line, such as `allowed-tools: Read Bash(git:*)`.")


def _not_text(context: SkillContext, name: str, fix: str) -> Iterator[Violation]:
    """A violation where a field is no text, or is empty."""
    pair = context.field(name)
    if pair is None:
        return
    if not isinstance(pair[1], Scalar):
        yield context.at(pair[0], f"`{name}` is a list or a mapping, but the specification requires text.", fix)
    elif pair[1].kind == "str" and not pair[1].text.strip():
        yield context.at(pair[0], f"`{name}` is empty.", fix)


def _too_long(context: SkillContext, name: str, limit: int) -> Iterator[Violation]:
    pair = context.text_field(name)
    if pair and (size := len(pair[1].text)) > limit:
        message = f"`{name}` has {size:,} characters, but only {limit:,} are allowed."
        fix = f"Shorten it by {size - limit:,}: details belong in the body."
        yield context.at(pair[0], message, fix, key=f"{name}-length")


@rule("spec/description")
def description(context: SkillContext) -> Iterator[Violation]:
    """`description` exists, is text without control characters, and is not empty.

    It is all that an agent sees when it chooses a skill: without it, the skill is never used.
    Source: https://agentskills.io/specification#description-field

    Good:

        description: Fills PDF forms. Use when a PDF has fields to fill in.

    Bad:

        description: ""

    Fix: say in one or two sentences what the skill does and when to use it.
    """
    if context.fields is None:
        return
    pair = context.field("description")
    fix = "Say in one or two sentences what it does and when to use it."
    if pair is None:
        message = "The field `description` is missing, so no agent knows when to use the skill."
        yield context.at(None, message, f"Add a line `description: …`. {fix}")
    elif not isinstance(pair[1], Scalar):
        message = "`description` is a list or a mapping, but clients expect text."
        yield context.at(pair[0], message, "Write it as one string, in quotes if necessary.")
    elif not pair[1].text.strip():
        comment = context.comment_after(pair[1])
        why = f"`{shown(comment[:60])}` is a comment in YAML" if comment else "no agent knows when to use the skill"
        fix = "Put the whole value in double quotes." if comment else fix
        yield context.at(pair[0], f"`description` is empty: {why}.", fix, key="empty description")
    elif CONTROL.search(pair[1].text):
        message = "`description` contains a control character, so the catalogue cannot list the skill."
        yield context.at(pair[0], message, "Remove the character, which is written as an escape such as `\\x07`.")


@rule("spec/description-length")
def description_length(context: SkillContext) -> Iterator[Violation]:
    """`description` has at most 1,024 characters.

    Every description is always in an agent's context. Clients cut or reject a longer one.
    Source: https://agentskills.io/specification#description-field

    Good:

        description: Fills PDF forms. Use when a PDF has fields to fill in.

    Bad:

        description: (a whole manual)

    Fix: keep what the skill does and when to use it; move the rest into the body.
    """
    yield from _too_long(context, "description", MAX_DESCRIPTION)


@rule("spec/name")
def name(context: SkillContext) -> Iterator[Violation]:
    """`name` exists, has 1 to 64 characters, and consists of a-z, 0-9 and single hyphens between them.

    Clients find a skill by its name, and make folders and commands of it. File systems normalise other letters
    differently, although the reference validator allows them.
    Source: https://agentskills.io/specification#name-field

    Good:

        name: fastapi-production

    Bad:

        name: FastAPI_Production

    Fix: use lower-case letters, digits, and a hyphen between words. The folder has the same name.
    """
    if context.fields is None:
        return
    pair, folder = context.field("name"), context.skill.folder
    if pair is None:
        fix = f"Add a line `name: {written(suggested_name(folder) or 'my-skill')}` to the front matter."
        yield context.at(None, "The field `name` is missing, so no client can load the skill.", fix)
    elif not isinstance(pair[1], Scalar):
        yield context.at(pair[0], "`name` is not text, so no client can load the skill.", "Write it as one word.")
    elif not pair[1].text.strip():
        yield context.at(pair[0], "`name` is empty, so no client can load the skill.", "Write the folder's name.")
    elif not is_name(pair[1].text):
        message = f"The name `{shown(pair[1].text)}` {_name_problem(pair[1].text)}."
        yield context.at(pair[1], message, _name_fix(pair[1].text, folder))


@rule("spec/name-directory")
def name_directory(context: SkillContext) -> Iterator[Violation]:
    """`name` is the name of the folder that contains SKILL.md.

    Installers use the folder and clients the name: when they differ, neither finds the other.
    Source: https://agentskills.io/specification#name-field

    Good:

        pdf-forms/SKILL.md with `name: pdf-forms`

    Bad:

        pdf-forms/SKILL.md with `name: pdf`

    `spec/name` alone reports a name that is not valid, such as `PDF_Forms`. A folder `pdf-main` is an unpacked archive of
    the repository `pdf`, and as good as `pdf`.

    Fix: change the name, or rename the folder.
    """
    pair, folder = context.text_field("name"), context.skill.folder
    if not folder or pair is None or not pair[1].text.strip():
        return
    text = pair[1].text
    if text != folder and is_name(text) and not _is_archive(folder, text):
        message = f"The name `{shown(text)}` is not the folder's name `{shown(folder)}`."
        yield context.at(pair[1], message, _name_fix(text, folder))


def _is_archive(folder: str, name: str) -> bool:
    """Whether a folder is what a forge's archive of the repository `name` unpacks to: with a branch, a tag or a commit."""
    return folder.startswith(f"{name}-") and _REVISION.fullmatch(folder, len(name) + 1) is not None


_REVISION = re.compile(r"main|master|v?[0-9]+(?:\.[0-9]+)+|[0-9a-f]{40}")


def is_variant(text: str, folder: str) -> bool:
    """Whether an invalid name is that of its folder in another form: `PDF_Forms` in `pdf-forms`."""
    return not is_name(text) and is_name(folder) and suggested_name(text) == folder


def _name_fix(text: str, folder: str) -> str:
    """How name and folder become the same valid name: that of the folder, or else one made from either."""
    if is_name(folder):
        return f"Set `name: {written(folder)}` (the folder's name)."
    better = text if is_name(text) else suggested_name(text) or suggested_name(folder) or "my-skill"
    return f"Rename the folder to `{better}`" + ("." if better == text else f" and set `name: {written(better)}`.")


def _name_problem(text: str) -> str:
    if text != text.strip():
        return "begins or ends with a space"
    if len(text) > MAX_NAME:
        return f"has {len(text)} characters, but only {MAX_NAME} are allowed"
    if text != text.lower():
        return "has upper-case letters, which the specification does not allow"
    if text.startswith("-") or text.endswith("-"):
        return "begins or ends with a hyphen, which the specification does not allow"
    if "--" in text:
        return "has two hyphens in a row, which the specification does not allow"
    strange = next((char for char in text if not re.match(r"[a-z0-9-]", char)), "")
    return f"contains `{shown(strange)}`, but only a-z, 0-9 and hyphens are allowed"


def suggested_name(text: str) -> str:
    """Return a valid name made of the letters and digits of `text`, '' when it has none."""
    plain = unicodedata.normalize("NFKD", text[:200]).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall(r"[a-z0-9]+", plain))[:MAX_NAME].rstrip("-")
