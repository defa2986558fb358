"""What deploy/ holds: AWS's own checks pass, and the files say the same."""

import json
import re
import string
import subprocess
import sys
import warnings
from pathlib import Path
from typing import Any

import boto3
import pytest

from etl.config.settings import Settings
from tests.support.cloudformation import ACCOUNT, PARAMETERS, REGION, STACK, Stack, arn

DEPLOY = STACK.parent

_NAMES = {
    "JOB": "iconsiam",
    "REGION": REGION,
    "CPU_ARCHITECTURE": "X86_64",
    "IMAGE": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/iconsiam-etl:1.0.0",
    "EXTERNAL_API_URL": "https://directory.example/tenants",
    "DATABASE_HOST": "cms.example",
    "DATABASE_PORT": "5432",
    "DATABASE_NAME": "cms",
    "DATABASE_USER": "iconsiam_etl",
    "DATABASE_SSL_MODE": "verify-full",
    "DATABASE_ROOT_CERT": "/etc/ssl/rds.pem",
    "SNAPSHOT_BUCKET": "snapshotbucket",
    "API_SECRET_ARN": PARAMETERS["ApiSecretArn"],
    "DATABASE_SECRET_ARN": PARAMETERS["DatabaseSecretArn"],
    "EXECUTION_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/ExecutionRole",
    "TASK_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/TaskRole",
    "SCHEDULE_ROLE_ARN": f"arn:aws:iam::{ACCOUNT}:role/ScheduleRole",
    "CLUSTER_ARN": arn("ecs", "cluster/Cluster"),
    "TASK_DEFINITION_ARN": arn("ecs", "task-definition/TaskDefinition:1"),
    "NOT_STARTED_QUEUE_ARN": arn("sqs", "NotStartedQueue"),
    "SUBNET_A": "subnet-0a",
    "SUBNET_B": "subnet-0b",
    "SECURITY_GROUP": "sg-0a",
}
"""What stands for the names in the JSON files."""


def filled(name: str) -> dict[str, Any]:
    """Return a JSON file of deploy/ with its names filled in, as envsubst does."""
    text = (DEPLOY / name).read_text(encoding="utf-8")
    return dict(json.loads(string.Template(text).substitute(_NAMES)))


def camel(node: Any) -> Any:
    """Return CloudFormation's spelling of ECS's names as the API has it."""
    if isinstance(node, list):
        return [camel(item) for item in node]
    if isinstance(node, dict):
        return {key[0].lower() + key[1:]: camel(value) for key, value in node.items()}
    return node


def client(service: Any) -> Any:
    """Return a client of a service."""
    return boto3.client(service, region_name=REGION)


