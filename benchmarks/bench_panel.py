"""The panel in a real browser: what a person waits for, and what JupyterLab pays for it.

Times are taken inside the page. A message counts from the moment in which the browser hands it
over, and a thing is painted when the frame after the one that shows it begins.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.synthetic_prefix import SITE, write_prefix
from benchmarks.table import Row, print_table
from tests.browser.chromium import find_chromium
from tests.browser.lab import APP, SEED_CELL, WIDGET, Lab, write_notebook
from tests.browser.server import LABEXTENSION, Server, running_server

PAGES = int(os.environ.get("PAGES", "5"))
PAIRS = 9
STYLES = LABEXTENSION.parents[1] / "labextension" / "style"
MODULES = LABEXTENSION.parents[1] / "labextension" / "node_modules"

WATCH = """
// When the kernel's answer arrived, before JupyterLab sees it
window.answers = [];
const Socket = window.WebSocket;
window.WebSocket = class extends Socket {
  constructor(...options) {
    super(...options);
    this.addEventListener('message', ({ data }) => {
      const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
      if (text.includes('vnd.jupyter-repro.check+json')) {
        window.answers.push(performance.now());
      }
    });
  }
};
// When JupyterLab is up
let app;
Object.defineProperty(window, 'jupyterapp', {
  get: () => app,
  set: value => {
    app = value;
    value.restored.then(() => { window.restoredAt = performance.now(); });
  }
});
window.painted = condition => new Promise((resolve, reject) => {
  const start = performance.now();
  const look = () => {
    if (performance.now() - start > 20_000) {
      reject(new Error(`never painted: ${condition}`));
    } else if (condition()) {
      // The first task after this frame was painted, ahead of what else is waiting
      scheduler.postTask(() => resolve(performance.now()), { priority: 'user-blocking' });
    } else {
      requestAnimationFrame(look);
    }
  };
  requestAnimationFrame(look);
});
window.panelShowsVerdict = () => {
  const panel = document.querySelector('#jupyter-repro-panel');
  const verdict = panel?.querySelector('.jp-Repro-Verdict')?.dataset.verdict;
  return verdict !== undefined && verdict !== 'not checked'
    && panel.querySelector('.jp-Repro-Layer') !== null;
};
"""

ANSWER_TO_PAINT = (
    """async recorded => {
  answers.length = 0;
  const shown = painted(() => answers.length > 0 && panelShowsVerdict());
  """
    + WIDGET
    + """.content.model.setMetadata('jupyter_repro', recorded);
  return (await shown) - answers[0];
}"""
)

OPEN_PACKAGES = """async () => {
  const panel = document.querySelector('#jupyter-repro-panel');
  const button = [...panel.querySelectorAll('h3 button')]
    .find(({ textContent }) => textContent.startsWith('Packages'));
  const start = performance.now();
  const shown = painted(() => panel.querySelector('.jp-Repro-List [role=row]') !== null);
  button.click();
  return (await shown) - start;
}"""

PLAIN_LIST = """async count => {
  const box = document.createElement('div');
  box.style = 'position: fixed; inset: 0 0 0 70%; overflow: auto; background: white; z-index: 9';
  document.body.append(box);
  const h = React.createElement;
  const rows = Array.from({ length: count }, (_, place) => h('div', { key: place },
    h('span', null, `package-${place}`), h('span', null, '1.2.3'), h('span', null, '1.2.3'),
    h('span', null, 'pip')));
  const start = performance.now();
  const shown = painted(() => box.childElementCount === count);
  ReactDOM.createRoot(box).render(rows);
  const took = (await shown) - start;
  box.remove();
  return took;
}"""

RUN_CELL = (
    """async ([index, text]) => {
  answers.length = 0;
  const panel = document.querySelector('#jupyter-repro-panel');
  const shown = painted(() => answers.length > 0 && panel.textContent.includes(text));
  """
    + WIDGET
    + f""".content.activeCellIndex = index;
  await {APP}.commands.execute('notebook:run-cell');
  return (await shown) - answers.at(-1);
}}"""
)

RUN_UNCHANGED = (
    """async index => {
  let mutations = 0;
  const observer = new MutationObserver(found => { mutations += found.length; });
  const panel = document.querySelector('#jupyter-repro-panel');
  const all = { subtree: true, childList: true, attributes: true, characterData: true };
  observer.observe(panel, all);
  answers.length = 0;
  """
    + WIDGET
    + f""".content.activeCellIndex = index;
  await {APP}.commands.execute('notebook:run-cell');
  if (index === 0) {{
    await painted(() => answers.length > 0);
  }}
  await painted(() => true);
  observer.disconnect();
  return mutations;
}}"""
)

OPEN_NOTEBOOK = f"""async path => {{
  const widget = await {APP}.commands.execute('docmanager:open', {{ path }});
  await widget.context.ready;
  await widget.sessionContext.ready;
  const kernel = () => widget.sessionContext.session?.kernel;
  await painted(() => kernel()?.status === 'idle');
  const start = performance.now();
  return (await painted(panelShowsVerdict)) - start;
}}"""


def main() -> None:
    """Measure and print."""
    chromium = find_chromium()
    if chromium is None:
        sys.exit("benchmarks: there is no Chromium to measure in")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        rows = [
            *panel_rows(browser, Path(folder, "panel")),
            *start_rows(browser, Path(folder, "start")),
            *bundle_rows(),
        ]
        browser.close()
    print_table("The panel in Chromium (medians)", rows)


def panel_rows(browser: Browser, home: Path) -> Iterator[Row]:
    """Yield what the panel takes with 500 and with 5000 packages."""
    with running_server(home) as server:
        plain = median(plain_list(browser, server) for _ in range(3))
        for count, target in ((500, 25), (5000, 35)):
            recorded = add_kernel(server, f"p{count}", count)
            runs = [one_page(browser, server, f"p{count}", recorded) for _ in range(PAGES)]
            first, opened, update, unchanged, again = map(median, zip(*runs, strict=True))
            yield Row(f"answer → painted, first, {count} packages", first, "ms", target)
            yield Row(f"Packages clicked → painted, {count}", opened, "ms")
            yield Row(f"answer after a cell → painted, {count}", update, "ms", 20)
            yield Row(f"changes of the page after a plain cell, {count}", unchanged, "", 0)
            yield Row(f"changes of the page after %repro again, {count}", again, "", 0)
            if count == 5000:
                yield Row("a plain React list of 5000 → painted", plain, "ms")
                yield Row("panel / plain list, 5000", first / plain, "x", 0.1)
                yield Row("panel and its packages / plain list", (first + opened) / plain, "x")
        yield from opening_rows(browser, server)


def one_page(browser: Browser, server: Server, kernel: str, recorded: object) -> list[float]:
    """Return what one fresh page measured: first, packages, update, unchanged twice."""
    path = server.root / f"{kernel}.ipynb"
    write_notebook(path, SEED_CELL, "1", newcomer(server, kernel), language=kernel)
    with fresh_page(browser, server) as lab:
        lab.open(path.name)
        lab.expect_verdict("Nothing recorded")
        first = lab.page.evaluate(ANSWER_TO_PAINT, recorded)
        opened = lab.page.evaluate(OPEN_PACKAGES)
        lab.run_cell(0)
        lab.wait_for_metadata("latest")
        lab.wait_idle()
        unchanged = lab.page.evaluate(RUN_UNCHANGED, 1)
        again = lab.page.evaluate(RUN_UNCHANGED, 0)
        update = lab.page.evaluate(RUN_CELL, [2, "newcomer"])
        lab.shut_down_all()
    return [first, opened, update, unchanged, again]


def opening_rows(browser: Browser, server: Server) -> Iterator[Row]:
    """Yield how long a notebook is open, with an idle kernel, before its verdict is there."""
    recorded = capture({})
    metadata = {"jupyter_repro": {"schema_version": 1, "reference": recorded}}
    write_notebook(server.root / "empty.ipynb", "1")
    fresh: list[float] = []
    running: list[float] = []
    for number in range(PAGES):
        path = write_notebook(server.root / f"open{number}.ipynb", "1", metadata=metadata)
        for took in (fresh, running):  # the second page finds the kernel of the first one
            with fresh_page(browser, server) as lab:
                lab.open("empty.ipynb")
                took.append(lab.page.evaluate(OPEN_NOTEBOOK, path.name))
    yield Row("opened, kernel idle → verdict", median(running), "ms", 300)
    yield Row("the same, the kernel has just started", median(fresh), "ms", 300)


def start_rows(browser: Browser, home: Path) -> Iterator[Row]:
    """Yield how much later JupyterLab is up with the extension than without, in pairs."""
    with running_server(home / "with") as one, running_server(home / "without") as other:
        (home / "without" / "labextensions" / "jupyter-repro").unlink()
        pairs = [(start(browser, one), start(browser, other)) for _ in range(PAIRS + 1)][1:]
    later = median(mine - bare for mine, bare in pairs)
    yield Row("JupyterLab is up", median(mine for mine, _ in pairs), "ms")
    yield Row("the same without the extension", median(bare for _, bare in pairs), "ms")
    yield Row("later with the extension, median of pairs", later, "ms", 50)


def start(browser: Browser, server: Server) -> float:
    """Return when JupyterLab is up in a fresh page, milliseconds after the navigation."""
    with fresh_page(browser, server) as lab:
        lab.page.goto(f"{server.url}/lab?reset&token={server.token}")
        took: float = lab.page.wait_for_function("() => window.restoredAt").json_value()
    return took


def bundle_rows() -> Iterator[Row]:
    """Yield the size of what is ours in what a browser loads."""
    chunks = (LABEXTENSION / "static").glob("[0-9]*.js")
    code = [text for file in chunks if ".jp-Repro-Panel {" not in (text := file.read_text())]
    # It was 60, kept by code that only its author could read. 90 leaves room for plain code; what
    # the bundle costs is "later with the extension", whose target stays.
    yield Row("bundle, our own code", sum(map(len, code)) / 1000, "kB", 90)
    size = sum(file.stat().st_size for file in STYLES.glob("*.css"))
    yield Row("style sheets", size / 1000, "kB")


def add_kernel(server: Server, name: str, count: int) -> dict[str, Any]:
    """Add a kernel that sees `count` distributions; return a document that differs in two."""
    prefix = server.root.parent / f"prefix-{name}"
    write_prefix(prefix, 0, count)
    older = prefix / "older"
    for number in (1, 2):
        folder = older / f"package_{number:05}-0.9.dist-info"
        folder.mkdir(parents=True)
        (folder / "METADATA").write_text(f"Name: package_{number:05}\nVersion: 0.9\n")
    new = prefix / "new"
    new.mkdir()
    here = {"PYTHONPATH": os.pathsep.join(map(str, (new, prefix / SITE)))}
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": here,
    }
    kernel = server.data / "kernels" / name
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(spec))
    before = {"PYTHONPATH": os.pathsep.join(map(str, (older, prefix / SITE)))}
    return {"schema_version": 1, "reference": capture(before)}


def newcomer(server: Server, name: str) -> str:
    """Return the source of a cell that installs a further distribution."""
    site = server.root.parent / f"prefix-{name}" / "new"
    return f"""
