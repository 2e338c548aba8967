"""What is planned can be applied, looked at and taken away: every variant of it."""

import pytest

from deploy.apply import apply
from deploy.destroy import Destruction
from tests.deploy.account import PATIENCE, Silent, Writes, account, all_there, paid_for
from tests.deploy.plans import VARIANTS, planned


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_plan_is_applied_once(variant: str) -> None:
    pipeline = planned(VARIANTS[variant])
    with account(region=pipeline.region) as session:
        apply(pipeline, session, progress=Silent(), patience=PATIENCE)
        assert all_there(pipeline, session)
        writes = Writes(session)
        apply(pipeline, session, progress=Silent(), patience=PATIENCE)
        assert writes.calls == []


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_was_applied_is_taken_away_whole(variant: str) -> None:
    pipeline = planned(VARIANTS[variant])
    with account(region=pipeline.region) as session:
        apply(pipeline, session, progress=Silent(), patience=PATIENCE)
        destruction = Destruction(pipeline, session, patience=PATIENCE)
        assert destruction.perform(empty_buckets=True, progress=Silent()) == ()
        assert paid_for(session) == []
