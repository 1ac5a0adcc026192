"""The text of the project, as the rules in this folder read it."""
import bisect
import functools
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LAYERS = ("runtime", "sim", "tracing", "scenarios", "gui")

TOKEN = re.compile(
    r"""//[^\n]*                                    # comment to the end of the line
      | /\*.*?\*/                                   # comment
      | R"(?P<fence>[^()\\\s]{0,16})\(.*?\)(?P=fence)"  # raw string
      | "(?:\\.|[^"\\\n])*"                         # string
      | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'        # character, not a digit separator
    """,
    re.DOTALL | re.VERBOSE,
)


def blank(match):
    """Spaces of the same shape, with the quotes of a string left standing."""
    text = match.group()
    spaces = re.sub(r"[^\n]", " ", text)
    if text[0] == "/":
        return spaces
    return text[0] + spaces[1:-1] + text[-1]


class Source:
    """One file: its path from the top of the project and its text."""

    def __init__(self, path, text):
        self.path = path
        self.text = text
        self.lines = text.splitlines()

    @property
    def folder(self):
        return self.path.split("/")[0]

    @property
    def is_cpp(self):
        return self.path.endswith((".h", ".cpp"))

    @functools.cached_property
    def code(self):
        """The text with comments and the insides of strings as spaces, position for position."""
        return TOKEN.sub(blank, self.text)

    @functools.cached_property
    def line_starts(self):
        return [0] + [m.end() for m in re.finditer("\n", self.text)]

    def line_at(self, position):
        return bisect.bisect_right(self.line_starts, position)


def tracked_paths():
    """What git knows or would add; without git, everything but the build."""
    listing = subprocess.run(
        ["git", "-C", ROOT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True, text=True, check=False)
    if listing.returncode == 0:
        paths = {p for p in listing.stdout.split("\0") if p}
    else:
        paths = {str(p.relative_to(ROOT)) for p in ROOT.rglob("*")}
    return sorted(p for p in paths
                  if not p.startswith(("build/", ".git/")) and (ROOT / p).is_file())


def project():
    """Every text file of the project, by path."""
    sources = {}
    for path in tracked_paths():
        content = (ROOT / path).read_bytes()
        if b"\0" not in content:
            sources[path] = Source(path, content.decode("utf-8"))
    return sources
