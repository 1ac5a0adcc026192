"""Words that are not written here, each with what is written instead."""
import re

from rule import file_rule

ALL = "(runtime|sim|tracing|scenarios|gui|tests)/.*"
PROGRAMS = (r"scenarios/command/.*|gui/app/main\.cpp|runtime/heart/(main|guard)\.cpp|"
            r"tests/(bench|e2e|stress)/.*|")

# The word, the files that may use it, what to write instead.
BANNED = (
    (r"\bassert\s*\(", None, "CHECK(...), which stays on in release"),
    (r"\bCHECK\s*\(",
     r"(?!tests/).*|tests/(bench|stress|fuzz)/.*|tests/runtime/base/check_test\.cpp",
     "REQUIRE(...) in a test: CHECK is the project's own and ends the program"),
    (r"\b(std::)?(printf|puts|putchar|fputs)\s*\(|\bstd::(cout|cerr|clog)\b", PROGRAMS,
     "a Result, an exit reason or an event: only programs print"),
    (r"\bstd::random_device\b|\bs?rand\s*\(|\bstd::mt19937|\bdefault_random_engine\b", None,
     "a draw from Decisions (runtime/node/decisions.h)"),
    (r"\bstd::uniform_\w+|\bstd::(bernoulli|normal|exponential|poisson|discrete)_distribution\b",
     None, "the draws of Decisions: std distributions differ from library to library"),
    (r"\bstd::(ranges::)?(shuffle|sample)\b", None, "a shuffle by draws from Decisions"),
    (r"\b(system|steady|high_resolution)_clock\b|\b(clock_gettime|gettimeofday|std::time)\s*\(",
     PROGRAMS + r"runtime/(schedule|io)/.*|runtime/node/\w*clock\w*\.(h|cpp)|gui/window/.*|"
     r"gui/model/desk\.cpp|tracing/recorder\.cpp|tests/runtime/io/.*",
     "Clock (runtime/node/clock.h), given by Environment"),
    (r"\bsleep_(for|until)\b|\b(u|nano)sleep\s*\(",
     r"runtime/schedule/multicore.*|tests/(stress|bench|e2e)/.*",
     "a timer, or a wait for what is awaited"),
    (r"(\.|->)detach\(\s*\)", None, "a thread that is joined"),
    (r"\batomic_thread_fence\b", None, "orders on the atomics themselves: TSan cannot see a fence"),
    (r"\bstd::(jthread|thread|async)\b(?!::)",
     PROGRAMS + r"runtime/(schedule|io|node)/.*|tracing/.*|gui/.*|scenarios/run/.*|"
     r"tests/(tracing|gui|runtime/io)/.*",
     "a process; threads belong to the executor, the recorder and the window"),
    (r"\bgetenv\s*\(", PROGRAMS + r"gui/.*|tests/.*|runtime/heart/heart_line\.cpp",
     "an option that is passed in"),
)


def test_words():
    """A bad example for every banned word."""
    words = ("assert(x);", "std::printf(x);", "std::cout << x;", "std::random_device d;",
             "rand();", "std::mt19937_64 e;", "std::uniform_int_distribution<int> d;",
             "std::shuffle(a, b, c);",
             "std::ranges::shuffle(a, b);", "std::chrono::steady_clock::now();",
             "std::chrono::system_clock::now();", "clock_gettime(a, b);", "std::time(nullptr);",
             "std::this_thread::sleep_for(x);", "usleep(3);", "thread.detach();",
             "std::atomic_thread_fence(x);", "std::jthread t;", "std::thread t(f);",
             "std::getenv(x);")
    return [{"sim/a.cpp": f"void f() {{ {word} }}\n"} for word in words] + [
        {"tests/sim/a_test.cpp": "CHECK(x);\n"}]


@file_rule(
    "a banned word is replaced by the better one",
    bad=test_words(),
    good=[{"sim/a.cpp": "static_assert(x);\nCHECK(y);  // no assert(y)\nsteady_clocks();\n"},
          {"sim/a.cpp": 'say("std::cout");\nint operand(int);\n'},
          {"runtime/schedule/multicore.cpp": "chrono::steady_clock::now();\nstd::jthread t;\n"},
          {"gui/app/main.cpp": "std::cout << x;\nstd::getenv(x);\n"},
          {"sim/a.cpp": "std::thread::id id;\n"}])
def banned(source):
    if not (source.is_cpp and re.match(ALL, source.path)):
        return
    for word, allowed, instead in BANNED:
        if allowed and re.fullmatch(allowed, source.path):
            continue
        for match in re.finditer(word, source.code):
            yield source.line_at(match.start()), f"{match.group().strip()}: write {instead}"


NEVER_ITERATED = "// unordered: never iterated"
SORTED = "// unordered: sorted before it is seen"


@file_rule(
    "an unordered container is never iterated, and says so",
    bad=[{"sim/a.h": "std::unordered_map<int, int> a;\n"},
         {"sim/a.h": "// unordered: never iterated\nint b;\nstd::unordered_set<int> a;\n"},
         {"sim/a.cpp": "std::unordered_map<int, int> seen_;  // unordered: never iterated\n"
                       "for (auto& [a, b] : seen_) f(a);\n"},
         {"sim/a.cpp": "// unordered: never iterated\nstd::unordered_map<int, A<int, int>> s;\n"
                       "for (auto i = s.begin(); ; ++i) f(i);\n"}],
    good=[{"sim/a.h": "#include <unordered_map>\n// unordered: never iterated\n"
                      "std::unordered_map<int, int> a;\n"},
          {"sim/a.h": "std::unordered_set<int> a;  // unordered: never iterated\n"
                      "for (auto& b : c) a.find(b) != a.end();\n"}])
