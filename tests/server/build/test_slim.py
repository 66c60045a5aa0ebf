"""Source without docstrings and comments: the same program on the same lines."""

import ast
from pathlib import Path

import pytest

from nearside_server.build.slim import slim

ENGINE = Path(__file__).resolve().parents[3] / "py" / "nearside"


def program(source):
    """Return a program's parts with their lines, its docstrings empty."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        for statement in body if isinstance(body, list) else []:
            value = getattr(statement, "value", None) if isinstance(statement, ast.Expr) else None
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                value.value = ""
    lines = [(type(node).__name__, getattr(node, "lineno", None)) for node in ast.walk(tree)]
    return lines, ast.dump(tree)


@pytest.mark.parametrize(
    "path", sorted(ENGINE.rglob("*.py")), ids=lambda path: path.relative_to(ENGINE).as_posix()
)
def test_the_engine_s_files_stay_the_same_programs(path):
    source = path.read_text("utf-8")
    assert program(slim(source)) == program(source)


def test_docstrings_and_comments_go_and_strings_stay():
    source = (
        '"""Module."""\n\nA = 1  # one\n"""What A is."""\n\n\ndef f():\n    """Long\n    one.\n    """\n'
        '    # alone\n    return "# no comment" + """kept"""\n\n\nclass C:\n    """Only this."""\n'
    )
    assert slim(source) == (
        '""\n\nA = 1\n""\n\n\ndef f():\n    ""\n\n\n\n'
        '    return "# no comment" + """kept"""\n\n\nclass C:\n    ""\n'
    )


def test_what_is_no_python_is_refused():
    with pytest.raises(SyntaxError):
        slim("def (")
