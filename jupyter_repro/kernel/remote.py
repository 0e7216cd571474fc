"""What a front end or the runner asks a kernel, without the user's code noticing.

They send a silent ``execute_request`` with empty code and one of these as a user expression:
``__import__("jupyter_repro.remote", fromlist=["_"]).begin("…")``. Nothing enters the user's
namespace, no execution count moves, and it works before ``%load_ext jupyter_repro``. The answer
is a MIME bundle.

Only what changes travels back. The kernel answers ``unchanged`` where the notebook already holds
what it should, as it does whenever a notebook is opened: half of the answer need not be sent,
parsed and validated.
"""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec
from msgspec import Struct

from jupyter_repro._version import __version__
from jupyter_repro.comparing.environments.overall import judge_overall
from jupyter_repro.comparing.results.expectations import judge_run
from jupyter_repro.comparing.results.show import check_results
from jupyter_repro.errors import ReproError, UnreadableError
from jupyter_repro.kernel.recorded import CheckRequest, Known, recorded_now
from jupyter_repro.kernel.session import Session, current_session
from jupyter_repro.model.document import Document
from jupyter_repro.model.findings import MAX_RECORDED_FINDINGS, RunFinding
from jupyter_repro.model.message import MIME_TYPE, pack
from jupyter_repro.model.migrations import decode_document, decode_snapshot
from jupyter_repro.model.options import DETERMINISM, Determinism, PolicyName
from jupyter_repro.model.report import Check, Overall, Packages, Report, ResultCheck
from jupyter_repro.model.results import Results, RunResult
from jupyter_repro.model.snapshot import Snapshot
from jupyter_repro.safety.text import printable
from jupyter_repro.seeding.options import SeedOptions
from jupyter_repro.show.facts import leading_facts

if TYPE_CHECKING:
    from jupyter_repro.comparing.environments.policy import Policy
    from jupyter_repro.formats.exporters.formats import Format
    from jupyter_repro.formats.exporters.request import Exported

_log = logging.getLogger(__name__)

CHECK_MIME_TYPE = "application/vnd.jupyter-repro.check+json"


