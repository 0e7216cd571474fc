"""Nothing personal and no secret gets through the redaction."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_repro.safety.redact import (
    HIDDEN,
    find_secrets,
    hide_secrets,
    redact_text,
    redact_url,
    secret_values,
)
from jupyter_repro.safety.remotes import redact_remote
from jupyter_repro.safety.world import World
from tests.fresh_process import run_python

# Put together here, so that no scanner takes this file for a leak
GITHUB = "ghp_" + "a1B2" * 9
PYPI = "pypi-AgE" + "IcHlwaS5vcmc" * 4
OPENAI = "sk-" + "proj4Xy" * 6
JWT = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0." + "abc-DEF_123"


def world_of(home: str = "/home/alice", cwd: str = "/scratch/run", **environ: str) -> World:
    return World(
        prefix=Path("/opt/conda/envs/lab"),
        base_prefix=Path("/opt/conda"),
        home=Path(home),
        cwd=Path(cwd),
        environ=environ,
        sys_path=(),
        modules={},
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://bob:sekret@host.example/x", "https://host.example/x"),
        ("https://TOKEN@host.example/x", "https://host.example/x"),
        ("https://h.example/t/my-tok-en/main/linux-64", "https://h.example/main/linux-64"),
        ("https://h.example/t/my-tok-en", "https://h.example"),
        ("https://h.example/simple?api_key=1#frag", "https://h.example/simple"),
        ("https://h.example/a;jsessionid=12/b", "https://h.example/a/b"),
        ("https://u:p@h.example:8443/x", "https://h.example:8443/x"),
        ("https://u:p@[fe80::1]:8443/x", "https://[fe80::1]:8443/x"),
        ("https://h.example:37385********/main/x.conda", f"https://{HIDDEN}/x.conda"),
        ("https://u:pw@h.example:99999", f"https://{HIDDEN}/"),
        ("https://u:pw@h.example:99999/t/tok/x", f"https://{HIDDEN}/x"),
        ("https://u:p?w@h.example/x", f"https://{HIDDEN}/"),
        ("http://[::1/x", f"http://{HIDDEN}/x"),
        ("file:///home/bob/projects/mine", f"file://{HIDDEN}/mine"),
        ("file:///home/bob", f"file://{HIDDEN}/{HIDDEN}"),
        ("file:///C:/Users/bob/mine", f"file://{HIDDEN}/mine"),
        ("file:///C:\\Users\\bob\\mine", f"file://{HIDDEN}/mine"),
        ("git+file:///home/bob/repo", f"git+file://{HIDDEN}/repo"),
        ("git+https://bob:pw@h.example/r.git", "git+https://h.example/r.git"),
        ("ssh://git@h.example/r.git", "ssh://git@h.example/r.git"),
        ("ssh://bob@h.example/r.git", "ssh://h.example/r.git"),
        ("https://git:pw@h.example/r.git", "https://h.example/r.git"),
        ("https://dl.cloudsmith.io/aB3dE6gH9jK2/me/x", f"https://dl.cloudsmith.io/{HIDDEN}/me/x"),
        ("https://dl.cloudsmith.io/public/me/x", "https://dl.cloudsmith.io/public/me/x"),
        ("https://pypi.fury.io/a1b2c3d4e5f6g7/me/", f"https://pypi.fury.io/{HIDDEN}/me/"),
        (f"https://h.example/{GITHUB}/x", f"https://h.example/{HIDDEN}/x"),
        ("https://h.example/\x1b[31mx\u202ey", "https://h.example/ [31mx y"),
        ("conda-forge", "conda-forge"),
    ],
)
def test_urls(url: str, expected: str) -> None:
    assert redact_url(url) == expected
    assert redact_url(expected) == expected


@pytest.mark.parametrize(
    ("remote", "expected"),
    [
        ("git@h.example:g/p.git", "git@h.example:g/p.git"),
        ("bob:pw@h.example:g/p.git", "h.example:g/p.git"),
        ("https://oauth2:tok@h.example/g/p.git", "https://h.example/g/p.git"),
        ("/home/bob/p.git", f"file://{HIDDEN}/p.git"),
        ("C:\\Users\\bob\\p.git", f"file://{HIDDEN}/p.git"),
        ("C:/Users/bob", f"file://{HIDDEN}/{HIDDEN}"),
        ("../p.git", f"file://{HIDDEN}/p.git"),
        ("hg::https://bob:pw@h.example/p", HIDDEN),
        ("gcrypt::rsync://bob:pw@h.example/p", HIDDEN),
        ("gcrypt::git@h.example:g/p", HIDDEN),
        ("ext::ssh -i /home/bob/.ssh/key bob@h.example %S p", HIDDEN),
        ("codecommit::us-east-1://bob@p", HIDDEN),
        ("codecommit://bob@p", HIDDEN),
        ("s3://bucket/p", HIDDEN),
        ("keybase://private/bob/p", HIDDEN),
        ("bob@h.example:/home/bob/p.git", f"h.example:/home/{HIDDEN}/p.git"),
        ("git@h.example:~bob/p.git", f"git@h.example:~{HIDDEN}/p.git"),
        ("git@h.example:home/bob/p.git", f"git@h.example:home/{HIDDEN}/p.git"),
        ("ssh://git@h.example/~bob/p.git", f"ssh://git@h.example/~{HIDDEN}/p.git"),
        ("ssh://bob@h.example:22/home/bob/p.git", f"ssh://h.example:22/home/{HIDDEN}/p.git"),
        ("git@h.example:g/p.git?private_token=abc", "git@h.example:g/p.git"),
        ("git@h.example:g/p.git#token", "git@h.example:g/p.git"),
        ("https://h.example/home/p.git", "https://h.example/home/p.git"),
        ("git@[::1]:p.git", HIDDEN),
        ("bob:pw@h:p", HIDDEN),
        ("bob@h.example:g/p@pw", HIDDEN),
    ],
)
def test_git_remotes(remote: str, expected: str) -> None:
    assert redact_remote(remote) == expected
    assert redact_remote(expected) in {expected, f"file://{HIDDEN}/{HIDDEN}"}


def test_an_address_within_an_address_shows_no_password() -> None:
    assert "pw" not in redact_url("hg::https://bob:pw@h.example/p")


@pytest.mark.parametrize("secret", [GITHUB, PYPI, OPENAI, JWT, "AKIA" + "ABCD1234" * 2])
def test_known_shapes_are_hidden(secret: str) -> None:
    assert hide_secrets(f"before {secret} after") == f"before {HIDDEN} after"
    assert find_secrets(f'"{secret}"', frozenset()) == [secret]


@pytest.mark.parametrize(
    "name",
    [
        "flask-sqlalchemy-session-manager2",
        "pypi-attestation-models==0.0.5",
        "risk-adjusted-portfolio-optimizer3",
        "numpy-1.26.4-py311h64a7726_0.conda#" + "3f" * 32,
        "c" * 40,
    ],
)
def test_ordinary_names_are_no_secrets(name: str) -> None:
    assert hide_secrets(name) == name


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no file /home/alice/x.py", "no file ~/x.py"),
        ("no file /home/alicette/x.py", f"no file /home/{HIDDEN}/x.py"),
        ("'/scratch/run/data.csv' is gone", "'<folder>/data.csv' is gone"),
        ("in /opt/conda/envs/lab/lib and /opt/conda/lib", "in <prefix>/lib and <base prefix>/lib"),
        ("C:\\Users\\Jane Doe\\x.py", f"C:\\Users\\{HIDDEN}\\x.py"),
        (repr("C:\\Users\\Jane\\x.py"), f"'C:\\\\Users\\\\{HIDDEN}\\\\x.py'"),
        ("D:/Users/jane/x", f"D:/Users/{HIDDEN}/x"),
        ("/mnt/c/Users/jane/x", f"/mnt/c/Users/{HIDDEN}/x"),
        ("\\\\fileserver\\share\\x", f"\\\\{HIDDEN}\\share\\x"),
        (
            "/data/alice/x of 'alice' on alice@node7",
            f"/data/{HIDDEN}/x of '{HIDDEN}' on {HIDDEN}@{HIDDEN}",
        ),
        ("get https://u:pw@h.example/x?token=1 failed", "get https://h.example/x failed"),
        ("password=hunter2, token: 'abc'", f"password={HIDDEN}, token: '{HIDDEN}'"),
        ("Authorization: Bearer abc.def", f"Authorization: Bearer {HIDDEN}"),
        ("tokenizers==0.19.1 has no author", "tokenizers==0.19.1 has no author"),
        ("one\ntwo\x1b]0;title\x07 \u202eabc", "one two ]0;title   abc"),
        ("half \ud800 pair", "half   pair"),
    ],
)
def test_free_text(text: str, expected: str) -> None:
    world = world_of(USER="alice", HOSTNAME="node7")
    assert redact_text(text, world) == expected
    assert redact_text(expected, world) == expected


def test_a_windows_home_is_known_in_every_spelling() -> None:
    world = world_of(home="E:\\profiles\\jane")
    for text in ("E:\\profiles\\jane\\x", "E:/profiles/jane/x", "E:\\\\profiles\\\\jane\\\\x"):
        assert redact_text(text, world).startswith("~")


def test_a_secret_is_hidden_before_the_text_is_cut() -> None:
    text = "x" * 485 + " " + GITHUB
    assert "ghp_" not in redact_text(text, world_of())


def test_a_root_folder_is_not_replaced() -> None:
    assert redact_text("/etc/x is /", world_of(home="/", cwd="/")) == "/etc/x is /"


anything = st.text(st.characters(), max_size=200)
urls = st.builds(
    "{}://{}{}{}{}".format,
    st.sampled_from(["https", "file", "git+ssh", "ssh", "s3"]),
    st.sampled_from(["", "u:pw@", "git@", ":@", "a@b@"]),
    st.sampled_from(
        ["h.example", "[::1]", "h:80", "h:", "h:x", "H:99999999", "", "dl.cloudsmith.io"]
    ),
    st.lists(
        st.sampled_from(["/", "/t", "/t/x1", "/a", "/home", "//", ";p=1", "\\", "@", ":"])
    ).map("".join),
    st.sampled_from(["", "?token=1", "#f", "?#", "\n", " "]),
)


@given(anything | urls)
@example("//t//t/x")
def test_urls_are_redacted_once_and_for_all(url: str) -> None:
    once = redact_url(url)
    assert redact_url(once) == once
    assert "pw@" not in once
    assert "token=1" not in once or "://" not in url


fragments = st.lists(
    st.sampled_from(["/home/", "/home/alice", "C:\\Users\\", "C:/Users/jo e/", "\\\\host\\", "\\"])
    | st.sampled_from(["token=", "password: ", "Authorization: ", "Bearer ", "'", " ", "x", "\n"])
    | st.sampled_from(["/scratch/run", "~", "@", "/opt/conda", GITHUB, "***", "https://", ":"])
    | st.sampled_from(["/", "alice", "node7"]),
    max_size=8,
).map("".join)


@given(
    st.lists(anything | urls | fragments, max_size=3)
    .map(" ".join)
    .filter(lambda text: len(text) < 400)
)
@example("token=token=x")
def test_free_text_is_redacted_once_and_for_all(text: str) -> None:
    world = world_of(USER="alice", HOSTNAME="node7")
    once = redact_text(text, world)
    assert redact_text(once, world) == once
    assert not any(unicodedata.category(character) in {"Cc", "Cs"} for character in once)


@given(st.text(st.characters(categories=["L", "N"]), min_size=3, max_size=20))
def test_no_password_and_no_token_survives(secret: str) -> None:
    mark = f"Zq9{secret}"
    for url in (
        f"https://u:{mark}@h.example/x",
        f"https://{mark}@h.example:443/x",
        f"https://h.example/t/{mark}/x",
        f"https://h.example/x?{mark}",
        f"https://h.example/x#{mark}",
        f"file:///{mark}/x",
    ):
        assert mark not in redact_url(url)
        assert mark not in redact_text(f"see {url} there", world_of())


def test_values_of_secret_variables_are_found() -> None:
    environ = {
        "WANDB_API_KEY": "0123456789abcdef0123",
        "DATABASE_URL": "postgres://me:pass4word1234@db.example/x",
        "QUOTED_TOKEN": 'aa"bb\\cc1234567',
        "KEYBOARD": "qwerty",
        "PATH": "/usr/bin1234567890",
    }
    text = json.dumps(
        [
            "0123456789abcdef0123",
            "pass4word1234",
            'aa"bb\\cc1234567',
            "qwerty",
            "/usr/bin1234567890",
        ]
    )
    assert find_secrets(text, secret_values(environ)) == [
        "0123456789abcdef0123",
        'aa"bb\\cc1234567',
        "pass4word1234",
    ]


def test_an_encoded_secret_is_found() -> None:
    encoded = GITHUB.replace("_", "%5F")
    assert find_secrets(f"x {encoded}", frozenset()) == [GITHUB]


@pytest.mark.parametrize("hostile", ["sk-", "-eyJ"])
def test_a_hostile_text_is_searched_to_its_end(hostile: str) -> None:
    code = (
        "from jupyter_repro.safety.redact import find_secrets;"
        "print(find_secrets({!r} * 500_000, {{}}))"
    )
    assert run_python(code.format(hostile)) == "[]"  # or the process would be ended
