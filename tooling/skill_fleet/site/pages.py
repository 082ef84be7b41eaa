"""The pages as text: templates filled with facts. Every value is escaped, and what is invisible in it is made visible."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from skill_fleet.catalog import Archive
from skill_fleet.fleet import Skill, split_id
from skill_fleet.markdown import render_html, visible
from skill_fleet.site.facts import Listed, Site, files_of, resolve
from skill_fleet.site.history import Capabilities, Comparison, Version

TEMPLATES = Path(__file__).with_name("templates")
_FACETS = (
    ("category", "Category"),
    ("tag", "Tag"),
    ("client", "Client"),
    ("status", "Status"),
    ("evidence", "Evidence"),
)
_NEWEST, _DEPENDED, _FEED = 12, 8, 50


class Pages:
    """Fills the templates for one site."""

    def __init__(self, site: Site) -> None:
        self.site = site

    def _page(self, path: str, template: str, top: str | None = None, **facts: object) -> str:
        """The page at `path`; `top` leads from there to the top of the site."""
        up = "../" * path.count("/") if top is None else top
        return _environment().get_template(template).render(site=self.site, path=path, top=up, **facts) + "\n"

    def skill(
        self,
        skill: Skill,
        versions: Sequence[Version],
        brings: Capabilities,
        archive: Archive | None,
        refusal: str,
        kept: Mapping[str, str],
        comparisons: Sequence[Comparison],
    ) -> Iterator[tuple[str, str]]:
        """The pages of a skill: their paths and texts.

        `versions` are the oldest first, `brings` is of the skill with all that it requires, `refusal` says why there is no
        archive, `kept` has the file names of archives by commit, and `comparisons` are of versions that are kept.
        """
        listed, site = self.site.listed[skill.id], self.site
        top = "../" * (listed.address.count("/"))
        files = files_of(skill)
        addresses = {file.path: f"files.html#file-{number}" for number, file in enumerate(files)}
        successor = skill.front_matter.metadata("superseded-by") or ""
        requires = [each for each in skill.requires if each in site.skills]
        newest = versions[::-1]
        yield (
            f"{listed.address}index.html",
            self._page(
                f"{listed.address}index.html",
                "skill.html",
                skill=listed,
                text=Markup(render_html(skill.front_matter.body, lambda target: resolve(target, addresses))),
                files=files,
                tabs=list(_tabs(site, skill, listed)) if archive else [],
                archive=archive
                and {"address": f"{top}archives/{archive.file}", "size": archive.size, "digest": archive.digest},
                refusal=f"It cannot be installed from here: {refusal}.",
                brings=brings,
                installed=len(archive.files) if archive else len(files),
                closure=[each for each in site.fleet.closure(skill) if each is not skill],
                requires=requires,
                missing=[each for each in skill.requires if each not in site.skills],
                successor=successor if successor in site.skills else "",
                versions=newest,
            ),
        )
        yield (
            f"{listed.address}files.html",
            self._page(f"{listed.address}files.html", "files.html", skill=listed, files=files),
        )
        links = {commit: f"{top}archives/{file}" for commit, file in kept.items()}
        path = f"{listed.address}history.html"
        yield (
            path,
            self._page(
                path, "history.html", skill=listed, versions=newest, archives=_Known(links), comparisons=comparisons
            ),
        )
        if comparisons:
            path = f"{listed.address}compare.html"
            yield path, self._page(path, "compare.html", skill=listed, comparisons=comparisons)

    def whole(self) -> Iterator[tuple[str, str]]:
        """The pages about all skills: their paths and texts."""
        site, skills = self.site, sorted(self.site.listed.values(), key=lambda each: each.id)
        live = [each for each in skills if not each.is_retired]
        names, counts = sorted({each.category for each in skills}), Counter(each.category for each in live)
        known = site.fleet.taxonomy.categories
        about = {name: " ".join(known[name].description.split()) if name in known else "" for name in names}
        profiles = [each for _, each in sorted(site.fleet.profiles[0].items())]
        depended = sorted((each for each in live if each.required_by), key=lambda each: -len(each.required_by))
        newest = sorted(live, key=lambda each: each.updated, reverse=True)
        yield (
            "index.html",
            self._page(
                "index.html",
                "front.html",
                facets=_FACETS,
                categories=[(name, site.shelves[name], counts[name]) for name in names],
                about=about,
                profiles=[(each.name, f"profiles/{each.name}/index.html", each.description) for each in profiles],
                depended=depended[:_DEPENDED],
                newest=newest[:_NEWEST],
                live=len(live),
                retired=len(skills) - len(live),
            ),
        )
        for name in names:
            own = [each for each in skills if each.category == name]
            yield (
                site.shelves[name],
                self._page(
                    site.shelves[name], "category.html", category=name or "Skills", description=about[name], skills=own
                ),
            )
        for profile in profiles:
            path, name, description = f"profiles/{profile.name}/index.html", profile.name, profile.description
            own = [site.listed[each.id] for each in site.fleet.chosen(profile) if each.id in site.listed]
            yield path, self._page(path, "category.html", category=name, description=description, skills=own)
        for old, new in sorted(site.redirects.items()):
            path = f"skills/{old}/index.html"
            yield path, self._page(path, "redirect.html", old=old, new=site.listed[new])
        yield "search.json", _search(live)
        yield "llms.txt", _llms(site, live)
        top = f"/{site.address.split('/', 3)[3]}" if site.address else "/"
        yield "404.html", self._page("404.html", "missing.html", top)
        if site.address:
            changes = (
                (own[-1][0], site.listed[skill_id]) for skill_id, own in site.history.items() if skill_id in site.listed
            )
            latest = sorted(changes, key=lambda pair: (-pair[0].at, pair[1].id))[:_FEED]
            yield "feed.xml", self._page("feed.xml", "feed.xml", changes=[(each, landing) for landing, each in latest])
            yield "sitemap.xml", self._page("sitemap.xml", "sitemap.xml", skills=skills)


@cache
def _environment() -> Environment:
    """The templates: every value is escaped, and made visible."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        finalize=lambda value: visible(value) if type(value) is str else value,
    )
    made.filters |= {"date": lambda at: f"{at:%Y-%m-%d}", "moment": _moment}
    return made


