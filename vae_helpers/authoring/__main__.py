"""The command line: `python -m vae_helpers.authoring --help`."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the commands. Ends with a sentence, and not with a traceback, where a user can mend what is wrong."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a log on Windows, or a bare locale, has no σ
            stream.reconfigure(errors="replace")
    asked = _parser().parse_args(arguments)
    asked.command(asked)


def _parser():
    parser = argparse.ArgumentParser(prog="python -m vae_helpers.authoring", description="Tools for adopters.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name, command, text):
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        added.set_defaults(command=command, kind=name)
        return added

    notebooks = add("notebooks", _notebooks, "fill in the exercises and run notebooks in place; answers are kept")
    notebooks.add_argument("names", nargs="*", metavar="NAME", help="such as 03_vae; without a name, all")
    add("slides", _publish, "write a deck of slides of each notebook into build/slides")
    add("site", _publish, "write the series as pages to read into build/site")
    present = add("present", _present, "write a notebook as a page for a projector into build/present, and open it")
    present.add_argument("names", nargs=1, metavar="NAME", help="such as 06_latent_space")
    add("handout", _handout, "write PDFs of the decks in build/slides into build/handout")
    add("picture", _picture, "take the README's picture from the decks in build/slides")
    pretrained = add("pretrained", _pretrained, "retrain the weights that ship with the package, on full MNIST")
    pretrained.add_argument("names", nargs="*", metavar="NAME", help="such as vae20; without a name, all")
    scoreboard = add("scoreboard", _scoreboard, "score the models as papers do, and write the table of notebook 09")
    scoreboard.add_argument("names", nargs="*", metavar="NAME", help="such as vae20_iwae; without a name, all")
    student = add("student", _edition, "write the series without solutions into a new folder")
    solved = add("solved", _edition, "write the series with all exercises solved and run into a new folder")
    for edition in (student, solved):
        edition.add_argument("folder", metavar="FOLDER")
    add("exercises", _exercises, "print a table of the exercises: idea, kind, minutes and difficulty")
    return parser


# what a command needs is imported by it: training needs no nbconvert


def _notebooks(asked):
    from . import notebooks

    notebooks.require_checkout()
    notebooks.run(asked.names)


def _publish(asked):
    from . import notebooks, publish

    notebooks.require_checkout()
    folder = notebooks.ROOT / "build" / asked.kind
    try:
        publish.publish(asked.kind, folder, getattr(asked, "names", ()))
    except PermissionError as error:
        sys.exit(f"Nothing was written: {error}. Copy the series to a folder where you may write.")
    except OSError as error:
        sys.exit(f"{folder} is as it was before: {error}")
    except KeyboardInterrupt:
        sys.exit(f"Interrupted. {folder} is as it was before.")


def _present(asked):
    import os
    import webbrowser

    from . import notebooks

    notebooks.require_checkout()
    notebooks.require_names(asked.names)
    _publish(asked)
    if sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY"} & {*os.environ}:  # else a browser for terminals opens
        webbrowser.open((notebooks.ROOT / f"build/present/{asked.names[0]}.html").as_uri())


def _handout(asked):
    from . import handout

    handout.run()


def _picture(asked):
    from . import picture

    picture.run()


def _edition(asked):
    from pathlib import Path

    from . import editions, notebooks

    notebooks.require_checkout()
    try:
        getattr(editions, asked.kind)(Path(asked.folder).resolve())
    except OSError as error:
        sys.exit(f"{error}")


def _exercises(asked):
    from . import editions

    print(editions.table())


def _pretrained(asked):
    from . import recipes

    try:
        recipes.train_pretrained(asked.names)
        if not asked.names:
            recipes.run_comparison()
    except (ValueError, RuntimeError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("Interrupted. Models that were not trained to the end keep their old weights.")


def _scoreboard(asked):
    from . import scoreboard

    try:
        scoreboard.run_scoreboard(asked.names)
    except (ValueError, RuntimeError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
