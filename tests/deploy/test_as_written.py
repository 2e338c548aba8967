"""The write-up's pipeline is the demo account's, byte for byte."""

from pathlib import Path

from deploy.as_written import pipeline

DEMO = Path(__file__).parents[2] / "mlguard" / "data" / "demo.json"


def test_it_is_the_demo_account() -> None:
    assert pipeline().to_json().encode() == DEMO.read_bytes()
