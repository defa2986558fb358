"""Promise: a cluster is as polite to the API as one process, proves the feed as it does, and fails with the same words."""

import itertools
from pathlib import Path

import pytest

from etl.errors import ConfigError, IncompleteExtract, LoadError, SourceError
from etl.snapshot import open_snapshot
from tests.ray.conftest import TwoNodes
from tests.support.api import status
from tests.support.patience import within
from tests.support.ray import staging_of
from tests.support.sync import Mall, record

pytestmark = [pytest.mark.long, pytest.mark.xdist_group("ray")]

FEED = [record(f"T{number}") for number in range(1_000)]


def test_the_pace_holds_over_the_cluster(two_nodes: TwoNodes, wide: Mall) -> None:
    """Over all workers no more requests start in any second, and none more are under way, than the settings say."""
    wide.api.delay_s = 0.15
    wide.overrides |= {
        "api_requests_per_second": 12,
        "api_in_flight": 2,
        "ray_shard_records": 100,
        "api_page_size": 25,
    }
    two_nodes.sync(wide, FEED)
    at = sorted(request.at for request in wide.api.requests)
    assert len(at) == 40
    assert wide.api.max_in_flight == 2
    assert at[-1] - at[0] >= 39 / 12 - 0.2  # evenly spaced
    most = max(sum(1 for other in at if 0 <= other - one < 1) for one in at)
    assert (
        most <= 12 + 2
    )  # a turn is taken in another process than it is given: some come late, and close to the next


def test_an_api_that_fails(two_nodes: TwoNodes, wide: Mall) -> None:
    """One page that fails for good ends it: the CMS and schema etl are as before, and the error is the API's own."""
    wide.sync(FEED[:100])
    before = wide.fingerprint()
    kept = list(wide.folder.iterdir())
    wide.api.fail_always(7, status(403))
    with pytest.raises(SourceError, match="403") as on_cluster:
        two_nodes.sync(wide, FEED)
    assert type(on_cluster.value) is SourceError
    assert wide.last_run()["error"] == str(on_cluster.value)
    with pytest.raises(SourceError) as ordinary:
        wide.sync(FEED)
    assert str(on_cluster.value) == str(ordinary.value)
    assert wide.fingerprint() == before
    assert staging_of(wide) == []
    assert list(wide.folder.iterdir()) == kept


def test_a_database_that_refuses(two_nodes: TwoNodes, wide: Mall) -> None:
    """A merge that fails leaves the CMS as it was, and no staging."""
    wide.database.execute(
        "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'no room' USING ERRCODE = '53100'; END $$"
    )
    wide.database.execute("CREATE TRIGGER no_room BEFORE INSERT ON shops EXECUTE FUNCTION no_room()")
    before = wide.fingerprint()
    with pytest.raises(LoadError, match="no room"):
        two_nodes.sync(wide, FEED)
    assert wide.fingerprint() == before
    assert wide.last_run()["status"] == "FAILED"
    assert staging_of(wide) == []


def test_a_list_that_shifts_while_it_is_read(two_nodes: TwoNodes, wide: Mall) -> None:
    """The pages don't add up, so they are read again; the records of the second pass count."""
    wide.api.before_page(6, lambda: wide.api.records.pop(0))
    result = two_nodes.sync(wide, FEED)
    assert result.extracted.records == 999
    assert result.extracted.is_complete
    assert result.counts.created == 999
    assert sorted(request.page for request in wide.api.requests).count(1) == 2


def test_a_list_that_gives_less_than_it_promises(two_nodes: TwoNodes, wide: Mall) -> None:
    """It is refused with what does not add up; with --allow-partial what came is loaded, and the run is PARTIAL."""
    wide.api.envelope = {"totalRecord": 1_100}
    with pytest.raises(IncompleteExtract, match="in 3 passes over its pages"):
        two_nodes.sync(wide, FEED)
    result = two_nodes.sync(wide, FEED, allow_partial=True)
    assert (result.status, result.counts.created) == ("PARTIAL", 1_000)
    assert not open_snapshot(result.extracted.snapshot).manifest.complete


def test_a_page_that_fails_where_part_is_allowed(two_nodes: TwoNodes, wide: Mall) -> None:
    """The other pages are loaded, in their order."""
    wide.api.fail_always(4, status(403))
    result = two_nodes.sync(wide, FEED, allow_partial=True)
    assert (result.status, result.extracted.records) == ("PARTIAL", 900)
    assert result.extracted.problems[0].startswith("a page failed: ")
    (batch,) = open_snapshot(result.extracted.snapshot).batches(1_000)
    assert batch["uniqueId"].to_list() == [f"T{n}" for n in itertools.chain(range(300), range(400, 1_000))]


def test_a_list_that_takes_too_long(two_nodes: TwoNodes, wide: Mall) -> None:
    """After API_DEADLINE_S what came by then is all there is."""
    wide.api.delay_s = 0.4
    wide.overrides |= {"api_deadline_s": 6, "api_in_flight": 2, "api_page_size": 20}
    with within(30), pytest.raises(IncompleteExtract, match="did not give its list in 6 s"):
        two_nodes.sync(wide, FEED)
    assert staging_of(wide) == []


def test_a_snapshot_is_replayed(two_nodes: TwoNodes, wide: Mall, tmp_path: Path) -> None:
    """One of shards by the ordinary engine and one of one file by the cluster; both are read as the other."""
    shards = two_nodes.sync(wide, FEED).extracted.snapshot
    names = sorted(path.name for path in Path(shards).glob("tenants*"))
    assert [name[:13] for name in names] == [
        "tenants-00000",
        "tenants-00001",
        "tenants-00002",
        "tenants-00003",
    ]
    assert wide.sync(snapshot=shards).counts.unchanged == 1_000
    one_file = wide.sync(FEED[:990]).extracted.snapshot
    assert [path.name for path in Path(one_file).glob("tenants*")] == ["tenants.parquet"]
    result = two_nodes.sync(wide, snapshot=one_file)
    assert (result.counts.unchanged, result.counts.missing) == (990, 10)
    assert open_snapshot(shards).record_count == 1_000


def test_a_role_that_may_not_make_tables(two_nodes: TwoNodes, mall: Mall) -> None:
    """It is told which right is missing, before anything is fetched."""
    with pytest.raises(ConfigError, match="GRANT CREATE ON SCHEMA etl TO"):
        two_nodes.sync(mall, FEED)
    assert mall.api.requests == []


def test_the_tests_keep_to_their_own_folder(two_nodes: TwoNodes) -> None:
    """The cluster of the tests needs no /tmp/ray, and leaves the address that another cluster keeps there alone."""
    assert (two_nodes.folder / "ray_current_cluster").read_text() == two_nodes.address
    usual = Path("/tmp/ray/ray_current_cluster")
    assert not usual.exists() or usual.read_text() != two_nodes.address
