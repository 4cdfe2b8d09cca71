"""Kernels for the pages and notebooks, forked from one process that has imported catlearn: a page starts in no time.

Definition:
    `install` tells Jupyter to start a kernel with ``ask``, which sends its connection file and its folder to ``serve``; that forks, and
    the child becomes the kernel. Every page has a process of its own, as before, and none imports JAX again.

``ask`` stands for the kernel where Jupyter looks for it: it passes signals on and ends when the kernel does.
"""

import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what stands for a kernel starts in milliseconds
    from sphinx.application import Sphinx

NEEDED = ("ipykernel.kernelapp", "IPython", "matplotlib.pyplot", "optax", "catlearn", "catlearn.laws", "catlearn.draw")


def serve(listening: socket.socket) -> None:
    """Fork a kernel for each that asks, until the process that started this one is gone."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")  # a kernel does so too
    for name in NEEDED:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    warnings.filterwarnings("ignore", "os.fork", RuntimeWarning)  # no threads run before the first array is made
    with selectors.DefaultSelector() as events:
        events.register(listening, selectors.EVENT_READ)
        events.register(sys.stdin, selectors.EVENT_READ)
        while all(key.fileobj is listening for key, _ in events.select()):
            asking, _ = listening.accept()
            if os.fork() == 0:
                become_kernel(asking)
            asking.close()


def become_kernel(asking: socket.socket) -> None:
    """The rest of this process is a kernel; the open socket tells that it lives."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    order = json.loads(asking.makefile().readline())
    os.chdir(order["folder"])
    os.environ["JPY_PARENT_PID"] = str(os.getppid())  # it ends with the process that forked it
    asking.sendall(f"{os.getpid()}\n".encode())

    from ipykernel import kernelapp

    kernelapp.launch_new_instance(argv=["-f", *order["arguments"]])
    os._exit(0)


def ask(address: str, *arguments: str) -> None:
    """Have a kernel forked, and be in its place."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(address)
        asking.sendall((json.dumps({"arguments": arguments, "folder": os.getcwd()}) + "\n").encode())
        kernel = int(asking.makefile().readline())
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda number, _: os.kill(kernel, number))
        while asking.recv(1):
            pass


def install(app: "Sphinx", config) -> None:
    """Start the process that forks, and let Jupyter find its kernels under the usual name."""
    scratch = tempfile.TemporaryDirectory(prefix="kernels")
    folder = Path(scratch.name)
    address = str(folder / "socket")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    serving = [sys.executable, __file__, "serve", str(listening.fileno())]
    server = subprocess.Popen(serving, stdin=subprocess.PIPE, pass_fds=[listening.fileno()])
    spec = folder / "kernels" / "python3" / "kernel.json"
    spec.parent.mkdir(parents=True)
    argv = [sys.executable, __file__, "ask", address, "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "display_name": "Python 3", "language": "python"}), encoding="utf-8")
    os.environ["JUPYTER_PATH"] = os.pathsep.join(filter(None, [str(folder), os.environ.get("JUPYTER_PATH")]))

    def finish(*_) -> None:
        server.communicate()  # its input ends, and it does
        listening.close()
        scratch.cleanup()

    app.connect("build-finished", finish)


def setup(app: "Sphinx") -> dict:
    app.connect("config-inited", install)
    return {"parallel_read_safe": True}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", number]:
            serve(socket.socket(fileno=int(number)))
        case ["ask", address, *arguments]:
            ask(address, *arguments)
