"""Code on slides: lines that do not break, and no more of them than can be read."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tokenize

COLUMNS = 104  # that fit on a slide in letters that can be read
LINES = 20


def fit_code(source: str) -> str:
    """The code with no line longer than a slide is wide, where Ruff can break it; long comments go above their line."""
    if all(len(line) <= COLUMNS for line in source.splitlines()):
        return source
    source = _comments_above(source)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={COLUMNS}", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8")
    formatted = done.stdout.rstrip() if done.returncode == 0 else source  # IPython's own syntax, say
    return "\n".join(_text_broken(line) for line in formatted.splitlines())


def _comments_above(source):
    """The code with the comments of long lines in lines of their own."""
    lines = source.splitlines()
    with contextlib.suppress(tokenize.TokenError, SyntaxError):
        for token in [*tokenize.generate_tokens(io.StringIO(source).readline)]:
            row, column = token.start[0] - 1, token.start[1]
            if token.type == tokenize.COMMENT and len(lines[row]) > COLUMNS and lines[row][:column].strip():
                code = lines[row][:column].rstrip()
                lines[row] = f"{code[: len(code) - len(code.lstrip())]}{token.string}\n{code}"
    return "\n".join(lines)


def _text_broken(line):
    """A line that holds nothing but one long text, as two texts in two lines: at a space, and not in its braces."""
    found = re.fullmatch(r'( *)(f?")([^"]*)(",?)', line)
    if len(line) <= COLUMNS or not found:
        return line
    indent, opening, text, closing = found.groups()
    spaces = [k for k, sign in enumerate(text) if sign == " " and text[:k].count("{") == text[:k].count("}")]
    cut = max((k + 1 for k in spaces if len(indent) + k + 4 < COLUMNS), default=len(text))
    return f'{indent}{opening}{text[:cut]}"\n{indent}{opening}{text[cut:]}{closing}' if cut < len(text) else line


def halves(source: str) -> list[str]:
    """The code in pieces of at most about twenty lines, cut at an empty line or else at the least indented."""
    lines = source.strip("\n").splitlines()
    if len(lines) <= LINES:
        return ["\n".join(lines)]
    places = [k for k in range(5, min(LINES, len(lines) - 4)) if not lines[k].startswith(" " * 12)]
    indent = {k: len(lines[k]) - len(lines[k].lstrip()) if lines[k].strip() else -1 for k in places}
    least = min(indent.values(), default=0)
    cut = min((k for k in places if indent[k] == least), key=lambda k: abs(k - len(lines) / 2), default=LINES)
    return ["\n".join(lines[:cut]).rstrip(), *halves("\n".join(lines[cut:]))]