class _Known(dict[str, str]):
    """A mapping whose missing keys are ""."""

    def __missing__(self, key: str) -> str:
        return ""


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _tabs(site: Site, skill: Skill, listed: Listed) -> Iterator[tuple[str, str]]:
    """The ways to install a skill: a label, and what to type. A script puts the address of the page for THIS-PAGE."""
    page = f"{site.address}{listed.address}" if site.address else "THIS-PAGE"
    yield "npx skills", f"npx skills add {page}"
    if site.repository and skill.path:  # they find no skill at the top of a repository
        yield "gh skill", f"gh skill install {site.repository} {skill.path}"
        if site.fleet.is_ours and listed.category and site.marketplace is not None:
            plugin = f"{skill.folder}@{site.project.marketplace}"
            source = "@".join(filter(None, (site.repository, site.marketplace)))
            yield "Claude Code", f"/plugin marketplace add {source}\n/plugin install {plugin}"
        yield "Codex", f"$skill-installer install https://github.com/{site.repository}/tree/HEAD/{skill.path}"
    yield (
        "Prompt",
        f"Install the agent skill {listed.name}, with what it requires. Read {page}.well-known/agent-skills/index.json, "
        "download each archive that it names, check its SHA-256 digest, and unpack it into a folder of its name in your "
        "folder of skills. Show me SKILL.md and every script before you use them.",
    )


def _search(skills: Sequence[Listed]) -> str:
    """What the search reads: a row for each skill, in the order that the script of the front page knows.

    The last field is there where the id does not tell the address, the name and the category.
    """
    rows = [
        [
            *(each.id, visible(each.description), [*map(visible, each.tags)], visible(each.status), each.clients),
            *(each.is_measured, len(each.required_by)),
            *([] if usual == odd else [[*map(visible, odd)]]),
        ]
        for each in skills
        for odd in [(each.address, each.name, each.category)]
        for usual in [(f"skills/{each.id}/", *split_id(each.id)[::-1])]
    ]
    return json.dumps({"skills": rows}, ensure_ascii=False, separators=(",", ":")) + "\n"


def _llms(site: Site, skills: Sequence[Listed]) -> str:
    """llms.txt: https://llmstxt.org"""
    lines = [f"# {visible(site.name)}", "", f"> {visible(site.project.description) or 'Agent skills.'}"]
    category = None
    for each in skills:
        if each.category != category:
            category = each.category
            lines += ["", f"## {category or 'Skills'}", ""]
        lines.append(f"- [{each.name}]({site.address}{each.address}): {visible(each.description)}")
    return "\n".join(lines) + "\n"
