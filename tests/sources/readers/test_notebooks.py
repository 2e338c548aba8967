from base64 import encodebytes
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from mlguard.sources.base import Home
from mlguard.sources.readers.notebooks import notebook_instance, notebook_lifecycle
from tests.builders.account import ACCOUNT, REGION, arn

HOME = Home(account=ACCOUNT, region=REGION)
NOTEBOOK: dict[str, Any] = {
    "NotebookInstanceArn": arn("sagemaker", "notebook-instance/lab"),
    "NotebookInstanceName": "Lab",
    "NotebookInstanceStatus": "InService",
    "InstanceType": "ml.t3.medium",
    "RoleArn": "arn:aws:iam::123456789012:role/lab",
    "CreationTime": datetime(2026, 11, 1, 9, tzinfo=timezone(timedelta(hours=2))),
    "LastModifiedTime": datetime(2026, 11, 1, 9, tzinfo=UTC),
    "DirectInternetAccess": "Enabled",
    "RootAccess": "Disabled",
    "VolumeSizeInGB": 5,
}
LIFECYCLE = {
    "NotebookInstanceLifecycleConfigArn": arn("sagemaker", "notebook-instance-lifecycle-config/a"),
    "NotebookInstanceLifecycleConfigName": "a",
}


def test_a_notebook_has_what_sagemaker_says_of_it() -> None:
    found = notebook_instance(
        NOTEBOOK
        | {
            "SubnetId": "subnet-1",
            "SecurityGroups": ["sg-1"],
            "InstanceMetadataServiceConfiguration": {"MinimumInstanceMetadataServiceVersion": "2"},
        },
        HOME,
    )
    assert (found.name, found.root_access, found.direct_internet_access) == ("Lab", False, True)
    assert (found.subnet_id, found.security_groups) == ("subnet-1", ("sg-1",))
    assert found.minimum_imds_version == "2"
    assert found.kms_key_id is None


def test_instants_are_utc_whatever_the_zone_of_the_answer() -> None:
    found = notebook_instance(NOTEBOOK, HOME)
    assert found.created_at.isoformat() == "2026-11-01T07:00:00+00:00"


@pytest.mark.parametrize("word", ["enabled", "", None])
def test_a_switch_that_is_neither_on_nor_off_is_not_guessed(word: str | None) -> None:
    with pytest.raises(KeyError):
        notebook_instance(NOTEBOOK | {"RootAccess": word}, HOME)


def test_a_date_that_is_text_is_malformed() -> None:
    with pytest.raises(TypeError):
        notebook_instance(NOTEBOOK | {"CreationTime": "2026-11-01"}, HOME)


def test_scripts_are_decoded_with_their_line_breaks_and_empty_hooks_are_none() -> None:
    script = "#!/bin/bash\n" + "echo straße\n" * 20
    raw = LIFECYCLE | {
        "OnCreate": [{"Content": ""}, {}],
        "OnStart": [{"Content": encodebytes(script.encode()).decode()}],
    }
    found = notebook_lifecycle(raw, HOME)
    assert found.on_create == ()
    assert found.on_start == (script,)


def test_bytes_that_are_no_text_are_shown_escaped() -> None:
    raw = LIFECYCLE | {"OnStart": [{"Content": encodebytes(b"key=\xff").decode()}]}
    assert notebook_lifecycle(raw, HOME).on_start == ("key=\\xff",)


def test_a_script_that_is_no_base64_is_malformed() -> None:
    with pytest.raises(ValueError, match="base64"):
        notebook_lifecycle(LIFECYCLE | {"OnStart": [{"Content": "echo plain!"}]}, HOME)
