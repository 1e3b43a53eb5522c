#!/usr/bin/env python3
"""Writes files into C: embed.py SYMBOL OUTPUT.c OUTPUT.h FILE...

The header declares `const struct embedded_file SYMBOL[]`, in order of the files' names, and
`SYMBOL_count`. Names are the files' last parts, or what follows --root. The bytes end with a NUL
that length does not count, so that a text can be used as one."""
import pathlib
import sys

STRUCT = """#ifndef PAYOUT_EMBEDDED_FILE
#define PAYOUT_EMBEDDED_FILE
#include <stddef.h>
struct embedded_file {
    const char *name;
    const char *bytes; /* length bytes and a NUL. */
    size_t length;
};
#endif
"""


def literal(data):
    """The bytes as C string pieces of one line each; octal escapes, so that no digit joins one."""
    plain = {c: chr(c) for c in range(0x20, 0x7F) if chr(c) not in '"\\?'}
    lines, line = [], ""
    for byte in data:
        line += plain.get(byte, "\\%03o" % byte)
        if byte == 0x0A or len(line) > 90:
            lines.append('    "%s"' % line)
            line = ""
    lines.append('    "%s"' % line)
    return "\n".join(lines)


def main():
    arguments = sys.argv[1:]
    root = None
    if arguments[0] == "--root":
        root, arguments = pathlib.Path(arguments[1]), arguments[2:]
    symbol, source, header = arguments[0], pathlib.Path(arguments[1]), pathlib.Path(arguments[2])
    files = {}
    for path in map(pathlib.Path, arguments[3:]):
        name = path.relative_to(root).as_posix() if root else path.name
        if name in files:
            sys.exit("two files are called %s" % name)
        files[name] = path.read_bytes()
    names = sorted(files)
    header.write_text("/* Made by tools/embed.py. */\n%sextern const struct embedded_file %s[];\n"
                      "extern const size_t %s_count;\n" % (STRUCT, symbol, symbol))
    parts = ["/* Made by tools/embed.py. */\n#include \"%s\"\n" % header.name,
             "const struct embedded_file %s[] = {" % symbol]
    for name in names:
        parts.append('    {"%s",\n%s,\n    %d},' % (name, literal(files[name]), len(files[name])))
    parts.append("};\nconst size_t %s_count = %d;\n" % (symbol, len(names)))
    source.write_text("\n".join(parts))


if __name__ == "__main__":
    main()
