"""The committed JSON Schema is what the model says, and the samples fit both."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from jupyter_repro.model import schema
from jupyter_repro.model.migrations import decode_snapshot
from jupyter_repro.model.report import Report
from jupyter_repro.model.snapshot import SCHEMA_VERSION, Snapshot

COMMITTED = Path(schema.__file__).parent
FIXTURES = Path(__file__).parents[2] / "fixtures"


def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_snapshots", FIXTURES / "make_snapshots.py")
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


@pytest.mark.parametrize("name", schema.ROOTS)
def test_the_committed_schema_is_fresh(name: str) -> None:
    text = (COMMITTED / f"{name}.schema.json").read_text(encoding="utf-8")
    assert text == schema.render_schema(schema.ROOTS[name]), (
        "run python -m jupyter_repro.model.schema"
    )


def test_no_other_schema_is_committed() -> None:
    assert {path.name for path in COMMITTED.glob("*.json")} == {
        *(f"{name}.schema.json" for name in schema.ROOTS),
        schema.SHOWN,
    }


def test_what_the_front_end_shows_is_fresh() -> None:
    text = (COMMITTED / schema.SHOWN).read_text(encoding="utf-8")
    assert text == schema.render_shown(), "run python -m jupyter_repro.model.schema"


def test_the_generator_writes_what_changed(tmp_path: Path) -> None:
    for path in COMMITTED.glob("*.json"):
        shutil.copy(path, tmp_path)
    (tmp_path / "report.schema.json").write_text("old")
    (tmp_path / "cell.schema.json").unlink()
    (tmp_path / schema.SHOWN).unlink()
    changed = {path.name for path in schema.write_schemas(tmp_path)}
    assert changed == {"cell.schema.json", "report.schema.json", schema.SHOWN}
    assert (tmp_path / "report.schema.json").read_bytes().endswith(b"}\n")
    assert schema.write_schemas(tmp_path) == []


def test_keys_are_sorted_and_references_resolve() -> None:
    for name, root in schema.ROOTS.items():
        text = schema.render_schema(root)
        plain: dict[str, Any] = json.loads(text)
        assert json.dumps(plain, indent=2, sort_keys=True) + "\n" == text
        found = set(re.findall(r'"#/\$defs/([^"]+)"', text))
        assert found <= set(plain["$defs"]), name


def test_the_sample_snapshots_are_fresh_and_valid() -> None:
    made = generator()
    assert {path.stem for path in (FIXTURES / "snapshots").glob("*.json")} == set(made.SAMPLES)
    for name, make in made.SAMPLES.items():
        text = (FIXTURES / "snapshots" / f"{name}.json").read_text(encoding="utf-8")
        assert text == made.render(make()), "run python tests/fixtures/make_snapshots.py"
        found = decode_snapshot(text)
        assert isinstance(found, Snapshot)
        assert found == make()
        assert found.schema_version == SCHEMA_VERSION
        assert found.layers.packages.packages == sorted(found.layers.packages.packages)


def test_the_samples_fit_the_committed_schema() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    committed = json.loads((COMMITTED / "document.schema.json").read_text(encoding="utf-8"))
    validator = jsonschema.Draft202012Validator(committed)
    snapshots = [json.loads(path.read_bytes()) for path in (FIXTURES / "snapshots").glob("*.json")]
    for plain in snapshots:
        whole = {"schema_version": SCHEMA_VERSION, "reference": plain, "latest": snapshots[0]}
        assert list(validator.iter_errors(whole)) == []
    whole["reference"] = {**plain, "digest": "x"}
    assert len(list(validator.iter_errors(whole))) == 1


def test_the_report_has_its_fields() -> None:
    plain = json.loads(schema.render_schema(Report))["$defs"]["Report"]
    assert {"verdict", "findings", "layers", "summary"} <= set(plain["required"])
