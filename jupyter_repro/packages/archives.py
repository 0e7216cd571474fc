"""Names of package files: of conda's packages, and of archives of Python packages."""

from __future__ import annotations

CONDA_EXTENSIONS = (".conda", ".tar.bz2")

SOURCE_EXTENSIONS = (".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz")
"""Extensions of archives that pip builds a package from."""


def split_extension(file: str) -> tuple[str, str]:
    """Return a conda package's file name without its extension, and the extension.

    The extension is empty if the name has none of `CONDA_EXTENSIONS`.

    Examples
    --------
    >>> split_extension("zlib-1.3.1-h4ab18f5_1.conda"), split_extension("zlib-1.3.1-h4ab18f5_1")
    (('zlib-1.3.1-h4ab18f5_1', '.conda'), ('zlib-1.3.1-h4ab18f5_1', ''))
    """
    for extension in CONDA_EXTENSIONS:
        if file.endswith(extension):
            return file[: -len(extension)], extension
    return file, ""


def split_stem(stem: str) -> tuple[str, str, str]:
    """Return name, version and build of ``name-version-build``.

    Neither version nor build may contain a hyphen. A text of a different form is all name.

    Examples
    --------
    >>> split_stem("font-ttf-ubuntu-0.83-h77eed37_3"), split_stem("mine")
    (('font-ttf-ubuntu', '0.83', 'h77eed37_3'), ('mine', '', ''))
    """
    parts = stem.rsplit("-", 2)
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else (stem, "", "")
