"""Every cell can be run again after "Run all" and says the same: nothing it needs was changed in the meantime.

Read from the code, without running it. A cell reads what its own statements name, and what the functions that it names
read in turn.
"""

import ast

import pytest

from vae_helpers.authoring.notebooks import NOTEBOOKS, code_cells, read
from vae_helpers.exercises import EXERCISES

EXERCISE_NAMES = {exercise.name for exercises in EXERCISES.values() for exercise in exercises}
CHANGES = {"append", "extend", "update", "add", "insert", "pop", "setdefault", "load_state_dict", "copy_", "fill_"}
DRAWS = {
    "rand", "randn", "randint", "randperm", "rand_like", "randn_like", "bernoulli", "normal", "multinomial", "sample",
    "rsample", "reparameterize", "VAE", "Autoencoder", "ConvVAE", "Linear", "Conv2d", "elbo",
}  # fmt: skip
SEEDS = {"manual_seed", "generator", "Generator", "random_state"}


class Cell:
    """What a cell binds, what it reads that it has not bound before, and what it changes in place."""

    def __init__(self, source, functions):
        self.tree = ast.parse("\n".join(line for line in source.splitlines() if not line.startswith("%")))
        self.bound, self.read, self.changed, self.functions = set(), set(), set(), {}
        for statement in self.tree.body:
            names = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
            local = _local_names(statement)
            stored = {name.id for name in names if isinstance(name.ctx, ast.Store)} - local
            read = {name.id for name in names if isinstance(name.ctx, ast.Load)} - local
            if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
                self.functions[statement.name] = read - stored
                stored, read = {statement.name}, set()
            elif isinstance(statement, (ast.Import, ast.ImportFrom)):
                stored = {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
            elif isinstance(statement, (ast.For, ast.With)):
                read -= stored  # bound by its own head or body, in that order
            elif isinstance(statement, ast.AugAssign):
                read, stored = read | stored, set()
            known = {**functions, **self.functions}
            grown = True
            while grown:
                more = set().union(*(known.get(name, set()) for name in read)) - read
                read, grown = read | more, bool(more)
            self.changed |= _changed_in_place(statement) - self.bound - stored - local
            self.read |= read - self.bound
            self.bound |= stored
        self.words = {node.attr for node in ast.walk(self.tree) if isinstance(node, ast.Attribute)}
        self.words |= {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        self.words |= {node.arg for node in ast.walk(self.tree) if isinstance(node, ast.keyword)}


def _local_names(statement):
    """Names of comprehensions, lambdas and arguments, and what functions bind."""
    local = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.comprehension):
            local |= {name.id for name in ast.walk(node.target) if isinstance(name, ast.Name)}
        elif isinstance(node, ast.arg):
            local.add(node.arg)
        elif isinstance(node, ast.FunctionDef):
            inner = (name for part in node.body for name in ast.walk(part) if isinstance(name, ast.Name))
            local |= {name.id for name in inner if isinstance(name.ctx, ast.Store)}
    return local


def _changed_in_place(statement):
    """The names whose parts are assigned, or on which a method that changes them is called."""
    changed = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.AugAssign):
            changed |= _base(node.target)
        elif isinstance(node, (ast.Attribute, ast.Subscript)) and isinstance(node.ctx, ast.Store):
            changed |= _base(node)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr in CHANGES:
                changed |= _base(node.func.value)
            elif node.func.attr == "fit" and node.args and _base(node.func.value) == {"vh"}:
                changed |= _base(node.args[0])
            elif node.func.attr == "parameters" and any(
                isinstance(outer, ast.Call) and node in outer.args and "optim" in ast.dump(outer.func)
                for outer in ast.walk(statement)
            ):
                changed |= _base(node.func.value)
    return changed


def _base(node):
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def cells_of(sources):
    cells, functions = [], {}
    for source in sources:
        cells.append(Cell(source, functions))
        functions = {**functions, **cells[-1].functions}
    return cells


def problems(cells):
    """What keeps a cell from saying the same again, in words."""
    found = []
    for number, cell in enumerate(cells):
        own = f"cell {number}"
        changed = {name: k for k in range(len(cells) - 1, number, -1) for name in cells[k].bound | cells[k].changed}
        found += [
            f"{own} reads {name}, which cell {changed[name]} changes" for name in sorted(cell.read & set(changed))
        ]
        found += [f"{own} changes {name}, which another cell made" for name in sorted(cell.changed)]
        nodes = [node for part in _run(cell.tree) for node in ast.walk(part)]
        later = {id(node) for part in nodes if isinstance(part, ast.Lambda) for node in ast.walk(part)}
        calls = [node.func for node in nodes if isinstance(node, ast.Call) and id(node) not in later]
        drawn = {getattr(call, "attr", getattr(call, "id", "")) for call in calls} & DRAWS
        if drawn and not cell.words & SEEDS:
            found.append(f"{own} draws at random ({', '.join(sorted(drawn))}) and sets no seed")
    return found


def _run(tree):
    """The statements that run with the cell, and not only when a function of it is called."""
    return [part for part in tree.body if not isinstance(part, (ast.FunctionDef, ast.ClassDef))]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_every_cell_can_be_run_again_and_says_the_same(path):
    cells = [cell for cell in code_cells(read(path)) if "exercise" not in cell.metadata.get("tags", [])]
    assert not problems(cells_of([cell.source for cell in cells]))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_takes_the_name_of_an_exercise(path):
    for cell in code_cells(read(path)):
        if "exercise" not in cell.metadata.get("tags", []):
            assert not cells_of([cell.source])[0].bound & EXERCISE_NAMES


@pytest.mark.parametrize(
    ("sources", "problem"),
    [
        (["s = 1", "print(s)", "s = 2"], "cell 1 reads s, which cell 2 changes"),
        (
            ["def f():\n    return s", "s = 1\nprint(f())", "print(f())", "s = 2"],
            "cell 2 reads s, which cell 3 changes",
        ),
        (["d = {}", "d['a'] = 1"], "cell 1 changes d, which another cell made"),
        (["d = {}", "d |= {1: 2}"], "cell 1 changes d, which another cell made"),
        (["m = torch.load('m')", "vh.fit(m, x)"], "cell 1 changes m, which another cell made"),
        (["m = f()", "o = torch.optim.Adam(m.parameters())"], "cell 1 changes m, which another cell made"),
        (["print(torch.randn(2))"], "cell 0 draws at random (randn) and sets no seed"),
    ],
)
def test_what_cannot_be_run_again_is_found(sources, problem):
    assert problem in problems(cells_of(sources))


@pytest.mark.parametrize(
    "sources",
    [
        ["s = 1\nprint(s)", "s = 2\nprint(s)"],
        ["torch.manual_seed(0)\nm = VAE()\nvh.fit(m, x)", "print(m)"],
        ["for k in range(3):\n    print(k)", "for k in 'ab':\n    print(k)"],
        ["rows = [k for k in range(3)]", "k = 5"],
        ["m = seeded(lambda: VAE())"],
    ],
)
def test_what_can_be_run_again_is_not_accused(sources):
    assert not problems(cells_of(sources))
