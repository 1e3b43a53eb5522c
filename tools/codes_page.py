#!/usr/bin/env python3
"""Doxygen's filter for payout/code.h: writes the table of code.def out, each code with what it means."""
import pathlib
import re
import sys

header = pathlib.Path(sys.argv[1])
rows = re.findall(r'^CODE\((\w+), (-?\d+), "(\w+)", (\d+),\s*"((?:[^"\\]|\\.)*)",\s*"((?:[^"\\]|\\.)*)"\)',
                  (header.parent / "code.def").read_text(), re.M)
listed = "\n".join(f"    PAYOUT_{name} = {number}, /**< {word}, HTTP {http}: {en}. Fr.: {fr}. */"
                   for name, number, word, http, fr, en in rows)
print(re.sub(r'#define CODE\(.*?#undef CODE', lambda _: listed, header.read_text(), flags=re.S))
