"""A real containerd on a machine, and the little of the CRI that kubelet asks of it.

Messages are written by hand: field numbers are those of k8s.io/cri-api pkg/apis/runtime/v1/api.proto, and the call is
one stream of HTTP/2 (RFC 9113) with headers that need no table (RFC 7541, section 6.2.2)."""
import hashlib
import io
import json
import os
import platform
import shutil
import socket
import struct
import subprocess
import tarfile
import textwrap
import time

from inject.space import Failed, run

SOCKET = "/run/containerd/containerd.sock"
PAUSE = "localhost/pause:1"
SERVICE = "runtime.v1.RuntimeService"
# Kinds of frames, and the flags that are used of them.
DATA, HEADERS, RESET, SETTINGS, PING, GOAWAY = 0, 1, 3, 4, 6, 7
END_STREAM, ACK, END_HEADERS = 1, 1, 4


def varint(value):
    written = b""
    while value >= 0x80:
        written += bytes([value & 0x7F | 0x80])
        value >>= 7
    return written + bytes([value])


def field(number, value):
    """A string or a message; a message is the concatenation of its fields."""
    value = value if isinstance(value, bytes) else value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def mapped(number, values):
    return b"".join(field(number, field(1, key) + field(2, value)) for key, value in values.items())


def literal(name, value):
    """A header as it is: not indexed, not compressed."""
    return b"\0" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def unary(path, method, message):
    """The bytes of the answer's message; None for a refusal, whose words are in the runtime's log."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(60)
        connection.connect(path)

        def send(kind, flags, stream, body=b""):
            connection.sendall(struct.pack(">I", len(body))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + body)
        connection.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        send(SETTINGS, 0, 0)
        send(HEADERS, END_HEADERS, 1, b"".join(literal(*header) for header in [
            (":method", "POST"), (":scheme", "http"), (":path", f"/{SERVICE}/{method}"), (":authority", "localhost"),
            ("content-type", "application/grpc"), ("te", "trailers")]))
        send(DATA, END_STREAM, 1, b"\0" + struct.pack(">I", len(message)) + message)
        body, stream = b"", connection.makefile("rb")
        while True:
            head = stream.read(9)
            if len(head) < 9:
                raise Failed(f"{method}: the runtime ended the connection")
            kind, flags = head[3], head[4]
            payload = stream.read(int.from_bytes(head[:3], "big"))
            if kind == DATA:
                body += payload
            if kind in (SETTINGS, PING) and not flags & ACK:
                send(kind, ACK, 0, payload if kind == PING else b"")
            if kind in (RESET, GOAWAY) or kind in (DATA, HEADERS) and flags & END_STREAM:
                return body[5:] if body else None


def image(path):
    """An archive of one program that sleeps, as `docker save` writes it."""
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        archive.add(os.path.realpath(shutil.which("busybox")), "bin/busybox")
    layer = layer.getvalue()
    machine = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
    config = json.dumps({"architecture": machine, "os": "linux",
                         "config": {"Entrypoint": ["/bin/busybox", "sleep", "86400"]},
                         "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]}}).encode()
    name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = json.dumps([{"Config": name, "RepoTags": [PAUSE], "Layers": ["layer.tar"]}]).encode()
    with tarfile.open(path, "w") as archive:
        for file, content in [("manifest.json", manifest), (name, config), ("layer.tar", layer)]:
            entry = tarfile.TarInfo(file)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))


class Containerd:
    """Of one machine. What it makes ends with the machine, but for its cgroups, which `end` removes."""

    def __init__(self, machine):
        for program in ["containerd", "ctr", "runc", "busybox"]:
            if not shutil.which(program, path="/usr/sbin:/usr/bin:/sbin:/bin"):
                raise Failed(f"there is no {program}: apt-get install containerd runc busybox-static")
        self.machine = machine
        self.group = f"doctor-inject-{os.getpid()}-{machine.name}"
        machine.write("/etc/containerd/config.toml", textwrap.dedent(f"""\
            version = 2
            [plugins."io.containerd.grpc.v1.cri"]
              sandbox_image = "{PAUSE}"
              disable_apparmor = true
              restrict_oom_score_adj = true
            [plugins."io.containerd.grpc.v1.cri".cni]
              bin_dir = "/opt/cni/bin"
              conf_dir = "/etc/cni/net.d"
            [plugins."io.containerd.grpc.v1.cri".containerd]
              snapshotter = "native"
            """))
        machine.sh("rm -rf /var/lib/containerd")
        self.archive = f"{machine.folder}/pause.tar"
        image(self.archive)
        self.start()

    def start(self):
        self.machine.sh("setsid containerd </dev/null >>/var/log/containerd.log 2>&1 &")
        self.settled(lambda: self.machine.sh("ctr version", check=False).returncode == 0, "containerd answers")
        # Its CRI is there a moment after the rest.
        self.settled(lambda: self.call("Version", field(1, "v1")), "its CRI answers")
        with open(self.archive, "rb") as archive:
            subprocess.run(self.machine.words("ctr", "-n", "k8s.io", "images", "import", "-"), stdin=archive, check=True,
                           stdout=subprocess.DEVNULL, timeout=60)

    def settled(self, condition, what, patience=30):
        deadline = time.monotonic() + patience
        while not condition():
            if time.monotonic() > deadline:
                raise Failed(f"waited {patience} s until {what}: {self.last_words()}")
            time.sleep(0.2)

    def last_words(self):
        return self.machine.sh("tail -n 30 /var/log/containerd.log", check=False).stdout

    def call(self, method, message):
        try:
            return unary(f"/proc/{self.machine.process}/root{SOCKET}", method, message)
        except OSError:
            return None

    def has_network(self):
        """The runtime's own condition: what it made of the configuration when it last looked."""
        # RuntimeCondition: type, then status, which is left out when it is false.
        return b"NetworkReady\x10\x01" in (self.call("Status", b"") or b"")

    def run(self, name):
        """RunPodSandbox as kubelet asks it; None when the runtime refused."""
        uid = f"{hashlib.sha256(name.encode()).hexdigest()[:8]}-0000-4000-8000-0123456789ab"
        config = (field(1, field(1, name) + field(2, uid) + field(3, "default")) + field(2, name)
                  + field(3, f"/var/log/pods/default_{name}_{uid}")
                  + mapped(6, {"io.kubernetes.pod.name": name, "io.kubernetes.pod.namespace": "default",
                               "io.kubernetes.pod.uid": uid})
                  + field(8, field(1, f"/{self.group}")))
        answer = self.call("RunPodSandbox", field(1, config))
        if not answer:
            return None
        # One field: the identifier, 64 digits.
        identifier = answer[2:].decode()
        result = json.loads(self.machine.read(f"/var/lib/cni/results/{self.machine.network}-{identifier}-eth0"))["result"]
        space = next(item["sandbox"] for item in result["interfaces"] if item.get("sandbox")).rsplit("/", 1)[1]
        self.machine.pods[name] = (space, result["ips"][0]["address"].split("/")[0], identifier)
        return identifier

    def stop(self, name):
        self.call("StopPodSandbox", field(1, self.machine.pods[name][2]))

    def remove(self, name):
        self.stop(name)
        self.call("RemovePodSandbox", field(1, self.machine.pods.pop(name)[2]))

    def lose(self):
        """Its database is lost with all that it knew, as on a disk that was made anew; namespaces stay."""
        self.machine.sh("""
            pkill -KILL -x containerd; pkill -KILL -x containerd-shim || true
            while pgrep -r D,R,S -x containerd >/dev/null; do sleep 0.1; done
            for m in $(grep -o ' /run/containerd/[^ ]*' /proc/self/mounts); do umount -l $m; done
            rm -rf /var/lib/containerd /run/containerd
        """)
        self.machine.pods.clear()

    def end(self):
        """To be called when the machine ends: what ran in its groups takes a moment to be gone."""
        for _ in range(50):
            groups = run("find", "/sys/fs/cgroup", "-depth", "-type", "d", "-path", f"*/{self.group}*").stdout.split()
            if not groups:
                return
            run("rmdir", *groups, check=False)
            time.sleep(0.1)
