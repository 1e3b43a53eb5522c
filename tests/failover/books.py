"""After the failures: what clients were answered, what payoutd keeps, what the operators paid and what merchants
heard must be one and the same. Each check is told as a line of TAP."""
import collections
import json
import urllib.parse

from traffic import ENDS, call, patiently

PAGE = 5000


def payments(simulator):
    """All orders of the operators' own books."""
    found = []
    while True:
        reply = patiently(lambda: simulator(f"payments?from={len(found) + 1}&count={PAGE}"), "the operators' books")["payments"]
        if not reply:
            return found
        found += reply


def transfers(traffic, address):
    """What the API says of every lot that was answered: (merchant, client id) -> transfer."""
    lots = collections.defaultdict(set)
    for (merchant, _), (_, lot, _) in traffic.known.items():
        lots[merchant].add(lot)
    found, twice = {}, []
    for merchant in traffic.merchants:
        for lot in sorted(lots[merchant.made["id"]]):
            target = f"/v1/transfer/check/money?token={merchant.token(address)}&lot={urllib.parse.quote(lot)}"
            for item in patiently(lambda: call(address, "GET", target), f"lot {lot}").get("data") or []:
                key = merchant.made["id"], item["client_transaction_id"]
                if key in found:
                    twice.append(key)
                found[key] = item
    return found, twice


def some(things):
    return "" if not things else f"{len(things)}, as {sorted(map(str, things))[:5]}"


class Books:
    def __init__(self, tap, cluster, traffic, simulator, address):
        self.tap, self.cluster, self.traffic = tap, cluster, traffic
        self.orders, self.totals = payments(simulator), patiently(lambda: simulator("totals"), "totals")
        self.found, self.twice = transfers(traffic, address)

    def must_be_none(self, name, things):
        self.tap(name, not things, some(things))

    def compare(self):
        self.answers()
        self.operators()
        self.notifications()
        self.database()

    def answers(self):
        known, found = self.traffic.known, self.found
        self.must_be_none("every answer was right", self.traffic.wrong)
        self.must_be_none("every answered transfer is there", known.keys() - found.keys())
        self.must_be_none("nothing is there twice", self.twice)
        self.must_be_none("nothing is there that was not sent", found.keys() - known.keys())
        self.must_be_none("each is the one that was answered",
                          [key for key in known.keys() & found.keys() if found[key]["transaction_id"] != known[key][0]])
        ids = [transfer["transaction_id"] for transfer in found.values()]
        self.tap("each has an id of its own", len(set(ids)) == len(ids))
        self.must_be_none("every transfer has ended", [key for key, transfer in found.items() if transfer["treatment_status"] not in ENDS])

    def operators(self):
        paid = collections.Counter(order["transfer"] for order in self.orders if order["state"] == "paid")
        amounts = {order["transfer"]: order["amount"] for order in self.orders if order["state"] == "paid"}
        here = {transfer["transaction_id"]: (key, transfer) for key, transfer in self.found.items()}
        valid = {name for name, (_, transfer) in here.items() if transfer["treatment_status"] == "VAL"}
        self.must_be_none("nobody was paid twice, by one operator or by two", [name for name, count in paid.items() if count > 1])
        self.tap("the operators saw no double", self.totals["doubles"] == 0, self.totals["doubles"])
        self.tap("no work was held by two workers", self.totals["two_workers"] == 0, self.totals["two_workers"])
        self.must_be_none("whoever was paid is VAL here", paid.keys() - valid)
        self.must_be_none("whoever is VAL here was paid", valid - paid.keys())
        self.must_be_none("the sums agree", [name for name in valid & paid.keys()
                                             if int(amounts[name]) != self.traffic.known[here[name][0]][2]])

    def notifications(self):
        heard = self.traffic.receiver.told()
        wanted = {transfer["transaction_id"]: transfer["treatment_status"] for transfer in self.found.values()}
        self.must_be_none("each merchant heard how each transfer ended", [name for name, state in wanted.items() if state not in heard.get(name, ())])
        self.must_be_none("nobody heard of another end", [name for name, states in heard.items() if len(states & set(ENDS)) > 1])
        self.must_be_none("nobody heard of what is not there", heard.keys() - wanted.keys())

    def database(self):
        primary = self.cluster.primary()
        rows = self.cluster.sql(primary, "SELECT merchant, client_id, count(*) FROM transfer GROUP BY 1, 2", "payoutd").splitlines()
        there = {tuple(row.split("|")[:2]): int(row.split("|")[2]) for row in rows}
        wanted = {(str(merchant), client) for merchant, client in self.traffic.known}
        self.tap("the database has what was answered, once each, and nothing else",
                 there.keys() == wanted and set(there.values()) == {1}, json.dumps([len(there), len(wanted)]))
