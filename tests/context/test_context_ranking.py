"""Which of the definitions that code can reach is the likelier one."""

from __future__ import annotations

from context.small_workspaces import Workspace


def scores(files: dict[str, str], path: str) -> dict[tuple[str, str], float]:
    """By path and the first line of the definition."""
    workspace = Workspace(dict(files), path)
    workspace.prepare()
    parts = workspace.chosen().chosen.of("definition")
    return {(part.path, part.text.split("\n")[0]): part.score for part in parts}


def module_of(*names: str) -> str:
    return "".join(f"def {name}(value):\n    return value\n\n\n" for name in names)


def test_functions_with_the_same_types_in_their_signatures_do_alike_things() -> None:
    body = "    return helpers.{name}(thing)\n\n\n"
    others = "".join(
        f"def one{number}(thing: {kind}):\n{body.format(name=name)}"
        for number, (kind, name) in enumerate([("Square", "fold"), ("Circle", "bend")] * 3)
    )
    files = {
        "helpers.py": module_of("bend", "fold"),
        "shapes.py": "class Circle:\n    pass\n\n\nclass Square:\n    pass\n",
        "use.py": f"import helpers\nfrom shapes import Circle, Square\n\n\n{others}def last(thing: Square):\n    █\n",
    }
    found = scores(files, "use.py")
    assert found["helpers.py", "def fold(value):"] > found["helpers.py", "def bend(value):"]


def test_a_name_that_many_modules_have_is_less_likely_to_be_any_of_them() -> None:
    modules = {f"part{number}.py": module_of("make") for number in range(6)}
    users = {f"user{number}.py": "def use(things):\n    things.make()\n    things.melt()\n" for number in range(8)}
    imports = "".join(f"import part{number}\n" for number in range(6))
    once = f"{imports}import metal\n\nALL = [{', '.join(f'part{number}' for number in range(6))}, metal]\n"
    files = {
        **modules,
        **users,
        "metal.py": module_of("melt"),
        "use.py": f"{once}\n\ndef other():\n    return 1\n\n\ndef last():\n    █\n",
    }
    found = scores(files, "use.py")
    assert found["metal.py", "def melt(value):"] > 2 * found["part0.py", "def make(value):"]


def test_a_module_that_is_imported_and_not_used_yet_is_likely_to_be_used_here() -> None:
    files = {
        "used.py": module_of("paint_walls"),
        "unused.py": module_of("paint_doors"),
        "use.py": "import used\nimport unused\n\nTOOLS = [used]\n\n\ndef paint_house():\n    █\n",
    }
    found = scores(files, "use.py")
    assert found["unused.py", "def paint_doors(value):"] > 1.2 * found["used.py", "def paint_walls(value):"]


def test_a_name_near_by_is_not_that_of_a_module_which_is_not() -> None:
    files = {
        "red.py": module_of("mix"),
        "blue.py": module_of("mix"),
        "use.py": (
            "import red\nimport blue\n\nCOLOURS = [red, blue]\n\n\n"
            "def last(one, two):\n    '''As blue.mix does.'''\n    █\n"
        ),
    }
    found = scores(files, "use.py")
    assert found["blue.py", "def mix(value):"] > 1.3 * found["red.py", "def mix(value):"]
