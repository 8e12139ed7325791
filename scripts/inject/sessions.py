"""Sessions of BIRD and of FRR between two machines."""
import time

from inject.rows import Row
from inject.space import UNDERLAY


def bird_rows():
    """Sessions of BIRD (Debian's bird2) between two machines of Calico's kind without a tunnel."""
    def session(machine, **settings):
        machine.bird(**settings)
        time.sleep(7)

    def configured(**settings):
        return lambda machine: session(machine, **settings), lambda machine: session(machine)

    def row_(name, expect, inject, mend, **more):
        Row(name, expect, "bird", inject, mend, alone=False, **more)

    def closed(machine):
        machine.sh("nft add table inet fw; nft 'add chain inet fw input { type filter hook input priority 0; }'; nft add rule inet fw input tcp dport 179 drop; nft add rule inet fw input tcp sport 179 drop")
        time.sleep(7)

    def opened(machine):
        machine.sh("nft delete table inet fw")
        time.sleep(7)
    row_("what is for BGP's port is dropped", "BGP-01", closed, opened)

    def beyond(machine):
        """Neither machine knows: the switch between them drops it."""
        machine.lab.fabric.sh("nft add table bridge fw; nft 'add chain bridge fw f { type filter hook forward priority 0; }'; nft add rule bridge fw f tcp dport 179 drop; nft add rule bridge fw f tcp sport 179 drop")
        time.sleep(7)

    def within(machine):
        machine.lab.fabric.sh("nft delete table bridge fw")
        time.sleep(7)
    row_("a firewall between the nodes drops BGP", "BGP-01", beyond, within)

    def stopped(machine):
        machine.lab.pair("bird")[1].sh("birdc -s /run/calico/bird.ctl down >/dev/null || true")
        time.sleep(7)

    def started(machine):
        machine.lab.pair("bird")[1].bird()
        time.sleep(7)
    row_("the other node's BIRD does not run", ["BGP-01", "BGP-04"], stopped, started)
    for name, expect, settings in [
        ("a wrong AS number", "BGP-03", {"number": 64999}),
        ("a wrong AS number is expected of the other", "BGP-03", {"expected": 64999}),
        ("one side has a password", ["BGP-03", "BGP-01"], {"password": "sesame"}),
        ("one router id for both", "BGP-03", {"identifier": f"{UNDERLAY}.12"}),
        ("more prefixes than are allowed", ["BGP-03", "BGP-01"], {"limit": 0}),
        ("nothing is announced", ["RTE-04", "BGP-05"], {"announces": False}),
        ("no session is configured, and the mesh is off", "BGP-05", {"mesh": False}),
    ]:
        inject, mend = configured(**settings)
        row_(name, expect, inject, mend)


def frr_rows():
    """Sessions of FRR (Debian's frr), of which a machine is asked alone."""
    def changed(**settings):
        def inject(machine):
            machine.frr(**settings)
            time.sleep(7)
        return inject

    def row_(name, expect, inject, mend, **more):
        Row(name, expect, "frr", inject, mend, kind="frr", **more)

    table = "nft add table inet fw; nft 'add chain inet fw input { type filter hook input priority 0; }'"
    row_("what is for BGP's port is dropped", "BGP-01",
         f"{table}; nft add rule inet fw input tcp dport 179 drop; nft add rule inet fw input tcp sport 179 drop; sleep 7",
         "nft delete table inet fw; sleep 7", witness="ip route show 10.244.2.0/26 | grep -q via")
    for name, expect, settings in [
        ("a wrong AS number", "BGP-03", {"number": 64999}),
        ("a wrong AS number is expected of the other", "BGP-03", {"expected": 64999}),
        ("one side has a password", ["BGP-03", "BGP-01"], {"password": "sesame"}),
        ("one router id for both", "BGP-03", {"identifier": f"{UNDERLAY}.12"}),
    ]:
        row_(name, expect, changed(**settings), changed())

    def silenced(machine):
        machine.lab.pair("frr")[1].sh("pkill -KILL -x bgpd")
        time.sleep(7)

    def started(machine):
        machine.lab.pair("frr")[1].frr()
        time.sleep(7)
    row_("the other node's bgpd does not run", ["BGP-01", "BGP-04"], silenced, started)
    row_("the node's own bgpd was killed", "BGP-04", "pkill -KILL -x bgpd; sleep 1", changed())
