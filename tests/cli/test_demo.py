"""`make demo` with a document of one's own: placeholders are filled, and a draft that stays red is no riddle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "tooling" / "demo.py"


def test_a_document_with_placeholders_and_errors(tmp_path: Path) -> None:
    """Placeholders get their own names, which is said; it stops at the errors that are left, with the tool's own words."""
    document = tmp_path / "x.md"
    document.write_text("# A {{MY_TOOL}} guide\n\nUse {{X}} at times.\n\n## Do\n\nSay AKIAIOSFODNN7EXAMPL2 to it.\n")

    done = subprocess.run([sys.executable, DEMO, document], capture_output=True, check=False, text=True)

    assert done.returncode == 1, done
    assert "# the document has placeholders: their own names stand for them here\n" in done.stdout
    assert f"$ skill-fleet create --from {document} --set 'MY_TOOL=my tool' --set X=x\n" in done.stdout
    assert "content/placeholder" not in done.stdout and "error  safety/secret" in done.stdout
    assert done.stdout.endswith("1 skill checked: 1 error, no hints.\n")
    assert done.stderr.startswith("The demo stops: the draft has the errors above")
