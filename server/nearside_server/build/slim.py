"""Python source without what only its readers need: the tab downloads it with every first visit."""

from __future__ import annotations

import ast
import io
import tokenize

_DOCUMENTED = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def slim(source: str) -> str:
    """Return `source` with empty docstrings and without comments; every line keeps its number, so that a
    traceback means the same lines. Raises SyntaxError for what is no Python.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source)):
        # A bare string after an assignment documents a constant: it goes too.
        for statement in getattr(node, "body", ()) if isinstance(node, _DOCUMENTED) else ():
            if isinstance(statement, ast.Expr) and _is_text(statement.value):
                _blank(lines, statement)
    bare = "".join(lines)
    for token in tokenize.generate_tokens(io.StringIO(bare).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column].rstrip() + "\n"
    return "".join(line if line.strip() else "\n" for line in lines)


def _is_text(value: ast.expr) -> bool:
    """Say whether an expression is a plain string."""
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _blank(lines: list[str], statement: ast.Expr) -> None:
    """Put an empty string in the place of a docstring, and empty lines for those that it had."""
    first, last = statement.lineno - 1, (statement.end_lineno or statement.lineno) - 1
    # Offsets count bytes; what stands before a docstring on its line is white space.
    indent = lines[first].encode()[: statement.col_offset].decode()
    rest = lines[last].encode()[statement.end_col_offset or 0 :].decode()
    lines[first : last + 1] = [f'{indent}""{rest if first == last else chr(10)}', *["\n"] * (last - first)]
    if first != last:
        lines[last] = rest if rest.strip() else "\n"
