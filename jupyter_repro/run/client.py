"""A notebook client that records: nbclient with what it lacks for that.

It asks the kernel silently before the first cell and after the last one (see `remote`), follows
the messages of ``%repro`` between them, and sends the id of each cell to the kernel.

A cell can send any message, and can break its kernel so that no reply comes. nbclient raises an
exception on the first, and waits for ever for the second. Here such a cell has failed, and what
was understood before is kept.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from queue import Empty
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import msgspec
import nbformat
from jupyter_core.utils import ensure_async, run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellControlSignal, CellExecutionError, DeadKernelError

from jupyter_repro.errors import ReproError
from jupyter_repro.kernel.remote import Beginning
from jupyter_repro.model.message import MIME_TYPE
from jupyter_repro.run.kernels import missing_package
from jupyter_repro.run.recording import Recording
from jupyter_repro.safety.depth import is_deeper
from jupyter_repro.safety.text import printable

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from jupyter_repro.model.options import Determinism

ANSWER_TIMEOUT = 120.0
"""Seconds that the kernel gets to answer a request; it may be on a slow disk."""

NO_REPLY = "NoReply"
"""Name of the exception of a cell that has broken its kernel."""

REPLY_TIMEOUT = 10.0
"""Seconds that the kernel gets to reply after it has said that a cell is done."""

_NONE: Mapping[str, str] = MappingProxyType({})

_REMOTE = '__import__("jupyter_repro.remote", fromlist=["_"])'


class RecordingClient(NotebookClient):
    """A notebook client that sends the ids of cells and records the environment.

    Set `recording` before the first cell.
    """

    recording: Recording
    _malformed: str | None = None
    _limit: asyncio.TimerHandle | None = None
    _gave_up = False

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
        self._forget()
        try:
            done = await super().async_execute_cell(
                cell, cell_index, execution_count, store_history
            )
        except DeadKernelError:
            if self._gave_up:
                self._fail(cell, NO_REPLY, "the kernel sent no reply to this cell")
            raise
        except CellControlSignal:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a message of the cell has caused
            self._fail(cell, "MalformedOutput", _describe(error))
            done = cell
        finally:
            malformed = self._malformed
            self._forget()
            session.metadata = {}
            if self.code_cells_executed > executed:
                self.recording.stamp(cell)
        if malformed is not None:
            self._fail(cell, "MalformedOutput", malformed)
        return done

    execute_cell = run_sync(async_execute_cell)

    def _forget(self) -> None:
        """Forget what the last cell did."""
        self._malformed, self._gave_up = None, False
        if self._limit is not None:
            self._limit.cancel()

    def _give_up(self) -> None:
        """End waiting for the reply to a cell that is done: as if the kernel had died."""
        self._gave_up = True

    async def _async_check_alive(self) -> None:
        if self._gave_up:
            reason = "The kernel does not reply."
            raise DeadKernelError(reason)
        await super()._async_check_alive()

    def _fail(self, cell: NotebookNode, name: str, message: str) -> None:
        """Let a cell fail for a reason that no exception of its own has.

        Raises
        ------
        CellExecutionError
            Unless the cell may fail.
        """
        error = nbformat.v4.new_output("error", ename=name, evalue=message, traceback=[message])
        cell["outputs"].append(error)
        may_fail = self.allow_errors or "raises-exception" in cell["metadata"].get("tags", [])
        if name == NO_REPLY or not may_fail:
            raise CellExecutionError(message, name, message)

    def process_message(
        self, msg: dict[str, Any], cell: NotebookNode, cell_index: int
    ) -> NotebookNode | None:
        """Read a message of the kernel before nbclient handles it."""
        try:
            if msg["msg_type"] in {"display_data", "update_display_data"}:
                plain = msg["content"].get("data", {}).get(MIME_TYPE)
                if plain is not None:
                    self.recording.see(plain)
            _require_valid(msg["content"])
            return super().process_message(msg, cell, cell_index)
        except CellControlSignal:  # the cell is done
            loop = asyncio.get_running_loop()
            self._limit = loop.call_later(REPLY_TIMEOUT, self._give_up)
            raise
        except Exception as error:  # noqa: BLE001 - a cell can send any message
            kind = printable(str(msg["msg_type"]), 40)
            self._malformed = f"it sent a malformed {kind} message ({_describe(error)})"
            return None

    def set_widgets_metadata(self) -> None:
        """Keep the states of widgets, as far as they are valid."""
        with suppress(Exception):
            super().set_widgets_metadata()


def _describe(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    return printable(f"{type(error).__name__}: {lines[0]}".removesuffix(": "), 200)


def _require_valid(content: dict[str, Any]) -> None:
    """Refuse what nbclient passes on unchecked.

    Raises
    ------
    ValueError
        If the execution count is no number, or anything is nested too deeply to be written.
    """
    reason = None
    if not isinstance(content.get("execution_count"), (int, type(None))):
        reason = "its execution count is no number"
    elif is_deeper(content):
        reason = "it is nested too deeply"
    if reason:
        raise ValueError(reason)
