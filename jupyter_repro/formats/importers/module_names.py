"""Guess the distribution that a module belongs to, if the environment does not exist here."""

from __future__ import annotations

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


def distribution_of(module: str) -> str:
    """Return the likely name of the distribution that a top-level module belongs to."""
    return DISTRIBUTIONS.get(module) or normalise(module).strip("-") or "unknown"
