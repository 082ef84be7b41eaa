"""Kinds of repositories that people have: each is made from a small fleet, and one story is told in all of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import gitbed
from gitbed import Bed


@dataclass(frozen=True)
class Place:
    """Where a story is told: the folder in which commands run, and the repository whose branches are the truth.

    `options` precede every command, `env` is added to its environment. `twin` is a second clone for a second writer.
    """

    at: Path
    truth: Bed
    remote: str = "origin"
    options: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    bare: bool = False


Make = Callable[[Path], Place]

KINDS: dict[str, Make] = {}


def kind(make: Make) -> Make:
    """Register a function that makes a kind of repository in a folder."""
    KINDS[make.__name__.replace("_", "-")] = make
    return make


def _pair(folder: Path, *arguments: str, via: str = "file") -> Place:
    """A bare repository and a clone of it, made with `arguments`."""
    origin = gitbed.make_repo(folder / "seed")
    origin.git("config", "uploadpack.allowFilter", "true")
    origin.git("config", "uploadpack.allowAnySHA1InWant", "true")
    origin.git("clone", "--quiet", "--bare", ".", "../origin.git")
    truth = Bed(folder / "origin.git")
    truth.git("config", "uploadpack.allowFilter", "true")
    truth.git("config", "uploadpack.allowAnySHA1InWant", "true")
    truth.git("clone", "--quiet", *arguments, f"file://{truth.path}", str(folder / "clone"))
    return Place(folder / "clone", truth)


def _configured(*settings: str) -> Make:
    """A clone with settings, each `name=value`."""

    def make(folder: Path) -> Place:
        place = _pair(folder)
        for name, _, value in (each.partition("=") for each in settings):
            Bed(place.at).git("config", "--add", name, value)
        return place

    return make


def script(file: Path, text: str) -> Path:
    """An executable shell script."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    file.chmod(0o755)
    return file


@kind
def plain(folder: Path) -> Place:
    return _pair(folder)


@kind
def lone(folder: Path) -> Place:
    bed = gitbed.make_repo(folder / "repo")
    return Place(bed.path, bed, remote="")


@kind
def shallow(folder: Path) -> Place:
    seed = _pair(folder)
    two = Bed(folder / "clone")
    two.commit("More", {"README.md": "# More\n"})
    two.git("push", "--quiet")
    seed.truth.git("clone", "--quiet", "--depth=1", f"file://{seed.truth.path}", str(folder / "shallow"))
    return Place(folder / "shallow", seed.truth)


@kind
def fork(folder: Path) -> Place:
    """origin is one's own fork, where nothing happens; the pull requests are in upstream."""
    place = _pair(folder)
    place.truth.git("clone", "--quiet", "--bare", ".", str(folder / "fork.git"))
    clone = Bed(place.at)
    clone.git("remote", "rename", "origin", "upstream")
    clone.git("remote", "add", "-f", "origin", f"file://{folder}/fork.git")
    return Place(place.at, place.truth, "upstream", ("--remote", "upstream"))


@kind
def linked_worktree(folder: Path) -> Place:
    place = _pair(folder)
    clone = Bed(place.at)
    clone.git("switch", "--quiet", "--create", "elsewhere")
    clone.git("worktree", "add", "--quiet", str(folder / "linked"), "main")
    return Place(folder / "linked", place.truth)


@kind
def sparse_cone(folder: Path) -> Place:
    place = _pair(folder)
    Bed(place.at).git("sparse-checkout", "set", "--cone", "docs")
    return place


@kind
def sparse_patterns(folder: Path) -> Place:
    place = _pair(folder)
    Bed(place.at).git("sparse-checkout", "set", "--no-cone", "/*", "!/skills/p*")
    return place


@kind
def sparse_index(folder: Path) -> Place:
    place = _pair(folder)
    Bed(place.at).git("sparse-checkout", "set", "--cone", "--sparse-index", "docs")
    return place


@kind
def blobless(folder: Path) -> Place:
    return _pair(folder, "--filter=blob:none")


@kind
def never_checked_out(folder: Path) -> Place:
    place = _pair(folder, "--filter=blob:none", "--no-checkout")
    Bed(place.at).git("switch", "--quiet", "--detach")
    return place


@kind
def treeless(folder: Path) -> Place:
    return _pair(folder, "--filter=tree:0")


@kind
def single_branch(folder: Path) -> Place:
    return _pair(folder, "--single-branch")


