"""A real JupyterLab that serves the working tree's own build, in folders of its own."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
LABEXTENSION = REPOSITORY / "jupyter_repro" / "labextension"
START_S = 90
STOP_S = 10
_CLASSES = {"lab": "LabApp", "notebook": "JupyterNotebookApp"}


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: where it is, which application it is, and the folder that it serves."""

    url: str
    app: str
    token: str
    root: Path
    data: Path
    log: Path

    def end_kernels(self, folder: str) -> None:
        """End the kernels of all notebooks in a folder."""
        sessions = json.loads(self.ask("GET", "sessions"))
        ours = [one["kernel"] for one in sessions if one["path"].startswith(f"{folder}/")]
        # Two notebooks may share one, and a notebook may have lost its own
        for kernel in {kernel["id"] for kernel in ours if kernel}:
            self.ask("DELETE", f"kernels/{kernel}")

    def ask(self, method: str, place: str) -> bytes:
        headers = {"Authorization": f"token {self.token}"}
        request = urllib.request.Request(f"{self.url}/api/{place}", method=method, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as reply:
            answer: bytes = reply.read()
            return answer


@contextmanager
def running_server(
    home: Path,
    *options: str,
    app: str = "lab",
    python: str = sys.executable,
    extension: bool = True,
) -> Iterator[Server]:
    """Run a server until the block is left.

    Parameters
    ----------
    home
        An empty folder for everything that it reads and writes.
    options
        Further command-line options.
    app
        ``lab`` or ``notebook``.
    python
        The interpreter that runs it, and with it the version.
    extension
        Whether it has our extension.
    """
    root = home / "notebooks"
    extensions = home / "labextensions"
    root.mkdir(parents=True)
    extensions.mkdir()
    (extensions / "jupyter-repro").symlink_to(LABEXTENSION)
    if not extension:
        _disable(home)
    _write_settings(home)
    _use_own_ports(home)
    server = Server(
        url=f"http://127.0.0.1:{_free_port()}",
        app=app,
        token=secrets.token_hex(16),
        root=root,
        data=home / "jupyter_data_dir",
        log=home / "server.log",
    )
    command = [
        *(python, "-m", "jupyter", app, "--no-browser", "--allow-root"),
        f"--ServerApp.port={server.url.rpartition(':')[2]}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={server.token}",
        f"--ServerApp.root_dir={root}",
        f"--{_CLASSES[app]}.expose_app_in_browser=True",
        f"--LabServerApp.extra_labextensions_path={extensions}",
        *options,
    ]
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env=_environment(home), cwd=root
        )
    try:
        _wait_until_up(server, process)
        yield server
    finally:
        process.terminate()
        try:
            process.wait(timeout=STOP_S)
        except subprocess.TimeoutExpired:
            # With jupyter-collaboration it was seen not to end after its kernels had ended
            process.kill()
            process.wait()


def _environment(home: Path) -> dict[str, str]:
    folders = {
        name: str(home / name.lower())
        for name in (
            "JUPYTER_CONFIG_DIR",
            "JUPYTER_DATA_DIR",
            "JUPYTER_RUNTIME_DIR",
            "IPYTHONDIR",
        )
    }
    return {**os.environ, **folders}


def _write_settings(home: Path) -> None:
    """Spare the tests the question for news: it covers what they click on."""
    folder = home / "jupyter_config_dir" / "lab" / "user-settings" / "@jupyterlab"
    settings = folder / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text('{"fetchNews": "false", "checkForUpdates": false}')


def _use_own_ports(home: Path) -> None:
    """Give its kernels ports of their own, in every JupyterLab that reads this configuration."""
    code = (
        "import sys",
        f"sys.path.append({str(REPOSITORY)!r})",
        "from tests.ports import use_own_ports",
        "use_own_ports()",
    )
    file = home / "jupyter_config_dir" / "jupyter_server_config.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(code))


def _disable(home: Path) -> None:
    """Switch our extension off, as `jupyter labextension disable` does."""
    folder = home / "jupyter_config_dir" / "labconfig"
    folder.mkdir(parents=True)
    page = {"disabledExtensions": {"jupyter-repro": True}}
    (folder / "page_config.json").write_text(json.dumps(page))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_up(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_S
    while time.monotonic() < deadline and process.poll() is None:
        if _answers(server):
            return
        time.sleep(0.1)
    log = server.log.read_text(errors="replace")
    reason = f"JupyterLab did not come up:\n{log[-4000:]}"
    raise RuntimeError(reason)


def _answers(server: Server) -> bool:
    try:
        server.ask("GET", "")
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
    return True
