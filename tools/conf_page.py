#!/usr/bin/env python3
"""Writes docs/man/payoutd.conf.5 from what `payoutd --show-config` says: conf_page.py BUILD > docs/man/payoutd.conf.5"""
import os
import re
import subprocess
import sys

clean = {name: value for name, value in os.environ.items() if not name.startswith("PAYOUTD_")}


def shown(what):
    return subprocess.run([f"{sys.argv[1]}/src/daemon/payoutd", what], text=True, capture_output=True, check=True, env=clean).stdout


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


def settings(text, one_section):
    comment = ""
    open_list = False
    for line in text.splitlines():
        if line.startswith("["):
            if open_list:
                print(".El")
            print(".Bl -tag -width Ds" if one_section else f".Ss [{line[1:-1]}]\n.Bl -tag -width Ds")
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
    print(".El")


settings(shown("--show-config"), False)
print(""".Sh CHANNELS
A channel is an account of the platform's with an operator, and how it is reached.
Each is a file
.Pa NAME.conf
in the folder of
.Cm channels_dir
in
.Bq operator ,
with one section,
.Bq channel ;
its name has letters a to z, digits and -.
Files are read at start; SIGHUP does not read them again.
Without any the sandbox pays nobody; with some it does so only when one of them says
.Li connector = sandbox
and
.Li number = 1 .
.Pp
A file of a secret holds the secret itself, and can be read by its owner only, or what
.Li payoutd seal
made of it.
.Pa %d/x
is what systemd handed over as x
.Pq Li LoadCredential= .
What each setting means to a connector, and which it needs, is told in docs/operators.md.""")
settings(shown("--show-channel"), True)
print(""".Sh SEE ALSO
.Xr payout 1 ,
.Xr payoutd 8""")
