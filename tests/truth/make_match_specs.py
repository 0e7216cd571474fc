"""Ask conda and py-rattler what match specifications mean, and keep their answers.

``python -m tests.truth.make_match_specs JUDGE VERSION`` asks one judge in an environment that has
it, and keeps the answers of the other one:

* ``conda``: with ``PYTHONPATH=<conda's source>:.`` in an environment with what conda imports. A
  source tree does not know its version, so the answers name the one from the command line.
* ``py-rattler``: in the environment of the tests.

The specifications are ours, after the kinds that stand in public files of environments, in recipes
and in the history of conda, mamba and micromamba.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "match_specs.json"

VERSIONS = (
    *(
        "0.23",
        "1.0",
        "1.2",
        "1.2.0",
        "1.2.3",
        "1.9",
        "1.20",
        "1.20.3",
        "1.21",
        "1.21.6",
        "1.26",
        "1.26.4",
    ),
    *("2.0", "2.0rc1", "2.0.post1", "2.0.1", "2.1.0", "2.1.2", "2.7.1", "2024.1", "2024a"),
    *("3", "3.9.0", "3.10.4", "3.11", "3.11.7", "3.12.0a1", "12.1", "12.1.105", "9e", "1!2.0"),
    *("1.1.1w", "1.1.1", "8_2", "0.1.dev3"),
)
BUILDS = (
    *("py311h64a7726_0", "py3.11_cuda12.1_0", "py3.11_cpu_0", "hab00c5b_1_cpython", "cuda120_1"),
    *("0", "3_cp311", "mkl", "20_linux64_openblas", "openblas"),
)

SPECS = (
    # A name
    *("numpy", "Numpy", "python_abi", "_libgcc_mutex", "r-base", "ca-certificates", "libstdcxx-ng"),
    *("font-ttf-ubuntu", "jpeg", "backports.zoneinfo", "__cuda", "__glibc", "7zip", "x264"),
    # One version, as people write it
    *("numpy=1.21", "numpy==1.21", "numpy 1.21", "numpy=1.21.6", "numpy==1.21.6", "numpy 1.21.6"),
    *("numpy = 1.21", "numpy == 1.21", "numpy= 1.21", "numpy =1.21", "ipykernel = 1.20.3"),
    *(
        "python=3",
        "python=3.11",
        "python==3.11.7",
        "python 3.11.*",
        "python=3.11.*",
        "python==3.11.*",
    ),
    *(
        "numpy=1.2*",
        "numpy 1.2*",
        "numpy=1.2.*",
        "numpy==1.2.*",
        "numpy 1.*",
        "numpy=1.*",
        "numpy=*",
    ),
    *("numpy *", "numpy==*", "numpy 1.*.3", "numpy=*.*", "cudatoolkit=12.1", "cudatoolkit==12.1"),
    *("openssl=1.1.1", "openssl=1.1.1w", "openssl==1.1.1w", "openssl 1.1.1*", "jpeg=9e", "jpeg 9*"),
    *("tzdata=2024a", "tzdata 2024a", "tzdata==2024.1", "jpeg==9e", "icu=12", "libgcc=8_2"),
    *("a=1!2.0", "a==1!2.0", "a 1!2.*", "a=2.0rc1", "a==2.0.post1", "a=0.1.dev3", "a==3.12.0a1"),
    # Ranges
    *("numpy>=1.20", "numpy >=1.20", "numpy>= 1.20", "numpy >= 1.20", "numpy>1.20", "numpy<2"),
    *(
        "numpy<=1.21",
        "numpy!=1.21",
        "numpy!=1.21.*",
        "numpy !=1.2*",
        "numpy~=1.21",
        "numpy~=1.21.6",
    ),
    *(
        "numpy>=1.20,<2",
        "numpy >=1.20,<2",
        "numpy >=1.20, <2",
        "numpy >= 1.20 , < 2",
        "numpy>=1.20,<2.0a0",
    ),
    *("numpy >=1.20,<2.0a0", "numpy>=1.20,!=1.21.6,<2", "numpy >1,<=2.1.0", "numpy>=1.2,<1.3"),
    *("python >=3.9,<3.12", "python >=3.11,<3.12.0a0", "python>=3.9,!=3.10.*", "python >=3.9,<4.0"),
    *(
        "openssl >=1.1.1,<1.1.2a",
        "openssl>=1.1.1a",
        "jpeg >=9d,<10a",
        "tzdata>=2024a",
        "a>=0.1",
        "a<1!0",
    ),
    *("a>=1!1", "a >2.0rc1", "a>=2.0.post1", "a<2.0", "a>=2.0.*", "a>1.2.*", "a<=1.2.*", "a>=1.2*"),
    *("numpy~=1.2", "numpy~=2", "numpy ~=1.21,!=1.21.6", "numpy>=1.21|<1", "numpy 1.21|1.26.4"),
    *("numpy=1.21|1.26.4", "numpy==1.21|==1.26.4", "numpy >=1.20,<1.22|>=2.1", "numpy 1.2.*|2.0.*"),
    *(
        "numpy >1.26|==1.21,!=1.21.6",
        "numpy (>=1.20,<1.22)|>=2.1",
        "numpy >=1.20,(<1.22|>=1.26),<2",
    ),
    *("numpy ^1\\.2.*$", "numpy >=1.21=", "numpy=", "numpy==", "numpy>=", "numpy >=", "numpy,"),
    # Builds
    *(
        "numpy=1.26.4=py311h64a7726_0",
        "numpy==1.26.4=py311h64a7726_0",
        "numpy 1.26.4 py311h64a7726_0",
    ),
    *("numpy 1.26.4 py311*", "numpy=1.26.4=py311*", "numpy=1.26=py311*", "python=3.11.*=*_cpython"),
    *("python 3.11.* *_cpython", "python=3.11=*_cpython", "python >=3.11,<3.12 *_cpython"),
    *(
        "mkl=*=*cuda*",
        "mkl * *cuda*",
        "mkl=*=*",
        "mkl * *",
        "pytorch=2.1.*=*cuda*",
        "pytorch=*=*cpu*",
    ),
    *(
        "pytorch>=2.1.0=*cuda*",
        "pytorch>=2.0=cuda12*",
        "pytorch >=2.0 cuda12*",
        "pytorch >=2.0 =cuda12*",
    ),
    *(
        "pytorch>=2,<3=*cpu*",
        "pytorch >=2,<3 *cpu*",
        "pytorch=2.1.2=py3.11_cpu_0",
        "a=1.0=0",
        "a 1.0 0",
    ),
    *(
        "pytorch 2.1.2 py3.11_cuda12.1_0",
        "a ==1.0 0",
        "a ==1.0=0",
        "a = 1.0 = 0",
        "a=1.2=h*_1_cpython",
    ),
    *("python_abi 3.11.* *_cp311", "libblas=*=*mkl", "blas=*=openblas", "a 1.0 0 0", "a=1.0=0=0"),
    *("pytorch 2.1.2 ^py3\\.11_c.*$", "a * 0", "jaxlib=*=*cuda120*", "a=2.1.0=py3.11_c*_0"),
    # Channels
    *(
        "conda-forge::numpy",
        "conda-forge::numpy=1.21",
        "conda-forge::numpy >=1.20,<2",
        "defaults::numpy",
    ),
    *(
        "pytorch::pytorch=2.1.2=py3.11_cpu_0",
        "pytorch-nightly::pytorch",
        "nvidia/label/cuda-12.1.0::a",
    ),
    *(
        "conda-forge/label/broken::numpy=1.21",
        "conda-forge/linux-64::numpy==1.26.4=py311h64a7726_0",
    ),
    *(
        "conda-forge/noarch::tzdata",
        "https://conda.anaconda.org/conda-forge::numpy=1.21",
        "main::a",
    ),
    *(
        "https://conda.example.org/forge::numpy=1.21",
        "https://conda.example.org:8080/forge::numpy >=1.20",
    ),
    *(
        "https://conda.anaconda.org/conda-forge/linux-64::numpy==1.21",
        "http://h.example.org/a/b::c=1.2",
    ),
    *("conda-forge:numpy", "conda-forge:::numpy", "::numpy", "conda-forge::", "a b::numpy"),
    # Brackets, as mamba 2 and conda write them
    *("numpy[version='>=1.20,<2']", 'numpy[version=">=1.20,<2"]', "numpy[version=1.21]"),
    *(
        "numpy[version='1.21.*']",
        "numpy[version='=1.21']",
        "numpy[version='==1.21']",
        "numpy[build=py311*]",
    ),
    *("numpy[version='>=1.20', build='py311*']", "pytorch[version='>=2',build=*cuda*]"),
    *('pytorch::pytorch[version="=2.1.2",build="^py3.11_cpu_0$"]', "a[build=^.*cuda.*$]"),
    *(
        "numpy[channel=conda-forge]",
        "conda-forge::numpy[version='>=1.20']",
        "numpy=1.21[build=py311*]",
    ),
    *(
        "numpy[channel='https://conda.example.org/forge']",
        "numpy[subdir=linux-64]",
        "numpy[build_number=0]",
    ),
    *(
        "numpy==1.26.4[md5=0123456789abcdef0123456789abcdef]",
        "numpy >=1.20[build='*_0']",
        "numpy[name=b]",
    ),
    *(
        "numpy[version='1.21|1.26.4']",
        "numpy[version='>=1.20,<1.22|>=2.1']",
        "numpy[version=]",
        "numpy[]",
    ),
    *("numpy[version=1.21", "numpy version=1.21]", "numpy[version 1.21]", "[version=1.21]"),
    # Not one
    *(
        "",
        " ",
        "*",
        "-c evil",
        "numpy 1 2 3",
        "numpy; rm -rf",
        "numpy && ls",
        "numpy@1.21",
        "a/b",
        "a$b",
    ),
    *(
        "numpy>1.20>1.21",
        "numpy=>1.20",
        "numpy=<2",
        "numpy===1.21",
        "numpy!1.21",
        "numpy 1.21 1.26.4 >2",
    ),
)


def conda_answers() -> Callable[[str], dict[str, Any]]:
    from conda.base.context import reset_context  # type: ignore[import-not-found]
    from conda.models.match_spec import MatchSpec  # type: ignore[import-not-found]
    from conda.models.records import PackageRecord  # type: ignore[import-not-found]

    reset_context(search_path=())

    def answer(text: str) -> dict[str, Any]:
        spec = MatchSpec(text)
        name, channel = spec.get_raw_value("name"), spec.get_raw_value("channel")

        def allows(version: str, build: str) -> bool:
            facts = {"channel": channel, "subdir": spec.get_raw_value("subdir")} if channel else {}
            record = PackageRecord(name=name, version=version, build=build, build_number=0, **facts)
            # The channel and the digest are questions of their own
            keys = {key: spec.get(key) for key in ("version", "build") if spec.get(key) is not None}
            return bool(MatchSpec(name=name, **keys).match(record))

        return {
            "name": name,
            "channel": None if channel is None else _place(channel),
            **_allowed(allows),
        }

    return answer


def _place(channel: Any) -> str:
    """Return the name of a channel, or its address if it has none."""
    has_name = channel.location in {None, "", "conda.anaconda.org"}
    return str(channel.canonical_name if has_name else channel.base_url)


def rattler_answers() -> Callable[[str], dict[str, Any]]:
    from rattler import MatchSpec, PackageRecord
    from rattler.package.build_string import BuildString

    def answer(text: str) -> dict[str, Any]:
        spec = MatchSpec(text, strict=False)
        name = spec.name.normalized
        # The digest and the folder of the platform are questions of their own
        version, build = (str(one) if one else None for one in (spec.version, spec.build))
        parts = [f'version="{version}"'] if version else []
        parts += [f'build="{build}"'] if build else []
        own = MatchSpec(f"{name}[{','.join(parts)}]" if parts else name, strict=False)

        def allows(version: str, build: str) -> bool:
            record = PackageRecord(name, version, BuildString(build), 0, "linux-64")
            return bool(own.matches(record))

        channel = spec.channel.name if spec.channel else None
        return {"name": name, "channel": channel, **_allowed(allows)}

    return answer


def _allowed(allows: Callable[[str, str], bool]) -> dict[str, str]:
    """Return the versions and the builds that a specification allows, with blanks between them."""
    pairs = {(version, build) for version in VERSIONS for build in BUILDS if allows(version, build)}
    versions, builds = {version for version, _ in pairs}, {build for _, build in pairs}
    return {
        "versions": " ".join(one for one in VERSIONS if one in versions),
        "builds": " ".join(one for one in BUILDS if one in builds),
    }


def _ask(answer: Callable[[str], dict[str, Any]], text: str) -> dict[str, Any]:
    try:
        return answer(text)
    except Exception as error:  # noqa: BLE001 - whatever a tool raises, it does not read it
        return {"error": type(error).__name__}


def main(judge: str, version: str) -> None:
    answer = {"conda": conda_answers, "py-rattler": rattler_answers}[judge]()
    known = json.loads(TARGET.read_text(encoding="utf-8")) if TARGET.exists() else {}
    judges = {**known.get("judges", {}), judge: version}
    cases = {one["spec"]: one for one in known.get("cases", [])}
    answers = {text: _ask(answer, text) for text in SPECS}
    lines = [
        json.dumps(
            {"spec": spec}
            | {name: cases.get(spec, {}).get(name) for name in judges}
            | {judge: found}
        )
        for spec, found in answers.items()
    ]
    head = {"judges": judges, "versions": " ".join(VERSIONS), "builds": " ".join(BUILDS)}
    start, joined = json.dumps(head).removesuffix("}"), ",\n".join(lines)
    TARGET.write_text(f'{start},\n"cases": [\n{joined}\n]}}\n', encoding="utf-8")
    print(f"{judge} {version}: {len(answers)} specifications")


if __name__ == "__main__":
    main(*sys.argv[1:])
