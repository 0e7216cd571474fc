"""A notebook client that records: nbclient with what it lacks for that.

It asks the kernel silently before the first cell and after the last one (see `remote`), follows
the messages of ``%repro`` between them, and sends the id of each cell to the kernel.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from queue import Empty
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
from jupyter_core.utils import ensure_async, run_sync
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

from jupyter_repro.errors import ReproError
from jupyter_repro.kernel.remote import Beginning
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.run.kernels import missing_package
from jupyter_repro.run.recording import Recording
from jupyter_repro.safety.text import printable

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from jupyter_repro.model.options import Determinism

ANSWER_TIMEOUT = 120.0
"""Seconds that the kernel gets to answer a request; it may be on a slow disk."""

_NONE: Mapping[str, str] = MappingProxyType({})

_REMOTE = '__import__("jupyter_repro.remote", fromlist=["_"])'


class RecordingClient(NotebookClient):
    """A notebook client that sends the ids of cells and records the environment.

    Set `recording` before the first cell.
    """

    recording: Recording

    async def async_begin(
        self, *, seed: int | None, determinism: Determinism, forced: Mapping[str, str] = _NONE
    ) -> None:
        """Seed the kernel and take its first snapshot.

        Raises
        ------
        ReproError
            If jupyter_repro is not installed in the kernel, or does not answer.
        """
        document = self.recording.document
        beginning = Beginning(
            seed=seed,
            determinism=determinism,
            forced=dict(forced),
            reference=msgspec.json.encode(document.reference).decode() if document else None,
            kernel_name=self.kernel_name,
            results=document.results if document else {},
        )
        begin = f"{_REMOTE}.begin({msgspec.json.encode(beginning).decode()!r})"
        # Before the seed: for its banner IPython draws a tip from the global generator
        await self._take_language()
        self.recording.begin(await self.async_ask(begin, ANSWER_TIMEOUT))

    begin = run_sync(async_begin)

    async def _take_language(self) -> None:
        assert self.kc is not None
        asked = await ensure_async(self.kc.kernel_info())
        info = await self._reply_to(asked, time.monotonic() + ANSWER_TIMEOUT)
        self.nb.metadata["language_info"] = info["language_info"]

    async def async_finish(self, timeout: float = ANSWER_TIMEOUT) -> None:
        """Record the environment after the last cell, or note why the kernel does not answer."""
        plain = None
        try:
            plain = await self.async_ask(f"{_REMOTE}.current()", timeout)
        except (ReproError, DeadKernelError) as error:
            self.recording.notes.append(
                f"The environment was not recorded again at the end: {printable(str(error))}"
            )
        self.recording.finish(plain)

    finish = run_sync(async_finish)

    async def async_ask(self, expression: str, timeout: float) -> Any:  # noqa: ANN401
        """Return the content of the `remote.Answer` that an expression gives in the kernel."""
        expressions = {"python": '__import__("sys").executable', "answer": expression}
        deadline = time.monotonic() + timeout
        while True:
            reply = await self._ask_once(expressions, deadline)
            # A request that arrives right after a failing cell is thrown away with its queue
            if reply["status"] != "aborted":
                break
        answers = reply.get("user_expressions", {})
        answer = answers.get("answer", {})
        if answer.get("status") == "ok" and MIME_TYPE in answer["data"]:
            return answer["data"][MIME_TYPE]
        evalue = str(answer.get("evalue", "no answer"))
        if answer.get("ename") == "ModuleNotFoundError" and "jupyter_repro" in evalue:
            python = answers["python"]["data"]["text/plain"].strip("'")
            raise ReproError("The kernel's " + missing_package(printable(python)))
        reason = f"jupyter_repro in the kernel does not answer ({printable(evalue, 300)})."
        raise ReproError(reason)

    async def _ask_once(self, expressions: dict[str, str], deadline: float) -> dict[str, Any]:
        assert self.kc is not None
        asked = await ensure_async(
            self.kc.execute(
                "",
                silent=True,
                store_history=False,
                user_expressions=expressions,
                allow_stdin=False,
                stop_on_error=False,
            )
        )
        return await self._reply_to(asked, deadline)

    async def _reply_to(self, asked: str, deadline: float) -> dict[str, Any]:
        while time.monotonic() < deadline:
            reply = await self._next_reply()
            if reply is not None and reply["parent_header"].get("msg_id") == asked:
                content: dict[str, Any] = reply["content"]
                return content
        reason = "The kernel did not answer in time."
        raise ReproError(reason)

    async def _next_reply(self) -> dict[str, Any] | None:
        assert self.kc is not None
        try:
            reply: dict[str, Any] = await ensure_async(self.kc.shell_channel.get_msg(timeout=1))
        except Empty:
            await self._async_check_alive()
            return None
        return reply

    async def async_interrupt(self) -> None:
        """Interrupt the cell that is running, if it can be interrupted."""
        assert self.km is not None
        await ensure_async(self.km.interrupt_kernel())

    interrupt = run_sync(async_interrupt)

    async def async_execute_cell(
        self,
        cell: NotebookNode,
        cell_index: int,
        execution_count: int | None = None,
        store_history: bool = True,  # noqa: FBT001, FBT002 - nbclient's signature
    ) -> NotebookNode:
        """Run a cell under its id, and stamp it: nbclient itself sends no id."""
        assert self.kc is not None
        session, executed = self.kc.session, self.code_cells_executed
        session.metadata = {"cellId": cell["id"]} if "id" in cell else {}
        try:
            return await super().async_execute_cell(
                cell, cell_index, execution_count, store_history
            )
        finally:
            session.metadata = {}
            if self.code_cells_executed > executed:
                self.recording.stamp(cell)

    execute_cell = run_sync(async_execute_cell)

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Read a message of the kernel before nbclient handles it."""
        if msg["msg_type"] in {"display_data", "update_display_data"}:
            plain = msg["content"].get("data", {}).get(MIME_TYPE)
            if plain is not None:
                self.recording.see(plain)
        return super().process_message(msg, cell, cell_index)
