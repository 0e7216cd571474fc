"""Ask the tools of lock files what such files list, and keep their answers.

``python -m tests.truth.make_locks JUDGE VERSION`` asks one judge in an environment that has it, and
keeps the answers of the others: ``conda-lock`` reads conda-lock.yml, ``py-rattler`` pixi.lock and
explicit files, ``conda`` explicit files (as in `make_match_specs`).

The files are ours, after the kinds that stand in public repositories.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

TARGET = Path(__file__).parent / "locks.json"

Answer: TypeAlias = dict[str, list[list[str]]]
"""Environment and platform → packages: kind, name, version, address, sha256, md5; sorted."""

FORGE = "https://conda.anaconda.org/conda-forge"
PYPI = "https://files.pythonhosted.org/packages/aa/bb/" + "c" * 60
COMMIT = "0123456789abcdef0123456789abcdef01234567"
A, B, M, N = "a" * 64, "b" * 64, "c" * 32, "d" * 32
ZLIB = f"{FORGE}/linux-64/zlib-1.3.1-h4ab18f5_1.conda"
TQDM = f"{FORGE}/noarch/tqdm-4.66.1-pyhd8ed1ab_0.tar.bz2"
OSX = f"{FORGE}/osx-arm64/zlib-1.3.1-h8359307_1.conda"
MAIN = "https://repo.anaconda.com/pkgs/main/linux-64/openssl-1.1.1w-h7f8727e_0.conda"
EPOCH = f"{FORGE}/linux-64/_x86_64-microarch-level-1!2.0-2_x86_64.conda"


def conda_lock(*packages: str, more: str = "", platforms: str = "linux-64") -> str:
    return (
        f"version: 1\nmetadata:\n  content_hash: {{linux-64: {A}}}\n  channels:\n"
        f"  - url: conda-forge\n    used_env_vars: []\n  platforms: [{platforms}]\n"
        f"  sources: [environment.yml]\n{more}package:\n{''.join(packages)}"
    )


def of_conda(url: str, hashes: str = f"md5: {M}, sha256: {A}", more: str = "", **keys: str) -> str:
    name, version, _ = url.rpartition("/")[2].rsplit("-", 2)
    platform = keys.pop("platform", "linux-64")
    keys = {"category": "main", "optional": "false", **keys}
    return (
        f"- name: {name}\n  version: {version}\n  manager: conda\n  platform: {platform}\n"
        f"  dependencies: {{}}\n  url: {url}\n  hash: {{{hashes}}}\n{more}"
        + "".join(f"  {key}: {value}\n" for key, value in keys.items())
    )


def of_pip(name: str, version: str, url: str, hashes: str = f"sha256: {B}", more: str = "") -> str:
    return (
        f"- name: {name}\n  version: '{version}'\n  manager: pip\n  platform: linux-64\n"
        f"  dependencies: {{}}\n  url: {url}\n  hash: {{{hashes}}}\n{more}"
        "  category: main\n  optional: false\n"
    )


CONDA_LOCKS = {
    "one package": conda_lock(of_conda(ZLIB)),
    "md5 alone": conda_lock(of_conda(MAIN, f"md5: {M}")),
    "two archives": conda_lock(of_conda(ZLIB), of_conda(TQDM)),
    "an epoch": conda_lock(of_conda(EPOCH)),
    "two platforms": conda_lock(
        of_conda(ZLIB), of_conda(OSX, platform="osx-arm64"), platforms="linux-64, osx-arm64"
    ),
    "dependencies and a build": conda_lock(
        of_conda(ZLIB, more="  build: h4ab18f5_1\n"),
        of_conda(TQDM).replace("dependencies: {}", "dependencies: {python: '>=3.7', colorama: ''}"),
    ),
    "optional categories": conda_lock(
        of_conda(ZLIB), of_conda(TQDM, category="dev", optional="true")
    ),
    "a package of pip": conda_lock(
        of_conda(ZLIB), of_pip("requests", "2.31.0", f"{PYPI}/requests-2.31.0-py3-none-any.whl")
    ),
    "a source archive of pip": conda_lock(of_pip("six", "1.17.0", f"{PYPI}/six-1.17.0.tar.gz")),
    "an address of pip": conda_lock(
        of_pip(
            *("cowsay", "0.0.0", "https://github.com/o/cowsay/archive/v6.1.tar.gz"),
            more="  source: {type: url, url: 'https://github.com/o/cowsay/archive/v6.1.tar.gz'}\n",
        )
    ),
    "a commit of pip": conda_lock(
        of_pip("tool", "0.1", f"git+https://github.com/o/tool.git@{COMMIT}", f"sha256: {COMMIT}")
    ),
    "a private index": conda_lock(
        of_pip("mine", "1.0", "https://pypi.example.org/files/mine-1.0-py3-none-any.whl")
    ),
    "metadata of time and git": conda_lock(
        of_conda(ZLIB),
        more="  time_metadata: {created_at: '2024-05-01T10:00:00Z'}\n"
        f"  git_metadata: {{git_user_name: x, git_user_email: y, git_sha: {COMMIT}}}\n",
    ),
}

DETAILS = f"- conda: {ZLIB}\n  sha256: {A}\n  md5: {M}\n  depends: [libc]\n  license: Zlib\n"


def pixi(environments: str, packages: str, version: int = 6, platforms: str = "") -> str:
    return f"version: {version}\n{platforms}environments:\n{environments}packages:\n{packages}"


def environment(name: str, platforms: dict[str, list[str]], more: str = "") -> str:
    listed = "".join(
        f"      {platform}:\n{''.join(f'      - {one}{chr(10)}' for one in packages)}"
        for platform, packages in platforms.items()
    )
    return f"  {name}:\n    channels:\n    - url: {FORGE}/\n{more}    packages:\n{listed}"


INDEX = "    indexes:\n    - https://pypi.org/simple\n"
WHEEL = f"{PYPI}/numpy-2.2.1-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
ARCHIVE = "https://github.com/o/cowsay/archive/v6.1.tar.gz"
GIT = f"git+https://github.com/o/tool?rev=main#{COMMIT}"


def of_pypi(address: str, name: str, version: str, more: str = f"  sha256: {B}\n") -> str:
    return f"- pypi: {address}\n  name: {name}\n  version: '{version}'\n{more}"


PIXI_LOCKS = {
    "version 6": pixi(environment("default", {"linux-64": [f"conda: {ZLIB}"]}), DETAILS),
    "version 5": pixi(environment("default", {"linux-64": [f"conda: {ZLIB}"]}), DETAILS, 5).replace(
        f"- conda: {ZLIB}\n  sha",
        f"- kind: conda\n  name: zlib\n  version: 1.3.1\n  url: {ZLIB}\n  sha",
    ),
    "version 4": pixi(environment("default", {"linux-64": [f"conda: {ZLIB}"]}), DETAILS, 4).replace(
        f"- conda: {ZLIB}\n  sha",
        f"- kind: conda\n  name: zlib\n  version: 1.3.1\n  build: h4ab18f5_1\n  subdir: linux-64\n"
        f"  url: {ZLIB}\n  sha",
    ),
    "two platforms": pixi(
        environment("default", {"linux-64": [f"conda: {ZLIB}"], "osx-arm64": [f"conda: {OSX}"]}),
        f"{DETAILS}- conda: {OSX}\n  sha256: {B}\n",
    ),
    "two environments": pixi(
        environment("default", {"linux-64": [f"conda: {ZLIB}"]})
        + environment("docs", {"linux-64": [f"conda: {ZLIB}", f"conda: {TQDM}"]}),
        f"{DETAILS}- conda: {TQDM}\n  md5: {N}\n",
    ),
    "a noarch package without a sha256": pixi(
        environment("default", {"linux-64": [f"conda: {TQDM}"]}), f"- conda: {TQDM}\n  md5: {N}\n"
    ),
    "an epoch": pixi(
        environment("default", {"linux-64": [f"conda: {EPOCH}"]}),
        f"- conda: {EPOCH}\n  sha256: {A}\n",
    ),
    "wheels and sources": pixi(
        environment("default", {"linux-64": [f"conda: {ZLIB}", f"pypi: {WHEEL}"]}, INDEX),
        DETAILS + of_pypi(WHEEL, "numpy", "2.2.1"),
    ),
    "an address": pixi(
        environment("default", {"linux-64": [f"pypi: direct+{ARCHIVE}"]}, INDEX),
        of_pypi(f"direct+{ARCHIVE}", "cowsay", "6.1"),
    ),
    "a commit": pixi(
        environment("default", {"linux-64": [f"pypi: {GIT}"]}, INDEX),
        of_pypi(GIT, "tool", "0.1", ""),
    ),
    "an editable folder": pixi(
        environment("default", {"linux-64": ["pypi: ./local"]}, INDEX),
        of_pypi("./local", "local", "0.1", f"  sha256: {B}\n  editable: true\n"),
    ),
    "a source package": pixi(
        environment("default", {"linux-64": [f"conda: {ZLIB}", "conda: mine"]}),
        f"{DETAILS}- conda: mine\n  name: mine\n  version: '0.1'\n  build: h_0\n"
        "  subdir: linux-64\n",
    ),
    "version 7 with named platforms": pixi(
        environment(
            "default", {"cuda": [f"conda: {ZLIB}", "conda_source: 'mine[a793f619] @ mine'"]}
        ),
        f"{DETAILS}- conda_source: mine[a793f619] @ mine\n  version: 0.1.0\n  build: h_0\n"
        "  subdir: linux-64\n",
        version=7,
        platforms="platforms:\n- name: cuda\n  subdir: linux-64\n  virtual-packages: [__cuda=12]\n",
    ),
}

EXPLICIT = {
    "as conda writes it": "# This file may be used to create an environment using:\n"
    "# $ conda create --name <env> --file <this file>\n# platform: linux-64\n@EXPLICIT\n"
    f"{ZLIB}\n{TQDM}\n",
    "with md5": f"# platform: linux-64\n@EXPLICIT\n{ZLIB}#{M}\n{MAIN}#{N}\n",
    "with sha256": f"@EXPLICIT\n{ZLIB}#sha256:{A}\n",
    "with a bare sha256": f"@EXPLICIT\n{ZLIB}#{A}\n",
    "with an epoch": f"@EXPLICIT\n{EPOCH}#{M}\n",
    "of conda-lock": f"# Generated by conda-lock.\n# platform: linux-64\n# input_hash: {A}\n"
    f"@EXPLICIT\n{ZLIB}#{M}\n# pip requests @ {PYPI}/requests-2.31.0-py3-none-any.whl#sha256={B}\n",
    "of another channel": f"@EXPLICIT\nhttps://conda.example.org:8080/team/linux-64/x-1-0.tar.bz2#{M}\n",
    "with Windows lines": f"# platform: linux-64\r\n@EXPLICIT\r\n{ZLIB}#{M}\r\n",
}

FILES = {
    **{f"conda-lock.yml: {name}": text for name, text in CONDA_LOCKS.items()},
    **{f"pixi.lock: {name}": text for name, text in PIXI_LOCKS.items()},
    **{f"explicit: {name}": text for name, text in EXPLICIT.items()},
}


def ask_conda_lock(kind: str, path: Path) -> Answer | None:
    from conda_lock.lockfile import parse_conda_lock_file  # type: ignore[import-not-found]

    if kind != "conda-lock.yml":
        return None
    found: Answer = {}
    for one in parse_conda_lock_file(path).package:
        if one.categories != {"main"}:
            continue
        line = [one.manager, one.name, one.version, one.url, one.hash.sha256, one.hash.md5]
        found.setdefault(one.platform, []).append([part or "" for part in line])
    return found


def ask_rattler(kind: str, path: Path) -> Answer | None:
    from rattler import LockFile
    from rattler.explicit_environment.environment import ExplicitEnvironmentSpec

    if kind == "explicit":
        entries = ExplicitEnvironmentSpec.from_path(path).packages
        return {"": [["conda", "", "", one.url, "", ""] for one in entries]}
    if kind != "pixi.lock":
        return None
    return {
        f"{name} {platform.subdir}": [
            _of_rattler(one) for one in environment.packages(platform) or ()
        ]
        for name, environment in LockFile.from_path(path).environments()
        for platform in environment.platforms()
    }


def _of_rattler(one: Any) -> list[str]:
    kinds = {"PypiLockedPackage": "pip", "CondaLockedSourcePackage": "source"}
    hashes = one.hashes
    digests = [getattr(hashes, name, None) if hashes else None for name in ("sha256", "md5")]
    return [
        kinds.get(type(one).__name__, "conda"),
        one.name,
        str(one.version),
        one.location,
        *(digest.hex() if digest else "" for digest in digests),
    ]


def ask_conda(kind: str, path: Path) -> Answer | None:
    from conda.gateways.disk.read import yield_lines  # type: ignore[import-not-found]
    from conda.misc import _match_specs_from_explicit  # type: ignore[import-not-found]

    if kind != "explicit":
        return None
    specs = _match_specs_from_explicit(yield_lines(path))
    keys = ("name", "version", "url", "sha256", "md5")
    found = [["conda", *(str(one.get_raw_value(key) or "") for key in keys)] for one in specs]
    return {"": found}


def main(judge: str, version: str) -> None:
    ask: Callable[[str, Path], Answer | None] = {
        "conda-lock": ask_conda_lock,
        "py-rattler": ask_rattler,
        "conda": ask_conda,
    }[judge]
    known = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
    judges = {**known.get("judges", {}), judge: version}
    answers: dict[str, dict[str, Answer]] = known.get("answers", {})
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            kind = name.partition(":")[0]
            path = Path(folder) / kind
            path.write_bytes(text.encode())
            answer = ask(kind, path)
            if answer is not None:
                own = {key: sorted(lines) for key, lines in sorted(answer.items())}
                answers.setdefault(name, {})[judge] = own
    kept = {name: answers[name] for name in FILES if name in answers}
    text = json.dumps({"judges": judges, "answers": kept}, indent=1)
    TARGET.write_text(f"{text}\n", encoding="utf-8")
    print(f"{judge} {version}: {sum(judge in one for one in kept.values())} files")


if __name__ == "__main__":
    main(*sys.argv[1:])
