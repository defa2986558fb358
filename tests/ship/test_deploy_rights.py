"""Who may do what in deploy/stack.yaml: each right is written out here, and there is no other."""

import json
from typing import Any

import boto3

from tests.support.cloudformation import ACCOUNT, PARAMETERS, REGION, Stack, arn

BUCKET = "arn:aws:s3:::snapshotbucket"
TASK = arn("ecs", "task-definition/TaskDefinition:1")
HERE = {"StringEquals": {"aws:SourceAccount": ACCOUNT}}


def many(value: Any) -> list[Any]:
    """Return a list, as IAM lets one stand for itself."""
    return value if isinstance(value, list) else [value]


def rights(stack: Stack, name: str) -> set[tuple[str, str]]:
    """Return what a role may do, and on what."""
    return {
        (action, resource)
        for policy in stack.resource(name)["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        for action in many(statement["Action"])
        for resource in many(statement["Resource"])
        if statement["Effect"] == "Allow"
    }


def conditions(stack: Stack, name: str) -> dict[str, Any]:
    """Return the conditions under which a role may do what it may, by action."""
    return {
        statement["Action"]: statement["Condition"]
        for policy in stack.resource(name)["Policies"]
        for statement in policy["PolicyDocument"]["Statement"]
        if "Condition" in statement
    }


class TestRoles:
    """The three roles."""

    def test_there_is_no_other(self, aws: None, stack: Stack) -> None:
        """IAM takes each, with its policy."""
        iam = boto3.client("iam", region_name=REGION)
        roles = stack.resources("AWS::IAM::Role")
        for name, role in roles.items():
            trust = json.dumps(role["AssumeRolePolicyDocument"])
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust, Description=role["Description"])
            for policy in role["Policies"]:
                document = json.dumps(policy["PolicyDocument"])
                iam.put_role_policy(RoleName=name, PolicyName=policy["PolicyName"], PolicyDocument=document)
        assert roles.keys() == {"ExecutionRole", "TaskRole", "ScheduleRole"}

    def test_who_takes_them_on(self, stack: Stack) -> None:
        """The two of the task: ECS; the one of the schedule: EventBridge; each for this account only."""
        for name, service in {
            "ExecutionRole": "ecs-tasks",
            "TaskRole": "ecs-tasks",
            "ScheduleRole": "events",
        }.items():
            (statement,) = stack.resource(name)["AssumeRolePolicyDocument"]["Statement"]
            assert statement == {
                "Effect": "Allow",
                "Principal": {"Service": f"{service}.amazonaws.com"},
                "Action": "sts:AssumeRole",
                "Condition": HERE,
            }

    def test_what_starts_the_task(self, stack: Stack) -> None:
        """Its image, log and two secrets; `*` is there only where AWS allows nothing narrower."""
        image = arn("ecr", "repository/iconsiam-etl")
        assert rights(stack, "ExecutionRole") == {
            ("ecr:GetAuthorizationToken", "*"),
            ("ecr:BatchCheckLayerAvailability", image),
            ("ecr:GetDownloadUrlForLayer", image),
            ("ecr:BatchGetImage", image),
            ("logs:CreateLogStream", arn("logs", "log-group:LogGroup:*")),
            ("logs:PutLogEvents", arn("logs", "log-group:LogGroup:*")),
            ("secretsmanager:GetSecretValue", PARAMETERS["ApiSecretArn"]),
            ("secretsmanager:GetSecretValue", PARAMETERS["DatabaseSecretArn"]),
        }

    def test_a_key_of_the_secrets(self, stack: Stack) -> None:
        """Where the secrets have a key of their own, it may be used, and nothing else comes with it."""
        key = arn("kms", "key/1")
        with_key = Stack({**PARAMETERS, "SecretsKeyArn": key})
        assert rights(with_key, "ExecutionRole") - rights(stack, "ExecutionRole") == {("kms:Decrypt", key)}

    def test_what_the_task_may_do(self, stack: Stack) -> None:
        """Its snapshots; test_task_role.py tries that it is enough."""
        assert rights(stack, "TaskRole") == {
            ("s3:ListBucket", BUCKET),
            ("s3:GetObject", f"{BUCKET}/snapshots/*"),
            ("s3:PutObject", f"{BUCKET}/snapshots/*"),
            ("s3:DeleteObject", f"{BUCKET}/snapshots/*"),
            ("s3:AbortMultipartUpload", f"{BUCKET}/snapshots/*"),
        }

    def test_what_the_schedule_may_do(self, stack: Stack) -> None:
        """Run this task in this cluster, and hand its two roles to ECS."""
        assert rights(stack, "ScheduleRole") == {
            ("ecs:RunTask", TASK),
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/ExecutionRole"),
            ("iam:PassRole", f"arn:aws:iam::{ACCOUNT}:role/TaskRole"),
        }
        assert conditions(stack, "ScheduleRole") == {
            "ecs:RunTask": {"ArnEquals": {"ecs:cluster": arn("ecs", "cluster/Cluster")}},
            "iam:PassRole": {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}},
        }


class TestQueueAndTopic:
    """Who may leave a message."""

    def test_the_queue_of_what_was_not_started(self, aws: None, stack: Stack) -> None:
        """SQS takes it: encrypted, kept two weeks; EventBridge may send to it, for the schedule's rule only."""
        queue = stack.resource("NotStartedQueue")
        policy = stack.resource("NotStartedQueuePolicy")["PolicyDocument"]
        attributes = {key: str(value) for key, value in queue.items() if key != "QueueName"}
        sqs = boto3.client("sqs", region_name=REGION)
        made = sqs.create_queue(QueueName=queue["QueueName"], Attributes=attributes)
        sqs.set_queue_attributes(QueueUrl=made["QueueUrl"], Attributes={"Policy": json.dumps(policy)})
        assert attributes == {"MessageRetentionPeriod": str(14 * 86_400), "SqsManagedSseEnabled": "True"}
        assert policy["Statement"] == [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": arn("sqs", "NotStartedQueue"),
                "Condition": {"ArnEquals": {"aws:SourceArn": arn("events", "rule/Schedule")}},
            }
        ]

    def test_the_topic_of_alarms(self, aws: None, stack: Stack) -> None:
        """SNS takes it. EventBridge's right has no condition: AWS fills in none for it, so any would lose the message."""
        policy = stack.resource("AlarmTopicPolicy")["PolicyDocument"]
        sns = boto3.client("sns", region_name=REGION)
        made = sns.create_topic(Name=stack.resource("AlarmTopic")["TopicName"])
        sns.set_topic_attributes(
            TopicArn=made["TopicArn"], AttributeName="Policy", AttributeValue=json.dumps(policy)
        )
        publish = {"Effect": "Allow", "Action": "sns:Publish", "Resource": arn("sns", "AlarmTopic")}
        assert policy["Statement"] == [
            {**publish, "Principal": {"Service": "cloudwatch.amazonaws.com"}, "Condition": HERE},
            {**publish, "Principal": {"Service": "events.amazonaws.com"}},
        ]
