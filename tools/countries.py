#!/usr/bin/env python3
"""Makes the C table of countries and operators from data/countries.csv: countries.py CSV OUT. Refuses a file that
contradicts itself, so that a slip of the pen stops the build and no money."""
import csv, re, sys

NUMBER_MAX, PREFIXES_MAX, OPERATORS_MAX = 63, 31, 8  # money/tariff.h; one prefix is its NULL
COUNTRY_COLUMNS = ["country", "currency", "digits", "old_digits", "multiple", "min", "max"]


def check(true, line, what):
    if not true:
        sys.exit(f"countries.csv:{line}: {what}")


def read(path):
    """The countries in the file's order: {prefix: {the row's columns, "operators": [...]}}."""
    countries, numbers, methods = {}, set(), set()
    with open(path, newline="", encoding="ascii") as file:
        for line, row in enumerate(csv.DictReader(file), 2):
            number, prefixes = int(row["number"]), row["number_prefixes"].split()
            check(0 < number <= NUMBER_MAX and number not in numbers, line, "number is taken or out of range")
            check(row["payment_method"].upper() not in methods, line, "payment_method is taken")
            check(re.fullmatch("[A-Za-z0-9_]+", row["payment_method"]), line, "payment_method is no word")
            check(re.fullmatch("[A-Za-z0-9_]+", row["operator"]), line, "operator is no word")
            check(re.fullmatch("[1-9][0-9]{0,3}", row["prefix"]), line, "prefix is no country's")
            check(re.fullmatch("[A-Z]{2}", row["country"]), line, "country is no ISO code")
            check(re.fullmatch("[A-Z]{3}", row["currency"]), line, "currency is no ISO code")
            check(0 < int(row["multiple"]) <= int(row["min"]) <= int(row["max"]), line, "tranche")
            check(int(row["min"]) % int(row["multiple"]) == 0 and int(row["max"]) % int(row["multiple"]) == 0,
                  line, "min and max are multiples")
            digits = int(row["digits"])
            check(6 <= digits <= 12 and len(row["prefix"]) + digits <= 15, line, "digits is no number's length")
            check(row["old_digits"] in ("", str(digits - 2)), line, "plans that changed got two digits (money/number.c)")
            check(len(prefixes) <= PREFIXES_MAX, line, "too many number_prefixes")
            for prefix in prefixes:
                check(prefix.isdigit() and len(prefix) <= digits, line, f"number prefix {prefix}")
            country = countries.setdefault(row["prefix"], {**row, "operators": []})
            for column in COUNTRY_COLUMNS:
                check(row[column] == country[column], line, f"{column} is not what the country's first line says")
            for other in country["operators"]:
                both = set(prefixes) & set(other["prefixes"])
                check(not both, line, f"{both} is {other['payment_method']}'s too")
            check(len(country["operators"]) < OPERATORS_MAX, line, "too many operators in a country")
            country["operators"].append({**row, "number": number, "prefixes": prefixes})
            numbers.add(number)
            methods.add(row["payment_method"].upper())
    return countries


def write(countries, out):
    out.write("/* Made from data/countries.csv by tools/countries.py: change that. */\n")
    for country in countries.values():
        out.write(f"static const struct operator_entry operators_{country['country']}[] = {{\n")
        for entry in country["operators"]:
            prefixes = ", ".join(f'"{prefix}"' for prefix in entry["prefixes"] + [""])[:-2]
            out.write(f'    {{{entry["number"]}, "{entry["operator"]}", "{entry["payment_method"]}", '
                      f'{{{prefixes}NULL}}}},\n')
        out.write("};\n")
    out.write("static const struct country countries[] = {\n")
    for c in countries.values():
        out.write(f'    {{"{c["prefix"]}", "{c["country"]}", CURRENCY_{c["currency"]}, {c["digits"]}, '
                  f'{c["old_digits"] or 0}, {c["multiple"]}, {c["min"]}, {c["max"]},\n'
                  f'     {len(c["operators"])}, operators_{c["country"]}}},\n')
    out.write("};\nstatic const struct place places[OPERATOR_NUMBER_MAX + 1] = {\n")
    for index, country in enumerate(countries.values()):
        for at, entry in enumerate(country["operators"]):
            out.write(f'    [{entry["number"]}] = {{&countries[{index}], &operators_{country["country"]}[{at}]}},\n')
    out.write("};\n")


if __name__ == "__main__":
    table = read(sys.argv[1])
    with open(sys.argv[2], "w", encoding="ascii") as file:
        write(table, file)