@kind
def borrowed_objects(folder: Path) -> Place:
    place = _pair(folder)
    place.truth.git("clone", "--quiet", "--shared", ".", str(folder / "shared"))
    return Place(folder / "shared", place.truth)


@kind
def mirror(folder: Path) -> Place:
    place = _pair(folder, "--mirror")
    return Place(place.at, place.truth, bare=True)


@kind
def bare(folder: Path) -> Place:
    place = _pair(folder, "--bare")
    return Place(place.at, place.truth, bare=True)


@kind
def bare_alone(folder: Path) -> Place:
    place = _pair(folder)
    place.truth.git("remote", "remove", "origin")
    return Place(place.truth.path, place.truth, remote="", bare=True)


@kind
def separate_git_folder(folder: Path) -> Place:
    return _pair(folder, f"--separate-git-dir={folder}/elsewhere.git")


@kind
def submodule(folder: Path) -> Place:
    """The fleet is a submodule of another repository."""
    place = _pair(folder)
    outer = gitbed.make_repo(folder / "outer", {"README.md": "# Outer\n"})
    outer.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", f"file://{place.truth.path}", "fleet")
    Bed(folder / "outer" / "fleet").git("switch", "--quiet", "main")
    return Place(folder / "outer" / "fleet", place.truth)


@kind
def hooks_that_fail(folder: Path) -> Place:
    place = _pair(folder)
    names = "pre-commit commit-msg prepare-commit-msg post-commit pre-push post-checkout post-merge pre-merge-commit"
    for name in [*names.split(), "post-rewrite", "pre-auto-gc", "post-index-change", "fsmonitor-watchman"]:
        script(folder / "hooks" / name, "echo no from a hook >&2; exit 1")
    Bed(place.at).git("config", "core.hooksPath", str(folder / "hooks"))
    return place


@kind
def signing(folder: Path) -> Place:
    return _configured("commit.gpgSign=true", "tag.gpgSign=true", "push.gpgSign=if-asked", "gpg.program=false")(folder)


@kind
def signed_push(folder: Path) -> Place:
    return _configured("push.gpgSign=true")(folder)


@kind
def inside_a_hook(folder: Path) -> Place:
    place = _pair(folder)
    git = place.at / ".git"
    env = {"GIT_DIR": str(git), "GIT_INDEX_FILE": str(git / "next-index-1.lock"), "GIT_PREFIX": ""}
    return Place(place.at, place.truth, env=env)


@kind
def large_files(folder: Path) -> Place:
    """Git LFS is set up, but the program is missing, as on a fresh machine."""
    lfs = ("filter.lfs.clean=nothing-there clean -- %f", "filter.lfs.smudge=nothing-there", "filter.lfs.required=true")
    place = _configured(*lfs)(folder)
    clone = Bed(place.at)
    clone.commit("Track", {".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n"})
    clone.git("push", "--quiet")
    return place


@kind
def own_attributes(folder: Path) -> Place:
    """Attributes of the fleet that convert what is checked out."""
    place = _pair(folder)
    clone = Bed(place.at)
    clone.commit("Convert", {".gitattributes": "*.md text eol=crlf ident\n"})
    clone.git("push", "--quiet")
    return place


CONFIGURED = {
    "autocrlf": ("core.autocrlf=true",),
    "autocrlf-safe": ("core.autocrlf=true", "core.safecrlf=true", "core.eol=crlf"),
    "no-symlinks": ("core.symlinks=false",),
    "ignorecase": ("core.ignoreCase=true", "core.precomposeUnicode=true", "core.fileMode=false"),
    "push-nothing": ("push.default=nothing", "push.followTags=true", "push.autoSetupRemote=true"),
    "mirror-set": ("remote.origin.mirror=true",),
    "push-refspecs": ("remote.origin.push=refs/heads/*:refs/heads/other/*", "remote.pushDefault=nowhere"),
    "push-options": ("push.recurseSubmodules=check", "push.useForceIfIncludes=true", "push.negotiate=true"),
    "fetch-settings": ("fetch.prune=true", "fetch.pruneTags=true", "fetch.recurseSubmodules=true", "fetch.parallel=2"),
    "fetch-checks": ("fetch.fsckObjects=true", "transfer.fsckObjects=true", "fetch.writeCommitGraph=true"),
    "protocol-0": ("protocol.version=0",),
    "merging": ("merge.ff=false", "merge.stat=true", "merge.autoStash=true"),
    "merge-only-ff": ("merge.ff=only", "pull.rebase=true", "branch.autoSetupRebase=always", "merge.renames=false"),
    "diffs": ("diff.external=false", "diff.noprefix=true", "diff.renames=copies", "diff.ignoreSubmodules=all"),
    "quoting": ("core.quotePath=true", "i18n.commitEncoding=latin1", "i18n.logOutputEncoding=latin1"),
    "logs": ("log.showSignature=true", "log.decorate=full", "core.logAllRefUpdates=always", "color.ui=always"),
    "aliases": ("alias.push=false", "alias.log=false", "pager.log=false", "core.pager=false", "core.editor=false"),
    "monitored": ("core.fsmonitor=true", "core.untrackedCache=true", "feature.manyFiles=true"),
    "split-index": ("core.splitIndex=true", "index.threads=true", "core.preloadIndex=true"),
    "multi-pack": ("core.multiPackIndex=true", "core.commitGraph=true", "gc.writeCommitGraph=true", "pack.threads=1"),
    "submodules": ("submodule.recurse=true", "submodule.propagateBranches=true"),
    "hidden-refs": ("transfer.hideRefs=refs/skill-fleet", "log.excludeDecoration=refs/*"),
    "maintenance": ("gc.auto=1", "gc.autoDetach=false", "maintenance.auto=true"),
}
KINDS |= {name: _configured(*settings) for name, settings in CONFIGURED.items()}


