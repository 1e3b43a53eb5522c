"""Places of one's own in the server that server.py runs, and what is in them."""
import os
import subprocess

SERVER = os.environ.get("PAYOUT_TEST_POSTGRES", "")


class Place:
    """A schema of the database, empty at first; url is a store's."""
    made = 0

    def __init__(self):
        Place.made += 1
        self.name = f"p{os.getpid()}_{Place.made}"
        self.url = f"{SERVER}&options=-csearch_path%3D{self.name}"
        self.run(f"CREATE SCHEMA {self.name}")

    def run(self, sql):
        """The rows, each a list of texts."""
        done = subprocess.run(["psql", self.url, "--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--set", "ON_ERROR_STOP=1",
                               "--command", sql], text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode != 0:
            raise RuntimeError(done.stdout)
        return [line.split("|") for line in done.stdout.splitlines()]

    def one(self, sql):
        return self.run(sql)[0][0]

    def tables(self):
        return {name for (name,) in self.run(f"SELECT relname FROM pg_class WHERE relnamespace = '{self.name}'::regnamespace"
                                             " AND relkind IN ('r', 'p')")}
