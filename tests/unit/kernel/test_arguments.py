"""The words after `%repro`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import UsageError
from jupyter_repro.kernel.arguments import COMMANDS, KEYS, KEYS_OF, Request, complete, parse_request


@pytest.mark.parametrize(
    ("line", "command", "options"),
    [
        ("", "status", {}),
        ("   ", "status", {}),
        ("seed=42", "seed", {"seed": "42"}),
        ("seed = 42", "seed", {"seed": "42"}),
        ("seed =42  determinism= strict", "seed", {"seed": "42", "determinism": "strict"}),
        ("seed=\"42\" policy='production'", "seed", {"seed": "42", "policy": "production"}),
        ("check policy=production", "check", {"policy": "production"}),
        ("off", "off", {}),
    ],
)
def test_reads(line: str, command: str, options: dict[str, str]) -> None:
    assert parse_request(line) == Request(command=command, options=options)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("chekc", "did you mean 'check'"),
        ("sede=42", "did you mean 'seed'"),
        ("42", "did you mean %repro seed=42"),
        ("seed", "seed needs a value"),
        ("seed=1 determinism=warm", "did you mean 'warn'"),
        ("seed=1 policy=lax", "not one of research, production"),
        ("check accept", "one command"),
        ("check seed=1", "write %repro seed=1"),
        ("determinism=strict", "write %repro seed=42 determinism=strict"),
        ("seed=1 seed=2", "twice"),
        ('seed="42', "close the quotation mark"),
    ],
)
def test_refuses_with_one_sentence(line: str, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_request(line)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@given(st.text(max_size=60))
def test_any_line_is_read_or_refused(line: str) -> None:
    try:
        request = parse_request(line)
    except UsageError:
        return
    assert set(request.options) <= set(KEYS_OF[request.command])


def test_completes_commands_keys_and_choices() -> None:
    assert set(complete("%repro ")) == {*COMMANDS, *(f"{key}=" for key in KEYS)}
    assert "check" not in complete("%repro check ")
    assert "seed=" not in complete("%repro seed=42 ")
    assert complete("%repro seed=42 determinism=") == [
        "determinism=strict",
        "determinism=warn",
        "determinism=cudnn",
        "determinism=off",
    ]
