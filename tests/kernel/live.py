"""A real kernel in a fresh process, driven as a front end would drive it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

TIMEOUT = 120
ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Run:
    """What one cell sent back.

    `updates` are those of something that is displayed, `messages` all of them and the displays.
    """

    stdout: str = ""
    stderr: str = ""
    displays: list[dict[str, Any]] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    messages: list[dict[str, Any]] = field(default_factory=list)
    comms: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    error: str | None = None
    result: str | None = None
    count: int | None = None


class LiveKernel:
    def __init__(self, client: BlockingKernelClient) -> None:
        self.client = client

    @contextmanager
    def another_client(self) -> Iterator[LiveKernel]:
        """Connect to the same kernel once more, as another notebook does."""
        client = BlockingKernelClient()
        client.load_connection_info(self.client.get_connection_info())
        client.start_channels()
        try:
            client.wait_for_ready(timeout=TIMEOUT)
            yield LiveKernel(client)
        finally:
            client.stop_channels()

    def run(self, code: str, *, cell_id: str | None = None) -> Run:
        """Run a cell and collect all that it sent."""
        message = self.client.session.msg(
            "execute_request",
            {
                "code": code,
                "silent": False,
                "store_history": True,
                "user_expressions": {},
                "allow_stdin": False,
                "stop_on_error": False,
            },
            metadata={"cellId": cell_id} if cell_id else {},
        )
        run = self._send(message)
        self.client.get_shell_msg(timeout=TIMEOUT)
        return run

    def tell(self, comm_id: str, data: dict[str, Any]) -> Run:
        """Send a message to a widget, as a front end does when a person clicks or types."""
        content = {"comm_id": comm_id, "data": data}
        return self._send(self.client.session.msg("comm_msg", content))

    def _send(self, message: dict[str, Any]) -> Run:
        self.client.shell_channel.send(message)
        run = Run()
        while True:
            reply = self.client.get_iopub_msg(timeout=TIMEOUT)
            if reply["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if self._add(run, reply["msg_type"], reply["content"]):
                return run

    @staticmethod
    def _add(run: Run, kind: str, content: dict[str, Any]) -> bool:
        if kind == "stream":
            setattr(run, content["name"], getattr(run, content["name"]) + content["text"])
        elif kind == "display_data":
            run.displays.append(content)
            run.messages.append(content)
        elif kind == "update_display_data":
            run.messages.append(content)
            if content["data"]:
                run.updates.append(content)
        elif kind.startswith("comm_"):
            run.comms.append((kind, content))
        elif kind == "execute_result":
            run.result = content["data"]["text/plain"]
        elif kind == "error":
            run.error = "\n".join(content["traceback"])
        elif kind == "execute_input":
            run.count = content["execution_count"]
        return kind == "status" and content["execution_state"] == "idle"

    def ask(self, expression: str) -> dict[str, Any]:
        """Evaluate an expression silently, as the front end and the runner do."""
        reply = self.client.execute(
            "",
            silent=True,
            store_history=False,
            user_expressions={"answer": expression},
            allow_stdin=False,
            reply=True,
            timeout=TIMEOUT,
        )
        answer: dict[str, Any] = reply["content"]["user_expressions"]["answer"]
        return answer

    def complete(self, code: str) -> list[str]:
        reply = self.client.complete(code, len(code), reply=True, timeout=TIMEOUT)
        matches: list[str] = reply["content"]["matches"]
        return matches


@contextmanager
def live_kernel(
    *,
    cwd: Path = ROOT,
    env: dict[str, str] | None = None,
    name: str = "python3",
    python: Path | None = None,
) -> Iterator[LiveKernel]:
    """Start a kernel, by another Python's ipykernel if one is given; shut it down in the end."""
    manager = KernelManager(kernel_name=name)
    if python is not None:
        assert manager.kernel_spec is not None
        manager.kernel_spec.argv[0] = str(python)
    manager.start_kernel(cwd=str(cwd), **({"env": env} if env else {}))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=TIMEOUT)
        yield LiveKernel(client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        manager.cleanup_resources()
