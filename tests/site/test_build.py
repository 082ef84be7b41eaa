"""A site: the same bytes for the same commit, whole where it is, and nothing of a hostile skill but text."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

from gitbed import Bed, make_repo, skill
from sitebed import ADDRESS, FILES, HOSTILE, HOSTILE_FILES, NAME, text
from skill_fleet.catalog import MARKETPLACE_FILE
from skill_fleet.errors import UserError
from skill_fleet.fleet import CATALOGUE_BRANCH, skills_at
from skill_fleet.provenance import verify_site
from skill_fleet.site import Built, build_site


def build(bed: Bed, folder: Path, base: Path | None = None, keep: int = 3) -> Built:
    """Build the site of HEAD."""
    return build_site(bed.repo, skills_at(bed.repo, "HEAD"), bed.tip(), folder, base, keep)


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_profile_has_a_page(bed: Bed, tmp_path: Path) -> None:
    """It lists the skills that it names, by whatever, and the front page leads there; without profiles nothing does."""
    bed.commit("More", {"skills/web/forms/SKILL.md": skill("forms")})
    build(bed, tmp_path / "without")
    words = "profiles:\n  tester:\n    description: For <b>testers</b>.\n    skills: [web/forms]\n"
    bed.commit("A profile", {"skills/profiles.yaml": words})
    build(bed, tmp_path / "with")

    page = (tmp_path / "with/profiles/tester/index.html").read_text()
    assert "../../skills/web/forms/index.html" in page and "packaging" not in page and "<b>" not in page
    fronts = [(tmp_path / each / "index.html").read_text() for each in ("without", "with")]
    assert ["profiles/tester/index.html" in each for each in fronts] == [False, True]


class Page(HTMLParser):
    """The elements of a page, with their attributes, and its text."""

    def __init__(self, content: bytes) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element."""
        assert len(attrs) == len(dict(attrs)), "an attribute twice"
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Text."""
        self.words.append(data)


def check_page(path: str, content: bytes, site: Mapping[str, bytes]) -> None:
    """No script but ours, no style, no handler, nothing loaded from elsewhere; every link of the site leads somewhere."""
    page = Page(content)
    for tag, attributes in page.elements:
        assert tag not in ("img", "iframe", "object", "embed", "style", "base", "image", "use", "animate", "frame"), (
            path
        )
        assert not any(name.startswith("on") or name in ("style", "srcdoc", "xlink:href") for name in attributes), path
        if tag in ("script", "link"):
            source = attributes.get("src") or attributes.get("href") or ""
            rel = attributes.get("rel")
            assert rel in ("canonical", "alternate") or re.fullmatch(
                r"(?:\.\./)*(?:/fleet/)?site\.(?:js|css)", source
            ), path
        for name in ("href", "src", "action"):
            address = attributes.get(name)
            if address is None:
                continue
            assert re.match(r"https?://|mailto:|[^:]*$", address, re.IGNORECASE), (path, address)
            target = urlsplit(urljoin(f"{ADDRESS}{path}", address))
            if f"{target.scheme}://{target.netloc}{target.path}".startswith(ADDRESS):
                inside = unquote(target.path.removeprefix("/fleet/"))
                inside = inside + "index.html" if inside.endswith("/") or not inside else inside
                assert inside in site, (path, address)
                if target.fragment and inside.endswith(".html") and not target.fragment.startswith("text-"):
                    assert f'id="{target.fragment}"' in site[inside].decode(), (path, address)
    identities = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(identities) == len(set(identities)), path
    assert b"Content-Security-Policy" in content


def test_whole(tmp_path: Path) -> None:
    """Every page is there and leads to others; archives, indexes, feed, site map and redirect agree."""
    bed = make_repo(tmp_path / "repo", FILES)
    built = build(bed, tmp_path / "site")
    site = contents(tmp_path / "site")
    for path, content in site.items():
        if path.endswith(".html"):
            check_page(path, content, site)
    fleet = json.loads(site[".well-known/agent-skills/index.json"])["skills"]
    own = json.loads(site["skills/web/forms/.well-known/agent-skills/index.json"])["skills"]
    archive = site["archives/" + own[0]["url"].rpartition("/")[2]]

    assert built.skills == 3
    assert [each["name"] for each in fleet] == [each["name"] for each in own] == ["forms", "html"]
    assert urljoin("skills/web/forms/.well-known/agent-skills/index.json", own[0]["url"]).strip("/") in site
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.getnames() == ["SKILL.md", "references/more.md"]
    assert b'href="files.html#file-' in site["skills/web/forms/index.html"]
    assert b"web/html" in site["skills/web/markup/index.html"]
    assert [row[0] for row in json.loads(site["search.json"])["skills"]] == ["web/forms", "web/html"]
    assert site["sitemap.xml"].count(b"<loc>") == 4
    assert site["feed.xml"].count(b"<entry>") == 3
    assert b"acme &lt;fleet&gt;" in site["index.html"]


def test_same_bytes(tmp_path: Path) -> None:
    """A clone elsewhere gives the same bytes, and so does a build with an earlier one, whatever happened in between."""
    bed = make_repo(tmp_path / "repo", FILES)
    build(bed, tmp_path / "grown")
    bed.commit(
        "Say more", {"skills/web/html/SKILL.md": text("html", "Fetch https://cdn.acme.dev/x.", formerly="web/markup")}
    )
    bed.git("mv", "skills/web/forms", "skills/python/forms")
    bed.commit(
        "Move", {"skills/python/forms/SKILL.md": text("forms", "More.", requires="web/html", formerly="web/forms")}
    )
    grown = build(bed, tmp_path / "grown")
    bed.git("clone", "--quiet", ".", str(tmp_path / "clone"))
    build(Bed(tmp_path / "clone"), tmp_path / "fresh")
    fresh = contents(tmp_path / "fresh")

    assert contents(tmp_path / "grown") == fresh
    assert grown.removed > 0
    assert build(bed, tmp_path / "grown").written == 0
    build(bed, tmp_path / "copy", tmp_path / "fresh")
    assert contents(tmp_path / "copy") == fresh
    history = fresh["skills/python/forms/history.html"].decode()
    assert history.count("<li id=") == 2, "also under its former id"
    assert "New: Hosts" in fresh["skills/web/html/history.html"].decode()


def test_where_the_marketplace_is(tmp_path: Path) -> None:
    """Pages name the branch that has the generated files: that of the workflow if there is one, else the default one."""
    bed = make_repo(tmp_path / "repo", {**FILES, MARKETPLACE_FILE: "{}"})
    pages = []
    for _ in range(2):
        build(bed, tmp_path / "site")
        pages.append((tmp_path / "site/skills/web/html/index.html").read_text(encoding="utf-8"))
        bed.git("update-ref", f"refs/remotes/origin/{CATALOGUE_BRANCH}", "HEAD")
    assert ["/plugin marketplace add " in page for page in pages] == [True, True]
    assert [f"@{CATALOGUE_BRANCH}\n/plugin install" in page for page in pages] == [False, True]


def test_only_what_changed(tmp_path: Path) -> None:
    """After a change of one skill, the pages of the others are not written."""
    bed = make_repo(tmp_path / "repo", FILES | {"skills/web/other/SKILL.md": skill("other")})
    build(bed, tmp_path / "site")
    before = {path: (tmp_path / "site" / path).stat().st_ino for path in contents(tmp_path / "site")}
    bed.commit("Say more", {"skills/web/html/SKILL.md": text("html", "More.", formerly="web/markup")})
    build(bed, tmp_path / "site")
    written = {
        path for path in contents(tmp_path / "site") if (tmp_path / "site" / path).stat().st_ino != before.get(path)
    }

    assert not any(path.startswith(("skills/web/other/", "skills/python/")) for path in written), written
    assert "skills/web/forms/index.html" in written or "skills/web/forms/.well-known/agent-skills/index.json" in written


def test_interrupted(tmp_path: Path) -> None:
    """Files of a build that was stopped are not taken for those of another commit."""
    bed = make_repo(tmp_path / "repo", FILES)
    build(bed, tmp_path / "site")
    good = contents(tmp_path / "site")
    manifest = json.loads(good["build.json"])
    (tmp_path / "site/build.json").write_text(json.dumps(manifest | {"skills": {}}))
    (tmp_path / "site/skills/web/html/index.html").write_text("of another commit")
    build(bed, tmp_path / "site")

    assert contents(tmp_path / "site") == good


def test_old_versions(tmp_path: Path) -> None:
    """The last versions have archives at addresses that stay; older ones have none."""
    bed = make_repo(tmp_path / "repo", FILES)
    for number in range(4):
        bed.commit(f"Edit {number}", {"skills/web/html/SKILL.md": text("html", f"Edit {number}.")})
    build(bed, tmp_path / "site", keep=2)
    history = (tmp_path / "site/skills/web/html/history.html").read_text()

    assert len([*(tmp_path / "site/archives").glob("html-*")]) == 2
    assert history.count(">archive</a>") == 2
    assert history.count("<li id=") == 5


def test_compare(tmp_path: Path) -> None:
    """Of the last three versions each is compared with each: what it can do, and its texts line by line."""
    path = "skills/web/html"
    many = "".join(f"Line {number}.\n" for number in range(900))
    long = "x" * 100_000
    bed = make_repo(tmp_path / "repo", FILES | {f"{path}/data.bin": b"\0", f"{path}/long.md": many})
    bed.commit("One", {f"{path}/SKILL.md": text("html", "Middle.\n\nLast <b>.")})
    bed.commit("Two", {f"{path}/run.sh": "curl https://cdn.acme.dev\n", f"{path}/data.bin": b"\0\1"})
    bed.commit(
        "Three",
        {
            f"{path}/SKILL.md": text("html", "Middle.\n\nThe end."),
            f"{path}/long.md": many.upper(),
            f"{path}/line.md": long,
        },
    )
    build(bed, tmp_path / "site")
    page = (tmp_path / "site/skills/web/html/compare.html").read_text()
    words = Page(page.encode()).words

    assert page.count("<section") == 3
    assert "New: Scripts" in page and "cdn.acme.dev" in page
    assert words.count("- Last <b>.") == words.count("+ The end.") == 2 and "  Middle." in words
    assert any("not a text" in each for each in words) and any("too much of it" in each for each in words)
    assert long[:2000] in page and long[:2001] not in page
    assert not (tmp_path / "site/skills/web/forms/compare.html").exists()


def test_refused(tmp_path: Path) -> None:
    """A shallow clone, and a folder with something else in it, change nothing."""
    bed = make_repo(tmp_path / "repo", FILES)
    bed.commit("Say more", {"README.md": "More."})
    bed.git("clone", "--quiet", "--depth=1", f"file://{bed.path}", str(tmp_path / "shallow"))
    with pytest.raises(UserError, match="shallow"):
        build(Bed(tmp_path / "shallow"), tmp_path / "site")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("Mine.")
    with pytest.raises(UserError):
        build(bed, tmp_path / "mine")

    assert not (tmp_path / "site").exists()
    assert contents(tmp_path / "mine") == {"notes.txt": b"Mine."}


def test_hostile(tmp_path: Path) -> None:
    """Script, style, SVG, odd schemes, names and bidi text are text; nothing is loaded, and no raw file is published."""
    bed = make_repo(tmp_path / "repo", FILES | HOSTILE_FILES)
    bed.git(
        "commit",
        "--quiet",
        "--amend",
        "--author",
        "Eve & 'x' \"y\" <x@example.org>",
        "--message",
        f"{NAME} ]]> \x1b[31m",
    )
    bed.commit(f"{NAME} again", {"skills/web/evil/z.md": HOSTILE})
    built = build(bed, tmp_path / "site")
    site = contents(tmp_path / "site")
    assert "skills/web/evil/compare.html" in site
    for path, content in site.items():
        assert path.endswith((".html", ".json", ".xml", ".css", ".js", ".tar.gz", "llms.txt", ".nojekyll")), path
        if path.endswith(".html"):
            check_page(path, content, site)
            assert not re.search("[\u202a-\u202e\u2066-\u2069\x1b]", content.decode()), path
    page = Page(site["skills/web/evil/index.html"])
    links = [
        attributes["href"]
        for tag, attributes in page.elements
        if tag == "a" and "nofollow" in (attributes.get("rel") or "")
    ]

    assert links == [
        *("https://evil.example/pixel.png", "https://ok.example/%22onmouseover=%22alert(1)", "https://ok.example"),
        *("files.html#file-3", "files.html#file-4", "#text-main"),
    ]
    assert {tag for tag, _ in page.elements}.isdisjoint({"b", "img"})
    assert "60481729" not in "".join(page.words)
    assert sum(tag == "script" for tag, _ in page.elements) == 1
    assert {each.skill for each in built.left_out} == {
        "web/con",
        "web/Upper",
        "web/index.html",
        "web/\u202e",
        "web/broken",
    }
    assert "<script" not in site["search.json"].decode().replace("<script>alert", "")


LAYOUTS = {
    "one skill": {"SKILL.md": skill("paper"), "references/more.md": "More.\n"},
    "one skill, and others": {"SKILL.md": skill("paper"), "skills/boats/SKILL.md": skill("boats")},
    "a flat collection": {"paper/SKILL.md": skill("paper"), "boats/SKILL.md": skill("boats")},
    "a client's folder": {".claude/skills/paper/SKILL.md": skill("paper"), "AGENTS.md": "Fold.\n"},
    "plugins": {
        "plugins/One/skills/paper/SKILL.md": skill("paper"),
        "plugins/one/skills/paper/SKILL.md": skill("paper", "Another one of that name."),
        "plugins/two/skills/boats/SKILL.md": skill("boats"),
        "plugins/index/skills/hats/SKILL.md": skill("hats"),
    },
    "odd names": {
        "My Skills/\u7d19/SKILL.md": skill("paper"),
        "My Skills/\u8239/SKILL.md": skill("boats"),
        "my-skills/con/SKILL.md": skill("con"),
        "con/hats/SKILL.md": skill("hats"),
        "catalog/hats/SKILL.md": "# No front matter\n",
    },
}


@pytest.mark.parametrize("files", LAYOUTS.values(), ids=list(LAYOUTS))
def test_any_layout(files: dict[str, str], tmp_path: Path) -> None:
    """Each skill of any repository has a page of its own, whatever its path; what can be installed is in the index."""
    bed = make_repo(tmp_path / "repo", files | {"pyproject.toml": FILES["pyproject.toml"]})
    fleet = skills_at(bed.repo, "HEAD")
    built = build(bed, tmp_path / "site")
    site = contents(tmp_path / "site")
    for path, content in site.items():
        assert re.fullmatch(r"[a-z0-9._/-]+", path) and "/con/" not in path
        if path.endswith(".html"):
            check_page(path, content, site)
    names = [each["name"] for each in json.loads(site[".well-known/agent-skills/index.json"])["skills"]]
    own = [path for path in site if path.startswith("skills/") and path.endswith("/agent-skills/index.json")]

    assert built.skills == len(fleet.skills) == sum(path.endswith("history.html") for path in site)
    assert len(own) == built.skills - len(built.left_out)
    assert set(names) == {json.loads(site[path])["skills"][0]["name"] for path in own} and len(names) == len(set(names))
    assert len(json.loads(site["search.json"])["skills"]) == built.skills
    assert all(each.holds for each in verify_site(fleet, tmp_path / "site"))
    assert site["catalog/index.xml"].count(b"<category>") == sum(path.startswith("catalog/") for path in site) - 1


def test_needs_no_model() -> None:
    """Evidence is read without the packages that a model needs: a site and `verify` are for those who have none."""
    code = "import sys, skill_fleet.site.build, skill_fleet.provenance.verify as v; v.evals.verify_skills; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"dspy", "litellm", "pydantic", "github"}.isdisjoint(loaded)


def test_unset(tmp_path: Path) -> None:
    """Without an address there is a site all the same: no feed, and a page that puts its own address in."""
    bed = make_repo(tmp_path / "repo", FILES | {"pyproject.toml": "[project]\nname = 'x'\n"})
    build(bed, tmp_path / "site")
    site = contents(tmp_path / "site")

    assert "feed.xml" not in site
    assert b"npx skills add THIS-PAGE" in site["skills/web/html/index.html"]
    assert b"github.com" not in site["skills/web/html/index.html"]
