"""`make demo` with a document of one's own: placeholders are filled, and a draft that stays red is no riddle."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

DEMO = Path(__file__).resolve().parents[2] / "tooling" / "demo.py"


def test_a_document_with_placeholders_and_errors(tmp_path: Path) -> None:
    """Placeholders are filled with their own names, which is printed; a secret of the document is in no file of the skill."""
    document = tmp_path / "x.md"
    document.write_text("# A {{MY_TOOL}} guide\n\nUse {{X}} at times.\n\n## Do\n\nSay AKIAIOSFODNN7EXAMPL2 to it.\n")

    done = subprocess.run([sys.executable, DEMO, document], capture_output=True, check=False, text=True)

    assert done.returncode == 0, done
    assert "# the document has placeholders; here they are filled with their own names\n" in done.stdout
    assert f"$ skill-fleet create --from {document} --path devops --set 'MY_TOOL=my tool' --set X=x\n" in done.stdout
    assert "AKIAIOSFODNN7EXAMPL2" not in done.stdout and "REDACTED" in done.stdout
