"""The commands: which there are, and how their errors look.

A command is imported when it is called, so that `gatepost --help` stays quick.
"""

import os
import sys
from importlib import import_module

import click

from gatepost import __version__
from gatepost.core.errors import ConfigError, GatepostError, SourceError

COMMANDS: dict[str, str] = {
    "replay": "find stolen accounts in logs you already have",
    "watch": "follow the configured logs and act",
    "reload": "let the running gatepost load its configuration anew",
    "explain": "why an account stands where it stands",
    "incidents": "what happened to which account",
    "audit": "who did what to which account, and why",
    "block": "stop an account's sending",
    "release": "undo every measure against an account",
    "queue": "a stopped account's mail in the queue: look, send, delete",
    "requests": "what customers ask for by self-service",
    "confirm": "say that an incident was a theft",
    "exempt": "never measure against an account, for a while or for good",
    "enforce": "what changing from observe to enforce would do now",
    "learn": "read old logs into the state, so that habits are known",
    "check": "find every mistake in the configuration",
    "doctor": "check this host: log, selectors, table, state",
    "parse": "what each line of a log was read as",
    "notice": "the letter to a customer whose account was stolen",
    "recipients": "the dead addresses on an account's list",
    "bounce": "why mail was refused, from the words of the reply",
    "ingest": "count late failures and complaints that came as mail",
    "report": "reports to the networks of thieves; what detectors in shadow would have done",
    "tune": "what other thresholds would have cost on your own logs",
    "lab": "made traffic with a known truth: how good is it",
    "pools": "networks whose members change address all the time",
    "data": "the tables about networks, their notices, and newer ones",
    "export": "everything stored about an account",
    "forget": "delete everything stored about an account",
}
"""Every command with one line of help; its file is surface/commands/<name>.py."""

OK, FOUND, USAGE, UNREADABLE = 0, 1, 2, 3
"""Exit codes of all commands (contracts 21): done; found what it exists to report; wrong usage or configuration; an
input could not be read, the rest was."""


class Lazy(click.Group):
    """A group that imports a command's file when it is needed."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command; None when there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = import_module(f"gatepost.surface.commands.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="gatepost")
def cli() -> None:
    """Notice a stolen SMTP account, say why, stop its sending, undo it."""


def main(arguments: list[str] | None = None) -> None:
    """Run one command; errors become one line on standard error and an exit code."""
    try:
        code = cli.main(arguments, prog_name="gatepost", standalone_mode=False)
    except click.exceptions.Abort:
        code = 130
    except click.ClickException as error:
        error.show()
        code = USAGE
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = OK
    except ConfigError as error:
        click.echo(f"gatepost: {error}", err=True)
        code = USAGE
    except SourceError as error:
        click.echo(f"gatepost: {error}", err=True)
        code = UNREADABLE
    except GatepostError as error:
        click.echo(f"gatepost: {error}", err=True)
        code = FOUND
    sys.exit(code if isinstance(code, int) else OK)
