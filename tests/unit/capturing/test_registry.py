"""Third parties' entry points: each broken one is told, none keeps the others from working."""

from __future__ import annotations

import json
import os
import subprocess
import sysconfig
import venv
from pathlib import Path

import pytest

from jupyter_repro.capturing import plugins
from jupyter_repro.seeding.seeders import registry
from tests.fresh_process import ROOT, run_python
from tests.traps import EVIL, lay_entry_points
from tests.unit.support.sites import Site

LIST = """
import json
from jupyter_repro.capturing import plugins
from jupyter_repro.seeding.seeders import registry
found = {**plugins.third_party_probes(), **registry.third_party_seeders()}
print(json.dumps({
    name: one.reason if isinstance(one, plugins.Broken) else None for name, one in found.items()
}))
"""


def found_with(site: Site) -> dict[str, str | None]:
    path = os.pathsep.join((str(site.folder), str(ROOT)))
    found: dict[str, str | None] = json.loads(run_python(LIST, env={"PYTHONPATH": path}))
    return found


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path / "site")
    (site.folder / "good_probe.py").write_text("def collect(world): ...\n")
    site.add("good", "1", entry_points_txt="[jupyter_repro.probes_v1]\ngood = good_probe\n")
    return site


def test_a_good_one_is_found(site: Site) -> None:
    (site.folder / "seeder.py").write_text("MODULE = 'x'\ndef seed(module, seed): ...\n")
    text = "[console_scripts]\nx = y:z\n\n[jupyter_repro.seeders_v1]\nmine = seeder\n"
    site.add("seeds", "1", entry_points_txt=text)
    assert found_with(site) == {"good": None, "mine": None}


def test_an_exporter_is_a_format(site: Site) -> None:
    code = """
from jupyter_repro.formats.exporters.request import Exported
FILES, TITLE = ("flake.nix",), "Nix"
def export(request):
    return Exported({"flake.nix": f"# {len(request.pins.packages)} packages\\n"})
"""
    (site.folder / "nix_exporter.py").write_text(code)
    (site.folder / "half.py").write_text("def export(request): ...\n")
    text = "[jupyter_repro.exporters_v1]\nnix = nix_exporter\nhalf = half\nexplicit = half\n"
    site.add("nix", "1", entry_points_txt=text)
    path = os.pathsep.join((str(site.folder), str(ROOT)))
    asked = """
from pathlib import Path
from jupyter_repro.formats.exporters.formats import all_formats, export, format_of, make_request
from tests.unit.support.factories import make_snapshot
found = format_of(Path("flake.nix"), None)
print(export(found, make_request(make_snapshot(), Path("/"))).text, end="")
print("half" in all_formats()[0], all_formats()[0]["explicit"].module)
"""
    told = run_python(asked, env={"PYTHONPATH": path})
    assert told.splitlines() == ["# 2 packages", "False explicit"]


def test_objects_and_attributes_are_loaded(site: Site) -> None:
    code = "class Probe:\n    def collect(self, world): ...\nprobe = Probe()\n"
    (site.folder / "objects.py").write_text(code)
    text = "[jupyter_repro.probes_v1]\nobject = objects:probe\n"
    site.add("objects", "1", entry_points_txt=text)
    assert found_with(site) == {"good": None, "object": None}


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("import nowhere_to_be_found", "No module named"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("collect =", "SyntaxError"),
        ("x = 1", "broken_probe has no collect"),
        (
            "class E(Exception):\n    def __str__(self): raise RuntimeError\nraise E",
            "its message cannot be shown",
        ),
    ],
)
def test_one_that_does_not_load(site: Site, code: str, reason: str) -> None:
    (site.folder / "broken_probe.py").write_text(code)
    site.add("bad", "1", entry_points_txt="[jupyter_repro.probes_v1]\nbroken = broken_probe\n")
    found = found_with(site)
    assert found["good"] is None
    assert reason in str(found["broken"])


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("garbage\n[jupyter_repro.probes_v1]\nx = y\n", "bad"),
        ("[jupyter_repro.probes_v1]\nno value\n", "bad"),
        ("[jupyter_repro.probes_v1]\nname with blanks = good_probe\n", "bad"),
        ("[jupyter_repro.probes_v1]\n\u202eevil = good_probe\n", "bad"),
        ("[jupyter_repro.probes_v1]\nx = :::\n", "x"),
        ("[jupyter_repro.probes_v1]\nx = \n", "x"),
    ],
)
def test_a_broken_file(site: Site, text: str, name: str) -> None:
    site.add("bad", "1", entry_points_txt=text)
    found = found_with(site)
    assert found.pop("good") is None
    assert list(found) == [name]
    assert found[name]


