"""Which servers the tests run on, by the environment; none is started."""

from pathlib import Path

import pytest

from tests.support.versions import Choice, ChoiceError, choose

DEBIAN_15 = Path("/usr/lib/postgresql/15/bin")


def test_two_by_default() -> None:
    """The wheel's 18 first, then Debian's 15; an empty variable is one that is not set."""
    assert choose({"ETL_TEST_POSTGRES": "", "ETL_TEST_DSN": ""}, has_15=True) == Choice(
        {"pg18": None, "pg15": DEBIAN_15}, "pg18, pg15, started by the tests, as a user of etl_sync"
    )
    assert choose({}, has_15=True).versions == ("pg18", "pg15")
    assert choose({}, has_15=True).default == "pg18"


def test_without_debians() -> None:
    """On a machine without 15 it is left out, and the header says so; in CI it stays, and its tests fail."""
    assert choose({}, has_15=False) == Choice(
        {"pg18": None},
        "pg18, started by the tests, as a user of etl_sync; "
        "pg15 left out, since there is none in /usr/lib/postgresql/15/bin",
    )
    assert choose({"CI": "true"}, has_15=False).versions == ("pg18", "pg15")


@pytest.mark.parametrize("version", ["13", "14", "15", "16", "17"])
def test_one_that_was_fetched(tmp_path: Path, version: str) -> None:
    """It is the only one, in the place of 18; also where Debian's 15 is installed."""
    programs = tmp_path / version / "bin"
    programs.mkdir(parents=True)
    (programs / "postgres").touch()
    chosen = choose({"ETL_TEST_POSTGRES": version, "CI": "true"}, has_15=True, fetched=tmp_path)
    assert chosen.programs == {f"pg{version}": programs}
    assert chosen.versions == (chosen.default,) == (f"pg{version}",)
    assert chosen.header == (
        f"pg{version}, as ETL_TEST_POSTGRES says (any_database runs on that one only), "
        "started by the tests, as a user of etl_sync"
    )


def test_18_alone(tmp_path: Path) -> None:
    """It is the wheel's, and nothing needs to be fetched."""
    assert choose({"ETL_TEST_POSTGRES": "18"}, has_15=True, fetched=tmp_path).programs == {"pg18": None}


def test_one_that_is_not_there(tmp_path: Path) -> None:
    """No test runs on another one instead: the message is the command that fetches it."""
    with pytest.raises(ChoiceError) as caught:
        choose({"ETL_TEST_POSTGRES": "13"}, has_15=True, fetched=tmp_path)
    assert str(caught.value) == (
        f"ETL_TEST_POSTGRES=13: there is no Postgres in {tmp_path}/13/bin. "
        "`make test-all POSTGRES=13` fetches it; `make .postgres/13/made` does only that."
    )


@pytest.mark.parametrize("version", ["12", "19", "pg13", "15.18"])
def test_one_that_is_not_supported(version: str) -> None:
    """Only the major versions that the job supports are taken."""
    with pytest.raises(
        ChoiceError, match=f"ETL_TEST_POSTGRES={version} is not one of 13, 14, 15, 16, 17, 18"
    ):
        choose({"ETL_TEST_POSTGRES": version}, has_15=True)


def test_a_server_of_ones_own() -> None:
    """ETL_TEST_DSN is the only server, and the header does not tell its address."""
    assert choose({"ETL_TEST_DSN": "postgresql://u:secret@h/d", "CI": "true"}, has_15=True) == Choice(
        {"given": None}, "the server of ETL_TEST_DSN (any_database runs on that one only)"
    )


def test_two_that_contradict_each_other() -> None:
    """A version and an address at once are refused."""
    with pytest.raises(ChoiceError, match="set one of them"):
        choose({"ETL_TEST_DSN": "postgresql://h/d", "ETL_TEST_POSTGRES": "13"}, has_15=True)


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, DEBIAN_15),
        ({"ETL_TEST_POSTGRES": "18"}, DEBIAN_15),
        ({"ETL_TEST_DSN": "postgresql://h/d"}, DEBIAN_15),
        ({"ETL_TEST_POSTGRES": "14"}, Path("14/bin")),
    ],
)
def test_the_server_that_speaks_tls(tmp_path: Path, environment: dict[str, str], expected: Path) -> None:
    """The wheel is built without TLS: it is the version that was asked for, else Debian's 15."""
    (tmp_path / "14" / "bin").mkdir(parents=True)
    (tmp_path / "14" / "bin" / "postgres").touch()
    assert choose(environment, has_15=True, fetched=tmp_path).tls == (
        expected if expected.is_absolute() else tmp_path / expected
    )
