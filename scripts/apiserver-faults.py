#!/usr/bin/env python3
"""Faults against the real `poplin apiserver`: nothing acknowledged is lost, no answer is wrong, the server lives.

    scripts/apiserver-faults.py PROGRAM [--rounds N] [--only NAME,...]

kill      kill -9 in the middle of writes, N rounds on one directory; a watch resumes over each restart
diskfull  a tmpfs of a few MiB in a mount namespace of its own (root): writes are refused with a Status, reads go on,
          and when space is back writes do too
bodies    malformed bodies, paths and selectors: always a 4xx Status, never a 5xx or a closed server
churn     10,000 watches opened and dropped while objects are written; the server ends with none
watchers  10,000 watches held at once: each sees every event in its order; memory and descriptors for each; one
          connection more than the server holds is told so, and those that are there are served on
large     objects up to the limit of 3 MiB come back byte for byte

One line for each; exit 1 when one fails.
"""

import argparse
import concurrent.futures
import http.client
import json
import os
import random
import re
import resource
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

# One for all: making one reads every authority of the machine.
UNVERIFIED = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
UNVERIFIED.check_hostname = False
UNVERIFIED.verify_mode = ssl.CERT_NONE
MAPS = "/api/v1/namespaces/default/configmaps"


class Failed(Exception):
    pass


def expect(condition, text):
    if not condition:
        raise Failed(text)


