"""What a rule is: a sentence, a checker, and examples that prove that the checker can fail."""
import dataclasses
from typing import Callable, Dict, List

from source import Source

RULES = []


@dataclasses.dataclass(frozen=True)
class Finding:
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


@dataclasses.dataclass(frozen=True)
class Rule:
    law: str
    check: Callable[[Dict[str, Source]], List[Finding]]
    bad: List[Dict[str, str]]
    good: List[Dict[str, str]]

    def on_text(self, texts):
        return self.check({path: Source(path, text) for path, text in texts.items()})


def rule(law, bad, good=()):
    """Registers a checker of the whole project: a generator of findings from {path: Source}.

    Each of `bad` is a small project, {path: text}, in which it must find something; in each of
    `good` it must find nothing.
    """
    def register(check):
        RULES.append(Rule(law, lambda project: list(check(project)), list(bad), list(good)))
        return check
    return register


def file_rule(law, bad, good=()):
    """The same for a checker of one file: a generator of (line, message) from a Source."""
    def register(check):
        def check_project(project):
            for source in project.values():
                for line, message in check(source):
                    yield Finding(source.path, line, message)
        rule(law, bad, good)(check_project)
        return check
    return register
