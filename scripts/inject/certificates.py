"""Certificates that ended, are for another name, or of another authority: on machines, and behind a kubeconfig."""
import base64
import os
import socket
import ssl
import tempfile
import textwrap
import threading
import time

from inject.rows import Row
from inject.space import UNDERLAY, run


def tls_rows():
    """Certificates of machines: what the control plane and kubelet show and trust."""
    def named(name, expect, files, mend="rm -rf /etc/kubernetes /var/lib/kubelet/pki", **more):
        def inject(machine):
            for path, text in files(machine).items():
                machine.write(path, text)
        Row(name, expect, "flannel", inject, mend, kind="tls", **more)

    def plane(machine, days=300, names=None, issuer=None, authority=True):
        """As kubeadm leaves a control plane: its manifest, the authority, and the server's certificate."""
        names = names or ["kubernetes", "kubernetes.default", "kubernetes.default.svc", machine.name]
        pairs = issued(days, names, ["10.96.0.1", machine.address] if names[0] == "kubernetes" else [])
        other = issued(300, ["kubernetes"], [])
        found = {
            "/etc/kubernetes/manifests/kube-apiserver.yaml": textwrap.dedent(f"""\
                apiVersion: v1
                kind: Pod
                metadata: {{name: kube-apiserver, namespace: kube-system}}
                spec:
                  containers:
                  - command: [kube-apiserver, --advertise-address={machine.address}, --client-ca-file=/etc/kubernetes/pki/ca.crt, --tls-cert-file=/etc/kubernetes/pki/apiserver.crt, --tls-private-key-file=/etc/kubernetes/pki/apiserver.key, --service-cluster-ip-range=10.96.0.0/12]
                    name: kube-apiserver
                """),
            "/etc/kubernetes/pki/apiserver.crt": pairs["server"], "/etc/kubernetes/pki/apiserver.key": pairs["key"],
        }
        if authority:
            found["/etc/kubernetes/pki/ca.crt"] = (other if issuer else pairs)["authority"]
        return found
    named("a control plane whose certificates are in order", None, plane)
    named("the API server's own certificate ended", "API-01", lambda machine: plane(machine, days=-3))
    named("the API server's certificate is for another name", "API-01",
          lambda machine: plane(machine, names=["old-cluster.example.com"]))
    named("the API server's certificate is of another authority", "API-01", lambda machine: plane(machine, issuer="other"))
    named("the API server's authority is not there", "API-01", lambda machine: plane(machine, authority=False))

    def kubelet(days):
        def files(machine):
            pairs = issued(days, [], [], subject=f"/O=system:nodes/CN=system:node:{machine.name}", client=True)
            return {"/var/lib/kubelet/pki/kubelet-client-current.pem": pairs["server"] + pairs["key"],
                    "/etc/kubernetes/kubelet.conf": textwrap.dedent(f"""\
                        apiVersion: v1
                        kind: Config
                        clusters:
                        - name: kubernetes
                          cluster: {{server: "https://{UNDERLAY}.12:6443"}}
                        users:
                        - name: kubelet
                          user:
                            client-certificate: /var/lib/kubelet/pki/kubelet-client-current.pem
                            client-key: /var/lib/kubelet/pki/kubelet-client-current.pem
                        """)}
        return files
    named("kubelet's certificate is good for another month", None, kubelet(30))
    named("kubelet's own certificate ended", ["API-01", "NOD-01"], kubelet(-1))