class Server:
    """One run of the program."""

    running = []

    def __init__(self, program, directory, prefix=(), arguments=()):
        self.process = subprocess.Popen(
            [*prefix, program, "apiserver", "--dir", directory, "--listen", "127.0.0.1:0", "--token", "faults",
             "--log-level", "warning", *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        Server.running.append(self.process)
        line = self.process.stdout.readline()
        found = re.search(r"ready: https://127\.0\.0\.1:(\d+)", line)
        if not found:
            raise Failed(f"did not start: {line}{self.process.stderr.read()}")
        self.port = int(found[1])

    def connection(self, timeout=60):
        return http.client.HTTPSConnection("127.0.0.1", self.port, context=UNVERIFIED, timeout=timeout)

    def call(self, method, path, body=None, connection=None, headers=None):
        own = connection or self.connection()
        data = json.dumps(body).encode() if isinstance(body, (dict, list)) else body
        own.request(method, path, data, {"Authorization": "Bearer faults", "Content-Type": "application/json",
                                         **(headers or {})})
        answer = own.getresponse()
        payload = answer.read()
        if not connection:
            own.close()
        return answer.status, payload

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        if code:
            raise Failed(f"ended with {code}: {self.process.stderr.read()[-500:]}")

    def alive(self):
        if self.process.poll() is not None:
            raise Failed("the server has died: " + self.process.stderr.read()[-2000:])


def configmap(name, data):
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": data}


def kill(options, directory):
    acknowledged, deleted = {}, set()
    lock = threading.Lock()
    writes = 0
    version = None
    for number in range(options.rounds):
        server = Server(options.program, directory)
        status, payload = server.call("GET", MAPS)
        expect(status == 200, f"list: {status}")
        listed = {item["metadata"]["name"]: item for item in json.loads(payload)["items"]}
        for name, (value, revision) in acknowledged.items():
            expect(name in listed, f"round {number}: {name} was acknowledged and is gone")
            expect(int(listed[name]["data"]["n"]) >= value, f"round {number}: {name} is older than acknowledged")
            expect(int(listed[name]["metadata"]["resourceVersion"]) >= revision, f"{name} went back in time")
        expect(not deleted & set(listed), f"round {number}: deleted objects are back: {deleted & set(listed)}")
        if version:
            # What was seen before the kill can be watched from after it.
            status, payload = server.call("GET", f"{MAPS}?watch=1&resourceVersion={version}&timeoutSeconds=1")
            expect(status == 200, f"watch: {status} {payload[:200]}")
            seen = [int(json.loads(line)["object"]["metadata"]["resourceVersion"])
                    for line in payload.splitlines()]
            expect(seen == sorted(set(seen)), f"round {number}: a watch out of order")
            expect(all(r > int(version) for r in seen), f"round {number}: a watch repeats the past")
        version = json.loads(server.call("GET", MAPS)[1])["metadata"]["resourceVersion"]
        stop = threading.Event()

        def writer(lane):
            nonlocal writes
            connection = server.connection()
            count = 0
            while not stop.is_set():
                count += 1
                value = number * 1_000_000 + count
                name = f"lane-{lane}-{count % 5}"
                try:
                    if count % 11 == 0:
                        status, payload = server.call("DELETE", f"{MAPS}/{name}", connection=connection)
                        if status == 200:
                            with lock:
                                acknowledged.pop(name, None)
                                deleted.add(name)
                        continue
                    with lock:
                        # Unknown until answered: it may come back by this very request.
                        deleted.discard(name)
                    body = configmap(name, {"n": str(value)})
                    status, payload = server.call("PUT", f"{MAPS}/{name}", body, connection)
                    if status == 404:
                        status, payload = server.call("POST", MAPS, body, connection)
                    expect(status in (200, 201), f"write: {status} {payload[:300]}")
                    revision = int(json.loads(payload)["metadata"]["resourceVersion"])
                    with lock:
                        acknowledged[name] = (value, revision)
                        writes += 1
                except (OSError, http.client.HTTPException):
                    with lock:
                        # The request that died with the server may or may not have happened.
                        acknowledged.pop(name, None) if count % 11 == 0 else None
                    return

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            lanes = [pool.submit(writer, lane) for lane in range(8)]
            # Somewhere in the middle: after a number of acknowledged writes that differs from round to round.
            target, deadline = writes + random.randint(10, 150), time.monotonic() + 30
            while writes < target and time.monotonic() < deadline:
                time.sleep(0.002)
            server.kill()
            stop.set()
            for lane in lanes:
                lane.result()
    server = Server(options.program, directory)
    server.stop()
    expect(writes > options.rounds * 10, f"only {writes} writes: this has tested nothing")
    return f"{options.rounds} kills, {writes} acknowledged writes, none lost"


def diskfull(options, directory):
    if os.geteuid():
        return "SKIPPED: needs root, for a mount of its own"
    # The namespace's mount is seen through the server's own root.
    prefix = ["unshare", "-m", "--propagation", "private", "bash", "-c",
              f'mount -t tmpfs -o size=6m tmpfs "{directory}" && exec "$@"', "bash"]
    server = Server(options.program, directory, prefix)
    inside = f"/proc/{server.process.pid}/root{directory}"
    written = []
    status, payload = 0, b""
    for number in range(400):
        status, payload = server.call("POST", MAPS, configmap(f"fill-{number}", {"x": "y" * 100_000}))
        if status != 201:
            break
        written.append(f"fill-{number}")
    expect(status in (500, 507), f"a full disk answers {status}")
    answer = json.loads(payload)
    expect(answer["kind"] == "Status" and "space" in answer["message"], f"not clear: {answer}")
    names = [item["metadata"]["name"] for item in json.loads(server.call("GET", MAPS)[1])["items"]]
    expect(all(name in names for name in written), "something acknowledged is gone")
    expect(len([n for n in names if n.startswith("fill-")]) == len(written), "something refused is there")
    for _ in range(20):
        expect(server.call("POST", MAPS, configmap("again", {"x": "y" * 100_000}))[0] in (500, 507), "still full")
    subprocess.run(["nsenter", "-m", "-t", str(server.process.pid), "mount", "-o", "remount,size=64m", directory],
                   check=True)
    status, payload = server.call("POST", MAPS, configmap("again", {"x": "y" * 100_000}))
    expect(status == 201, f"space is back and the server says {status} {payload[:300]}")
    expect(os.path.exists(inside), "the mount is gone")
    server.alive()
    server.stop()
    return f"refused with {answer['code']} after {len(written)} objects; went on when space was back"


def bodies(options, directory):
    server = Server(options.program, directory)
    randomness = random.Random(7)
    good = json.dumps(configmap("x", {"a": "b", "c": "é\u0000"})).encode()
    cases = 0

    def refused(method, path, body=None, headers=None, allowed=()):
        nonlocal cases
        cases += 1
        try:
            status, payload = server.call(method, path, body, headers=headers)
        except (OSError, http.client.HTTPException) as error:
            server.alive()
            raise Failed(f"{method} {path[:80]} {str(body)[:80]}: {error}")
        expect(400 <= status < 500 or status in allowed, f"{method} {path[:100]} {str(body)[:100]}: {status} {payload[:200]}")
        return status

    for body in [b"", b"{", b"[]", b"null", b"1", b'"x"', b"\xff\xfe", b"{}", b'{"kind":"Pod","apiVersion":"v1"}',
                 b'{"metadata":7}', b'{"metadata":{"name":7}}', b'{"metadata":{"name":"A_B"}}', b"[" * 100_000,
                 b'{"a":' * 5000, b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"../etc"}}',
                 b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a\\u0000b"}}',
                 b'{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"other"}}',
                 b"x" * (3 << 20), b"k8s\x00", b"k8s\x00\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"]:
        refused("POST", MAPS, body)
        refused("POST", MAPS, body, {"Content-Type": "application/vnd.kubernetes.protobuf"})
        refused("PATCH", f"{MAPS}/none", body, {"Content-Type": "application/json-patch+json"})
        refused("PATCH", f"{MAPS}/none", body, {"Content-Type": "application/nonsense"})
    for path in ["/api/v1/namespaces/default/configmaps/..%2F..%2Fsecrets", "/api/v1/namespaces/%00/configmaps",
                 "/api/v1/namespaces/default/configmaps/a%00b", "/api/v1/namespaces/..%2f/configmaps/x",
                 "/api/v1/namespaces/default/../../nodes", "/%2e%2e/api", "/api/v1/%zz", "/apis//x/y/z",
                 "/api/v1/namespaces/default/configmaps/'%3B%20DROP%20TABLE%20versions%3B--",
                 f"{MAPS}?labelSelector=a%20in", f"{MAPS}?labelSelector=%3B%3B", f"{MAPS}?labelSelector=a%3Db%3Dc",
                 f"{MAPS}?fieldSelector=metadata.name", f"{MAPS}?fieldSelector=nonsense%3D1", f"{MAPS}?limit=x",
                 f"{MAPS}?continue=nonsense", f"{MAPS}?resourceVersion=-1", f"{MAPS}?resourceVersion=abc",
                 f"{MAPS}?resourceVersionMatch=Exact", "/api/v1/namespaces/default/configmaps/" + "x" * 60_000]:
        refused("GET", path, allowed=(500,) if "resourceVersion=" in path else ())
    # Injection that is a valid name or value finds nothing and harms nothing.
    status, payload = server.call("GET", f"{MAPS}?fieldSelector=metadata.name%3D'%20OR%201%3D1--")
    expect(status in (200, 400) and b"kube-root-ca" not in payload, f"a selector that says too much: {payload[:200]}")
    for _ in range(1500):
        body = bytearray(good)
        for _ in range(randomness.randint(1, 6)):
            action, place = randomness.randint(0, 2), randomness.randrange(len(body))
            if action == 0:
                body[place] = randomness.randrange(256)
            elif action == 1:
                del body[place:place + randomness.randint(1, 8)]
            else:
                body[place:place] = body[:randomness.randint(1, 20)]
            if not body:
                body = bytearray(b"{")
        refused("POST", MAPS, bytes(body), allowed=(201,))
    server.alive()
    expect(server.call("GET", "/readyz")[1] == b"ok", "not ready afterwards")
    server.stop()
    return f"{cases} refused or taken, none with a 5xx"


