"""What Athena does with an exported table, on this machine: the DDL and the queries are parsed by sqlglot's dialect for
Athena, partitions are projected as the table's properties say, the objects in them are read as the OpenX JSON SerDe
reads them, and DuckDB runs the view and the queries, transpiled from Athena's SQL.

Reads from standard input {"table", "view", "queries": {name: SQL}, "objects": {s3 URL: file}, "hours"}, and prints what
it found.
"""
import datetime
import gzip
import itertools
import json
import re
import sys
import tempfile

import duckdb
import sqlglot
from sqlglot import exp

NOW = datetime.datetime.now(datetime.timezone.utc)
JAVA = {"yyyy": "%Y", "MM": "%m", "dd": "%d", "HH": "%H", "mm": "%M"}
DUCKDB = {"string": "VARCHAR", "bigint": "BIGINT", "double": "DOUBLE"}
UNITS = {"YEARS": 365, "MONTHS": 28, "DAYS": 1, "HOURS": 1 / 24, "MINUTES": 1 / 1440}


def text(node):
    return node.name if isinstance(node, (exp.Literal, exp.Identifier)) else node.sql()


class Table:
    def __init__(self, ddl):
        (create,) = sqlglot.parse(ddl, dialect="athena")
        assert isinstance(create, exp.Create), "the table's statement is not understood"
        self.database, self.name = create.this.this.db, create.this.this.name
        self.columns = {d.name: d.kind.sql("hive").lower() for d in create.this.expressions}
        self.partitions, self.serde, self.properties, self.location = {}, {}, {}, None
        for one in create.args["properties"].expressions:
            if isinstance(one, exp.PartitionedByProperty):
                self.partitions = {d.name: d.kind.sql("hive").lower() for d in one.this.expressions}
            elif isinstance(one, exp.LocationProperty):
                self.location = text(one.this)
            elif isinstance(one, exp.RowFormatSerdeProperty):
                assert text(one.this) == "org.openx.data.jsonserde.JsonSerDe"
                properties = one.args["serde_properties"].expressions
                self.serde = {text(p.this): text(p.args["value"]) for p in properties}
            elif type(one) is exp.Property:
                self.properties[text(one.this)] = text(one.args["value"])
        assert self.location and self.location.endswith("/"), self.location
        assert self.serde["case.insensitive"] == "FALSE"
        self.mapping = {c: self.serde.get(f"mapping.{c}", c) for c in self.columns}
        mapped = {name.removeprefix("mapping.") for name in self.serde if name.startswith("mapping.")}
        assert mapped <= set(self.columns), "a mapping is of no column"

    def folders(self, hours):
        """Each folder of a partition, with its values."""
        if not self.partitions:
            return [(self.location, {})]
        assert self.properties["projection.enabled"] == "true"
        template = self.properties["storage.location.template"]
        assert template.startswith(self.location) and template.endswith("/"), template
        assert set(re.findall(r"\$\{(\w+)\}", template)) == set(self.partitions)
        values = [[(column, value) for value in self.values(column, hours)] for column in self.partitions]
        rows = [dict(row) for row in itertools.product(*values)]
        return [(re.sub(r"\$\{(\w+)\}", lambda m: row[m.group(1)], template), row) for row in rows]

    def values(self, column, hours):
        of = lambda name: self.properties[f"projection.{column}.{name}"]
        if of("type") == "enum":
            return of("values").split(",")
        assert of("type") == "date" and of("interval") == "1"
        first, last = of("range").split(",")
        assert last == "NOW"
        started = re.fullmatch(r"NOW-(\d+)([A-Z]+)", first)
        days = int(started[1]) * UNITS[started[2]] if started else hours / 24
        time, values = NOW - datetime.timedelta(days=min(days, hours / 24)), []
        step = datetime.timedelta(minutes=1 if of("interval.unit") == "MINUTES" else 30)
        while time < NOW + step:
            value = java(of("format"), min(time, NOW))
            if value not in values[-1:]:
                values.append(value)
            time += step
        return values