def unordered(source):
    if not source.is_cpp:
        return
    for match in re.finditer(r"\bstd::unordered_\w+", source.code):
        line = source.line_at(match.start())
        around = source.lines[max(0, line - 2):line]
        if any(SORTED in text for text in around):
            continue
        if not any(NEVER_ITERATED in text for text in around):
            yield line, (f"{match.group()}: use an ordered container, or mark it "
                         f"`{NEVER_ITERATED}` or `{SORTED}`")
        name = re.match(r"<[^;={]*>\s*(\w+)\s*[;={]", source.code[match.end():])
        if name:
            loop = rf"\bfor\s*\([^;()]*:\s*{name.group(1)}\s*\)|\b{name.group(1)}\s*\.\s*c?begin\("
            for use in re.finditer(loop, source.code):
                yield source.line_at(use.start()), f"{name.group(1)} is unordered and iterated here"


UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")


@file_rule(
    "nothing is left unfinished",
    bad=[{"sim/a.h": "// TO" "DO: more\n"}, {"docs/a.md": "FIX" "ME\n"}, {"run": "# X" "XX\n"}],
    good=[{"sim/a.h": "// all of it is done\n"}])
def unfinished(source):
    for number, line in enumerate(source.lines, 1):
        for match in UNFINISHED.finditer(line):
            yield number, f"{match.group()}: finish it, or write an issue"


MACHINE = re.compile(r"(?<![\w.])/(home/\w+|root|work|Users/\w+)(?=/|\b)(?!-)")


@file_rule(
    "no path of one machine is written down",
    bad=[{"docs/a.md": "see /ho" "me/jo/x\n"}, {"run": "cd /ro" "ot/x\n"},
         {"sim/a.h": '"/wo' 'rk/main"\n'}],
    good=[{"docs/a.md": "tests/work/x and /usr/bin and https://a.example/work-in and a/root\n"}])
def machine(source):
    for number, line in enumerate(source.lines, 1):
        for match in MACHINE.finditer(line):
            yield number, f"{match.group()} is a path of one machine"


# Names that libraries ask for, and the fonts, which an assembler directive embeds.
LIBRARY_SWITCH = r"(BOOST|STB|GL|GLFW|IMGUI|SQLITE)_\w+|_GNU_SOURCE|GLASSHOUSE_EMBED"


@file_rule(
    "the only macro is CHECK",
    bad=[{"sim/a.h": "#define MAX(a, b) a\n"}, {"sim/a.cpp": "  #  define LIMIT 3\n"}],
    good=[{"runtime/base/check.h": "#define CHECK(x) x\n"}, {"tests/catch.h": "#define A\n"},
          {"gui/a.cpp": "#define STB_IMAGE_WRITE_IMPLEMENTATION\n"}])
def macros(source):
    if not source.is_cpp or source.folder == "tests" or source.path == "runtime/base/check.h":
        return
    for match in re.finditer(r"^\s*#\s*define\s+(\w+)", source.code, re.MULTILINE):
        if not re.fullmatch(LIBRARY_SWITCH, match.group(1)):
            yield (source.line_at(match.start(1)),
                   f"{match.group(1)}: a function, a constant or a template instead of a macro")


ATOMIC = re.compile(r"\.(load\(\s*\)|fetch_(add|sub|and|or|xor)\([^()]*(\([^()]*\)[^()]*)*\)"
                    r"|compare_exchange_(weak|strong)\([^()]*(\([^()]*\)[^()]*)*\))")


@file_rule(
    "every atomic operation names its memory order",
    bad=[{"sim/a.cpp": "a.load();\n"}, {"sim/a.cpp": "a_.fetch_add(f(1));\n"},
         {"sim/a.cpp": "a.compare_exchange_weak(b,\n  c);\n"}],
    good=[{"sim/a.cpp": "a.load(std::memory_order_acquire);\nb.load(file);\n"
                        "a.fetch_add(f(1), std::memory_order_relaxed);\n"}])
def orders(source):
    if not source.is_cpp or source.folder == "tests":
        return
    for match in ATOMIC.finditer(source.code):
        if "memory_order" not in match.group():
            yield source.line_at(match.start()), f"{match.group()[1:]} without its memory order"


TEST = re.compile(r'\b(?:TEMPLATE_)?TEST_CASE\(\s*"((?:\\.|[^"\\])*)"\s*([^)]*)')


@file_rule(
    "a test is named by a sentence and has a tag",
    bad=[{"tests/sim/a_test.cpp": 'TEST_CASE("world", "[world]") {}\n'},
         {"tests/sim/a_test.cpp": 'TEST_CASE("a world has hosts") {}\n'}],
    good=[{"tests/sim/a_test.cpp": 'TEST_CASE("a world has hosts", "[world]") {}\n'},
          {"tests/sim/a_test.cpp": 'TEST_CASE(\n    "a world has hosts",\n    "[world][.]") {}\n'}])
def sentences(source):
    if not source.path.startswith("tests/") or not source.is_cpp:
        return
    for match in TEST.finditer(source.text):
        if len(match.group(1).split()) < 3:
            yield source.line_at(match.start()), f'"{match.group(1)}": the name states a law'
        if not re.search(r'"\[[^"]+\]"', match.group(2)):
            yield source.line_at(match.start()), f'"{match.group(1)}": the thing is its tag'