@kind
def sha256(folder: Path) -> Place:
    seed = Bed(folder / "clone")
    seed.path.mkdir(parents=True)
    seed.git("init", "--quiet", "--object-format=sha256", "--initial-branch=main")
    seed.commit("Found the fleet", gitbed.FLEET)
    truth = Bed(folder / "origin.git")
    truth.path.mkdir()
    truth.git("init", "--quiet", "--bare", "--object-format=sha256", "--initial-branch=main")
    seed.git("remote", "add", "origin", f"file://{truth.path}")
    seed.git("push", "--quiet", "--set-upstream", "origin", "main")
    return Place(seed.path, truth)


@kind
def no_atomic_push(folder: Path) -> Place:
    """The server does not advertise atomic pushes."""
    place = _pair(folder)
    place.truth.git("config", "receive.advertiseAtomic", "false")
    return place


@kind
def strict_server(folder: Path) -> Place:
    place = _pair(folder)
    for name in ("receive.fsckObjects", "receive.denyNonFastForwards", "receive.denyDeletes"):
        place.truth.git("config", name, "true")
    return place


@kind
def dangling_mirror_ref(folder: Path) -> Place:
    """A copy of a remote's ref names an object that is not here, as after a copy of the clone or a crash."""
    place = _pair(folder)
    _broken_copies(place, b"1" * 40 + b"\n")
    return place


@kind
def nul_mirror_ref(folder: Path) -> Place:
    """A copy of a remote's ref holds NUL bytes, as a power cut leaves it."""
    place = _pair(folder)
    _broken_copies(place, b"\0" * 41)
    return place


@kind
def empty_mirror_ref(folder: Path) -> Place:
    """A copy of a remote's ref is an empty file."""
    place = _pair(folder)
    _broken_copies(place, b"")
    return place


def _broken_copies(place: Place, content: bytes) -> None:
    refs = place.at / ".git" / "refs"
    for name in ("skill-fleet-remotes/origin/pull/7/timeline", "skill-fleet-remotes/origin/records/7"):
        file = refs / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    (refs / "remotes" / "origin" / "old").write_bytes(content)
    (refs / "remotes" / "origin" / "main").write_bytes(content)


@kind
def owned_by_another(folder: Path) -> Place:
    """The folder is another user's, and Git was told that it is safe. (Only root can give folders away.)"""
    place = _pair(folder)
    if os.geteuid() == 0:
        for top, folders, files in os.walk(folder):
            for name in [*folders, *files, "."]:
                os.chown(f"{top}/{name}", 65534, 65534, follow_symlinks=False)
    config = folder / "gitconfig"
    config.write_text("[safe]\n\tdirectory = *\n", encoding="utf-8")
    return Place(place.at, place.truth, env={"GIT_CONFIG_GLOBAL": str(config)})


@kind
def relative_and_spaced(folder: Path) -> Place:
    """A path with spaces, quotes and letters that are not ASCII."""
    odd = folder / "ein 'Ordner' - ünï"
    odd.mkdir(parents=True)
    place = _pair(odd)
    (place.at / "sub dir").mkdir()
    return Place(place.at / "sub dir", place.truth)
