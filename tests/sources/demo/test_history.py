"""A demo account has a past."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from tests.sources.demo.world import NOW, REGION, Demo, deploy_everything, notebook


def test_roles_and_users_have_a_past(demo: Demo) -> None:
    iam = demo.client("iam")
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    iam.create_role(RoleName="runs", AssumeRolePolicyDocument=trust)
    iam.create_user(UserName="someone")
    iam.create_login_profile(UserName="someone", Password="pass-word-1")
    key = iam.create_access_key(UserName="someone")["AccessKey"]["AccessKeyId"]
    created, used = datetime(2020, 1, 2, tzinfo=UTC), datetime(2021, 3, 4, tzinfo=UTC)
    demo.gaps.age_role("runs", created)
    demo.gaps.role_used("runs", used)
    demo.gaps.age_user("someone", created, used)
    demo.gaps.age_access_key(key, created, used, service="sagemaker")
    details = iam.get_account_authorization_details()
    (role,) = details["RoleDetailList"]
    assert role["CreateDate"] == created
    assert role["RoleLastUsed"] == {"LastUsedDate": used, "Region": REGION}
    user = iam.get_user(UserName="someone")["User"]
    assert (user["CreateDate"], user["PasswordLastUsed"]) == (created, used)
    last = iam.get_access_key_last_used(AccessKeyId=key)["AccessKeyLastUsed"]
    assert (last["LastUsedDate"], last["ServiceName"]) == (used, "sagemaker")
    iam.generate_credential_report()
    report = iam.get_credential_report()["Content"].decode()
    assert "2021-03-04T00:00:00+00:00" in report


def test_resources_have_a_past(demo: Demo) -> None:
    deploy_everything(demo)
    then = datetime(2020, 1, 2, 3, tzinfo=UTC)
    gaps, sagemaker = demo.gaps, demo.client("sagemaker")
    gaps.age_notebook("explore", then)
    gaps.age_endpoint("answers", then)
    gaps.age_endpoint_config("small", then)
    gaps.age_model("breeds", then)
    gaps.age_training_job("train", then, then + timedelta(hours=1))
    gaps.age_function("ask", then)
    (listed,) = sagemaker.list_notebook_instances()["NotebookInstances"]
    assert (listed["CreationTime"], listed["LastModifiedTime"]) == (then, then)
    assert sagemaker.describe_endpoint(EndpointName="answers")["CreationTime"] == then
    config = sagemaker.describe_endpoint_config(EndpointConfigName="small")
    assert config["CreationTime"] == then
    assert sagemaker.describe_model(ModelName="breeds")["CreationTime"] == then
    job = sagemaker.describe_training_job(TrainingJobName="train")
    assert job["TrainingEndTime"] - job["TrainingStartTime"] == timedelta(hours=1)
    for function in demo.client("lambda").list_functions(FunctionVersion="ALL")["Functions"]:
        assert function["LastModified"] == "2020-01-02T03:00:00.000+0000"


def test_instances_log_groups_and_policies_have_a_past(demo: Demo) -> None:
    then = datetime(2020, 1, 2, 3, tzinfo=UTC)
    ec2, logs, iam = demo.client("ec2"), demo.client("logs"), demo.client("iam")
    image = ec2.register_image(Name="Deep Learning AMI")["ImageId"]
    run = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="t2.micro")
    instance = run["Instances"][0]["InstanceId"]
    logs.create_log_group(logGroupName="/aws/lambda/ask")
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_policy(PolicyName="read", PolicyDocument=document)["Policy"]["Arn"]
    demo.gaps.age_instance(instance, then)
    demo.gaps.age_log_group("/aws/lambda/ask", then)
    demo.gaps.age_policy(arn, then)
    (reservation,) = ec2.describe_instances()["Reservations"]
    assert reservation["Instances"][0]["LaunchTime"] == then
    (group,) = logs.describe_log_groups()["logGroups"]
    assert group["creationTime"] == int(then.timestamp() * 1000)
    assert iam.get_policy(PolicyArn=arn)["Policy"]["UpdateDate"] == then


def test_what_moto_does_not_hold_cannot_be_aged(demo: Demo) -> None:
    with pytest.raises(LookupError, match="no role named 'gone'"):
        demo.gaps.age_role("gone", NOW)
    with pytest.raises(LookupError, match="no notebook instance named 'gone'"):
        demo.gaps.age_notebook("gone", NOW)
    with pytest.raises(LookupError, match="no function named 'gone'"):
        demo.gaps.age_function("gone", NOW)


def test_a_naive_moment_is_refused(demo: Demo) -> None:
    demo.client("sagemaker").create_notebook_instance(**notebook())
    with pytest.raises(ValueError, match="aware"):
        demo.gaps.age_notebook("explore", datetime(2020, 1, 1))  # noqa: DTZ001
