"""Who may include what."""
import re

from rule import Finding, file_rule, rule
from source import LAYERS

BELOW = {
    "runtime": {"runtime"},
    "sim": {"sim", "runtime"},
    "tracing": {"tracing", "runtime"},
    "scenarios": {"scenarios", "sim", "tracing", "runtime"},
    "gui": set(LAYERS),
    "tests": {*LAYERS, "tests"},
}

# Libraries that stay in their room: the headers, the files that may include them, in words.
ROOMS = (
    (r"sqlite3(ext)?\.h", r"tracing/.*\.cpp|runtime/table/.*\.cpp|tests/.*",
     "SQLite stays inside the .cpp files of tracing"),
    (r"boost/asio.*|openssl/.*", r"runtime/(io|dist)/.*|tests/(stress|bench|e2e)/.*",
     "Asio and OpenSSL stay inside runtime/io and runtime/dist"),
    (r"boost/graph/.*", r".*\.cpp",
     "Boost.Graph stays inside .cpp files"),
    (r"imgui.*|GLFW/.*|GL/.*|GLES.*|KHR/.*|stb_.*|ft2build\.h|freetype.*", r"(tests/)?gui/.*",
     "Dear ImGui, GLFW, OpenGL, FreeType and stb stay inside gui"),
    (r"spdlog/.*|fmt/.*", r"runtime/observe/.*\.cpp",
     "spdlog stays inside the .cpp files of runtime/observe"),
    (r"prometheus/.*", r"runtime/observe/(metrics_kept\.h|.*\.cpp)",
     "prometheus-cpp stays inside runtime/observe"),
    (r"lua\.hpp|lua.*\.h|lauxlib\.h|lualib\.h", r"(tests/)?scenarios/.*",
     "Lua stays inside scenarios"),
    (r"CLI/.*", r"(scenarios|gui|tests/bench)/.*\.cpp|runtime/heart/main\.cpp",
     "CLI11 stays inside the .cpp files of programs"),
    (r"nlohmann/.*", r"(scenarios|gui|tests)/.*\.cpp",
     "nlohmann/json stays inside .cpp files of scenarios and gui"),
    (r"catch2/.*", r"tests/catch\.h|tests/main\.cpp",
     "Catch2 is reached through tests/catch.h"),
)

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def includes(source):
    if source.is_cpp:
        for number, line in enumerate(source.lines, 1):
            match = INCLUDE.match(line)
            if match:
                yield number, match.group(1) == "<", match.group(2)


@file_rule(
    "includes go only downwards",
    bad=[{"runtime/a.cpp": '#include "sim/world.h"\n'},
         {"sim/a.h": '#include "tracing/recorder.h"\n'},
         {"tracing/a.h": '#  include "scenarios/lua.h"\n'},
         {"scenarios/a.cpp": '#include "gui/view.h"\n'},
         {"gui/a.cpp": '#include "../sim/world.h"\n'},
         {"gui/a.cpp": '#include "window.h"\n'},
         {"gui/a.cpp": '#include "tests/catch.h"\n'}],
    good=[{"gui/a.cpp": '#include "sim/world.h"\n#include "gui/a.h"\n#include <map>\n'},
          {"tests/sim/a_test.cpp": '#include "sim/world.h"\n#include "tests/catch.h"\n'}])
def downwards(source):
    for number, angled, name in includes(source):
        top = name.split("/")[0]
        if angled and top in BELOW and top != "tests":
            yield number, f'our own headers are included as "{name}"'
        if angled or source.folder not in BELOW:
            continue
        if "/" not in name or ".." in name:
            yield number, f'"{name}": an include is written from the top folder'
        elif top not in BELOW[source.folder]:
            yield number, f'"{name}": {source.folder} may include only ' + ", ".join(
                sorted(BELOW[source.folder]))


@file_rule(
    "libraries stay in their room",
    bad=[{"tracing/a.h": "#include <sqlite3.h>\n"},
         {"scenarios/a.cpp": "#include <sqlite3.h>\n"},
         {"sim/a.cpp": "#include <boost/asio/ip/tcp.hpp>\n"},
         {"tracing/a.h": "#include <boost/graph/adjacency_list.hpp>\n"},
         {"scenarios/a.cpp": "#include <imgui.h>\n"},
         {"tracing/a.cpp": "#include <GLFW/glfw3.h>\n"},
         {"runtime/observe/a.h": "#include <spdlog/spdlog.h>\n"},
         {"sim/a.cpp": "#include <lua.hpp>\n"},
         {"runtime/a.cpp": "#include <CLI/CLI.hpp>\n"},
         {"tracing/a.cpp": "#include <nlohmann/json.hpp>\n"},
         {"tests/sim/a_test.cpp": "#include <catch2/catch.hpp>\n"}],
    good=[{"tracing/a.cpp": "#include <sqlite3.h>\n#include <boost/graph/adjacency_list.hpp>\n"},
          {"runtime/io/tcp.cpp": "#include <boost/asio.hpp>\n"},
          {"gui/window.cpp": "#include <GLFW/glfw3.h>\n#include <imgui.h>\n"},
          {"scenarios/lua.cpp": "#include <lua.hpp>\n"}])
def rooms(source):
    for number, _, name in includes(source):
        for headers, room, law in ROOMS:
            if re.fullmatch(headers, name) and not re.fullmatch(room, source.path):
                yield number, f"<{name}>: {law}"


def libraries_behind(project, path, seen):
    """The libraries that including a header of ours brings along: (header of the library, room)."""
    if path in seen or path not in project:
        return
    seen.add(path)
    for _, angled, name in includes(project[path]):
        for headers, room, law in ROOMS if angled else ():
            if re.fullmatch(headers, name):
                yield name, room, law
        if not angled:
            yield from libraries_behind(project, name, seen)


ASIO_IN_HEADER = {"runtime/io/hub.h": "#include <boost/asio.hpp>\n",
                  "runtime/io/b.h": '#include "runtime/io/hub.h"\n'}


@rule(
    "no header carries a library out of its room",
    bad=[{**ASIO_IN_HEADER, "sim/a.cpp": '#include "runtime/io/hub.h"\n'},
         {**ASIO_IN_HEADER, "gui/a.h": '#include "runtime/io/b.h"\n'}],
    good=[{**ASIO_IN_HEADER, "runtime/io/b.cpp": '#include "runtime/io/b.h"\n'}])
def carried(project):
    for source in project.values():
        if not source.is_cpp or source.folder == "tests":
            continue
        for number, angled, name in includes(source):
            for library, room, law in () if angled else libraries_behind(project, name, set()):
                if not re.fullmatch(room, source.path):
                    yield Finding(source.path, number, f'"{name}" brings <{library}>: {law}')
