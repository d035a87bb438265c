"""Write docs/configuration.md from the options of src/glideim/config.py; `--check` only compares."""

from __future__ import annotations

import ast
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src/glideim/config.py"
TARGET = ROOT / "docs/configuration.md"

HEAD = """\
# Configuration

Every option has one name in four places; later ones win: the default, a TOML file (`glideim serve --config FILE` or
`GLIDEIM_CONFIG`), the environment, the command line (for `serve`, the options that `glideim serve --help` lists).
`ws_port = 9000` in the file is `GLIDEIM_WS_PORT=9000` in the environment and `--ws-port 9000` as a flag. A name that
is not an option is an error, so that a misspelt one does not pass unnoticed.

| option | default | meaning |
|---|---|---|
"""


def options(source: str) -> Iterator[tuple[str, str, str]]:
    """Name, default and text of every option."""
    body = next(
        node.body
        for node in ast.parse(source).body
        if isinstance(node, ast.ClassDef) and node.name == "Config"
    )
    for field, text in itertools.pairwise(body):
        match field, text:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as default),
                ast.Expr(value=ast.Constant(value=str() as meaning)),
            ):
                value = eval(compile(ast.Expression(default), "default", "eval"), {})
                yield name, repr(value).replace("'", '"'), " ".join(meaning.split())
            case _:
                continue  # a text, or a field without one


def page() -> str:
    """The page as it should be."""
    rows = [
        f"| `{name}` | `{default}` | {text} |"
        for name, default, text in options(SOURCE.read_text("utf-8"))
    ]
    return HEAD + "\n".join(rows) + "\n"


def main() -> int:
    """Write the page, or with --check say whether it is current."""
    wanted = page()
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text("utf-8") != wanted:
            sys.stderr.write("docs/configuration.md is stale: run scripts/gen_configuration.py\n")
            return 1
        return 0
    TARGET.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
