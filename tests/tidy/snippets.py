"""Documentation is compiled: what README.md and docs/manual show is a region of a source.

    snippets.py            compares; names every block that differs or comes from nowhere
    snippets.py --update   rewrites the blocks from the sources
    snippets.py --self-test

In a page                                         In the source
    <!-- snippet: tests/docs/counter.cpp#class -->    // region class
    ```cpp                                            class Counter { ... };
    class Counter { ... };                            // endregion
    ```
"""
import re
import sys
import textwrap

from source import ROOT, project

COMPILED = {"cpp", "c++", "lua"}
BLOCK = re.compile(
    r"(?:^<!-- snippet: (?P<file>[^#\s]+)#(?P<region>[\w-]+) -->\n)?"
    r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)


def is_page(path):
    return path == "README.md" or re.fullmatch(r"docs/manual/.*\.md", path)


def regions(text):
    """The named regions of a source, each without its common indentation. They may nest."""
    found, opened = {}, []
    for line in text.splitlines(keepends=True):
        mark = re.match(r"\s*(?://|--|#) (region ([\w-]+)|endregion)\s*$", line)
        if mark and mark.group(2):
            opened.append(mark.group(2))
            found[mark.group(2)] = ""
        elif mark and opened:
            opened.pop()
        elif not mark:
            for name in opened:
                found[name] += line
    return {name: textwrap.dedent(body).strip("\n") + "\n" for name, body in found.items()}


def expected(block, texts):
    """The text that a block should have, or what is wrong with the block."""
    if not block["file"]:
        return None, "is not taken from a source; put `<!-- snippet: file#region -->` above it"
    if block["file"] not in texts:
        return None, f"names {block['file']}, which is not in the project"
    text = regions(texts[block["file"]]).get(block["region"])
    if text is None:
        return None, f"names the region {block['region']}, which {block['file']} does not have"
    return text, None


def check(texts, pages):
    """Returns the findings, and the pages as they should read."""
    findings, updated = [], {}
    for page in pages:
        def rewrite(block, page=page):
            compiled = block["language"].strip().lower() in COMPILED
            if not compiled and not block["file"]:
                return block.group()
            line = texts[page].count("\n", 0, block.start("language")) + 1
            text, wrong = expected(block, texts)
            if wrong is None and text == block["text"]:
                return block.group()
            findings.append(f"{page}:{line}: this block "
                            + (wrong or f"differs from {block['file']}#{block['region']}; "
                                        "tests/tidy/snippets.py --update rewrites it"))
            if wrong:
                return block.group()
            begin, end = (place - block.start() for place in block.span("text"))
            return block.group()[:begin] + text + block.group()[end:]
        updated[page] = BLOCK.sub(rewrite, texts[page])
    return findings, updated


def self_test():
    source = "a\n  // region one\n  int b;\n\n    int c;\n  // endregion\nd\n"
    page = "<!-- snippet: a.cpp#one -->\n```cpp\n%s```\n"
    good = page % "int b;\n\n  int c;\n"
    bad = [page % "int b;\n", "```cpp\nint b;\n```\n", "text\n```lua\nb()\n```\n",
           good.replace("#one", "#two"), good.replace("a.cpp", "b.cpp"), good + "```c++\n```\n",
           page % ""]
    for text in bad:
        assert check({"a.cpp": source, "README.md": text}, ["README.md"])[0], text
    for text in (good, "```sh\n./run\n```\n" + good, "```\nplain\n```\n"):
        assert not check({"a.cpp": source, "README.md": text}, ["README.md"])[0], text
    empty = {"a.cpp": source, "README.md": "x\n" + page % "" + "y\n" + good}
    assert check(empty, ["README.md"])[1] == {"README.md": "x\n" + good + "y\n" + good}
    stale = {"a.cpp": source, "README.md": "x\n" + bad[0]}
    assert check(stale, ["README.md"])[1] == {"README.md": "x\n" + good}
    assert regions("-- region a\nb\n-- region c\nd\n-- endregion\n-- endregion\n") == {
        "a": "b\nd\n", "c": "d\n"}


def main(arguments):
    if "--self-test" in arguments:
        self_test()
        return 0
    texts = {path: source.text for path, source in project().items()}
    findings, updated = check(texts, [path for path in texts if is_page(path)])
    if "--update" in arguments:
        for page, text in updated.items():
            (ROOT / page).write_text(text, encoding="utf-8")
        findings = check({**texts, **updated}, list(updated))[0]
    print("\n".join(findings) if findings else f"snippets: {len(updated)} pages agree")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
