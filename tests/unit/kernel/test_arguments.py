"""The words after `%repro`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_repro.errors import UsageError
from jupyter_repro.kernel import commands
from jupyter_repro.kernel.arguments import COMMANDS, Request, complete, parse_request
from jupyter_repro.kernel.manual import MANUAL
from jupyter_repro.model.options import OPTIONS


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
        ("chekc", "Did you mean 'check'?"),
        ("sede=42", "Unknown option 'sede'. Did you mean 'seed'?"),
        ("42", "Did you mean %repro seed=42?"),
        ("seed", "seed needs a value"),
        ("seed=1 determinism=warm", "Did you mean 'warn'?"),
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
    assert set(request.options) <= {option.name for option in request.does.keys}


def test_completes_commands_keys_and_choices() -> None:
    assert set(complete("%repro ")) == {*COMMANDS, *(f"{key}=" for key in OPTIONS)}
    assert "check" not in complete("%repro check ")
    assert "seed=" not in complete("%repro seed=42 ")
    assert complete("%repro seed=42 determinism=") == [
        "determinism=strict",
        "determinism=warn",
        "determinism=cudnn",
        "determinism=off",
    ]


@pytest.mark.parametrize(
    ("line", "results", "options"),
    [
        ("expect loss=loss", {"loss": "loss"}, {}),
        ("expect a = f(x, key=1)  b=x == 1", {"a": "f(x, key=1)", "b": "x == 1"}, {}),
        ("expect a='b=1' rtol=1e-3", {"a": "'b=1'"}, {"rtol": "1e-3"}),
        ("expect seed=7", {"seed": "7"}, {}),
    ],
)
def test_reads_results(line: str, results: dict[str, str], options: dict[str, str]) -> None:
    assert parse_request(line) == Request(command="expect", results=results, options=options)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_done_by_a_function_and_stands_in_the_manual(name: str) -> None:
    assert callable(getattr(commands, COMMANDS[name].run))
    assert f"    {name:<13}{COMMANDS[name].summary}" in MANUAL


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_belongs_to_a_command_and_stands_in_the_manual(name: str) -> None:
    assert f"    {name:<13}{OPTIONS[name].summary}" in MANUAL
    with pytest.raises(UsageError) as refused:
        parse_request(f"off {name}={getattr(OPTIONS[name], 'default', 1)}")
    assert f"{name}=" in str(refused.value).partition("write %repro ")[2]


def test_the_manual_fits_a_terminal() -> None:
    assert max(len(line) for line in MANUAL.splitlines()) <= 100
