#!/usr/bin/env python3
"""Writes docs/man/payoutd.conf.5 from what `payoutd --show-config` says: conf_page.py BUILD > docs/man/payoutd.conf.5"""
import os
import re
import subprocess
import sys

clean = {name: value for name, value in os.environ.items() if not name.startswith("PAYOUTD_")}
text = subprocess.run([f"{sys.argv[1]}/src/daemon/payoutd", "--show-config"], text=True, capture_output=True,
                      check=True, env=clean).stdout


def words(plain):
    return plain.replace("\\", "\\e")


print(""".Dd November 24, 2026
.Dt PAYOUTD.CONF 5
.Os
.Sh NAME
.Nm payoutd.conf
.Nd settings of payoutd
.Sh DESCRIPTION
An INI file for
.Xr payoutd 8 :
sections in brackets, a setting a line, comments after a semicolon; a line has at most 199 bytes.
A list may go on in lines that begin with a blank, or be set several times: all of it counts.
Every setting is also a flag
.Pq Fl Fl Ns Ar section-name , No underscores as dashes
and an environment variable
.Pq Ev PAYOUTD_SECTION_NAME ;
flags beat the environment, that beats the file.
Sizes take K, M and G; times take ms, s, m, h and d.
Lists are separated by blanks or commas.
What reloads is taken over on SIGHUP.""")
comment = ""
open_list = False
for line in text.splitlines():
    if line.startswith("["):
        if open_list:
            print(".El")
        print(f".Ss [{line[1:-1]}]\n.Bl -tag -width Ds")
        open_list = True
    elif line.startswith("; "):
        comment = line[2:]
    elif " =" in line:
        name = line.split(" =")[0]
        about, limits, reloads = re.fullmatch(r"(.*) \((.*)\)( Reloads\.)?", comment).groups()
        print(f".It Cm {name}\n" + words(about).replace(". ", ".\n"))
        takes, default = limits.rsplit("; default: ", 1)
        print(f"Takes {words(takes)}; default: {words(default)}.")
        if reloads:
            print("Reloads.")
print(""".El
.Sh SEE ALSO
.Xr payout 1 ,
.Xr payoutd 8""")
