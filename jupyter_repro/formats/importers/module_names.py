"""Guess the distribution that a module belongs to, if the environment does not exist here."""

from __future__ import annotations

import os
import sys
from itertools import islice
from pathlib import Path

from jupyter_repro.packages.names import normalise

DISTRIBUTIONS = {
    "Bio": "biopython",
    "IPython": "ipython",
    "OpenSSL": "pyopenssl",
    "PIL": "pillow",
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "cv2": "opencv-python",
    "dateutil": "python-dateutil",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "fitz": "pymupdf",
    "git": "gitpython",
    "google": "protobuf",
    "igraph": "python-igraph",
    "lightning_fabric": "lightning",
    "mpl_toolkits": "matplotlib",
    "osgeo": "gdal",
    "pkg_resources": "setuptools",
    "pylab": "matplotlib",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "skopt": "scikit-optimize",
    "umap": "umap-learn",
    "yaml": "pyyaml",
    "zmq": "pyzmq",
}
"""Module → distribution, where their names differ."""

STANDARD = sys.stdlib_module_names | frozenset(
    (
        *("__builtin__", "_bootlocale", "aifc", "asynchat", "asyncore", "audioop", "binhex"),
        *("cPickle", "cStringIO", "cgi", "cgitb", "chunk", "crypt", "distutils"),
        *("dummy_threading", "formatter", "imghdr", "imp", "lib2to3", "macpath", "mailcap"),
        *("msilib", "nis", "nntplib", "ossaudiodev", "parser", "pipes", "smtpd", "sndhdr"),
        *("spwd", "sunau", "symbol", "telnetlib", "urllib2", "urlparse", "uu", "xdrlib"),
    )
)
"""Modules of Python itself, also those that a newer Python has no more."""

_MOST_FILES = 1_000


def distribution_of(module: str) -> str:
    """Return the likely name of the distribution that a top-level module belongs to."""
    return DISTRIBUTIONS.get(module) or normalise(module).strip("-") or "unknown"


def is_local(folder: Path, module: str) -> bool:
    """Return whether a folder holds a top-level module as a file or as a folder with Python files.

    Parameters
    ----------
    folder
        The notebook's, from which Python imports before it looks at installed packages.
    module
        An identifier.
    """
    if (folder / f"{module}.py").is_file():
        return True
    try:
        with os.scandir(folder / module) as files:
            return any(file.name.endswith(".py") for file in islice(files, _MOST_FILES))
    except OSError:
        return False
