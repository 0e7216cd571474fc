"""The conda layer: which packages are installed according to conda's records, and from where.

Everything is read from the prefix. conda is never run, because it deletes records that it
considers stale. ``CONDA_PREFIX`` does not decide which environment this is, because it belongs to
the shell that started Jupyter; it only says whether this environment is active.

From the history and the configuration files, only names of channels and of packages are recorded:
their command lines and addresses contain tokens and personal folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from jupyter_repro.capturing.sources.conda.activation import activation_names, is_activated
from jupyter_repro.capturing.sources.conda.channels import find_channels
from jupyter_repro.capturing.sources.conda.history import History, read_history
from jupyter_repro.capturing.sources.conda.order import install_order
from jupyter_repro.capturing.sources.conda.prefix import environment_name, find_prefix, read_config
from jupyter_repro.capturing.sources.conda.records import MAX_RECORDS, CondaRecord, read_records
from jupyter_repro.model.fields import MAX_ITEMS
from jupyter_repro.model.snapshot import CondaLayer
from jupyter_repro.packages.addresses import redact_spec
from jupyter_repro.packages.lines import conda_line
from jupyter_repro.safety.world import World


def collect(world: World) -> CondaLayer:
    """Return the conda packages of the prefix, or of the prefix that a venv was made from."""
    prefix = find_prefix(world)
    if prefix is None:
        return CondaLayer(status="unavailable", reason="not a conda environment")
    meta = prefix / "conda-meta"
    history = read_history(prefix)
    records, total = read_records(meta, requested=not history.requested)
    folders = {record.folder for record in records}
    channels, channels_from = find_channels(prefix, world, history, folders)
    channels_note = None if channels_from else "the order of the channels is not recorded"
    order, order_note = _order(records, history)
    return CondaLayer(
        status="ok",
        reason=_explain(prefix, world, records, total, [channels_note, order_note]),
        name=environment_name(prefix),
        packages=group_packages(records),
        install_order=order,
        channels=channels[:MAX_ITEMS],
        channels_from=channels_from,
        requested=_requested(records, history),
        pinned=_pinned(meta / "pinned"),
        activated=is_activated(prefix, world),
        activation=activation_names(prefix),
    )


def group_packages(records: Iterable[CondaRecord]) -> dict[str, list[str]]:
    """Return channel folder → lines, both sorted; see `snapshot` for the format of a line."""
    groups: dict[str, list[str]] = {}
    for record in records:
        line = conda_line(record.fn, record.digest)
        if record.folder in groups:
            groups[record.folder].append(line)
        else:
            groups[record.folder] = [line]
    return {folder: sorted(groups[folder]) for folder in sorted(groups)}


def _explain(
    prefix: Path, world: World, records: list[CondaRecord], total: int, others: list[str | None]
) -> str | None:
    unreadable = sum(not record.readable for record in records)
    notes = []
    if prefix != world.prefix:
        notes.append("of the conda environment that this virtual environment was made from")
    if unreadable:
        notes.append(f"{unreadable} of {total} records could not be read")
    if total > MAX_RECORDS:
        notes.append(f"only the first {MAX_RECORDS} of {total} records were looked at")
    return "; ".join(filter(None, [*notes, *others])) or None


def _order(records: list[CondaRecord], history: History) -> tuple[list[str], str | None]:
    """Return the order of installation, and a note if the records do not contain it.

    micromamba 2.2 to 2.3.2 wrote records without dependencies when it installed a list of files.
    """
    needs = {record.name: record.depends for record in records}
    if needs.get("python") or ("python" not in needs and any(needs.values())):
        return install_order(needs), None
    order = install_order(needs, history.linked)
    if len(needs) < 2:
        return order, None
    source = "that of the history" if {*needs} <= {*history.linked} else "not known"
    return order, f"no record contains its dependencies; the order of installation is {source}"


def _requested(records: list[CondaRecord], history: History) -> list[str]:
    """Return the requested packages that are still installed; rattler and pixi leave no history."""
    if not history.requested:
        return sorted({spec for record in records for spec in record.requested})
    installed = {record.name.lower() for record in records}
    return sorted(spec for name, spec in history.requested.items() if name in installed)


def _pinned(path: Path) -> list[str]:
    lines = (line.strip() for line in read_config(path).splitlines())
    return [redact_spec(line) for line in lines if line and line[0] != "#"][:MAX_ITEMS]
