"""Reads both datasets with PyPI's lancedb: every column of every table, its type as docs/dataset.md has it, and counts that
fit together. Usage: read_dataset.py MAIN MINIFIED [DIMENSIONS]"""

import datetime
import re
import sys

import lancedb
import pyarrow as pa

TABLES = {
    "main": ["packages", "dependencies", "errors", "runs", "clusters", "versions"],
    "minified": ["packages", "dependencies"],
}


def type_text(kind: pa.DataType) -> str:
    """An Arrow type as the documentation writes it."""
    if pa.types.is_fixed_size_list(kind):
        names = {"halffloat": "float16", "float": "float32"}
        return f"fixed_size_list<{names[str(kind.value_type)]}>[{kind.list_size}]"
    if pa.types.is_list(kind):
        return f"list<{type_text(kind.value_type)}>"
    if pa.types.is_struct(kind):
        return "struct<" + ", ".join(f"{field.name}: {type_text(field.type)}" for field in kind) + ">"
    if pa.types.is_timestamp(kind):
        return f"timestamp[{kind.unit}, {kind.tz}]"
    names = {"string": "utf8", "float": "float32", "double": "float64", "halffloat": "float16"}
    return names.get(str(kind), str(kind))


def documented(marker: str) -> dict[str, str]:
    """Columns and their types from the table of docs/dataset.md between the markers of that name."""
    with open("docs/dataset.md", encoding="utf-8") as file:
        text = file.read()
    part = text.split(f"<!-- table:{marker}:begin -->")[1].split(f"<!-- table:{marker}:end -->")[0]
    rows = re.findall(r"^\| `(\w+)` +\| `([^`]+)`", part, re.MULTILINE)
    assert rows, f"docs/dataset.md has no columns for {marker}"
    return dict(rows)


def read(path: str, kind: str) -> dict[str, pa.Table]:
    database = lancedb.connect(path)
    tables = {}
    for name in TABLES[kind]:
        handle = database.open_table(name)
        table = handle.to_arrow()
        assert table.num_rows == handle.count_rows(), name
        assert table.schema.metadata[b"schema_version"] == b"1", name
        columns = documented(name if kind == "main" else f"minified-{name}")
        for field in table.schema:
            expected = columns.get(field.name)
            found = type_text(field.type)
            if field.name == "vector":
                assert re.fullmatch(r"fixed_size_list<float(16|32)>\[\d+\]", found), found
                continue
            assert found == expected, f"{kind} {name}.{field.name}: {found}, documented as {expected}"
        missing = set(columns) - set(table.schema.names) - {"vector"}
        assert not missing, f"{kind} {name} lacks {missing}"
        # Every value is made a Python object.
        rows = table.to_pylist()
        assert len(rows) == table.num_rows
        tables[name] = table
        print(f"{kind} {name}: {table.num_rows} rows, {table.num_columns} columns")
    return tables


def check_main(tables: dict[str, pa.Table]) -> None:
    packages = tables["packages"].to_pylist()
    ids = {row["package_id"] for row in packages}
    assert len(ids) == len(packages) > 0
    assert all(isinstance(row["last_updated"], datetime.datetime) and row["last_updated"].tzinfo for row in packages)
    assert all(row["availability"] and row["cluster_id"] for row in packages)
    for row in tables["dependencies"].to_pylist():
        assert row["package_id"] in ids
        for kind in ("build", "native_build", "propagated_build", "propagated_native_build", "unknown"):
            names = row["unknown_inputs" if kind == "unknown" else f"{kind}_inputs"]
            targets = row["unknown_input_ids" if kind == "unknown" else f"{kind}_input_ids"]
            assert len(names) == len(targets)
            assert all(target is None or target in ids for target in targets)
    last = max(tables["runs"].to_pylist(), key=lambda row: row["finished_at"])
    assert last["packages"] == len(packages)
    assert last["errors"] == tables["errors"].num_rows
    clusters = {row["cluster_id"] for row in tables["clusters"].to_pylist()}
    assert {row["cluster_id"] for row in packages} == clusters


def check_minified(main: dict[str, pa.Table], tables: dict[str, pa.Table]) -> None:
    ids = set(main["packages"]["package_id"].to_pylist())
    assert set(tables["packages"]["package_id"].to_pylist()) == ids
    assert tables["dependencies"].num_rows == main["dependencies"].num_rows
    for row in tables["dependencies"].to_pylist():
        assert row["package_id"] in ids


def check_search(path: str) -> None:
    table = lancedb.connect(path).open_table("packages")
    found = table.search("ripgrep", query_type="fts", fts_columns="package_name").limit(5).to_list()
    assert any(row["package_id"] == "ripgrep" for row in found), [row["package_id"] for row in found]
    if "vector" in table.schema.names:
        vector = table.search().where("has_embedding = true").limit(1).to_list()[0]
        near = table.search(vector["vector"], vector_column_name="vector").limit(3).to_list()
        assert near, "no neighbours"
        print(f"nearest to {vector['package_id']}: {[row['package_id'] for row in near]}")


if __name__ == "__main__":
    main_tables = read(sys.argv[1], "main")
    check_main(main_tables)
    check_minified(main_tables, read(sys.argv[2], "minified"))
    check_search(sys.argv[1])
    check_search(sys.argv[2])
    print(f"lancedb {lancedb.__version__} reads both datasets")