class Beginning(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Argument of `begin`, as JSON.

    Parameters
    ----------
    seed, determinism
        Seed before the first cell, as ``%repro seed=…`` would; None leaves it to the notebook.
    reference
        JSON of the recorded snapshot, for `%repro` to compare with.
    kernel_name
        Name of the kernel specification, which the kernel itself does not know.
    forced
        Options that win over those of the notebook's own ``%repro seed=…``.
    results
        The recorded results, for `%repro expect` to compare with.
    """

    seed: int | None = None
    determinism: Determinism = DETERMINISM.default
    reference: str | None = None
    kernel_name: str | None = None
    forced: dict[str, str] = {}
    results: Results = {}


class Answer:
    """A value that arrives as JSON or text in the reply to a user expression."""

    def __init__(self, mime_type: str, content: dict[str, Any] | str) -> None:
        self.mime_type = mime_type
        self.content = content

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        return {self.mime_type: self.content}


def begin(options: str) -> Answer:
    """Prepare the kernel for a run that is going to be recorded, and return its snapshot."""
    wanted = msgspec.json.decode(options, type=Beginning)
    reference = wanted.reference
    current_session().begin(
        seed=None if wanted.seed is None else SeedOptions(wanted.seed, wanted.determinism),
        forced=wanted.forced,
        reference=None if reference is None else decode_snapshot(reference.encode()),
        results=wanted.results,
        kernel_name=wanted.kernel_name,
    )
    return current()


def current() -> Answer:
    """Return the message for this kernel's present snapshot."""
    session = current_session()
    client = session.client
    findings = session.findings()[:MAX_RECORDED_FINDINGS]
    message = pack(
        session.capture(),
        policy=session.policy_name,
        findings=findings,
        results=client.results.run,
        stamps=client.stamps.by_number(),
    )
    return Answer(MIME_TYPE, message)


def check(request: str) -> Answer:
    """Compare the kernel with what a notebook has recorded; return what it should record now.

    Parameters
    ----------
    request
        JSON of a `CheckRequest`.

    Returns
    -------
    Answer
        A `Check`.
    """
    wanted = msgspec.json.decode(request, type=CheckRequest)
    session = current_session()
    client = session.client
    if wanted.attached:
        client.attach()
    snapshot = session.capture()
    findings = session.findings()
    if wanted.cells is not None:
        findings = [found for found in findings if found.cell in (None, *wanted.cells)]
    sent, problem = _read(wanted.document)
    # An old front end does not say whether it wrote: then what the kernel has recorded counts
    recorded = wanted.accept or (session.recorded is not None and wanted.wrote is not False)
    document = sent
    if recorded and problem is None:
        known = _known(session, snapshot, findings, wanted.cells)
        document = recorded_now(sent, known, wanted)
        if wanted.is_old and not wanted.accept:
            session.settle_acceptance()
    client.learn(document)
    unchanged = document is not None and _is_stored(document, wanted.document)
    in_force, notes = session.policy_to_show(wanted.policy, document.policy if document else None)
    compared = _Compared()
    if document:
        run = session.clients.results_of(wanted.cells, client)
        compared = _compare(session, snapshot, document, run, in_force)
        problem = problem or compared.problem
    answer = Check(
        tool=__version__,
        problem=problem,
        recorded=recorded,
        cell_id=session.follower.cell_id,
        document=None if unchanged else document,
        unchanged=unchanged,
        report=compared.report,
        overall=compared.overall,
        snapshot=snapshot,
        facts=leading_facts(snapshot.layers),
        reference_facts=_reference_facts(document.reference) if document else None,
        notes=[*notes, *compared.notes],
        results=list(compared.results),
        stamps=client.stamps.by_id(wanted.cells) if recorded else {},
    )
    return Answer(CHECK_MIME_TYPE, msgspec.to_builtins(answer))


class _Compared(NamedTuple):
    """What a comparison gave; fields of a `Check`."""

    report: Report | None = None
    overall: Overall | None = None
    results: Sequence[ResultCheck] = ()
    notes: tuple[str, ...] = ()
    problem: str | None = None


def _compare(
    session: Session,
    snapshot: Snapshot,
    document: Document,
    run: Mapping[str, RunResult],
    policy: Policy,
) -> _Compared:
    """Compare environment and results; a record that defeats one of them leaves the other.

    Without an answer the panel would be blind to all of it.
    """
    try:
        report = session.check(snapshot, policy)
    except Exception as error:  # noqa: BLE001 - metadata of a stranger
        _log.exception("the record of a notebook cannot be compared")
        return _Compared(problem=f"The record cannot be compared ({type(error).__name__}).")
    try:
        judged = judge_run(document.results, run, policy.tolerance)
        results = check_results(document.results, judged)
    except Exception as error:  # noqa: BLE001 - as above
        _log.exception("the results of a notebook cannot be compared")
        note = f"The recorded results cannot be compared ({type(error).__name__})."
        return _Compared(report, judge_overall(report, []), notes=(note,))
    return _Compared(report, judge_overall(report, judged), results)


def _known(
    session: Session, snapshot: Snapshot, findings: list[RunFinding], cells: list[str] | None
) -> Known:
    """Return what the session has for a notebook."""
    return Known(
        snapshot=snapshot,
        findings=findings,
        results=session.client.results.of_cells(cells),
        history=session.history,
        policy=session.policy_name,
        accepted=session.accepted,
        ran_last=session.follower.ran_last(session.client),
        ran=session.seeds.ledger.draws.cells,
    )


class PackagesRequest(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Argument of `packages`, as JSON.

    Parameters
    ----------
    document
        The notebook's ``metadata.jupyter_repro`` as it is stored, or None.
    policy
        The policy that the user chose in the front end.
    """

    document: msgspec.Raw = msgspec.Raw(b"null")
    policy: PolicyName | None = None


def packages(request: str) -> Answer:
    """Return the rows of the table of packages, as JSON of a `Packages`.

    A front end asks when the user opens the table: the rows are not part of a `Check`.

    Parameters
    ----------
    request
        JSON of a `PackagesRequest`.
    """
    from jupyter_repro.comparing.environments.rows import package_rows

    wanted = msgspec.json.decode(request, type=PackagesRequest)
    session = current_session()
    document, _problem = _read(wanted.document)
    policy, _notes = session.policy_to_show(wanted.policy, document.policy if document else None)
    reference = document.reference if document else None
    return _text(Packages(rows=package_rows(reference, session.capture(), policy)))


def _reference_facts(reference: Snapshot) -> dict[str, list[str]]:
    return leading_facts(reference.layers, reference.imported)


def environment(_request: str) -> Answer:
    """Return this kernel's environment as the text of an environment.yml.

    Parameters
    ----------
    _request
        A JSON object. It has no members yet.
    """
    return Answer("text/plain", _exported("environment.yml", None)[1].text)


def formats(_request: str) -> Answer:
    """Return what `export` can write, as JSON: how a menu shows a format → its name.

    Parameters
    ----------
    _request
        A JSON object. It has no members yet.
    """
    from jupyter_repro.formats.exporters.formats import all_formats

    found = all_formats()[0].values()
    # A Jupyter server writes hidden files only if it is configured so
    shown = [one for one in found if not one.files[0].startswith(".")]
    return _text({f"{one.files[0]} ({one.title})": one.name for one in shown})


class ExportRequest(Struct, frozen=True, kw_only=True):
    """Argument of `export`, as JSON.

    Parameters
    ----------
    format
        One of those that `formats` lists.
    notebook
        File name of the notebook that the files are to lie beside.
    """

    format: str
    notebook: str


def export(request: str) -> Answer:
    """Return this kernel's environment in a format, as JSON.

    The object has ``files`` (path below the notebook's folder → text), unless it cannot be
    written, and ``told``: the message for the user. Nothing is written here: the front end asks
    before it overwrites anything.

    Parameters
    ----------
    request
        JSON of an `ExportRequest`.
    """
    from jupyter_repro.formats.exporters.writing import named_files

    wanted = msgspec.json.decode(request, type=ExportRequest)
    try:
        found, exported = _exported(wanted.format, Path(wanted.notebook).name)
    except ReproError as error:
        return _text({"told": str(error)})
    files = {
        path.as_posix(): text for path, text in named_files(Path(found.files[0]), exported).items()
    }
    hidden = [name for name in files if name.startswith(".")]
    for name in hidden:
        del files[name]
    notes = [f"{name} is left out: Jupyter writes no hidden files." for name in hidden]
    told = [f"Written: {', '.join(files)}", *exported.notes, *notes]
    return _text({"files": files, "told": "\n".join(printable(one, 1_200) for one in told)})


def restore_command(request: str) -> Answer:
    """Return the command that makes the environment of a notebook again.

    Parameters
    ----------
    request
        JSON of an object with the file name of the `notebook`.
    """
    name = Path(str(msgspec.json.decode(request)["notebook"])).name
    name = f"./{name}" if name.startswith("-") else name
    return Answer("text/plain", f"jupyter repro restore {shlex.quote(name)} --prefix ./env")


def _exported(name: str, notebook: str | None) -> tuple[Format, Exported]:
    from jupyter_repro.formats.exporters.export_file import export_text
    from jupyter_repro.formats.exporters.request import ExportOptions

    path = Path(notebook) if notebook else None
    return export_text(current_session().capture(), None, ExportOptions(format=name), notebook=path)


def _text(plain: object) -> Answer:
    return Answer("text/plain", msgspec.json.encode(plain).decode())


def _is_stored(document: Document, raw: msgspec.Raw) -> bool:
    # Their plain forms: an older version, a wrong digest or unknown members make a difference
    return bool(msgspec.to_builtins(document) == msgspec.json.decode(raw))


def _read(raw: msgspec.Raw) -> tuple[Document | None, str | None]:
    if bytes(raw) == b"null":
        return None, None
    try:
        return decode_document(bytes(raw)), None
    except UnreadableError as error:
        return None, str(error)
