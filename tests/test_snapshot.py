"""Snapshots: the file form, strict and byte-identical."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

import mlguard
from mlguard.errors import FileError
from mlguard.resources.capacity import Serverless
from mlguard.resources.hosting import EndpointConfig, Variant
from mlguard.resources.scaling import ScalableTarget
from mlguard.snapshot import Inventory, Snapshot
from mlguard.sources.snapshot_file import SnapshotFile, schema
from tests.builders.account import ACCOUNT, NOW, REGION, arn, gap, snapshot
from tests.builders.hosting import invocations

CONFIG = EndpointConfig(
    arn=arn("sagemaker", "endpoint-config/dogs"),
    account=ACCOUNT,
    region=REGION,
    name="dogs\x1b[31m\u202e</script>",
    created_at=NOW,
    variants=(Variant(name="main", capacity=Serverless(memory_mb=2048, max_concurrency=5)),),
)
GIVEN = snapshot(CONFIG, gaps=(gap("Endpoint"), gap("Role", region="global")))


def read(text: bytes) -> Snapshot:
    return SnapshotFile(text, name="snap.json").collect()


def test_reading_and_writing_gives_the_same_bytes() -> None:
    text = GIVEN.to_json()
    assert read(text) == GIVEN
    assert read(text).to_json() == text


@pytest.mark.parametrize(
    ("head", "tail"), [("", ""), ('{"schema_version": 1, "source": ', "}"), ('{"other": ', "}")]
)
def test_a_file_nested_too_deeply_is_refused(head: str, tail: str) -> None:
    depth = 100_000
    nested = head + '{"a":' * depth + "1" + "}" * depth + tail
    with pytest.raises(FileError, match=r"^snap\.json: is nested too deeply; is it a file that"):
        read(nested.encode())


def test_a_file_cut_anywhere_is_refused_in_one_line_with_its_name() -> None:
    text = GIVEN.to_json()
    for length in range(len(text.rstrip())):
        with pytest.raises(FileError) as caught:
            read(text[:length])
        message = str(caught.value)
        assert message.startswith("snap.json: ")
        assert "\n" not in message


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"", ("empty",)),
        (b"hello", ("not JSON",)),
        (b"\xff\xfe", ("not JSON",)),
        (b"[]", ("object",)),
        (b"{}", ("schema_version", "mlguard collect")),
        (b'{"schema_version": 2}', ("newer", "update mlguard")),
        (b'{"schema_version": "1"}', ("schema_version",)),
    ],
)
def test_what_is_no_snapshot_is_refused_with_the_cure(text: bytes, parts: tuple[str, ...]) -> None:
    with pytest.raises(FileError) as caught:
        read(text)
    for part in parts:
        assert part in str(caught.value)


def test_a_wrong_value_is_named_by_its_path() -> None:
    document = json.loads(GIVEN.to_json())
    document["resources"][0]["variants"][0]["capacity"]["memory_mb"] = "much"
    with pytest.raises(FileError, match=r"resources\[0\]\.variants\[0\]\.capacity\.memory_mb"):
        read(json.dumps(document).encode())


def test_a_period_of_no_time_is_refused() -> None:
    document = json.loads(snapshot(invocations(1.0)).to_json())
    document["resources"][0]["period_s"] = 0
    with pytest.raises(FileError, match=r"resources\[0\]\.period_s"):
        read(json.dumps(document).encode())


def test_an_unknown_field_is_refused() -> None:
    document = json.loads(GIVEN.to_json())
    document["resources"][0]["colour"] = "red"
    with pytest.raises(FileError, match="colour"):
        read(json.dumps(document).encode())


def test_a_doubled_key_is_refused_with_its_path() -> None:
    text = GIVEN.to_json().replace(
        b'"asynchronous": false', b'"asynchronous": true,"asynchronous": false'
    )
    with pytest.raises(FileError, match=r"resources\[0\]\.asynchronous: a key stands twice"):
        read(text)


@pytest.mark.parametrize(
    ("old", "path"),
    [('"kinds": ["Endpoint"]', r"gaps\[0\]\.kinds"), ('"covers": ["Role"', "covers")],
)
def test_a_kind_that_nobody_knows_is_refused(old: str, path: str) -> None:
    text = json.dumps(json.loads(GIVEN.to_json()))
    assert old in text
    with pytest.raises(FileError, match=f"{path}: no kind is called 'Rôle'"):
        read(text.replace(old, old.replace("Endpoint", "Rôle").replace("Role", "Rôle"), 1).encode())


def test_a_moment_without_a_time_zone_is_refused() -> None:
    document = json.loads(GIVEN.to_json()) | {"taken_at": "2026-11-23T00:00:00"}
    with pytest.raises(FileError, match=r"snap\.json: taken_at"):
        read(json.dumps(document).encode())


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "snap.json"
    path.write_bytes(b"\xef\xbb\xbf" + GIVEN.to_json())
    assert mlguard.load(path) == GIVEN


def test_load_reads_a_file_and_refuses_one_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "snap.json"
    path.write_bytes(GIVEN.to_json())
    assert mlguard.load(path) == GIVEN
    with pytest.raises(FileError, match="cannot be read"):
        mlguard.load(tmp_path / "other.json")


def test_the_published_schema_is_the_one_that_is_read() -> None:
    published = json.loads(
        (Path(__file__).parent.parent / "docs" / "snapshot.schema.json").read_text()
    )
    assert published == json.loads(json.dumps(schema()))


def test_an_inventory_finds_by_kind_by_arn_and_by_gap() -> None:
    inventory = Inventory(GIVEN)
    assert inventory.of(EndpointConfig) == (CONFIG,)
    assert inventory.of(ScalableTarget) == ()
    assert inventory.get(EndpointConfig, CONFIG.arn) == CONFIG
    assert inventory.get(ScalableTarget, CONFIG.arn) is None


def test_a_name_is_that_of_one_account_region_and_kind() -> None:
    found = Inventory(GIVEN)
    assert found.named(EndpointConfig, CONFIG.name, near=CONFIG) == (CONFIG,)
    assert not found.named(EndpointConfig, CONFIG.name, near=replace(CONFIG, region="eu-west-1"))
    assert not found.named(EndpointConfig, CONFIG.name, near=replace(CONFIG, account="1" * 12))
    assert not found.named(ScalableTarget, CONFIG.name, near=CONFIG)
    assert not found.named(EndpointConfig, None, near=CONFIG)
