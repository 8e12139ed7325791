"""Namespaces of this host that live as long as a process of ours, and what is run in them."""
import os
import subprocess
import textwrap
import time


UNDERLAY = "192.168.77"


WORLD = "198.51.100.10"


PLUGINS = ["/usr/lib/cni", "/opt/cni/bin"]


class Failed(Exception):
    pass


def run(*words, text=None, check=True, timeout=120, environment=None):
    outcome = subprocess.run(words, input=text, capture_output=True, text=True, timeout=timeout,
                             env=environment or dict(os.environ, NO_COLOR="1"))
    if check and outcome.returncode:
        raise Failed(f"{' '.join(words)[:300]}: {outcome.returncode}: {(outcome.stdout + outcome.stderr)[-800:]}")
    return outcome


class Space:
    """Namespaces that live as long as a process of ours does."""

    def __init__(self, name, setup="", root=None):
        self.name = name
        script = "set -e\nmount --make-rprivate /\n" + textwrap.dedent(setup)
        # The last line tells that all is set up; then only the namespaces are held.
        script += "\necho ready\nexec sleep 3600\n"
        self.holder = subprocess.Popen(
            ["unshare", "--net", "--mount", "--uts", "--ipc", "--pid", "--fork", "--kill-child", "--mount-proc",
             "sh", "-c", script], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        line = self.holder.stdout.readline()
        if line != "ready\n":
            raise Failed(f"{name}: {line}{self.holder.stderr.read()}")
        children = run("cat", f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").stdout.split()
        self.process = int(children[0])

    def words(self, *command):
        return ["nsenter", "--target", str(self.process), "--net", "--mount", "--uts", "--ipc", "--pid",
                f"--root=/proc/{self.process}/root", f"--wd=/proc/{self.process}/root", *command]

    def sh(self, script, check=True, text=None, timeout=120):
        return run(*self.words("sh", "-c", "set -e\n" + textwrap.dedent(script)), check=check, text=text,
                   timeout=timeout, environment=dict(os.environ, NO_COLOR="1", PATH="/usr/sbin:/usr/bin:/sbin:/bin"))

    def end(self):
        self.holder.kill()
        self.holder.wait()
        self.holder.stdout.close()
        self.holder.stderr.close()


def stamp(ago=0):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(time.time() - ago)) + ".000000000Z"
