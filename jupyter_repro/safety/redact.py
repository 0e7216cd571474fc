"""Remove secrets and personal paths from a text before it is stored.

Every probe cleans the free text that it reads with one of these functions. `capture` also searches
the whole snapshot with `find_secrets`. Cleaning a cleaned text again does not change it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from jupyter_repro.safety.package_grammar import keep_file
from jupyter_repro.safety.text import printable
from jupyter_repro.safety.world import World

HIDDEN = "***"

LONGEST = 20_000
"""Characters of a text that are looked at."""

_ROUNDS = 8
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
# anaconda.org and its mirrors put a token into the path: /t/<token>/channel
_TOKEN_IN_PATH = re.compile(r"/t/[^/]*(?=/|$)")
# Hosts whose addresses begin with a token: cloudsmith.io, fury.io, packagecloud.io
_TOKEN_FIRST = re.compile(
    r"((?:^|\.)(?:cloudsmith\.io|fury\.io|packagecloud\.io)(?::[0-9]+)?/(?:basic/|priv/)?)"
    r"(?=[^/]*[0-9])[A-Za-z0-9_-]{12,}(?=/|$)"
)
_HOME_PARENT = re.compile(r"(?:^|/)(?:home|Users|Documents and Settings)$")
# GitLab's prefixes: https://docs.gitlab.com/security/tokens/#token-prefixes
_GITLAB = r"gl(?:pat|oas|dt|rtr?|cbt|ptt|ft|imt|agent|wt|soat|ffct)-"
# Shapes of well-known credentials: the issuer's prefix, its alphabet and the shortest length. Names
# of packages can look like them, so use `package_grammar` first where a text is such a name.
# In a hostile text a token may seem to begin at every third letter: so each lookahead is bounded,
# or begins only after a different character
_SECRET = re.compile(
    r"(?<![A-Za-z0-9])(?:"
    r"gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"  # GitHub
    rf"|{_GITLAB}[A-Za-z0-9_-]{{20,}}(?:\.[a-z0-9]{{2,9}}){{0,2}}"
    r"|pypi-AgE[A-Za-z0-9_-]{16,}"  # PyPI, https://github.com/pypi/warehouse token prefix
    r"|hf_[A-Za-z0-9]{20,}"  # Hugging Face
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}"  # AWS
    r"|AIza[0-9A-Za-z_-]{35}|ya29\.[0-9A-Za-z_-]{20,}"  # Google
    # OpenAI and compatible services, Anthropic, OpenRouter, LangFuse
    r"|sk-(?:(?:proj|svcacct|admin|None|ant|or|lf)-(?=[A-Za-z_-]{0,60}[0-9])[A-Za-z0-9_-]{20,}"
    r"|(?=[A-Za-z]{0,60}[0-9])[A-Za-z0-9]{20,})"
    r"|sk_live_[0-9A-Za-z]{16,}"  # Stripe
    r"|xox[abeprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{10,}"  # Slack
    r"|npm_[A-Za-z0-9]{30,}|dckr_pat_[A-Za-z0-9_-]{20,}"  # npm, Docker
    r"|(?<![_-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}(?:\.[A-Za-z0-9_-]*)?"  # JSON web token
    r")"
)
# Every shape contains one of these, and a search for them is ten times faster than `_SECRET`
_MARKS = (
    *("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "pypi-AgE", "hf_", "AKIA", "ASIA"),
    *("AIza", "ya29.", "sk_live_", "xox", "xapp-", "npm_", "dckr_pat_", "eyJ"),
)
_LONG_MARKS = tuple(map(re.compile, (rf"{_GITLAB}[\w-]{{20}}", r"sk-[\w-]{20}")))
_SECRET_NAME = re.compile(r"key|token|secret|passw|pwd|credential|auth", re.IGNORECASE)
# Of what a user names: `tokens` and `keys` are ordinary results, and so is an `author`
_SECRET_RESULT = re.compile(
    r"passw|pwd|secret|credential|token(?!s|i[sz])|(?:api|access|private|secret)[_-]?key"
    r"|(?<![a-z])auth(?!or)",
    re.IGNORECASE,
)
_ASSIGNED = re.compile(
    r"((?:token|passw(?:or)?d|pwd|secret|api[_-]?key|authorization)['\"]?\s?(?:=(?!=)|:)\s?['\"]?"
    r"(?:(?:bearer|basic|token)\s)?)(?!(?:bearer|basic|token)\s\*)[^\s'\"&,;)\]}*]+",
    re.IGNORECASE,
)
# Shorter values and plain words are not secrets: they may be names that occur anywhere
_SECRET_VALUE = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])\S{12,}")
_PASSWORD_IN_URL = re.compile(r"://(?:[^/\s@]*:)?([^/\s:@]+)@")
_HOME = re.compile(r"((?:/home|/Users)[/\\]+)[^/\\\s:'\"]+")
# Names of Windows users may contain blanks
_WINDOWS_HOME = re.compile(
    r"(\b[A-Za-z]:[/\\]+Users[/\\]+)(?:[^/\\:'\"]+(?=[/\\])|[^/\\\s:'\"]+)", re.IGNORECASE
)
# A home folder for certain, with something in it: for reports. The others hide what may be one
_PERSONS_HOME = re.compile(
    r"(?<![\w.~$}%-])(?<!href=['\"])(?<!src=['\"])"
    r"(?:(?:file://)?/(?:home|Users)/(?P<user>[A-Za-z_][\w.-]{0,63})(?=/[\w.])"
    r"|[A-Za-z]:[/\\]{1,2}Users[/\\]{1,2}(?P<windows_user>[A-Za-z_][\w. -]{0,63}?)(?=[/\\]))",
    re.IGNORECASE,
)
_HOME_MARKS = ("/home/", "Users", "users")
# Placeholders, and accounts of Windows and of continuous integration
_NO_PERSON = frozenset(
    ("public", "default", "runneradmin", "username", "yourname", "your_name", "you", "me", "name")
)
_SHARE = re.compile(r"(?<![\w:\\/])(\\\\(?:\\\\)?)[\w.-]+(?=\\)")
_USER_VARIABLES = ("USER", "LOGNAME", "USERNAME")
_HOST_VARIABLES = ("HOSTNAME", "COMPUTERNAME")
# Accounts and hosts that identify no person
_NOBODY = frozenset(
    [
        "admin",
        "app",
        "conda",
        "container",
        "data",
        "docker",
        "jovyan",
        "localhost",
        "notebook",
        "python",
        "root",
        "runner",
        "system",
        "test",
        "ubuntu",
        "user",
        "work",
    ]
)


def redact_url(url: str) -> str:
    """Return the address without user, password, tokens in its path, query and fragment.

    Of a file's address only the last name is kept, because the folders are personal. The user
    ``git`` of an ssh address is kept: it identifies nobody, and the address needs it.

    Examples
    --------
    >>> redact_url("https://bob:sekret@conda.example.org:8080/t/my-token/main?key=1")
    'https://conda.example.org:8080/main'
    >>> redact_url("file:///home/bob/projects/mine")
    'file://***/mine'
    """
    return _until_stable(_redact_url_once, printable(url, LONGEST))


def _until_stable(clean: Callable[[str], str], text: str) -> str:
    """Return `text` cleaned until nothing changes: the rest of a removed part can be a secret."""
    for _ in range(_ROUNDS):
        cleaned = clean(text)
        if cleaned == text:
            break
        text = cleaned
    return text


def _redact_url_once(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:  # a masked or broken address, such as https://host:37385********/x
        return _redact_broken(url)
    if parts.scheme.endswith("file"):
        return redact_file(parts)
    if ":" in host:
        host = f"[{host}]"
    if parts.username == "git" and not parts.password and "ssh" in parts.scheme:
        host = f"git@{host}"
    address = f"{host}:{port}" if port is not None else host
    path = _TOKEN_IN_PATH.sub("", re.sub(r";[^/]*", "", parts.path))
    if not address and "://" in path:  # hg::https://bob:sekret@example.org/x
        return f"{parts.scheme}://{HIDDEN}/"
    if not address:
        return _hide_in_address(urlunsplit((parts.scheme, "", path, "", "")))
    whole = _TOKEN_FIRST.sub(rf"\1{HIDDEN}", address + path)
    return _hide_in_address(f"{parts.scheme}://{whole}" if parts.scheme else f"//{whole}")


def _hide_in_address(address: str) -> str:
    return printable(keep_file(address, hide_secrets))


def _redact_broken(url: str) -> str:
    scheme, _, rest = url.partition("://")
    place = re.split(r"[?#;]", rest, maxsplit=1)[0]
    name = place.rpartition("/")[2] if "/" in place else ""
    scheme = scheme if re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme) else "unknown"
    return _hide_in_address(f"{scheme.lower()}://{HIDDEN}/{'' if '@' in name else name}")


def redact_file(parts: SplitResult) -> str:
    """Return the address of a file with the last part of its path alone."""
    folders, _, name = parts.path.replace("\\", "/").rstrip("/").rpartition("/")
    if _HOME_PARENT.search(folders):
        name = HIDDEN
    return _hide_in_address(f"{parts.scheme}://{HIDDEN}/{name}")


def names_a_secret(name: str) -> bool:
    """Return whether a value of this name may be a credential.

    Examples
    --------
    >>> [name for name in ("db_password", "api_key", "n_tokens", "loss") if names_a_secret(name)]
    ['db_password', 'api_key']
    """
    return _SECRET_RESULT.search(name) is not None


def hide_secrets(text: str) -> str:
    """Return `text` with everything that looks like a credential replaced by ``***``."""
    return _SECRET.sub(HIDDEN, text)


def hide_personal(text: str) -> str:
    """Return `text` without credentials and without the names in home folders."""
    text = _WINDOWS_HOME.sub(lambda match: match[1] + HIDDEN, _HOME.sub(rf"\1{HIDDEN}", text))
    return hide_secrets(_ASSIGNED.sub(rf"\1{HIDDEN}", text))


def find_homes(text: str) -> list[str]:
    """Return the home folders of persons that a text names, without the names.

    Accounts that identify no person do not count, and neither do addresses of web pages.

    Examples
    --------
    >>> find_homes("read /home/bob/data.csv, not /home/jovyan/data.csv or https://a.org/home/bob/")
    ['/home/***']
    """
    found: list[str] = []
    if not any(mark in text for mark in _HOME_MARKS):
        return found
    for match in _PERSONS_HOME.finditer(text):
        name = match["user"] or match["windows_user"]
        if name.lower() not in _NOBODY | _NO_PERSON:
            found.append(match.group().removesuffix(name) + HIDDEN)
    return found


def hide_homes(text: str) -> str:
    """Return `text` with the names in home folders replaced by ``***``."""
    text = _HOME.sub(rf"\1{HIDDEN}", text)
    return _WINDOWS_HOME.sub(lambda match: match[1] + HIDDEN, text)


def _find_shapes(text: str) -> list[str]:
    if any(mark in text for mark in _MARKS) or any(mark.search(text) for mark in _LONG_MARKS):
        return _SECRET.findall(text)
    return []


def redact_text(text: str, world: World, limit: int = 500) -> str:
    """Return a free text without credentials, personal folders, users and host names.

    Parameters
    ----------
    text
        Such as the message of an exception.
    world
        Its prefix, folders and user are removed.
    limit
        Longest result, in characters.
    """
    text = _until_stable(lambda text: _redact_text_once(text, world), printable(text, LONGEST))
    return printable(text, limit)


def _redact_text_once(text: str, world: World) -> str:
    text = _URL.sub(lambda match: redact_url(match.group()), text)
    text = _replace_folders(text, world)
    text = hide_homes(text)
    text = _SHARE.sub(lambda match: match[1] + HIDDEN, text)
    text = _replace_names(text, world)
    text = _ASSIGNED.sub(rf"\1{HIDDEN}", text)
    return hide_secrets(text).strip()


def describe_error(error: BaseException, world: World) -> str:
    """Return type and message of an exception as redacted text, even if ``str`` of it fails."""
    try:
        message = str(error)
    except Exception:  # noqa: BLE001 - a stranger's exception
        message = "its message cannot be shown"
    return redact_text(f"{type(error).__name__}: {message}".removesuffix(": "), world)


def _replace_folders(text: str, world: World) -> str:
    folders = {
        world.home: "~",
        world.cwd: "<folder>",
        world.base_prefix: "<base prefix>",
        world.prefix: "<prefix>",
    }
    # The longest first, because one may contain the other
    for folder in sorted(folders, key=lambda folder: -len(str(folder))):
        if folder == Path(folder.anchor):
            continue
        # Messages show Windows paths with either slash, or with doubled backslashes
        parts = [re.escape(part) for part in re.split(r"[/\\]+", str(folder))]
        pattern = r"[/\\]+".join(parts) + r"(?![\w.-])"
        text = re.sub(pattern, folders[folder], text)
    return text


def _replace_names(text: str, world: World) -> str:
    environ = world.environ
    users = {world.home.name, *(environ.get(name, "") for name in _USER_VARIABLES)} - _NOBODY
    for user in users:
        if len(user) > 1:
            # Only in a path, in quotes or before a host: elsewhere it may be an ordinary word
            name = re.escape(user)
            pattern = rf"(?<=[/\\@'\"]){name}(?![\w-])|(?<![\w-]){name}(?=@)"
            text = re.sub(pattern, HIDDEN, text)
    for host in {environ.get(name, "") for name in _HOST_VARIABLES} - _NOBODY:
        if len(host) > 3:
            text = re.sub(rf"(?<![\w-]){re.escape(host)}(?![\w-])", HIDDEN, text)
    return text


def secret_values(environ: Mapping[str, str]) -> frozenset[str]:
    """Return values of variables with a secret-sounding name, and passwords in addresses."""
    found = set()
    for name, value in environ.items():
        if _SECRET_NAME.search(name):
            found.add(value)
        if "@" in value:
            found.update(_PASSWORD_IN_URL.findall(value))
    return frozenset(value for value in found if _SECRET_VALUE.fullmatch(value))


def find_secrets(text: str, values: frozenset[str]) -> list[str]:
    """Return the credentials in `text`: known shapes and known values.

    Parameters
    ----------
    text
        Plain text or JSON that is about to be stored.
    values
        From `secret_values`.

    Returns
    -------
    list of str
        The longest first.
    """
    found = set(_find_shapes(text))
    found.update(value for value in values if _holds(text, value))
    decoded = unquote(text) if "%" in text else text
    if decoded != text:
        found.update(_find_shapes(decoded))
    return sorted(found, key=lambda one: (-len(one), one))


def hide_values(text: str, values: list[str]) -> str:
    """Return a text without the credentials that `find_secrets` found, percent-encoded or not."""
    for value in values:
        text = text.replace(value, HIDDEN)
    if "%" in text:
        decoded = unquote(text)
        if any(value in decoded for value in values):
            return HIDDEN
    return text


def _holds(text: str, value: str) -> bool:
    return value in text or json.dumps(value, ensure_ascii=False)[1:-1] in text