def test_a_file_that_is_no_text(site: Site) -> None:
    info = site.add("bad", "1")
    (info / "entry_points.txt").write_bytes(b"\xff\xfe[jupyter_repro.probes_v1]\n")
    found = found_with(site)
    assert found == {"good": None, "bad": "the entry points of bad cannot be read"}


def test_names_of_built_in_ones_are_taken(site: Site) -> None:
    site.add("bad", "1", entry_points_txt="[jupyter_repro.probes_v1]\ngpu = good_probe\n")
    assert found_with(site) == {"good": None, "gpu_": "gpu is the name of a built-in one"}


def test_of_two_versions_the_one_that_python_imports(site: Site) -> None:
    site.add("two", "2", entry_points_txt="[jupyter_repro.probes_v1]\nnew = good_probe\n")
    old = site.add("two", "1", entry_points_txt="[jupyter_repro.probes_v1]\nold = good_probe\n")
    os.utime(old, (1_000, 1_000))
    assert found_with(site) == {"good": None, "new": None}


def test_the_built_in_ones() -> None:
    for name in plugins.PROBES:
        assert callable(plugins.builtin_probe(name).collect)
    for name, module in registry.SEEDERS.items():
        seeder = registry.builtin_seeder(name)
        assert module == seeder.MODULE
        assert callable(seeder.seed)


def evil_folder(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Return a stranger's folder, and the variables of a process that has a module it names."""
    folder = tmp_path / "sent"
    folder.mkdir()
    site = tmp_path / "installed"
    site.mkdir()
    (site / "installed_somewhere.py").write_text(EVIL)
    lay_entry_points(folder, "installed_somewhere")
    return folder, {
        "PYTHONPATH": os.pathsep.join((str(site), str(ROOT))),
        "SPRUNG": str(tmp_path / "sprung"),
    }


def test_the_present_folder_offers_nothing(tmp_path: Path) -> None:
    folder, env = evil_folder(tmp_path)
    assert run_python(LIST, cwd=folder, env=env) == "{}"
    assert not (tmp_path / "sprung").exists()
    # It would be found from elsewhere
    elsewhere = {**env, "PYTHONPATH": os.pathsep.join((str(folder), env["PYTHONPATH"]))}
    assert json.loads(run_python(LIST, env=elsewhere)) == {"evilprobes": None, "evilseeders": None}
    assert (tmp_path / "sprung").exists()


@pytest.mark.parametrize("entry", ["src", "../sent/src", "../link", "{folder}/src"])
def test_nor_does_a_folder_below_it(entry: str, tmp_path: Path) -> None:
    folder, env = evil_folder(tmp_path)
    (folder / "src").mkdir()
    (folder / "evil-1.0.dist-info").rename(folder / "src" / "evil-1.0.dist-info")
    (tmp_path / "link").symlink_to(folder / "src")
    path = [entry.format(folder=folder), env["PYTHONPATH"]]
    assert run_python(LIST, cwd=folder, env=env | {"PYTHONPATH": os.pathsep.join(path)}) == "{}"


def test_it_does_not_hide_what_is_installed(site: Site, tmp_path: Path) -> None:
    folder, env = evil_folder(tmp_path)
    Site(folder).add("good", "9")
    path = os.pathsep.join((str(site.folder), str(ROOT)))
    found = run_python(LIST, cwd=folder, env=env | {"PYTHONPATH": path})
    assert json.loads(found) == {"good": None}


def test_a_project_that_a_person_has_installed_is_found_in_its_own_folder(tmp_path: Path) -> None:
    """The environment lies in the project's folder, and the project is an editable one."""
    project = tmp_path / "project"
    venv.create(project / ".venv", symlinks=True)
    (packages,) = (project / ".venv").glob("lib/python*/site-packages")
    (packages / "mine.pth").write_text(f"{project}\n")
    (packages / "others.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    site = Site(packages)
    text = "[jupyter_repro.probes_v1]\nmine = my_probe\n"
    url = json.dumps({"url": project.as_uri(), "dir_info": {"editable": True}})
    site.add("mine", "1", entry_points_txt=text, direct_url_json=url)
    (project / "my_probe.py").write_text("def collect(world): ...\n")
    lay_entry_points(project, "my_probe")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [project / ".venv" / "bin" / "python", "-c", LIST],
        cwd=project,
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == {"mine": None}
