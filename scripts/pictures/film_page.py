"""The film strip: one page of numbered frames with what each took, in the site's own colours and type."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path

from playwright.sync_api import Browser

from scripts.pictures.browser import Scheme, compress, new_page, settle
from scripts.pictures.person import HOMING, KEY, POINT, PRESS, Frame, Take

ROOT = Path(__file__).resolve().parent.parent.parent
TOKENS = ROOT / "platform" / "amend" / "static" / "amend" / "tokens.css"
WIDTH = 1568
WIDE = 600  # pixels of the window from which a frame takes half of the row, instead of a third
STYLE = """
body { margin: 0; padding: 32px 40px 36px; background: var(--surface-page); color: var(--text); }
body { font: 15px/22px var(--font-ui); }
h1 { margin: 0; font-size: 26px; line-height: 34px; font-weight: 600; }
header p { margin: 4px 0 24px; color: var(--text-quiet); }
ol { margin: 0; padding: 0; list-style: none; display: grid; grid-template-columns: repeat(6, 1fr); gap: 32px 24px; }
li { grid-column: span 2; display: grid; grid-template-rows: subgrid; grid-row: span 2; gap: 12px; min-width: 0; }
li.wide { grid-column: span 3; }
.say { display: grid; grid-template-columns: 32px 1fr; column-gap: 12px; align-content: start; }
.n { width: 30px; height: 30px; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
.n { display: grid; place-items: center; font-weight: 600; }
h2 { margin: 0; font-size: 17px; line-height: 30px; font-weight: 600; }
.say p { margin: 0; grid-column: 2; color: var(--text-2); }
.say .took { font-size: 14px; color: var(--text-quiet); font-variant-numeric: tabular-nums; }
.took b { color: var(--text); font-weight: 600; }
figure { margin: 0; align-self: start; position: relative; overflow: hidden; background: var(--surface); }
figure { border: 1px solid var(--line-strong); border-radius: 8px; }
img { display: block; width: 100%; }
.ring { position: absolute; width: 34px; height: 34px; margin: -17px 0 0 -17px; border-radius: 50%; }
.ring { border: 3px solid var(--accent); background: color-mix(in srgb, var(--accent) 16%, transparent); }
footer { margin-top: 24px; color: var(--text-quiet); font-size: 14px; line-height: 21px; max-width: 1300px; }
"""


def compose(browser: Browser, take: Take, scheme: Scheme, picture: Path) -> None:
    """Put the frames of a take on a page and take its picture."""
    page = new_page(browser, scheme, (WIDTH, 900))
    page.set_content(_page(take, scheme))
    settle(page)
    picture.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=picture, full_page=True)
    page.context.close()
    compress(picture)


def _page(take: Take, scheme: Scheme) -> str:
    frames = "".join(_frame(take, index) for index, step in enumerate(take.steps) if step.frame)
    total = f"{take.clicks()} clicks, {take.keys()} keys, {take.seconds():.1f} seconds"
    theme = "wa-dark" if scheme == "dark" else "wa-light"
    return f"""<!doctype html><html lang="en" class="{theme}"><head><meta charset="utf-8">
<style>{TOKENS.read_text()}{STYLE}</style></head><body>
<header><h1>From a red check to green: {total}</h1>
<p>{take.acting():.1f} s pointing, clicking and typing; {take.waiting():.1f} s waiting for the site.
Reading and thinking are not in it.</p></header>
<ol>{frames}</ol>
<footer>A Flask backend of the demo as a language model wrote it, judged by the real worker in the real sandbox.
Seconds by the clock of the page. The person is simulated: {POINT} s to point, {PRESS} s a press, {KEY} s a key,
{HOMING} s from mouse to keyboard. A ring marks where is pressed next. A shortcut counts as one key.</footer>
</body></html>"""


def _frame(take: Take, index: int) -> str:
    step = take.steps[index]
    assert step.frame is not None
    through = index + 1
    took = (
        f"<b>{_count(take.clicks(through), 'click')}</b> · <b>{_count(take.keys(through), 'key')}</b>"
        f" · <b>{take.seconds(through):.1f} s</b>"
    )
    picture = base64.b64encode(step.frame.png).decode()
    wide = ' class="wide"' if step.frame.box.width > WIDE else ""
    return f"""<li{wide}><div class="say"><span class="n">{through}</span><h2>{escape(step.title)}</h2>
<p>{escape(step.words)}</p><p class="took">{took}</p></div>
<figure><img alt="" src="data:image/png;base64,{picture}">{_ring(step.frame)}</figure></li>"""


def _ring(frame: Frame) -> str:
    if frame.pressed is None:
        return ""
    across, down = (100 * at / of for at, of in zip(frame.pressed, (frame.box.width, frame.box.height), strict=True))
    return f'<span class="ring" style="left:{across:.2f}%;top:{down:.2f}%"></span>'


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"