def churn(options, directory):
    server = Server(options.program, directory)
    request = (f"GET {MAPS}?watch=1&allowWatchBookmarks=true HTTP/1.1\r\nHost: x\r\n"
               "Authorization: Bearer faults\r\n\r\n").encode()
    stop = threading.Event()

    def write():
        connection, count = server.connection(), 0
        while not stop.is_set():
            count += 1
            server.call("POST", MAPS, configmap(f"c-{count}", {}), connection)
        return count

    def watch(count):
        for _ in range(count):
            raw = socket.create_connection(("127.0.0.1", server.port), 60)
            with UNVERIFIED.wrap_socket(raw) as connection:
                connection.sendall(request)
                expect(connection.recv(4096).startswith(b"HTTP/1.1 200"), "a watch was refused")

    with concurrent.futures.ThreadPoolExecutor(17) as pool:
        writer = pool.submit(write)
        watchers = [pool.submit(watch, options.watches // 16) for _ in range(16)]
        try:
            for watcher in watchers:
                watcher.result()
        finally:
            stop.set()
        written = writer.result()
    left = None
    for _ in range(100):
        text = server.call("GET", "/metrics")[1].decode()
        left = int(re.search(r"^poplin_apiserver_connections (\d+)", text, re.M)[1])
        if left <= 2:
            break
        time.sleep(0.1)
    expect(left <= 2, f"{left} connections are left")
    server.alive()
    server.stop()
    return f"{options.watches} watches came and went while {written} objects were written"


class Watcher:
    """A watch that is held open."""

    REQUEST = (f"GET {MAPS}?watch=1&resourceVersion={{}} HTTP/1.1\r\nHost: x\r\n"
               "Authorization: Bearer faults\r\n\r\n")

    def __init__(self, server, version):
        self.socket = UNVERIFIED.wrap_socket(socket.create_connection(("127.0.0.1", server.port), 120))
        self.socket.sendall(self.REQUEST.format(version).encode())
        self.received = b""
        while b"\r\n\r\n" not in self.received:
            self.read()
        expect(self.received.startswith(b"HTTP/1.1 200"), f"a watch was answered {self.received[:300]}")

    def read(self):
        piece = self.socket.recv(65536)
        expect(piece, f"a watch was closed after {self.received[-200:]}")
        self.received += piece

    def names(self, count):
        """The names of the first events that are ours, in their order: the namespace gets a map of its own, too."""
        while self.received.count(b'"name":"w-') < count or not self.received.endswith(b"\r\n"):
            self.read()
        return re.findall(rb'"name":"(w-\d+)"', self.received)


def memory(process):
    """Anonymous memory of a process, in bytes."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return int(re.search(r"RssAnon:\s+(\d+) kB", status.read())[1]) << 10


def watchers(options, directory):
    spare = 512
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    count = options.watchers if hard == resource.RLIM_INFINITY else min(options.watchers, hard - spare)
    server = Server(options.program, directory)
    version = json.loads(server.call("GET", MAPS)[1])["metadata"]["resourceVersion"]
    before, files = memory(server.process), len(os.listdir(f"/proc/{server.process.pid}/fd"))
    written = [f"w-{number}".encode() for number in range(20)]
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        started = time.monotonic()
        held = list(pool.map(lambda _: Watcher(server, version), range(count)))
        opened = time.monotonic() - started
        each = (memory(server.process) - before) / count
        descriptors = len(os.listdir(f"/proc/{server.process.pid}/fd")) - files
        # The connection of the list may have been closed in between.
        expect(descriptors >= count - 2, f"{descriptors} descriptors for {count} watches")
        started = time.monotonic()
        for name in written:
            status, payload = server.call("POST", MAPS, configmap(name.decode(), {}))
            expect(status == 201, f"write with {count} watchers: {status} {payload[:200]}")
        for names in pool.map(lambda watcher: watcher.names(len(written)), held):
            expect(names == written, f"a watcher saw {names}")
        delivered = time.monotonic() - started
    server.alive()
    for watcher in held:
        watcher.socket.close()
    server.stop()
    return (f"{count} watches held ({opened:.0f} s to open), {each / 1024:.1f} KiB and {descriptors / count:.2f} "
            f"descriptors each; {len(written)} events to all in {delivered:.1f} s; {limit(options, directory)}")


def limit(options, directory):
    """One connection more than the server was told to hold."""
    server = Server(options.program, directory, arguments=["--max-connections", "50"])
    held = [Watcher(server, 0) for _ in range(50)]
    connection = server.connection()
    connection.request("GET", MAPS, headers={"Authorization": "Bearer faults"})
    answer = connection.getresponse()
    status = json.loads(answer.read())
    expect(answer.status == 429 and answer.getheader("Retry-After"), f"the 51st was answered {answer.status}")
    expect("too many connections" in status["message"], f"not clear: {status}")
    held.pop().socket.close()
    # The server hears of the end a moment later.
    for _ in range(600):
        if server.call("GET", MAPS)[0] == 200:
            break
        time.sleep(0.1)
    else:
        raise Failed("a place was free and nobody got it")
    for watcher in held:
        watcher.names(1)
    server.stop()
    return "the 51st of 50 was told so"


def large(options, directory):
    server = Server(options.program, directory)
    for size in [1 << 20, (3 << 20) - 2000]:
        value = "".join(random.Random(size).choices("abcdefgh ä\\\"\n", k=size // 2))
        value = value.encode()[:size - 200_000].decode(errors="ignore")
        name = f"large-{size}"
        body = json.dumps(configmap(name, {"x": value}), ensure_ascii=False).encode()
        if len(body) > 3 << 20:
            continue
        # Kubernetes holds a ConfigMap to 1 MiB: what is larger is refused, and said so.
        status, payload = server.call("POST", MAPS, body)
        if status == 201:
            expect(json.loads(server.call("GET", f"{MAPS}/{name}")[1])["data"]["x"] == value, "not the same back")
        else:
            expect(status in (413, 422), f"{size}: {status} {payload[:200]}")
    status, _ = server.call("POST", MAPS, configmap("just", {"x": "y" * (1 << 20)}))
    expect(status == 201, f"1 MiB: {status}")
    expect(len(json.loads(server.call("GET", f"{MAPS}/just")[1])["data"]["x"]) == 1 << 20, "1 MiB: not the same back")
    server.stop()
    return "1 MiB comes back byte for byte; more is refused"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--watches", type=int, default=10_000)
    parser.add_argument("--watchers", type=int, default=10_000)
    parser.add_argument("--only")
    options = parser.parse_args()
    faults = [kill, diskfull, bodies, churn, watchers, large]
    chosen = options.only.split(",") if options.only else [fault.__name__ for fault in faults]
    failures = 0
    for fault in faults:
        if fault.__name__ not in chosen:
            continue
        directory = tempfile.mkdtemp(prefix="poplin-faults-")
        try:
            print(f"ok      {fault.__name__}: {fault(options, directory)}", flush=True)
        except (Failed, OSError, http.client.HTTPException, subprocess.TimeoutExpired) as failure:
            failures += 1
            print(f"FAILED  {fault.__name__}: {failure}", flush=True)
        finally:
            # A fault that failed leaves its server behind.
            for process in Server.running:
                if process.poll() is None:
                    process.kill()
                    process.wait()
            Server.running.clear()
            shutil.rmtree(directory, ignore_errors=True)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
