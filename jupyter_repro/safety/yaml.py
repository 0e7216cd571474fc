"""Read a stranger's YAML as plain text in lists and mappings.

Every scalar stays text: ``1.10`` is a version, not a number, and ``yes`` is a name, not a boolean
(YAML 1.1, https://yaml.org/type/bool.html). Aliases are refused, because a few of them can expand
to gigabytes. Tags are refused, because they can construct objects.

PyYAML's own loaders read ``1.10`` as 1.1 and ``yes`` as true, so the tree is built from the
parser's events. A key that occurs twice is refused with its line.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from jupyter_repro.errors import UnreadableError
from jupyter_repro.safety.text import printable

Plain: TypeAlias = "str | list[Plain] | dict[str, Plain]"

MAX_DEPTH = 30
MAX_NODES = 2_000_000


def read_yaml(text: str) -> Plain:
    """Return the one document in `text`.

    Raises
    ------
    UnreadableError
        If it is not valid YAML, has aliases, tags or more than one document, has a key twice or
        a key that is not text, or is too large or too deep.
    """
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        return _build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" (line {mark.line + 1}, column {mark.column + 1})" if mark else ""
        reason = f"is not valid YAML{where}: {printable(str(error.problem), 200)}."
    except (yaml.YAMLError, RecursionError) as error:
        reason = f"is not valid YAML: {printable(str(error), 200)}."
    raise UnreadableError(reason) from None


def _build(events: Any) -> Plain:  # noqa: ANN401 - events of a library without types
    from yaml import events as kinds

    documents: list[Plain] = []
    open_nodes: list[list[Plain]] = [documents]  # the values of each node that has begun
    count = 0
    for event in events:
        if isinstance(event, kinds.AliasEvent):
            raise _refuse(event, "has an alias (*…), which is not supported")
        if isinstance(event, kinds.NodeEvent):
            count += 1
            if count > MAX_NODES or len(open_nodes) > MAX_DEPTH:
                raise _refuse(event, "is too large or nested too deeply")
            tag = getattr(event, "tag", None)
            if tag not in {None, "!", "tag:yaml.org,2002:str"}:
                raise _refuse(event, "has a tag (!…), which is not supported")
        if isinstance(event, kinds.ScalarEvent):
            open_nodes[-1].append(event.value)
        elif isinstance(event, kinds.CollectionStartEvent):
            open_nodes.append([])
        elif isinstance(event, kinds.CollectionEndEvent):
            values = open_nodes.pop()
            mapping = isinstance(event, kinds.MappingEndEvent)
            open_nodes[-1].append(_mapping(event, values) if mapping else values)
    if len(documents) != 1:
        reason = "is empty." if not documents else "holds more than one YAML document."
        raise UnreadableError(reason)
    return documents[0]


def _mapping(event: Any, values: list[Plain]) -> dict[str, Plain]:  # noqa: ANN401 - see `_build`
    found: dict[str, Plain] = {}
    for key, value in zip(values[::2], values[1::2], strict=True):
        if not isinstance(key, str):
            raise _refuse(event, "has a key that is not text")
        if key in found:
            raise _refuse(event, f"has the key {printable(key, 50)!r} twice")
        found[key] = value
    return found


def _refuse(event: Any, what: str) -> UnreadableError:  # noqa: ANN401 - see `_build`
    return UnreadableError(f"{what} (line {event.start_mark.line + 1}).")
