"""Code on slides: lines that do not break, and no more of them than can be read."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
import tokenize

COLUMNS = 104  # that fit on a slide in letters that can be read
LINES = 12  # of code on a slide
FEW = 5  # lines that stand alone only where a thought ends


def fit_code(source: str) -> str:
    """The code with no line longer than a slide is wide, where Ruff can break it; long comments go above their line."""
    source = re.sub(r"\n{3,}", "\n\n", source)  # there is no room for two empty lines
    if all(len(line) <= COLUMNS for line in source.splitlines()):
        return source
    source = _comments_above(source)
    command = [sys.executable, "-m", "ruff", "format", "--isolated", f"--line-length={COLUMNS}", "-"]
    done = subprocess.run(command, input=source, capture_output=True, text=True, encoding="utf-8")
    formatted = done.stdout.rstrip() if done.returncode == 0 else source  # IPython's own syntax, say
    formatted = re.sub(r"\n{3,}", "\n\n", formatted)
    return re.sub(r'^( *\w+\()\n *(f?")([^"\n]*)"\n *\)$', _text_broken, formatted, flags=re.MULTILINE)


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


def _text_broken(call):
    """A call with one long text, as texts in lines of their own: cut at a space, and not in the text's braces."""
    opening, quote, text = call.groups()
    lines = [""]
    for word in re.findall(r"(?:\{[^}]*\}|[^\s{])+\s*", text):
        if lines[-1] and len(opening + quote + lines[-1] + word) >= COLUMNS:
            lines.append("")
        lines[-1] += word
    return opening + f"\n{' ' * len(opening)}".join(f'{quote}{line}"' for line in lines) + ")"


def in_pieces(source: str) -> list[str]:
    """The code in as few pieces of at most twelve lines as there must be, cut where a thought ends.

    Best before a function or a class, else at an empty line, else before the statement that is least indented.
    """
    lines = source.strip("\n").splitlines()
    costs = _costs(lines)
    best = [(0.0, [])]  # of the first lines: what cutting them costs, and where it is done
    for end in range(1, len(lines) + 1):
        options = []
        for start in range(end):
            piece = "\n".join(lines[start:end]).strip("\n").splitlines()
            if len(piece) <= LINES:
                cost = best[start][0] + costs.get(start, 0) + 3 + max(0, FEW - len(piece)) / 2
                options.append((cost, [*best[start][1], "\n".join(piece)]))
        best.append(min(options, key=lambda option: option[0]))
    return best[-1][1]


def _costs(lines):
    """What a cut before each line but the first costs: little between functions, too much within a statement."""
    inside, costs = _inside_statements(lines), {}
    for k in range(1, len(lines)):
        text = lines[k].lstrip()
        indent = len(lines[k]) - len(text)
        before = lines[k - 1].strip()
        if k in inside or not text or before.startswith(("@", "#")) or re.match(r".*:\s*(#.*)?$", before):
            costs[k] = 100
        elif before:
            costs[k] = 100 if re.match(r"(else|elif|except|finally)\b", text) else 1 + indent / 2
        else:
            costs[k] = 0.5 if indent else 0
    return costs


def _inside_statements(lines):
    """The numbers of the lines that go on with a statement or a text from the line before."""
    inside = set()
    with contextlib.suppress(tokenize.TokenError, SyntaxError, IndentationError):
        start = None
        for token in tokenize.generate_tokens(io.StringIO("\n".join(lines)).readline):
            if token.type in (tokenize.NEWLINE, tokenize.ENDMARKER):
                inside.update(range(start or token.start[0], token.end[0]) if start else ())
                start = None
            elif start is None and token.type not in (tokenize.INDENT, tokenize.DEDENT, tokenize.NL, tokenize.COMMENT):
                start = token.start[0]
    return inside
