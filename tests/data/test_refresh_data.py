import json
from datetime import date
from pathlib import Path

import botocore
import pytest

from mlguard.data.files import read
from mlguard.data.instance_types import Surface, botocore_version
from tools.refresh_data import SHAPE_OF_SURFACE, RefreshError, legality, main, prices, render

DAY = date(2026, 11, 22)

SAGEMAKER = """\
region,instance_type,component,price_usd,currency,unit,status,source,source_date,note
us-east-1,ml.m5.large,Training,0.115,USD,Hrs,observed,price list,2026-09-24,as billed
us-east-1,serverless-1024MB,ServerlessInference,2e-05,USD,Second,observed,price list,2026,
unknown(us-east-1-like),ml.m5.large,Training,0.134,USD,Hrs,superseded,old table,2021,
"""
EC2 = """\
region,instance_type,price_usd_per_hour,currency,unit,vcpu,memory_gib,gpu_count,source,source_date
us-east-1,t2.micro,0.0116,USD,Hrs,1,1,,price list,2026-07-20
us-east-1,c1.medium,0.13,USD,Hrs,2,1.69922,,price list,2026-07-20
us-east-1,p2.xlarge,0.9,USD,Hrs,,,,price list,2026-07-20
eu-west-1,t2.micro,0.0126,USD,Hrs,1,1,,price list,2026-07-20
"""
CREDITS = """\
region,instance_type,price_usd_per_hour,currency,unit,vcpu,memory_gib,gpu_count,\
cpu_credits_per_hour,max_accrued_credits,baseline_pct_per_vcpu,verified_by,source,source_date
us-east-1,t2.xlarge,0.1856,USD,Hrs,4,16,,54,1296,22.5,a viewer,price list,2026-07-20
us-east-1,m5.large,0.096,USD,Hrs,2,8,,,,,,price list,2026-07-20
us-west-2,t2.micro,0.0116,USD,Hrs,1,1,,6,144,10,a viewer,price list,2026-07-20
"""
LAMBDA = """\
region,architecture,charge,tier,price_usd,currency,unit,source,source_date
us-east-1,x86_64,Duration,0-6e9 GB-s/mo,0.0000166667,USD,GB-second,price list,2026-09-01
us-east-1,x86_64,Duration,>15e9,0.0000133334,USD,GB-second,price list,2026-09-01
ap-east-1,x86_64,Duration,"first tier, rounded",0.0000232,USD,GB-second,a template,2026-04-13
us-east-1,any,FreeTier requests,per month,1000000,-,Requests,a page,-
us-east-1,-,EBS gp3,,0.08,USD,GB-Mo,price list,2026-09-24
default(other regions),x86_64,Duration,,0.0000168,USD,GB-second,a template,2026-04-13
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prices_sagemaker.csv").write_text(SAGEMAKER, encoding="utf-8")
    (tmp_path / "prices_ec2.csv").write_text(EC2, encoding="utf-8")
    (tmp_path / "prices_lambda.csv").write_text(LAMBDA, encoding="utf-8")
    return tmp_path


def break_line(folder: Path, name: str, old: str, new: str) -> None:
    path = folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_surfaces_of_the_tool_are_those_of_the_package() -> None:
    assert set(SHAPE_OF_SURFACE) == set(Surface)


@pytest.mark.skipif(
    botocore_version() != botocore.__version__, reason="the table is of another botocore"
)
def test_the_shipped_legality_is_what_the_tool_makes() -> None:
    shipped = read("instance_types.json")

    made = legality(date.fromisoformat(shipped["fetched"]))["instance_types.json"]

    assert made == shipped


def test_sagemaker_prices_keep_status_source_note_and_date(folder: Path) -> None:
    table = prices(folder, DAY)["prices_sagemaker.json"]

    assert table["sources"] == ["price list", "price list; as billed"]
    assert table["rows"] == [
        [
            "us-east-1",
            "ml.m5.large",
            "Training",
            "0.115",
            "USD",
            "Hrs",
            "observed",
            1,
            "2026-09-24",
        ],
        [
            *("us-east-1", "serverless-1024MB", "ServerlessInference", "0.00002"),
            *("USD", "Second", "observed", 0, "2026"),
        ],
    ]


def test_a_tier_becomes_the_amount_that_it_begins_at(folder: Path) -> None:
    table = prices(folder, DAY)["prices_lambda.json"]

    assert table["rows"] == [
        [
            *("ap-east-1", "x86_64", "Duration", "0", "0.0000232"),
            *("USD", "GB-second", "derived", 0, "2026-04-13"),
        ],
        [
            *("us-east-1", "x86_64", "Duration", "0", "0.0000166667"),
            *("USD", "GB-second", "observed", 1, "2026-09-01"),
        ],
        [
            *("us-east-1", "x86_64", "Duration", "15000000000", "0.0000133334"),
            *("USD", "GB-second", "observed", 1, "2026-09-01"),
        ],
    ]


def test_charges_of_no_instance_have_a_table_of_their_own(folder: Path) -> None:
    table = prices(folder, DAY)["prices_charges.json"]

    rows = table["rows"]
    assert isinstance(rows, list)
    surplus = [row for row in rows if row[1].startswith("CPU credits")]
    assert [row for row in rows if row not in surplus] == [
        ["us-east-1", "EBS gp3", "0.08", "USD", "GB-Mo", "observed", 2, "2026-09-24"]
    ]
    assert [row[1:4] for row in surplus] == [
        ["CPU credits t2", "0.05", "USD"],
        ["CPU credits t3", "0.05", "USD"],
        ["CPU credits t4g", "0.04", "USD"],
    ]


def test_cpu_credits_come_from_the_rows_that_have_them(folder: Path) -> None:
    (folder / "prices_ec2.csv").write_text(CREDITS, encoding="utf-8")

    table = prices(folder, DAY)["cpu_credits.json"]

    assert table["rows"] == [["t2.xlarge", "54", "1296", "22.5"]]
    assert str(table["source"]).endswith("a viewer")


def test_cpu_credits_that_are_no_number_are_refused(folder: Path) -> None:
    (folder / "prices_ec2.csv").write_text(CREDITS.replace("1296", "many"), encoding="utf-8")

    with pytest.raises(RefreshError, match="CPU credits that are no number"):
        prices(folder, DAY)


def test_hardware_comes_from_the_rows_that_have_it(folder: Path) -> None:
    table = prices(folder, DAY)["hardware.json"]

    assert table["rows"] == [["c1.medium", 2, 1740, 0], ["t2.micro", 1, 1024, 0]]


def test_a_table_is_written_one_row_a_line(folder: Path) -> None:
    text = render(prices(folder, DAY)["hardware.json"])

    assert json.loads(text)["fetched"] == "2026-11-22"
    assert '  ["c1.medium",2,1740,0],\n  ["t2.micro",1,1024,0]\n' in text


def test_the_same_rows_in_another_order_make_the_same_table(folder: Path) -> None:
    before = prices(folder, DAY)
    head, *rows = EC2.splitlines()
    (folder / "prices_ec2.csv").write_text("\n".join([head, *reversed(rows)]), encoding="utf-8")

    assert prices(folder, DAY) == before


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("prices_ec2.csv", "0.0116", "cheap", r"prices_ec2\.csv:2: 'cheap' is not a price"),
        ("prices_ec2.csv", "0.0116", "NaN", "'NaN' is not a price"),
        ("prices_ec2.csv", "0.0116", "-1", "'-1' is not a price"),
        ("prices_ec2.csv", ",vcpu", ",cores", r"prices_ec2\.csv: no column vcpu"),
        ("prices_ec2.csv", "1.69922", "much", r"prices_ec2\.csv:3: hardware that is no number"),
        ("prices_ec2.csv", ",2026-07-20", ",", ":2: a price without a source or a date"),
        ("prices_ec2.csv", ",2026-07-20", "", ":2: does not have as many cells"),
        ("prices_ec2.csv", ",2026-07-20", ",2026,1", ":2: does not have as many cells"),
        ("prices_sagemaker.csv", ",observed", ",sure", ":2: status 'sure' is none of observed"),
        ("prices_lambda.csv", ">15e9", "lots", ":3: tier 'lots' does not say where it begins"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_line_and_reason(
    folder: Path, name: str, old: str, new: str, fault: str
) -> None:
    break_line(folder, name, old, new)

    with pytest.raises(RefreshError, match=fault):
        prices(folder, DAY)


def test_the_tool_writes_what_it_says(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    output = folder / "output"
    output.mkdir()

    assert main(["--output", str(output), "--fetched", "2026-11-22", "prices", str(folder)]) == 0

    written = sorted(str(path) for path in output.iterdir())
    assert sorted(capsys.readouterr().out.split()) == written
    assert len(written) == 6


def test_the_tool_writes_nothing_if_a_file_is_missing(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "prices_lambda.csv").unlink()
    output = folder / "output"
    output.mkdir()

    assert main(["--output", str(output), "prices", str(folder)]) == 1

    assert "prices_lambda.csv: cannot be read" in capsys.readouterr().err
    assert list(output.iterdir()) == []
