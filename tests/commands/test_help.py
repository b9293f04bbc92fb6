"""Every command can be used from its help alone, and an outage is one sentence."""

from collections.abc import Iterator
from typing import NoReturn

import click
import pytest
from flask import Flask
from mongoengine.errors import OperationError
from pymongo.errors import AutoReconnect
from redis import ConnectionError as RedisConnectionError

from swag_goals.commands.command import Command
from swag_goals.documents import ledger_queries
from tests.commands.conftest import Run


def leaves(group: click.Group, *above: str) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from leaves(command, *above, name)
        else:
            yield (*above, name), command


def test_every_command_and_every_option_says_what_it_is_for(app: Flask) -> None:
    commands = dict(leaves(app.cli))

    assert len(commands) >= 15
    for words, command in commands.items():
        assert command.help, words
        for option in command.params:
            assert isinstance(option, click.Argument) or getattr(option, "help", None), (
                words,
                option.name,
            )


def test_every_command_that_ends_can_print_json(app: Flask) -> None:
    commands = {
        words: {option for each in command.params for option in each.opts} for words, command in leaves(app.cli)
    }

    assert {words for words, options in commands.items() if "--json" not in options} == {("work",), ("sweep",)}


def test_whatever_changes_data_takes_who_and_why(app: Flask) -> None:
    names = ("extend", "compensate", "redrive", "void", "revoke")
    changing = [command for words, command in leaves(app.cli) if words[-1] in names]

    assert len(changing) == 5
    for command in changing:
        assert {"--by", "--reason"} <= {option for parameter in command.params for option in parameter.opts}


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (AutoReconnect("mongodb://user:secret@host"), "MongoDB did not do it (AutoReconnect). See: flask doctor"),
        (OperationError("secret"), "MongoDB did not do it (OperationError). See: flask doctor"),
        (RedisConnectionError("secret"), "Redis did not do it (ConnectionError). See: flask doctor"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_an_outage_ends_a_command_in_one_sentence(app: Flask, error: Exception, says: str) -> None:
    @click.command(cls=Command)
    def fails() -> None:
        raise error

    ended = app.test_cli_runner().invoke(fails)

    assert (ended.exit_code, ended.stderr) == (1, f"Error: {says}\n")


@pytest.mark.parametrize(
    "command", ["extension show", "extension follow", "extension redrive --reason r", "extension void --reason r"]
)
def test_so_does_one_that_looks_for_its_extension_first(
    flask: Run, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    def unavailable(*_: object) -> NoReturn:
        raise AutoReconnect("mongodb://user:secret@host")

    monkeypatch.setattr(ledger_queries, "find", unavailable)

    ended = flask(*command.split(), "0" * 24)

    assert (ended.status, ended.stderr) == (1, "Error: MongoDB did not do it (AutoReconnect). See: flask doctor\n")


def test_a_mistyped_command_is_a_wrong_use(flask: Run) -> None:
    assert flask("extension", "shwo").status == 2
