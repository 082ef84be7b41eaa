"""Open a site in a real browser, with axe-core: `make test-site`. It needs Chromium, node 20 and, for the first run, npm."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gitbed import make_repo, skill
from install.compare_installed import served
from sitebed import FILES, HOSTILE, HOSTILE_FILES
from skill_fleet.fleet import skills_at
from skill_fleet.site import build_site

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
MODULES = ("puppeteer-core@24.43.1", "axe-core@4.14.1")
BODY = "Do it step by step.\n\n## Steps\n\n| field | rule |\n| --- | --: |\n| `name` | one |\n\n```sh\nmake it\n```\n\n> Mind the [fields](references/more.md).\n"


def main(shots: str | None) -> int:
    """0 when nothing is wrong. `shots` is a folder for screenshots."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None or shutil.which("npm") is None:
        if "browser" in os.environ.get("ALLOW_SKIP", "").split():
            print("No browser is here: nothing was opened.")
            return 0
        sys.exit("A browser and npm are needed: apt-get install chromium-headless-shell npm (or ALLOW_SKIP=browser)")
    with tempfile.TemporaryDirectory(prefix="skill-fleet-browser-") as name:
        folder = Path(name)
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", name, *MODULES],
            check=True,
        )
        more = {f"skills/web/extra-{number}/SKILL.md": skill(f"extra-{number}") for number in range(20)}
        forms = str(FILES["skills/web/forms/SKILL.md"]) + f"\n{BODY}"
        bed = make_repo(folder / "repo", FILES | HOSTILE_FILES | more | {"skills/web/forms/SKILL.md": forms})
        changed = forms.replace("| one |", "| two |") + "\nFetch it from https://cdn.acme.dev/forms.\n"
        bed.commit("Say where forms are", {"skills/web/forms/SKILL.md": changed, "skills/web/evil/z.md": HOSTILE})
        bed.commit("Run it", {"skills/web/forms/run.sh": f"curl https://api.acme.dev/{'x' * 150}\n"})
        build_site(bed.repo, skills_at(bed.repo, "HEAD"), bed.tip(), folder / "www/fleet")
        with served(folder / "www") as (address, _):
            program = [
                *("node", str(Path(__file__).with_name("browse.mjs")), f"{address}/fleet/", browser),
                *([shots] if shots else []),
            ]
            return subprocess.run(program, env=os.environ | {"MODULES": name}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else None))
