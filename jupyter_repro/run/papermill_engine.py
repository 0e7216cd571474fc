"""A papermill engine that records: ``papermill --engine repro in.ipynb out.ipynb``.

This is papermill's own nbclient engine with the recording client of `runner`.
"""

from __future__ import annotations

import os
from typing import Any

import msgspec
import nbformat
from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger

from jupyter_repro.model.message import METADATA_KEY
from jupyter_repro.model.migrations import decode_document
from jupyter_repro.model.options import DETERMINISM
from jupyter_repro.run.client import RecordingClient
from jupyter_repro.run.kernels import find_kernel
from jupyter_repro.run.recording import Recording, strip_messages
from jupyter_repro.run.start_variables import variables_for_run
from jupyter_repro.seeding.options import parse_seed


class PapermillClient(RecordingClient, PapermillNotebookClient):  # type: ignore[misc] # untyped
    """Papermill's client; the parts that record come from `RecordingClient`."""

    seed: int | None = None

    def papermill_execute_cells(self) -> None:
        """Ask the kernel before the first and after the last cell that runs."""
        self.begin(seed=self.seed, determinism=DETERMINISM.default)
        try:
            super().papermill_execute_cells()
        except DeadKernelError:
            self._record()
            raise
        self._record()

    def _record(self) -> None:
        self.finish()
        for cell in self.nb.cells:
            strip_messages(cell)
        plain = msgspec.to_builtins(self.recording.document)
        self.nb.metadata[METADATA_KEY] = nbformat.from_dict(plain)
        for note in self.recording.notes:
            logger.warning(note)


class ReproEngine(NBClientEngine):  # type: ignore[misc] # untyped
    """The engine. ``seed`` and ``accept`` are its own options, the others are papermill's."""

    PASSED_ON = ("stdout_file", "stderr_file", "allow_errors")

    @classmethod
    def execute_managed_notebook(  # noqa: PLR0913 - papermill's signature
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        *,
        log_output: bool = False,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        seed: int | None = None,
        accept: bool = False,
        **options: Any,  # noqa: ANN401 - papermill passes what it was given
    ) -> nbformat.NotebookNode:
        """Run the notebook that `nb_man` holds; papermill writes it as cells finish."""
        known = {name: value for name, value in options.items() if name in cls.PASSED_ON}
        client = PapermillClient(
            nb_man,
            kernel_name=kernel_name,
            log=logger,
            log_output=log_output,
            startup_timeout=start_timeout,
            timeout=execution_timeout,
            **known,
        )
        stored = nb_man.nb.metadata.get(METADATA_KEY)
        document = None if stored is None else decode_document(stored)
        client.recording = Recording(document=document, accept=accept)
        client.seed = None if seed is None else parse_seed(seed)
        variables = variables_for_run(
            client.seed,
            (cell.source for cell in nb_man.nb.cells if cell.cell_type == "code"),
            document.reference if document else None,
            find_kernel(kernel_name),
        )
        return client.execute(env={**os.environ, **variables})
