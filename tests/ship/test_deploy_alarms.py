"""When deploy/stack.yaml tells somebody: alarms watch what the job emits, and a message is about what emits nothing."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from etl.runtime import metrics
from tests.ship.conftest import exit_codes
from tests.support.cloudformation import PARAMETERS, Stack, arn
from tests.support.event_pattern import matches

LATEST_RUN = {"FailedAlarm", "PartialAlarm", "DurationAlarm", "UnmappedAlarm"}
"""The alarms on what the latest run said of itself."""


def watched(node: Any) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Yield namespace, name and dimensions of each metric in a part of an alarm."""
    if isinstance(node, list):
        for item in node:
            yield from watched(item)
    elif isinstance(node, dict):
        if "MetricName" in node:
            dimensions = tuple((item["Name"], item["Value"]) for item in node["Dimensions"])
            yield node["Namespace"], node["MetricName"], dimensions
        for value in node.values():
            yield from watched(value)


class TestAlarms:
    """The alarms, and the dashboard beside them."""

    def test_each_metric_is_one_that_the_job_emits(self, stack: Stack) -> None:
        """Under the job's one dimension; but for the one of the queue."""
        alarms = stack.resources("AWS::CloudWatch::Alarm")
        own = set()
        for namespace, name, dimensions in watched(list(alarms.values())):
            if namespace == "AWS/SQS":
                assert dimensions == (("QueueName", "iconsiam-etl-not-started"),)
                continue
            assert (namespace, dimensions) == (metrics.NAMESPACE, ((metrics.DIMENSION, "iconsiam"),))
            own.add(name)
        assert own == {"failed", "done", "partial", "seconds", "unmapped_floors", "unmapped_categories"}
        assert own <= metrics.UNITS.keys()
        assert alarms.keys() == LATEST_RUN | {"NoRunAlarm", "NotStartedAlarm"}

    def test_the_dashboard(self, stack: Stack) -> None:
        """It is JSON, shows every metric and alarm, and nothing that the job does not emit."""
        body = json.loads(stack.resource("Dashboard")["DashboardBody"])
        shown = [row for widget in body["widgets"] for row in widget["properties"].get("metrics", [])]
        assert {tuple(row[:1] + row[2:4]) for row in shown} == {
            (metrics.NAMESPACE, metrics.DIMENSION, "iconsiam")
        }
        assert {row[1] for row in shown} == set(metrics.UNITS)
        (listed,) = [
            widget["properties"]["alarms"] for widget in body["widgets"] if widget["type"] == "alarm"
        ]
        alarms = stack.resources("AWS::CloudWatch::Alarm").values()
        assert listed == [arn("cloudwatch", f"alarm:{alarm['AlarmName']}") for alarm in alarms]

    @pytest.mark.parametrize("name", sorted(LATEST_RUN))
    def test_one_run_is_enough_and_holds_until_the_next(self, stack: Stack, name: str) -> None:
        """An hour without data between two runs does not clear an alarm, nor page again."""
        alarm = stack.resource(name)
        assert (alarm["TreatMissingData"], alarm["EvaluationPeriods"]) == ("ignore", 1)

    def test_a_failed_run_clears_only_what_it_knows_of(self, stack: Stack) -> None:
        """It says that it failed and how long it took; partial and unmapped stay as the last good run left them."""
        line = metrics.embedded(metrics.of_failure(1.0, 90.0), "iconsiam", 0.0)
        emitted = {metric["Name"] for metric in line["_aws"]["CloudWatchMetrics"][0]["Metrics"]}
        told = {
            name for name in LATEST_RUN if emitted & {found[1] for found in watched(stack.resource(name))}
        }
        assert told == {"FailedAlarm", "DurationAlarm"}

    def test_no_run_is_two_hours(self, stack: Stack) -> None:
        """Two periods of an hour without a run that was done; no data at all counts as none."""
        alarm = stack.resource("NoRunAlarm")
        filled_in, done = alarm["Metrics"]
        assert (filled_in["Expression"], filled_in["ReturnData"], done["Id"]) == (
            "FILL(done, 0)",
            True,
            "done",
        )
        assert (done["MetricStat"]["Stat"], done["ReturnData"]) == ("Sum", False)
        assert done["MetricStat"]["Period"] * alarm["EvaluationPeriods"] == 7200
        assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("LessThanThreshold", 1)
        assert alarm["TreatMissingData"] == "breaching"

    def test_no_run_is_no_news_while_the_schedule_is_off(self, stack: Stack) -> None:
        """A stack with ScheduleState=DISABLED pages nobody every two hours."""
        assert stack.resource("NoRunAlarm")["ActionsEnabled"] is True
        off = Stack({**PARAMETERS, "ScheduleState": "DISABLED"})
        assert off.resource("Schedule")["State"] == "DISABLED"
        assert off.resource("NoRunAlarm")["ActionsEnabled"] is False

    def test_somebody_is_told(self, stack: Stack) -> None:
        """Each alarm goes to the topic; a failure that is over, and runs that are back, do so too."""
        topic = [arn("sns", "AlarmTopic")]
        alarms = stack.resources("AWS::CloudWatch::Alarm")
        assert {name for name, alarm in alarms.items() if alarm["AlarmActions"] == topic} == alarms.keys()
        assert {name for name, alarm in alarms.items() if alarm.get("OKActions") == topic} == {
            "FailedAlarm",
            "NoRunAlarm",
        }


def stopped(*exit_codes: int | None, **detail: Any) -> dict[str, Any]:
    """Return ECS's event of a task of the stack's cluster that stopped; None is a container that never ran."""
    containers = [{"name": "etl", **({} if code is None else {"exitCode": code})} for code in exit_codes]
    told = {
        "clusterArn": arn("ecs", "cluster/Cluster"),
        "lastStatus": "STOPPED",
        "stopCode": "EssentialContainerExited",
        "containers": containers,
    }
    return {"source": "aws.ecs", "detail-type": "ECS Task State Change", "detail": {**told, **detail}}


class TestKilled:
    """The message about tasks that wrote no last line."""

    @pytest.fixture
    def pattern(self, stack: Stack) -> dict[str, Any]:
        """Return what the rule waits for."""
        return dict(stack.resource("KilledRule")["EventPattern"])

    @pytest.mark.parametrize("code", [137, 139, 134, 132, 127])
    def test_a_task_that_was_killed_or_crashed(self, pattern: dict[str, Any], code: int) -> None:
        """SIGKILL (as for memory), SIGSEGV, SIGABRT, SIGILL (another processor), no such program."""
        assert matches(pattern, stopped(code))

    def test_a_task_that_never_ran(self, pattern: dict[str, Any]) -> None:
        """An image or a secret that could not be had: there is no exit code."""
        assert matches(pattern, stopped(None, stopCode="TaskFailedToStart"))
        assert not matches(pattern, stopped(None))

    @pytest.mark.parametrize("code", sorted(exit_codes()))
    def test_a_task_that_had_its_say(self, pattern: dict[str, Any], code: int) -> None:
        """Each exit code of the job's own was told by its log and its metrics."""
        assert not matches(pattern, stopped(code))

    @pytest.mark.parametrize(
        "other", [{"clusterArn": arn("ecs", "cluster/another")}, {"lastStatus": "RUNNING"}]
    )
    def test_other_tasks(self, pattern: dict[str, Any], other: dict[str, Any]) -> None:
        """Tasks of other clusters, and those that go on."""
        assert not matches(pattern, stopped(137, **other))