def java(pattern, time):
    """DateTimeFormatter."""
    out = ""
    for quoted, letters, other in re.findall(r"'((?:[^']|'')*)'|([A-Za-z]+)|([^A-Za-z'])", pattern):
        runs = [m.group() for m in re.finditer(r"(.)\1*", letters)]
        out += quoted.replace("''", "'") + "".join(time.strftime(JAVA[run]) for run in runs) + other
    return out


def fits(value, kind):
    if value is None or kind == "string":
        return True
    if isinstance(value, bool):
        return False
    return isinstance(value, int) and -(2**63) <= value < 2**63 if kind == "bigint" else isinstance(value, (int, float))


def read(path, url):
    with open(path, "rb") as file:
        content = file.read()
    return (gzip.decompress(content) if url.endswith(".gz") else content).decode().splitlines()


def only_once(pairs):
    assert len({key for key, _ in pairs}) == len(pairs), "a key that is there twice is an error in the SerDe"
    return dict(pairs)


def main():
    job = json.load(sys.stdin)
    table = Table(job["table"])
    rows, undeclared, misfits, seen = [], set(), [], []
    for folder, values in table.folders(job["hours"]):
        for url, path in job["objects"].items():
            if not url.startswith(folder):
                continue
            seen.append(url)
            for line in read(path, url):
                record = json.loads(line, object_pairs_hook=only_once)
                row = {column: record.get(key) for column, key in table.mapping.items()}
                misfits += [[c, v] for c, v in row.items() if not fits(v, table.columns[c])]
                known = set(table.mapping.values()) | {c for c, v in values.items() if record.get(c) == v}
                undeclared |= set(record) - known
                strings = {c: v if v is None or isinstance(v, str) else json.dumps(v) for c, v in row.items()}
                rows.append({c: strings[c] if table.columns[c] == "string" else v for c, v in row.items()} | values)
    results = run(table, rows, job["view"], job["queries"])
    unseen = sorted(set(job["objects"]) - set(seen))
    twice = sorted({url for url in seen if seen.count(url) > 1})
    json.dump(
        {
            "columns": table.columns,
            "partitions": list(table.partitions),
            "rows": len(rows),
            "unseen": unseen,
            "twice": twice,
            "undeclared": sorted(undeclared),
            "misfits": misfits,
            "results": results,
        },
        sys.stdout,
    )


def run(table, rows, view, queries):
    database = duckdb.connect()
    database.execute("SET TimeZone = 'UTC'")
    types = {column: DUCKDB[kind] for column, kind in (table.columns | table.partitions).items()}
    database.execute(f'CREATE SCHEMA "{table.database}"')
    columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
    database.execute(f'CREATE TABLE "{table.database}"."{table.name}" ({columns})')
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
        file.flush()
        if rows:
            reader = f"read_json('{file.name}', format = 'newline_delimited', columns = {types})"
            database.execute(f'INSERT INTO "{table.database}"."{table.name}" SELECT * FROM {reader}')
    database.execute(transpiled(view))
    results = {}
    for name, query in queries.items():
        answer = database.execute(transpiled(query))
        names = [column[0] for column in answer.description]
        results[name] = [dict(zip(names, map(plain, row))) for row in answer.fetchall()]
    return results


def transpiled(sql):
    (statement,) = sqlglot.parse(sql, dialect="athena")
    statement = statement.transform(null_of_no_json)
    return statement.sql("duckdb", comments=False, unsupported_level=sqlglot.ErrorLevel.RAISE)


def null_of_no_json(node):
    """What is no JSON has no members: Athena's engine, Trino, says NULL (its JsonExtract.extract), and DuckDB fails."""
    if isinstance(node, exp.JSONExtractScalar) and not isinstance(node.parent, exp.If):
        return exp.Case().when(exp.func("json_valid", node.this.copy()), node.copy())
    return node


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return value if value is None or isinstance(value, (str, int, float, bool)) else float(value)


main()
