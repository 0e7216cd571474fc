"""Ask pip's own parser what the lines of a requirements.txt say, and keep its answers.

``python -m tests.truth.make_requirement_lines`` in an environment that has pip. The answers name
its version. The lines are ours, after the kinds that stand in public files.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent / "requirement_lines.json"

FILES = {
    "pkg/pyproject.toml": "",
    "mine.whl": "",
    "dist/a-1.0-py3-none-any.whl": "",
    "a.tar.gz": "",
}
"""What exists beside the file: pip looks whether a path does."""

DIGEST = "0123456789abcdef" * 4

OPERATORS = ("==", ">=", "<=", ">", "<", "!=", "~=", "===")

LINES = (
    # A name
    *("numpy", "Numpy", "NUMPY", "ruamel.yaml", "typing_extensions", "zope.interface", "a", "7zip"),
    *(
        "jaraco.functools",
        "A.B_c-d",
        "-numpy",
        "numpy-",
        ".numpy",
        "num py",
        "numpy,pandas",
        "nümpy",
    ),
    # One version
    *(f"numpy{operator}1.21" for operator in OPERATORS),
    *(f"numpy {operator} 1.21.6" for operator in OPERATORS),
    *("numpy==1.21.*", "numpy!=1.21.*", "numpy>=1.21.*", "numpy=1.21", "numpy=>1.21", "numpy<>1"),
    *("numpy==1!2.0", "numpy==1.0.post1", "numpy==1.0rc1", "numpy==1.0.dev3", "numpy==1.0-1"),
    *("numpy==v1.0", "numpy==01.02", "numpy==1.0RC1", "numpy==1.0+cu117", "torch==1.13.1+cu117"),
    *(
        "torch>=1.13.1+cu117",
        "a==2024.1.1",
        "a==1.0.0.0.0.0",
        "a==",
        "a== ",
        "a==x",
        "a===x",
        "a==1.",
    ),
    *(
        "a===2023c",
        "a~=1",
        "a~=1.0",
        "a~=1.0.*",
        "a>1.0a1",
        "a==1_0",
        "a 1.0",
        "a(1.0)",
        "a (>=1.0)",
    ),
    # Several
    *(
        "numpy>=1.20,<2",
        "numpy >=1.20, <2",
        "numpy>=1.20 , <2.0,!=1.21.3",
        "numpy>=1,",
        "numpy>=1,,<2",
    ),
    *("numpy (>=1.20,<2)", "numpy>=1.20 <2", "numpy<2,>=1.20", "numpy==1.20,==1.20"),
    # Extras
    *(
        "scipy[all]",
        "scipy[all]==1.9",
        "scipy [all] ==1.9",
        "scipy[a,b]>=1",
        "scipy[ a , b ]",
        "a[]",
    ),
    *("scipy[b,a]==1", "a[x-y_z]", "a[x.y]", "a[", "a[x]]", "a[,]", "a[x,]", "dask[array]~=2024.1"),
    # Conditions
    "certifi==2023.7.22 ; python_version >= '3.9'",
    'certifi==2023.7.22; python_version >= "3.9"',
    'certifi==2023.7.22;python_version>="3.9"',
    "pywin32 ; sys_platform == 'win32'",
    "a>=1 ; python_version < '3.8' and platform_system != 'Windows'",
    "a ; (os_name == 'nt' or os_name == 'posix') and python_version >= '3'",
    "a[x]==1 ; extra == 'x'",
    "a ; python_full_version in '3.8.1, 3.8.2'",
    "a ; 'linux' in sys_platform",
    "a ; platform_machine not in 'x86_64 aarch64'",
    "a ; python_version ~= '3.8'",
    "a ; platform.machine == 'x86_64'",
    "a ; python_version",
    "a ; nonsense == '1'",
    "a ;",
    "a ; python_version >= 3.9",
    # Comments, blanks, continued lines
    *(
        "# numpy",
        "   # numpy",
        "numpy # why",
        "numpy  #why",
        "numpy#why",
        "numpy==1.0#x",
        "  numpy  ",
    ),
    *(
        "\tnumpy==1.0\t",
        "numpy \\\n==1.0",
        "numpy==1.0 \\\n",
        "numpy \\\n# no\n>=1",
        "\\\nnumpy",
        "\n",
    ),
    *("numpy\npandas", "numpy\r\npandas==1.0\r\n", "numpy\n\n\n# x\npandas", "numpy\x0cpandas"),
    "# via\nnumpy==1.26.4\n    # via\n    #   pandas\n    #   scipy",
    # Digests
    f"numpy==1.0 --hash=sha256:{DIGEST}",
    f"numpy==1.0 \\\n    --hash=sha256:{DIGEST} \\\n    --hash=sha256:{DIGEST[::-1]}",
    f"numpy==1.0 --hash sha256:{DIGEST}",
    f"numpy==1.0 ; python_version >= '3' --hash=sha256:{DIGEST}",
    f"numpy==1.0 \\\n    --hash=sha256:{DIGEST} \\\n    # via -r requirements.in",
    "numpy==1.0 --hash=md5:00",
    "numpy==1.0 --hash=sha256",
    # Addresses
    "https://example.org/a-1.0.tar.gz",
    "https://example.org/a-1.0-py3-none-any.whl",
    "https://example.org/a-1.0.zip#egg=a",
    f"https://example.org/a-1.0.tar.gz#sha256={DIGEST}",
    f"https://example.org/a-1.0.tar.gz#egg=a&sha256={DIGEST}",
    "https://example.org/a-1.0-py3-none-any.whl ; python_version >= '3.9'",
    "https://example.org/A_b-1.0%2Bcu117-cp311-cp311-linux_x86_64.whl",
    "a @ https://example.org/a-1.0.tar.gz",
    "a@https://example.org/a-1.0.tar.gz",
    "a[x] @ https://example.org/a-1.0.tar.gz ; python_version >= '3'",
    f"a @ https://example.org/a-1.0.tar.gz#sha256={DIGEST}",
    "a @ https://example.org/a.zip#subdirectory=sub",
    "a @ https://example.org/a.zip;python_version>'3'",
    "a @",
    "a @ example.org/a.zip",
    "http://example.org/a-1.0.tar.gz",
    "ftp://example.org/a-1.0.tar.gz",
    "file:///pkg/a-1.0.tar.gz",
    "a @ file:///pkg/a-1.0.tar.gz",
    # Version control
    "git+https://github.com/o/a.git",
    "git+https://github.com/o/a.git#egg=a",
    "git+https://github.com/o/a.git@main#egg=a",
    "git+https://github.com/o/a.git@v1.0",
    "git+https://github.com/o/a@0123456789abcdef0123456789abcdef01234567#egg=a",
    "git+https://github.com/o/a.git@feature/x#egg=a",
    "git+https://github.com/o/a.git#egg=a[x,y]",
    "git+https://github.com/o/a.git#egg=a&subdirectory=python",
    "git+https://github.com/o/a.git#subdirectory=python&egg=a",
    "git+https://github.com/o/a.git#subdirectory=python",
    "git+ssh://git@github.com/o/a.git@v1#egg=a",
    "git+git@github.com:o/a.git#egg=a",
    "git+git://github.com/o/a.git#egg=a",
    "git+file:///srv/a#egg=a",
    "hg+https://example.org/a@1.0#egg=a",
    "svn+https://example.org/a/trunk@12#egg=a",
    "bzr+https://example.org/a@12#egg=a",
    "a @ git+https://github.com/o/a.git@v1",
    "a[x] @ git+https://github.com/o/a.git@v1 ; python_version >= '3'",
    "git+https://github.com/o/a.git#egg=a ; python_version >= '3'",
    "git+https://github.com/o/a.git#egg=a==1.0",
    "-e git+https://github.com/o/a.git#egg=a",
    "-e git+https://github.com/o/a.git@v1#egg=a[x]",
    "--editable git+https://github.com/o/a.git#egg=a",
    "--editable=git+https://github.com/o/a.git#egg=a",
    "-e git+https://github.com/o/a.git#egg=a ; python_version >= '3'",
    "-e a @ git+https://github.com/o/a.git",
    "git+https://github.com/o/a.git --config-settings x=1",
    # Places on this machine
    *(
        "./pkg",
        "pkg/",
        "-e ./pkg",
        "-e .",
        ".",
        "./mine.whl",
        "dist/a-1.0-py3-none-any.whl",
        "a.tar.gz",
    ),
    *(
        "./dist/a-1.0-py3-none-any.whl[x]",
        "./pkg[x]",
        "-e ./pkg[x]",
        "-e pkg",
        "./missing",
        "-e",
        "~/a",
    ),
    *("-e ./pkg ; python_version >= '3'", "./pkg ; python_version >= '3'"),
    # Options
    *("-i https://example.org/simple", "--index-url https://example.org/simple"),
    *("--index-url=https://example.org/simple", "--extra-index-url https://example.org/simple"),
    *("-f https://example.org/links.html", "--find-links=https://example.org/links.html"),
    *("--no-index", "--pre", "--prefer-binary", "--require-hashes", "--trusted-host example.org"),
    *(
        "--no-binary :all:",
        "--only-binary=numpy,scipy",
        "-r other.txt",
        "-c other.txt",
        "-rother.txt",
    ),
    *("--requirement other.txt", "--constraint=other.txt", "--use-feature=fast-deps", "--nonsense"),
    *("--pypi-url https://example.org/simple", "-i", "--index-url 'https://example.org/simple'"),
    "-i https://example.org/simple --extra-index-url https://example.org/more",
    "torch==1.0 -f https://example.org/links.html",
    "torch==1.0 --extra-index-url https://example.org/simple",
    "torch==1.0 --config-settings='--x=1'",
    "torch==1.0 --global-option=x",
    "torch==1.0 --nonsense",
    # Variables
    *("a==${VERSION}", "--index-url https://${TOKEN}@example.org/simple", "a==$VERSION"),
    # Not for pip
    *(
        "numpy-1.0-py311_0",
        "conda-forge::numpy",
        "numpy==1.0=py311_0",
        "import numpy",
        "<html>",
        "{}",
    ),
)

OPTIONS = (
    *("index_url", "extra_index_urls", "find_links", "no_index", "pre", "prefer_binary"),
    *("require_hashes", "trusted_hosts", "requirements", "constraints"),
)


def ask(lines: tuple[str, ...]) -> dict[str, Any]:
    """Return pip's version, and what it reads in each text."""
    import pip
    from pip._internal.network.session import PipSession
    from pip._internal.req import req_file
    from pip._internal.req.constructors import install_req_from_parsed_requirement

    parser: Any = req_file.RequirementsFileParser(PipSession(), req_file.get_line_parser(None))

    def read(text: str) -> dict[str, Any]:
        Path("requirements.txt").write_bytes(text.encode())
        found: dict[str, Any] = {"requirements": [], "options": []}
        try:
            # What it includes is not followed, as ours does not
            for line in parser._parse_file("requirements.txt", constraint=False):
                if line.requirement is None:
                    set_now = {name: getattr(line.opts, name, None) for name in OPTIONS}
                    found["options"] += [name for name, value in set_now.items() if value]
                    chosen = line.opts.format_control
                    found["options"] += ["no_binary"] if chosen.no_binary else []
                    found["options"] += ["only_binary"] if chosen.only_binary else []
                    continue
                parsed = req_file.handle_requirement_line(line)
                one = install_req_from_parsed_requirement(parsed)
                found["requirements"].append(
                    {
                        "name": one.name,
                        "specifier": str(one.req.specifier) if one.req else "",
                        "extras": sorted(one.extras),
                        "marker": str(one.markers or ""),
                        "address": one.link.url.replace(str(Path.cwd()), "") if one.link else "",
                        "editable": one.editable,
                    }
                )
        except Exception as error:  # noqa: BLE001 - whatever pip raises is its answer
            return {"error": type(error).__name__}
        return found

    here = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(Path(folder).resolve())
        for name, text in FILES.items():
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            Path(name).write_text(text)
        try:
            cases = [{"text": text, "pip": read(text)} for text in dict.fromkeys(lines)]
        finally:
            os.chdir(here)
    return {"judges": {"pip": pip.__version__}, "cases": cases}


if __name__ == "__main__":
    TARGET.write_text(json.dumps(ask(LINES), indent=1, ensure_ascii=True) + "\n")
