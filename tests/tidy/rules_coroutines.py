"""The traps of g++ 12: some temporaries of an expression with co_await are destroyed twice."""
import re

from rule import file_rule

STATEMENT = re.compile(r"\b(if|while|for|switch|constexpr)\s*$")


def matching_open(code, close):
    """The position of the parenthesis that the one at `close` closes."""
    depth = 0
    for position in range(close, -1, -1):
        depth += {")": 1, "(": -1}.get(code[position], 0)
        if depth == 0:
            return position
    return 0


def rest_of_expression(code, start):
    """What follows `start` up to the end of the full expression it stands in."""
    depth = 0
    for position in range(start, len(code)):
        letter = code[position]
        if letter == ";" or letter == "}":
            return code[start:position]
        if letter in "{[":
            return code[start:position + 1]
        if letter == "(":
            depth += 1
        elif letter == ")":
            depth -= 1
            if depth < 0 and STATEMENT.search(code[:matching_open(code, position)]):
                return code[start:position]
    return code[start:]


def process(body):
    return {"sim/a.cpp": f"Behaviour a(Self self) {{\n  {body}\n}}\n"}


@file_rule(
    "nothing is built inside a co_await",
    bad=[process("co_await self.send(to, Get{1});"),
         process("co_await wait([x] { return x; });"),
         process("auto a = f(co_await self.ask(), Get{.key = 1});"),
         process("if (co_await self.call(to,\n   {1, 2})) {\n  }"),
         process("while (g(co_await next()) == Key{1}) stop();"),
         process("auto [key, value] = co_await self.receive<Put>();")],
    good=[process("auto got = co_await self.call<Get>(to, 1); f({1});"),
          process("if (co_await self.call<Get>(to)) { f({1}); }"),
          process("while (f(co_await next()) > 0) { }"),
          process('// co_await {\n  f("co_await [");'),
          process("Get get{1}; co_await self.send(to, get);")])
def built_inside(source):
    if not source.is_cpp:
        return
    for match in re.finditer(r"\bco_await\b", source.code):
        line = source.line_at(match.start())
        if rest_of_expression(source.code, match.end()).endswith(("{", "[")):
            yield line, "nothing is built inside a co_await (no { or [): name it on the line above"
    for match in re.finditer(r"\]\s*=\s*co_await\b", source.code):
        yield source.line_at(match.start()), "bind the result of co_await to one name first"


LAMBDA = re.compile(r"(?<!\[)\[([^\[\]]+)\]\s*(?:<[^>]*>\s*)?(?=\()")


def after_parameters(code, start):
    """Where the parameter list that opens at `start` has ended."""
    depth = 0
    for position in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[position], 0)
        if depth == 0:
            return position + 1
    return len(code)


@file_rule(
    "a coroutine is never a lambda that captures",
    bad=[{"sim/a.cpp": "spawn([value](Self self) -> Behaviour { co_return; });\n"},
         {"sim/a.cpp": "auto f = [&](Self s, F (*g)(int)) mutable -> Task<int> {};\n"},
         {"sim/a.cpp": "auto f = [this](Self s)\n    -> runtime::Behaviour { co_return; };\n"}],
    good=[{"sim/a.cpp": "spawn([](Self self) -> Behaviour { co_return; });\n"},
          {"sim/a.cpp": "auto f = [value](int x) -> int { return x; };\n"},
          {"sim/a.cpp": "[[nodiscard]] auto a(int) -> Behaviour;\nint b = x[1](2);\n"}])
def capturing(source):
    if not source.is_cpp:
        return
    for match in LAMBDA.finditer(source.code):
        rest = source.code[after_parameters(source.code, match.end()):]
        if re.match(r"[\s\w]*->\s*(\w+::)*(Behaviour|Task)\b", rest):
            yield (source.line_at(match.start()),
                   "a coroutine is a free function: what a lambda captures dies before it resumes")


def block_end(code, start):
    """The position of the brace that closes the first block after `start`."""
    depth = 0
    for match in re.finditer(r"[{}]", code[start:]):
        depth += 1 if match.group() == "{" else -1
        if depth == 0:
            return start + match.start()
    return len(code)


@file_rule(
    "a co_await never stands in a catch",
    bad=[process("try { f(); } catch (const A& a) { if (b) { co_await c(); } }")],
    good=[process("try { co_await f(); } catch (...) { g(); } co_await h();")])
def in_catch(source):
    if not source.is_cpp:
        return
    for match in re.finditer(r"\bcatch\s*\(", source.code):
        body = source.code[match.end():block_end(source.code, match.end())]
        for inside in re.finditer(r"\bco_await\b", body):
            yield (source.line_at(match.end() + inside.start()),
                   "keep the error, leave the catch, then wait")
