"""The observer in a real window, used with a real pointer and real keys.

observer_window.py OBSERVER GLASSHOUSE SCENARIO: records the scenario, starts an X server without a
screen, opens the trace in the observer, and drives it with xdotool. Places come from the program's
automation socket, and every wait is for a condition.
Status 0: all held. Status 77: a tool is missing, nothing was tried.
"""
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

SKIPPED = 77
PATIENCE = 100.0


class Window:
    def __init__(self, path):
        self.socket = wait_for(lambda: connect(path), "the automation socket")
        self.lines = self.socket.makefile("r")

    def ask(self, request):
        self.socket.sendall((request + "\n").encode())
        answer = []
        while True:
            line = self.lines.readline()
            assert line, "the observer ended while it was asked: " + request
            line = line.rstrip("\n")
            if line == "ok":
                return answer
            assert not line.startswith("error"), request + ": " + line
            answer.append(line)

    def state(self, name):
        return "".join(self.ask("state " + name))

    def place(self, wanted):
        for line in self.ask("items"):
            x, y, width, height, name = line.split(" ", 4)
            if name == wanted:
                return int(x) + int(width) // 2, int(y) + int(height) // 2
        return None

    def click(self, name):
        x, y = wait_for(lambda: self.place(name), name)
        xdotool("mousemove", str(x), str(y), "click", "1")

    def expect(self, name, value):
        try:
            wait_for(lambda: self.state(name) == value, name)
        except AssertionError:
            raise AssertionError(f"{name} is {self.state(name)}, not {value}") from None


def connect(path):
    try:
        peer = socket.socket(socket.AF_UNIX)
        peer.connect(path)
        return peer
    except OSError:
        return None


def wait_for(condition, what):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("waited in vain for " + what)


def xdotool(*words):
    subprocess.run(["xdotool", *words], check=True)


def use(window):
    window.expect("view", "processes")
    window.click("cmd/view.messages")
    window.expect("view", "messages")
    # Faster than any person: none may be lost. (GLFW takes presses of one key within one
    # millisecond for echoes of an input method, so they are further apart than that.)
    window.expect("latest", "true")
    last = int(window.state("last"))
    xdotool("key", "--delay", "3", *["Left"] * 21)
    window.expect("moment", str(last - 21))
    xdotool("key", "ctrl+t")
    window.expect("theme", "light")
    xdotool("key", "1", "slash")
    window.expect("typing", "true")
    xdotool("type", "--delay", "3", "ping")
    window.expect("filter", "ping")
    xdotool("key", "Escape", "ctrl+k")
    window.expect("overlay", "palette")
    xdotool("type", "--delay", "3", "supervision")
    xdotool("key", "Return")
    window.expect("view", "supervision")
    window.click("transport/minimap")
    window.expect("latest", "false")


def main(observer_program, glasshouse, scenario):
    for tool in ("Xvfb", "xdotool"):
        if shutil.which(tool) is None:
            print("skipped: there is no", tool)
            return SKIPPED
    with tempfile.TemporaryDirectory() as folder:
        trace = os.path.join(folder, "run.db")
        subprocess.run([glasshouse, "run", scenario, "--seed", "3", "--trace", trace],
                       stdout=subprocess.DEVNULL, check=True)
        read_end, write_end = os.pipe()
        server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1300x820x24", "-nolisten",
             "tcp"], pass_fds=[write_end], stderr=subprocess.DEVNULL)
        os.close(write_end)
        observer = None
        try:
            with os.fdopen(read_end) as number:
                os.environ["DISPLAY"] = ":" + number.readline().strip()
            path = os.path.join(folder, "observer")
            observer = subprocess.Popen(
                [observer_program, trace, "--size", "1280x800", "--automation", "unix:" + path])
            window = Window(path)
            window.ask("frame 3")
            xdotool("search", "--name", "Glasshouse", "windowfocus")
            use(window)
            window.ask("quit")
            assert observer.wait(PATIENCE) == 0, "the observer ended with a status"
        finally:
            for process in (observer, server):
                if process is not None and process.poll() is None:
                    process.terminate()
                    process.wait()
    print("the window obeys pointer and keys")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