import pathlib, uuid
folder = pathlib.Path({str(site)!r}) / f"newcomer_{{uuid.uuid4().hex}}-1.0.dist-info"
folder.mkdir()
(folder / "METADATA").write_text(f"Name: {{folder.name.split('-')[0]}}\\nVersion: 1.0\\n")
"""


def capture(variables: dict[str, str]) -> dict[str, Any]:
    """Return the snapshot of a fresh process."""
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_repro", "capture", "--json"],
        env={**os.environ, **variables},
        capture_output=True,
        check=True,
    )
    snapshot: dict[str, Any] = json.loads(done.stdout)
    return snapshot


def plain_list(browser: Browser, server: Server) -> float:
    """Return how long React takes to paint 5000 rows without a window."""
    with fresh_page(browser, server) as lab:
        lab.page.goto(f"{server.url}/lab?reset&token={server.token}")
        lab.page.wait_for_function("() => window.restoredAt")
        for name in ("react", "react-dom"):
            add_script(lab.page, MODULES / name / "umd" / f"{name}.production.min.js")
        took: float = lab.page.evaluate(PLAIN_LIST, 5000)
    return took


def add_script(page: Page, path: Path) -> None:
    # As a value: JupyterLab's page has a module loader that a script tag would be given to
    page.evaluate(f"() => {{ const define = undefined; {path.read_text()} }}")


@contextmanager
def fresh_page(browser: Browser, server: Server) -> Iterator[Lab]:
    """Return a page that shares nothing with the ones before."""
    with browser.new_context(viewport={"width": 1400, "height": 900}) as context:
        context.set_default_timeout(60_000)
        context.add_init_script(WATCH)
        yield Lab(context.new_page(), server)


def median(values: Iterable[float]) -> float:
    """Return the median of an iterable."""
    return float(statistics.median(values))


if __name__ == "__main__":
    main()
