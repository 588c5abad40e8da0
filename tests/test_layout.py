"""The house's walls: what would break everything at once if somebody moved it."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_source_folder_never_shadows_the_standard_library() -> None:
    assert not (ROOT / "platform" / "__init__.py").exists()
    assert platform.system()


def test_the_evaluator_runs_without_django() -> None:
    code = "import sys, evaluator.__main__; sys.exit(bool({'django', 'celery'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT).returncode == 0


def test_no_template_writes_a_style_or_a_script_into_the_page() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text()
        assert " style=" not in text, template
        for script in text.split("<script")[1:]:
            opening = script.split(">", 1)[0]
            assert "src=" in opening or 'type="application/json"' in opening, template


def test_a_page_asks_no_other_site_for_anything() -> None:
    for template in (ROOT / "templates").rglob("*.html"):
        assert 'src="http' not in template.read_text(), template
