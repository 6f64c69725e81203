"""Installs LocalStack with the plugin of this folder, starts it on a free port of this machine, and stops it.

`up` leaves it running, and `down` ends it. `run` is for programs: LocalStack ends when the standard input that it was
given is closed, which the death of its caller does in every case. All print the endpoint on standard output, and
what takes time on the error stream. Everything that is written lies in one folder.
"""

import argparse
import fcntl
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
PLUGIN = HERE / "plugin"

INSTALL_LIMIT = 600.0
START_LIMIT = 120.0
STOP_LIMIT = 10.0


class Trouble(Exception):
    """Why LocalStack does not run; what it says is for the user."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder against others who would install or start something in it."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def wanted() -> str:
    """What tells an installation that would do from one that is outdated."""
    files = [REQUIREMENTS, *sorted(path for path in PLUGIN.rglob("*") if path.suffix in (".py", ".toml"))]
    contents = b"".join(path.read_bytes() for path in files)
    return f"{sys.executable} {sys.version} {hashlib.sha256(contents).hexdigest()}"


def install(folder: Path) -> Path:
    """Makes the virtual environment, unless its stamp says that it is what would be made; gives its Python."""
    environment, stamp = folder / "venv", folder / "venv" / "installed"
    python = environment / "bin" / "python"
    if stamp.is_file() and stamp.read_text() == wanted():
        return python
    say("installing LocalStack; this takes a minute or two")
    # A copy of an interpreter may not find its libraries.
    venv.create(environment, clear=True, symlinks=True, with_pip=True)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        # Pip leaves what it builds beside the source, so that is a copy.
        plugin = shutil.copytree(PLUGIN, Path(scratch) / "plugin")
        for what in (["-r", str(REQUIREMENTS)], ["--no-build-isolation", str(plugin)]):
            pip = [python, "-m", "pip", "install", "--quiet", "--no-input", "--no-cache-dir", "--no-compile"]
            pip += ["--disable-pip-version-check", "--no-deps", *what]
            ended = subprocess.run(
                pip,
                capture_output=True,
                text=True,
                timeout=INSTALL_LIMIT,
                env={**os.environ, "TMPDIR": scratch},
            )
            if ended.returncode != 0:
                raise Trouble(f"pip could not install {what[-1]}:\n{ended.stderr}")
    # The stamp comes last, so that an interrupted installation is done again.
    stamp.write_text(wanted())
    return python


def environment(state: Path, port: int) -> dict[str, str]:
    """Nothing of the user's own: neither their credentials nor their LocalStack's settings belong here."""
    home, temporary = state / "home", state / "tmp"
    for each in (home, temporary, state / "files"):
        each.mkdir(parents=True, exist_ok=True)
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / ".cache"),
        "TMPDIR": str(temporary),
        "FILESYSTEM_ROOT": str(state / "files"),
        "GATEWAY_LISTEN": f"127.0.0.1:{port}",
        # The other server would listen on every interface of the machine.
        "GATEWAY_SERVER": "hypercorn",
        # It is nobody's business that this runs, and it needs nothing of the network.
        "DISABLE_EVENTS": "1",
        "SKIP_SSL_CERT_DOWNLOAD": "1",
        "DNS_ADDRESS": "0",
        "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
        "MOTO_ECS_SERVICE_RUNNING": "1",
    }


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def endpoint(port: int) -> str:
    return f"http://127.0.0.1:{port}"


# A proxy that the user has for the network does not lead to this machine.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def is_healthy(port: int) -> bool:
    try:
        with DIRECT.open(f"{endpoint(port)}/_localstack/health", timeout=5) as answer:
            return "services" in json.load(answer)
    except (OSError, ValueError):
        return False


def start(python: Path, state: Path, port: int, mark: IO[str] | None) -> subprocess.Popen[bytes]:
    """Starts LocalStack in a session of its own and waits until it answers.

    It keeps the mark open, and by that its lock, for as long as it lives. Without one, its life is that of our input.
    """
    variables = environment(state, port)
    if mark is None:
        variables["LOCALSTACK_MOTO_STOP_WITH_STDIN"] = "1"
    with open(state / "log", "wb") as log:
        process = subprocess.Popen(
            [python, "-m", "localstack.runtime.main"],
            env=variables,
            cwd=state,
            stdin=None if mark is None else subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=() if mark is None else (mark.fileno(),),
        )
    deadline = time.monotonic() + START_LIMIT
    while process.poll() is None and time.monotonic() < deadline:
        if is_healthy(port):
            return process
        time.sleep(0.1)
    stop(process.pid, lambda: process.poll() is not None)
    log = (state / "log").read_text(errors="replace")
    raise Trouble(f"LocalStack did not come up on port {port}; it wrote:\n{log[-4000:]}")


def start_anywhere(python: Path, state: Path, port: int | None, mark: IO[str] | None = None):
    """Starts LocalStack on this port, or on a free one; another process may take that before LocalStack does."""
    for attempt in range(3):
        chosen = port or free_port()
        try:
            return start(python, state, chosen, mark), chosen
        except Trouble as trouble:
            if port or attempt == 2 or "address already in use" not in str(trouble).lower():
                raise
    raise AssertionError("the last attempt returns or raises")


def stop(pid: int, has_ended: Callable[[], bool]) -> None:
    """Ends a process and all that it has started, with force if need be."""
    for signal_number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(pid, signal_number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + STOP_LIMIT
        while time.monotonic() < deadline and not has_ended():
            time.sleep(0.05)


def running(folder: Path) -> tuple[int, int] | None:
    """Process and port of the LocalStack that `up` has started here, if it still runs and so holds its mark."""
    try:
        with open(folder / "running") as mark:
            try:
                fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                noted = json.load(mark)
                return noted["pid"], noted["port"]
    except FileNotFoundError:
        pass
    return None


def up(folder: Path, port: int | None) -> None:
    with locked(folder):
        found = running(folder)
        if found is None:
            python = install(folder)
            with open(folder / "running", "w") as mark:
                fcntl.flock(mark, fcntl.LOCK_EX)
                process, port = start_anywhere(python, folder / "state", port, mark)
                json.dump({"pid": process.pid, "port": port}, mark)
        elif port not in (None, found[1]):
            raise Trouble(f"LocalStack runs already, on port {found[1]}; `localstack/down` stops it")
        else:
            port = found[1]
    print(endpoint(port), flush=True)


def down(folder: Path) -> None:
    with locked(folder):
        found = running(folder)
        if found is not None:
            stop(found[0], lambda: running(folder) is None)
        (folder / "running").unlink(missing_ok=True)
        shutil.rmtree(folder / "state", ignore_errors=True)
    say("nothing runs" if found is None else "LocalStack has ended")


def run(folder: Path, port: int | None) -> None:
    with locked(folder):
        python = install(folder)
    with tempfile.TemporaryDirectory(prefix="run-", dir=folder) as state:
        process, port = start_anywhere(python, Path(state), port)
        print(endpoint(port), flush=True)
        try:
            process.wait()
        finally:
            stop(process.pid, lambda: process.poll() is not None)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="localstack", description=__doc__)
    arguments.add_argument("command", choices=["up", "down", "run"])
    arguments.add_argument("--port", type=int, help="a port of this machine instead of a free one")
    arguments.add_argument("--folder", type=Path, default=HERE / ".run", help="where everything lies")
    given = arguments.parse_args()
    folder = given.folder.resolve()
    # However it is ended, it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        if given.command == "up":
            up(folder, given.port)
        elif given.command == "down":
            down(folder)
        else:
            run(folder, given.port)
    except (Trouble, OSError, subprocess.TimeoutExpired) as trouble:
        sys.exit(f"error: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)


main()
