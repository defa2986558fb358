"""Reads deploy/stack.yaml as CloudFormation would, for one set of parameters, without an account."""

import re
from pathlib import Path
from typing import Any

STACK = Path(__file__).parents[2] / "deploy" / "stack.yaml"

ACCOUNT, REGION = "123456789012", "ap-southeast-1"
_PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
    "AWS::StackName": "iconsiam",
}
NO_VALUE = object()


def arn(service: str, name: str) -> str:
    """Return an ARN of the tests' account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


PARAMETERS = {
    "ImageTag": "1.0.0",
    "ExternalApiUrl": "https://directory.example/tenants",
    "ApiSecretArn": arn("secretsmanager", "secret:iconsiam-etl/api-AbCdEf"),
    "DatabaseHost": "cms.example",
    "DatabaseName": "cms",
    "DatabaseSecretArn": arn("secretsmanager", "secret:iconsiam-etl/database-AbCdEf"),
    "DatabaseRootCert": "/etc/ssl/rds.pem",
    "Subnets": "subnet-0a,subnet-0b",
    "SecurityGroups": "sg-0a",
    "AlarmEmail": "operator@example.com",
}
"""What a person has to say, and a little more."""


def _read(kind: str, value: Any) -> Any:
    if kind.startswith("List<"):
        return str(value).split(",")
    return int(value) if kind == "Number" else str(value)


class Stack:
    """The template with its parameters filled in.

    Args:
        given: Parameters; the template's defaults stand for the rest.
    """

    def __init__(self, given: dict[str, str]) -> None:
        from cfnlint.decode import cfn_yaml  # noqa: PLC0415 — takes seconds, which only the workers that use it are to spend

        self.template: dict[str, Any] = cfn_yaml.load(str(STACK))
        self.values: dict[str, Any] = {}
        for name, parameter in self.template["Parameters"].items():
            value = given[name] if name in given else parameter["Default"]
            self.values[name] = _read(parameter["Type"], value)

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """Return the properties of each resource of a type, by logical name; those of a false condition left out."""
        return {
            name: self.render(resource["Properties"])
            for name, resource in self.template["Resources"].items()
            if resource["Type"] == kind and self._holds(resource.get("Condition"))
        }

    def resource(self, name: str) -> dict[str, Any]:
        """Return the properties of one resource."""
        return dict(self.render(self.template["Resources"][name]["Properties"]))

    def _holds(self, condition: str | None) -> bool:
        return condition is None or bool(self.render(self.template["Conditions"][condition]))

    def render(self, node: Any) -> Any:
        """Return a part of the template with its functions worked out."""
        if isinstance(node, list):
            return [value for value in map(self.render, node) if value is not NO_VALUE]
        if not isinstance(node, dict):
            return node
        if len(node) == 1:
            ((name, argument),) = node.items()
            if name in _FUNCTIONS:
                return _FUNCTIONS[name](self, argument)
        found = {str(key): self.render(value) for key, value in node.items()}
        return {key: value for key, value in found.items() if value is not NO_VALUE}

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        known = {**_PSEUDO, **self.values}
        return known[name] if name in known else self._id(name)

    def _id(self, name: str) -> str:
        kind = self.template["Resources"][name]["Type"]
        properties = self.template["Resources"][name]["Properties"]
        by_name = {"AWS::ECS::Cluster": "ClusterName", "AWS::Logs::LogGroup": "LogGroupName"}
        if kind in by_name:
            return str(self.render(properties[by_name[kind]]))
        return self._attribute([name, "Arn"]) if kind in _REF_IS_ARN else name.lower()

    def _attribute(self, path: Any) -> str:
        name, attribute = path.split(".") if isinstance(path, str) else path
        properties = self.template["Resources"][name]["Properties"]
        if attribute == "QueueName":
            return str(self.render(properties["QueueName"]))
        assert attribute == "Arn"
        return _ARNS[self.template["Resources"][name]["Type"]](name)

    def _sub(self, text: str) -> str:
        def replace(match: re.Match[str]) -> str:
            name = match[1]
            return self._attribute(name) if "." in name else str(self._ref(name))

        return re.sub(r"\$\{([\w:.]+)\}", replace, text)


_REF_IS_ARN = {"AWS::ECS::TaskDefinition", "AWS::SNS::Topic"}
_ARNS = {
    "AWS::ECS::Cluster": lambda name: arn("ecs", f"cluster/{name}"),
    "AWS::ECS::TaskDefinition": lambda name: arn("ecs", f"task-definition/{name}:1"),
    "AWS::Events::Rule": lambda name: arn("events", f"rule/{name}"),
    "AWS::SQS::Queue": lambda name: arn("sqs", name),
    "AWS::SNS::Topic": lambda name: arn("sns", name),
    "AWS::Logs::LogGroup": lambda name: arn("logs", f"log-group:{name}:*"),
    "AWS::S3::Bucket": lambda name: f"arn:aws:s3:::{name.lower()}",
    "AWS::IAM::Role": lambda name: f"arn:aws:iam::{ACCOUNT}:role/{name}",
}
_FUNCTIONS: dict[str, Any] = {
    "Ref": lambda stack, name: stack._ref(name),
    "Fn::GetAtt": lambda stack, path: stack._attribute(path),
    "Fn::Sub": lambda stack, text: stack._sub(text),
    "Fn::If": lambda stack, parts: stack.render(parts[1] if stack._holds(parts[0]) else parts[2]),
    "Fn::Equals": lambda stack, parts: stack.render(parts[0]) == stack.render(parts[1]),
    "Fn::Not": lambda stack, parts: not stack.render(parts[0]),
}
