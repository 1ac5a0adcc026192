"""Lines, files, functions, and the lists of sources."""
import ast
import re

from rule import Finding, file_rule, rule
from source import LAYERS

COLUMNS_MAX = 100
FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
WRITTEN = (".h", ".cpp", ".py", ".cmake", ".lua", "CMakeLists.txt")


@file_rule(
    "a line has at most 100 columns, no tab and no space at its end",
    bad=[{"sim/a.h": "// " + "x" * 98 + "\n"}, {"sim/a.h": "\tint a;\n"},
         {"sim/a.py": "a = 1 \n"}, {"sim/a.h": "int a;"}],
    good=[{"sim/a.h": "x" * 100 + "\n"}, {"docs/a.md": "x" * 200 + "\n"},
          {"sim/a.h": "ä" * 100 + "\n"}])
def lines(source):
    if not source.path.endswith(WRITTEN):
        return
    for number, line in enumerate(source.lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns, {COLUMNS_MAX} is the limit"
        if "\t" in line:
            yield number, "a tab; indent with spaces"
        if line != line.rstrip():
            yield number, "a space at the end of the line"
    if source.text and not source.text.endswith("\n"):
        yield len(source.lines), "the last line has no end"


@file_rule(
    "a file has at most 600 lines",
    bad=[{"sim/a.h": "\n" * 601}], good=[{"sim/a.h": "\n" * 600}])
def file_length(source):
    if source.path.endswith(WRITTEN) and len(source.lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX, f"{len(source.lines)} lines, {FILE_LINES_MAX} is the limit: split it"


# What stands before the brace of a scope that holds functions, not statements.
SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|concept|extern)\b(?!.*\)\s*$)", re.DOTALL)


def function_bodies(code):
    """The (start, end) of every function: the outermost braces that are no scope and no value."""
    scopes = []  # one truth for each open brace: does it hold functions?
    head = body = None
    last = 0
    for match in re.finditer(r"[{};]", code):
        position, letter = match.span()[0], match.group()
        if letter == "{":
            before = code[last:position].strip()
            scope = bool(SCOPE.search(before))
            # The head of a function ends its parameters; after `: member_{value}` it is empty.
            function = ")" in before or not before or before.startswith(",")
            if all(scopes) and not scope and function and not before.endswith(("=", ",", "(")):
                head = position - len(code[last:position].lstrip())
                body = len(scopes)
            scopes.append(scope)
        elif letter == "}" and scopes:
            scopes.pop()
            if body == len(scopes):
                yield head, position
                body = None
        if body is None or letter != "}":
            last = position + 1


def long_cpp_function(count):
    return {"sim/a.cpp": "namespace a {\nint f(int x) const noexcept {\n"
                         + "  if (x) { ++x; }\n" * (count - 2) + "}\n}\n"}


@file_rule(
    "a function has at most 70 lines",
    bad=[long_cpp_function(71),
         {"sim/a.cpp": "struct A {\n  A() : b_{1},\n" + "\n" * 80 + "c_{2} {\n" + "f();\n" * 71
                       + "}\n int b_; };\n"},
         {"sim/a.cpp": 'TEST_CASE("a {", "[b]") {\n' + "f();\n" * 70 + "}\n"},
         {"sim/a.py": "def f():\n" + "    g()\n" * 70}],
    good=[long_cpp_function(70),
          {"sim/a.cpp": "struct A {\n" + "  int a() { return 1; }\n" * 100 + "};\n"},
          {"sim/a.cpp": "constexpr int table[] = {\n" + "  1,\n" * 100 + "};\n"},
          {"sim/a.cpp": "constexpr A<int> table{{\n" + "  {.a = 1},\n" * 100 + "}};\n"},
          {"sim/a.py": "def f():\n" + "    g()\n" * 69}])
def function_length(source):
    if source.path.endswith(".py"):
        for node in ast.walk(ast.parse(source.text)):
            if isinstance(node, ast.FunctionDef):
                count = node.end_lineno - node.lineno + 1
                if count > FUNCTION_LINES_MAX:
                    yield node.lineno, f"{count} lines, {FUNCTION_LINES_MAX} is the limit"
    elif source.is_cpp:
        for start, end in function_bodies(source.code):
            first, count = source.line_at(start), source.code.count("\n", start, end) + 1
            if count > FUNCTION_LINES_MAX:
                yield first, f"{count} lines, {FUNCTION_LINES_MAX} is the limit"


@file_rule(
    "a header says first what it is for",
    bad=[{"sim/a.h": "// What it is for.\n#include <map>\n"},
         {"sim/a.h": "#pragma once\n#include <map>\n"}],
    good=[{"sim/a.h": "#pragma once\n// What it is for.\n"},
          {"sim/a.h": "#pragma once\n\n// What it is for.\n"},
          {"sim/a.h": "// What it is for.\n#pragma once\n"}])
def header_head(source):
    if source.path.endswith(".h"):
        head = [line for line in source.lines if line.strip()]
        code = [line for line in head if not line.startswith("//")]
        if code[:1] != ["#pragma once"]:
            yield 1, "a header begins with #pragma once"
        elif not any(line.startswith("//") for line in head[:2]):
            yield 1, "the first comment says what the header is for and which threads may call it"


def lists_above(project, source):
    """The words of each list of sources that may name a source, and the name it then has."""
    parts = source.path.split("/")
    for other in project.values():
        folder = other.path.rpartition("/")[0].split("/")
        if not other.path.endswith(("CMakeLists.txt", ".cmake")) or parts[:len(folder)] != folder:
            continue
        # What a .cmake file names is seen from the list that includes it.
        depth = 1 if other.path.endswith(".cmake") else len(folder)
        yield re.sub(r"#.*", "", other.text), "/".join(parts[depth:])


@rule(
    "every source is named in the CMakeLists.txt of its folder",
    bad=[{"sim/CMakeLists.txt": "layer(sim SOURCES a.cpp)\n", "sim/a.cpp": "", "sim/b.cpp": ""},
         {"sim/CMakeLists.txt": "layer(sim SOURCES # c/b.h\n)\n", "sim/c/b.h": ""},
         {"sim/CMakeLists.txt": "layer(sim SOURCES world_a.cpp)\n", "sim/a.cpp": ""},
         {"gui/a.cpp": ""}],
    good=[{"sim/CMakeLists.txt": "layer(sim SOURCES a.cpp\n  c/b.cpp)", "sim/a.cpp": "",
           "sim/c/b.cpp": ""},
          {"tests/a/CMakeLists.txt": "add_executable(a b.cpp)", "tests/a/b.cpp": ""}])
def named(project):
    for source in project.values():
        if source.folder not in (*LAYERS, "tests") or not source.is_cpp:
            continue
        if source.folder == "tests" and source.path.endswith(".h"):
            continue
        if not any(re.search(rf"(?<![\w/.]){re.escape(name)}(?![\w/.])", words)
                   for words, name in lists_above(project, source)):
            yield Finding(source.path, 1,
                          f"no target builds it: name it in {source.folder}/CMakeLists.txt")
