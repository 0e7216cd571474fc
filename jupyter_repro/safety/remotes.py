"""Remove credentials and personal folders from the addresses of git's remotes."""

from __future__ import annotations

import re
from urllib.parse import SplitResult

from jupyter_repro.safety.redact import HIDDEN, LONGEST, hide_secrets, redact_file, redact_url
from jupyter_repro.safety.text import printable

# What git itself understands: https://git-scm.com/docs/git-clone#_git_urls
_GIT_SCHEMES = {"https", "http", "ssh", "git", "git+ssh", "ssh+git", "ftp", "ftps", "file"}
_HELPER = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]*::")
_SERVER_HOME = re.compile(r"((?<=[:/])~|(?<=[:/])(?:home|Users)/+)[^/]+")


def redact_remote(remote: str) -> str:
    """Return the address of a git remote as `redact_url` does, also in git's short form.

    A remote helper (``hg::…``, ``ext::…``) decides for itself what the rest means, so its remotes
    are hidden, and so are those of schemes that git itself does not have.

    Examples
    --------
    >>> redact_remote("git@example.org:group/project.git")
    'git@example.org:group/project.git'
    >>> redact_remote("bob@example.org:group/project.git")
    'example.org:group/project.git'
    >>> redact_remote("../project.git")
    'file://***/project.git'
    >>> redact_remote("ext::ssh -i key bob@example.org %S project.git")
    '***'
    """
    remote = printable(remote, LONGEST).strip()
    if _HELPER.match(remote):
        return HIDDEN
    if "://" in remote:
        scheme = remote.partition("://")[0].lower()
        if scheme not in _GIT_SCHEMES:
            return HIDDEN
        address = redact_url(remote)
        return address if scheme.startswith("http") else _hide_server_home(address)
    # git: the short form has a colon before the first slash, and a host of more than a letter
    short = re.fullmatch(
        r"(?:([^/\\@:]*)(?::[^/\\@]*)?@)?([\w.-]{2,}):([^\\?#;@]*)(?:[?#;].*)?", remote
    )
    if short is None:
        plain = re.split(r"[?#;]", remote, maxsplit=1)[0]
        local = "@" not in plain and ":" not in plain[2:]  # C:/Users is local
        return redact_file(SplitResult("file", "", f"/{plain}", "", "")) if local else HIDDEN
    user = "git@" if short[1] == "git" else ""
    return _hide_server_home(printable(hide_secrets(f"{user}{short[2]}:{short[3]}")))


def _hide_server_home(remote: str) -> str:
    return _SERVER_HOME.sub(rf"\1{HIDDEN}", remote)