def issued(days, names, addresses, subject="/CN=kube-apiserver", client=False, authority=3000):
    """A certificate of an authority of its own: both end so many days from now."""
    with tempfile.TemporaryDirectory() as folder:
        def moment(seconds):
            return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + seconds))
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/key", "-out", f"{folder}/csr", "-subj", subject)
        other = ",".join([f"DNS:{name}" for name in names] + [f"IP:{address}" for address in addresses])
        with open(f"{folder}/conf", "w") as file:
            file.write(f"[ca]\ndefault_ca=c\n[c]\ndatabase={folder}/index\nserial={folder}/serial\nnew_certs_dir={folder}\n"
                       f"default_md=sha256\npolicy=p\nunique_subject=no\n[p]\norganizationName=optional\ncommonName=supplied\n[e]\n"
                       f"extendedKeyUsage={'clientAuth' if client else 'serverAuth'}\n" + (f"subjectAltName={other}\n" if other else ""))
        open(f"{folder}/index", "w").close()
        with open(f"{folder}/serial", "w") as file:
            file.write("01\n")
        run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{folder}/ca.key", "-out", f"{folder}/ca.csr",
            "-subj", f"/CN=kubernetes-{os.urandom(3).hex()}")
        run("openssl", "ca", "-batch", "-selfsign", "-config", f"{folder}/conf", "-keyfile", f"{folder}/ca.key", "-in",
            f"{folder}/ca.csr", "-out", f"{folder}/ca.crt", "-startdate", moment(-500 * 86400),
            "-enddate", moment(authority * 86400), "-notext")
        run("openssl", "ca", "-batch", "-config", f"{folder}/conf", "-extensions", "e", "-keyfile", f"{folder}/ca.key",
            "-cert", f"{folder}/ca.crt", "-in", f"{folder}/csr", "-out", f"{folder}/crt", "-startdate", moment(-400 * 86400),
            "-enddate", moment(days * 86400), "-notext")
        return {part: open(f"{folder}/{file}").read() for part, file in [("server", "crt"), ("key", "key"), ("authority", "ca.crt")]}


class Door:
    """A server that shows a certificate and says no more: where a kubeconfig leads."""

    def __init__(self, folder, days, names, addresses, trusted):
        pairs = issued(days, names, addresses)
        for name in ["server", "key"]:
            with open(f"{folder}/{name}.pem", "w") as file:
                file.write(pairs[name])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{folder}/server.pem", f"{folder}/key.pem")
        self.listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self.serve, args=[context], daemon=True).start()
        authority = {"own": pairs, "other": issued(300, ["kubernetes"], [])}.get(trusted)
        text = f"certificate-authority-data: {base64.b64encode(authority['authority'].encode()).decode()}" if authority else ""
        if trusted == "gone":
            text = f"certificate-authority: {folder}/no-such-ca.crt"
        self.kubeconfig = f"{folder}/kubeconfig"
        with open(self.kubeconfig, "w") as file:
            file.write(textwrap.dedent(f"""\
                apiVersion: v1
                kind: Config
                clusters:
                - name: broken
                  cluster:
                    server: https://127.0.0.1:{self.listener.getsockname()[1]}
                    {text}
                users:
                - name: admin
                  user: {{token: none}}
                contexts:
                - name: broken
                  context: {{cluster: broken, user: admin}}
                current-context: broken
                """))

    def serve(self, context):
        while True:
            try:
                caller, _ = self.listener.accept()
                context.wrap_socket(caller, server_side=True).close()
            except OSError:
                if self.listener.fileno() < 0:
                    return

    def end(self):
        self.listener.close()


def doors(options, score, program):
    """API servers that cannot be asked, because their certificate does not fit: the doctor says which of it."""
    wanted = set(options.only.split(",")) if options.only else None
    names, here = ["kubernetes", "localhost"], ["127.0.0.1"]
    for name, settings, words in [
        ("the server's certificate ended", (-3, names, here, "own"), ["expired"]),
        ("the server's certificate is for another name", (300, ["old.example.com"], ["10.0.0.1"], "own"), ["another name"]),
        ("another authority is trusted", (300, names, here, "other"), ["not trusted", "has only"]),
        ("no authority is named, and the system's do not know it", (300, names, here, None), ["not trusted", "does not know"]),
        ("the authority's file is not there", (300, names, here, "gone"), ["no-such-ca.crt"]),
    ]:
        row = Row.__new__(Row)
        row.name, row.flavour, row.expect = name, "door", ["API-01"]
        if wanted and not wanted & {"door", name}:
            continue
        with tempfile.TemporaryDirectory(prefix="doctor-inject-") as folder:
            door = Door(folder, *settings)
            outcome = run(program, "doctor", "--no-this-machine", "--kubeconfig", door.kubeconfig, check=False)
            door.end()
        said = " ".join((outcome.stdout + outcome.stderr).split())
        missing = [word for word in words if word not in said]
        verdict = "hit" if outcome.returncode == 3 and not missing else "wrong" if outcome.returncode == 0 else "silent"
        score.tell("doors", row, verdict, "" if verdict == "hit" else f"{outcome.returncode}: {said[:200]}")