class TestTemplate:
    """deploy/stack.yaml."""

    @pytest.mark.long
    def test_cfn_lint(self) -> None:
        """AWS's linter has no error and no warning, against its schemas of every resource in the template."""
        linter = Path(sys.executable).with_name("cfn-lint")
        command = [str(linter), "--non-zero-exit-code", "informational", str(STACK)]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        assert (done.returncode, done.stdout + done.stderr) == (0, "")

    def test_it_is_created(self, aws: None) -> None:
        """CloudFormation (moto's) makes the stack, with its outputs; what moto can't make is told and counted."""
        cloudformation = client("cloudformation")
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in PARAMETERS.items()]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            cloudformation.create_stack(
                StackName="iconsiam",
                TemplateBody=STACK.read_text(encoding="utf-8"),
                Parameters=parameters,
                Capabilities=["CAPABILITY_IAM"],
            )
        (made,) = cloudformation.describe_stacks(StackName="iconsiam")["Stacks"]
        assert made["StackStatus"] == "CREATE_COMPLETE"
        assert {output["OutputKey"] for output in made["Outputs"]} >= {"ClusterName", "ScheduleName"}
        unknown = {found for item in caught for found in re.findall(r"AWS::\w+::\w+", str(item.message))}
        assert unknown <= {
            "AWS::CloudWatch::Alarm", "AWS::Logs::LogGroup", "AWS::S3::BucketPolicy", "AWS::SNS::Subscription",
            "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy",
        }  # fmt: skip
        rules = client("events").list_rules()["Rules"]
        assert [rule.get("ScheduleExpression") for rule in rules].count("rate(1 hour)") == 1

    def test_every_resource_by_its_api(self, aws: None, stack: Stack) -> None:
        """Each API takes what the template says: task, rules, targets, alarms, dashboard, log."""
        task = client("ecs").register_task_definition(**camel(stack.resource("TaskDefinition")))
        assert task["taskDefinition"]["revision"] == 1
        for rule in stack.resources("AWS::Events::Rule").values():
            targets = rule.pop("Targets")
            if "EventPattern" in rule:
                rule["EventPattern"] = json.dumps(rule["EventPattern"])
            client("events").put_rule(**rule)
            made = client("events").put_targets(Rule=rule["Name"], Targets=_api_targets(targets))
            assert made["FailedEntryCount"] == 0
        for alarm in stack.resources("AWS::CloudWatch::Alarm").values():
            client("cloudwatch").put_metric_alarm(**alarm)
        assert len(client("cloudwatch").describe_alarms()["MetricAlarms"]) == 6
        made = client("cloudwatch").put_dashboard(**stack.resource("Dashboard"))
        assert made["DashboardValidationMessages"] == []
        group = stack.resource("LogGroup")
        client("logs").create_log_group(logGroupName=group["LogGroupName"])
        client("logs").put_retention_policy(
            logGroupName=group["LogGroupName"], retentionInDays=int(group["RetentionInDays"])
        )

    def test_the_bucket(self, aws: None, stack: Stack) -> None:
        """S3 takes its settings: nothing public, encrypted, no plain HTTP, versions kept for a week, old snapshots gone."""
        bucket, s3 = stack.resource("SnapshotBucket"), client("s3")
        s3.create_bucket(Bucket="snapshots", CreateBucketConfiguration={"LocationConstraint": REGION})
        public = bucket["PublicAccessBlockConfiguration"]
        s3.put_public_access_block(Bucket="snapshots", PublicAccessBlockConfiguration=public)
        assert set(public.values()) == {True}
        assert len(public) == 4
        (encryption,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert encryption == {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
        s3.put_bucket_ownership_controls(Bucket="snapshots", OwnershipControls=bucket["OwnershipControls"])
        s3.put_bucket_versioning(
            Bucket="snapshots", VersioningConfiguration=bucket["VersioningConfiguration"]
        )
        assert s3.get_bucket_versioning(Bucket="snapshots")["Status"] == "Enabled"
        policy = stack.resource("SnapshotBucketPolicy")["PolicyDocument"]
        s3.put_bucket_policy(Bucket="snapshots", Policy=json.dumps(policy))
        (statement,) = policy["Statement"]
        assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", "s3:*")
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": False}}
        rules = [_api_lifecycle(rule) for rule in bucket["LifecycleConfiguration"]["Rules"]]
        s3.put_bucket_lifecycle_configuration(Bucket="snapshots", LifecycleConfiguration={"Rules": rules})
        old, markers = s3.get_bucket_lifecycle_configuration(Bucket="snapshots")["Rules"]
        assert (old["Expiration"]["Days"], old["NoncurrentVersionExpiration"]["NoncurrentDays"]) == (30, 7)
        assert old["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}
        assert markers["Expiration"]["ExpiredObjectDeleteMarker"] is True

    @pytest.mark.quick(cases=1)
    @pytest.mark.parametrize("name", ["SnapshotBucket", "LogGroup"])
    def test_what_outlives_the_stack(self, stack: Stack, name: str) -> None:
        """Snapshots and the log stay when the stack is deleted, or has to make them again."""
        kept = stack.template["Resources"][name]
        assert (kept["DeletionPolicy"], kept["UpdateReplacePolicy"]) == ("Retain", "Retain")

    def test_the_task(self, stack: Stack) -> None:
        """A quarter of a CPU and 512 MB on Fargate; it can write /tmp and nothing else, and no secret is in plain."""
        task = stack.resource("TaskDefinition")
        (container,) = task["ContainerDefinitions"]
        assert (task["Cpu"], task["Memory"], task["RequiresCompatibilities"]) == ("256", "512", ["FARGATE"])
        assert container["ReadonlyRootFilesystem"] is True
        assert container["LinuxParameters"] == {
            "InitProcessEnabled": True,
            "Capabilities": {"Drop": ["ALL"]},
        }
        assert [(mount["ContainerPath"], mount["ReadOnly"]) for mount in container["MountPoints"]] == [
            ("/tmp", False)
        ]
        plain = {item["Name"] for item in container["Environment"]}
        secret = {item["Name"] for item in container["Secrets"]}
        assert secret == {"X_APIG_APPCODE", "EXTERNAL_API_COOKIES", "DB_PASS"}
        assert plain.isdisjoint(secret)
        known = {name.upper() for name in Settings.model_fields}
        assert plain - known == {"PGSSLROOTCERT", "AWS_REGION", "TMPDIR"}
        assert secret <= known

    def test_its_settings_are_settings(self, monkeypatch: pytest.MonkeyPatch, stack: Stack) -> None:
        """The job takes the task's environment: an address with proof of the server, JSON lines, snapshots on S3."""
        (container,) = stack.resource("TaskDefinition")["ContainerDefinitions"]
        for item in container["Environment"]:
            monkeypatch.setenv(item["Name"], item["Value"])
        monkeypatch.setenv("DB_PASS", "s3cret!%")
        from etl.config.settings import load_settings  # noqa: PLC0415 — after the environment is set

        settings = load_settings(None)
        assert settings.database().notes == ()
        assert "sslmode=verify-full" in settings.database().dsn.get_secret_value()
        assert (settings.snapshot_dir, settings.snapshot_keep) == ("s3://snapshotbucket/snapshots", 0)
        assert (settings.log_format, settings.level, settings.etl_job) == ("json", "info", "iconsiam")
        assert settings.is_production

    @pytest.mark.long
    def test_what_may_be_left_out(self) -> None:
        """Without a file of authorities, a key or an address they are not there, and nothing is blank."""
        bare = {
            name: PARAMETERS[name] for name in PARAMETERS if name not in {"DatabaseRootCert", "AlarmEmail"}
        }
        stack = Stack(bare)
        assert "PGSSLROOTCERT" not in str(stack.resource("TaskDefinition"))
        assert stack.resources("AWS::SNS::Subscription") == {}
        assert "kms:Decrypt" not in str(stack.resource("ExecutionRole"))
        key = Stack({**bare, "SecretsKeyArn": arn("kms", "key/1")})
        assert "kms:Decrypt" in str(key.resource("ExecutionRole"))

    def test_the_schedule(self, stack: Stack) -> None:
        """Every hour; what can't be started is tried again within the hour, and else kept in a queue."""
        rule = stack.resource("Schedule")
        (target,) = rule["Targets"]
        assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 hour)", "ENABLED")
        assert target["RetryPolicy"]["MaximumEventAgeInSeconds"] < 3600
        assert target["DeadLetterConfig"]["Arn"] == arn("sqs", "NotStartedQueue")


def _api_targets(targets: list[dict[str, Any]]) -> list[dict[str, Any]]:
    text = json.dumps(targets).replace('"AwsVpcConfiguration"', '"awsvpcConfiguration"')
    return list(json.loads(text))


def _api_lifecycle(rule: dict[str, Any]) -> dict[str, Any]:
    """Return a rule of a bucket's lifecycle in the API's words."""
    said = dict(rule)
    days = {"Days": said.pop("ExpirationInDays", None), "ExpiredObjectDeleteMarker": None}
    days["ExpiredObjectDeleteMarker"] = said.pop("ExpiredObjectDeleteMarker", None)
    expiration = {key: value for key, value in days.items() if value is not None}
    return {"ID": said.pop("Id"), "Filter": {"Prefix": said.pop("Prefix")}, "Expiration": expiration, **said}


class TestJson:
    """The plain JSON for the command line."""

    def test_task_definition(self, aws: None, stack: Stack) -> None:
        """ECS takes it, and it is the template's."""
        task = filled("task-definition.json")
        client("ecs").register_task_definition(**task)
        expected = camel(stack.resource("TaskDefinition"))
        assert task == expected

    def test_rule_and_target(self, aws: None, stack: Stack) -> None:
        """EventBridge takes them, and they are the template's."""
        rule, target = filled("rule.json"), filled("target.json")
        client("events").put_rule(**rule)
        assert client("events").put_targets(**target)["FailedEntryCount"] == 0
        expected = stack.resource("Schedule")
        targets = _api_targets(expected.pop("Targets"))
        assert rule == expected
        assert target == {"Rule": expected["Name"], "Targets": targets}

    def test_every_name_is_explained(self) -> None:
        """Each name to fill in is set in the README's commands, and none is that is not used."""
        files = ("task-definition.json", "rule.json", "target.json")
        text = "".join((DEPLOY / name).read_text(encoding="utf-8") for name in files)
        readme = (DEPLOY / "README.md").read_text(encoding="utf-8")
        assert set(re.findall(r"^export (\w+)=", readme, re.MULTILINE)) == set(
            re.findall(r"\$\{(\w+)\}", text)
        )


def test_no_account_of_ours_is_named() -> None:
    """Of accounts these files know the documentation's only."""
    for path in DEPLOY.iterdir():
        text = path.read_text(encoding="utf-8")
        assert re.findall(r"\b\d{12}\b", text.replace(ACCOUNT, "")) == []
