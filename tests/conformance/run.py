"""Run any validator over the suite: python run.py -- COMMAND... (the skill's folder is put behind it)."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

CASES = Path(__file__).parent / "cases.json"


def read_cases() -> list[dict[str, Any]]:
    """Every case, as the README says."""
    cases: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    return cases


def lay_out(case: dict[str, Any], root: Path) -> Path:
    """Write the files of a case below `root` and return the skill's folder."""
    folder = root / str(case["folder"])
    folder.mkdir(parents=True)
    for name, content in case["files"].items():
        if isinstance(content, str):
            (folder / name).write_bytes(content.encode())
        elif "link" in content:
            (folder / name).symlink_to(content["link"])
        else:
            (folder / name).write_bytes(base64.b64decode(content["base64"]))
    return folder


def main(command: list[str]) -> int:
    """Print the cases on which the command disagrees, and how many there are; 1 when there are any."""
    cases, wrong = read_cases(), 0
    for case in cases:
        with tempfile.TemporaryDirectory() as root:
            folder = lay_out(case, Path(root))
            status = subprocess.run([*command, str(folder)], capture_output=True, check=False).returncode
        found = "valid" if status == 0 else "invalid"
        if found != case["verdict"]:
            wrong += 1
            print(f"{case['id']}: {found}, and should be {case['verdict']}: {case['reason']}")
    print(f"{len(cases) - wrong} of {len(cases)} agree.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else sys.argv[1:]))
