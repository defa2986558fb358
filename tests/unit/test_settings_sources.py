"""The sources that EXTERNAL_API_URL names: lists, YAML files, and what is wrong with them."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from etl.config.settings import load_settings
from etl.config.sources import read_entries
from etl.contract.source_names import prefix_of
from etl.errors import ConfigError

LIST = r"name=https://… entries with a space or a line break between them"


def named(text: str, **settings: object) -> list[tuple[str, str, str]]:
    """Return name, prefix and address of each source."""
    found = load_settings(None, external_api_url=text, **settings).sources()
    return [(source.name, source.id_prefix, source.api.url) for source in found]


def refusal(text: str) -> str:
    """Return what is said of a wrong setting."""
    with pytest.raises(ConfigError) as caught:
        named(text)
    return str(caught.value)


def test_one_address_is_the_source_without_a_name() -> None:
    """As ever; commas, equals signs and other addresses in its query are its own."""
    url = "https://h/t?ids=1,2&next=https://other/x,https://third/y&name=a=b"
    assert named(url) == [("", "", url)]
    assert named(f" '{url}' ") == [("", "", url)]


@pytest.mark.parametrize(
    "text",
    [
        "https://a/t siam=https://b/t?ids=1,2 icon=https://c/t",
        "https://a/t, siam=https://b/t?ids=1,2, icon=https://c/t",
        "\n  https://a/t ,\n  siam=https://b/t?ids=1,2,\n  icon=https://c/t\n",
    ],
)
def test_a_list(text: str) -> None:
    """Spaces, line breaks, and commas before them part the entries; a comma inside an address stays."""
    assert named(text) == [
        ("", "", "https://a/t"),
        ("siam", "siam:", "https://b/t?ids=1,2"),
        ("icon", "icon:", "https://c/t"),
    ]


def test_one_named_source() -> None:
    """A name alone makes an entry."""
    assert named("siam=https://b/t#top") == [("siam", "siam:", "https://b/t")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("https://a/t,https://b/t", "looks like several addresses in one. For several malls write " + LIST),
        (
            "a=https://a/t,b=https://b/t",
            "looks like several addresses in one. For several malls write " + LIST,
        ),
        (
            "Siam=https://a/t",
            "'Siam' in EXTERNAL_API_URL is not a name of a source; allowed: up to 32 of a-z 0-9 -",
        ),
        (f"{'a' * 33}=https://a/t", "is not a name of a source"),
        ("-a=https://a/t", "is not a name of a source"),
        ("=https://a/t", "'' in EXTERNAL_API_URL is not a name of a source"),
        ("a=https://a/t oops", "'oops' in EXTERNAL_API_URL is not an address. Write " + LIST),
        ("a=https://a/t b=ftp://b/t", "b: its address is 'ftp://b/t', which is not an http(s) address"),
        ("https://a/t https://b/t", "has 2 addresses without a name. One at most may have none"),
        ("a=https://a/t a=https://b/t", "has 2 sources with the name 'a'. Give each one of its own"),
        (
            "a=https://u:s3cret@a/t b=https://u:s3cret@a/t",
            "has the same address for a and b: https://a/t. The same records would be loaded twice",
        ),
    ],
)
def test_what_is_wrong_with_a_list(text: str, said: str) -> None:
    """Each mistake is told with what to do, and without credentials."""
    assert said in refusal(text)
    assert "s3cret" not in refusal(text)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give the path of a YAML file that is not there yet."""
    return tmp_path / "malls.yaml"


def test_a_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each source has its own prefix, secrets, page size and pace; what it does not say is that of the settings."""
    file.write_text(
        """
        sources:
          - url: https://a/t
          - name: siam
            url: https://b/t
            id_prefix: 'Siam.1:'
            appcode_env: SIAM_KEY
            cookies_env: SIAM_COOKIES
            page_size: 50
            requests_per_second: 0.5
          - name: icon
            url: https://c/t
            appcode_env: ~
        """
    )
    monkeypatch.setenv("SIAM_KEY", "siam-key")
    monkeypatch.setenv("SIAM_COOKIES", "session=siam12345")
    settings = load_settings(
        None,
        external_api_url=str(file),
        x_apig_appcode="shared",
        external_api_cookies="c=1",
        etl_env="production",
    )

    first, siam, icon = settings.sources()

    assert [source.id_prefix for source in (first, siam, icon)] == ["", "Siam.1:", "icon:"]
    assert [source.api.page_size for source in (first, siam)] == [100, 50]
    assert [source.api.requests_per_second for source in (first, siam)] == [10, 0.5]
    secrets = [source.api.appcode and source.api.appcode.get_secret_value() for source in (first, siam, icon)]
    assert secrets == ["shared", "siam-key", None]
    assert siam.api.cookies is not None
    assert siam.api.cookies.get_secret_value() == "session=siam12345"
    assert {"siam-key", "siam12345", "shared"} <= set(settings.secrets())


def test_cookies_of_a_source_in_production_only(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As the shared ones."""
    file.write_text("sources: [{name: a, url: 'https://a/t', cookies_env: A_COOKIES}]")
    monkeypatch.setenv("A_COOKIES", "a=1")
    (source,) = load_settings(None, external_api_url=str(file)).sources()
    assert source.api.cookies is None


def test_a_variable_of_the_env_file(file: Path, tmp_path: Path) -> None:
    """A source's secret may stand in `.env` as any other."""
    file.write_text("sources: [{name: a, url: 'https://a/t', appcode_env: A_KEY}]")
    env = tmp_path / "env"
    env.write_text("A_KEY=from-the-file\n")
    (source,) = load_settings(env, external_api_url=str(file)).sources()
    assert source.api.appcode is not None
    assert source.api.appcode.get_secret_value() == "from-the-file"


def test_a_name_for_the_mall_that_was_there(file: Path) -> None:
    """With an empty prefix its ids stay as they are."""
    file.write_text("sources: [{name: iconsiam, url: 'https://a/t', id_prefix: ''}]")
    assert named(str(file)) == [("iconsiam", "", "https://a/t")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it needs a key `sources` with a list of them, each with name and url"),
        ("- 1", "it needs a key `sources`"),
        ("sources: []", "it needs a key `sources`"),
        ("sources: 3", "it needs a key `sources`"),
        (
            "a: s3cret\nsources: [{url: 'https://a/t'}]",
            "the key 'a' is not known; the file has one key, sources",
        ),
        ("sources: [3]", "source 1 needs name and url"),
        ("sources: [{name: a}]", "source 1 (a) has no url"),
        ("sources: [{name: a, url: 7}]", "source 1 (a): url is wrong; allowed: a text: an http(s) address"),
        (
            "sources: [{name: no, url: 'https://a/t'}]",
            "source 1: name is wrong; allowed: a text: up to 32 of a-z",
        ),
        (
            "sources: [{name: a, url: 'https://a/t', appcode: s3cret}]",
            "source 1 (a): the key 'appcode' is not known; known are name, url, id_prefix, appcode_env, cookies_env",
        ),
        (
            "sources: [{name: a, url: 'https://a/t', appcode_env: s3cret-key}]",
            "appcode_env is wrong; allowed: the name of an environment variable, never its value",
        ),
        (
            "sources: [{name: a, url: 'https://a/t', page_size: ten}]",
            "page_size is wrong; allowed: a whole number",
        ),
        (
            "sources: [{name: a, url: 'https://a/t', id_prefix: a}]",
            "id_prefix is wrong; allowed: '' or up to 40",
        ),
        (
            "sources: [{name: a, url: 'https://u:s3cret@a/t'}]",
            "the address of a has a user or a password in it",
        ),
        ("sources: [{name: a, url: 'a/t'}]", "a: its address is 'a/t', which is not an http(s) address"),
        ("sources:\n- name: a\n  name: b\n", "is not YAML (line 2): the key 'name' stands twice"),
        ("sources: [", "is not YAML (line 1)"),
        ("sources: 2024-99-99", "is not YAML: a value in it can't be read"),
        ("sources: \x07", "is not YAML: special characters are not allowed"),
        ("sources: !!python/object/apply:os.getcwd []", "is not YAML (line 1)"),
        (
            "sources: [{name: a, url: 'https://a/t', id_prefix: 'x:'}, {name: b, url: 'https://b/t', id_prefix: 'x:'}]",
            "has 2 sources with the id_prefix 'x:'",
        ),
        (
            "sources: [{name: a, url: 'https://a/t', appcode_env: NOT_THERE}]",
            "NOT_THERE is not set, which appcode_env of a names. Set it in the environment or in .env",
        ),
    ],
)
def test_what_is_wrong_with_a_file(file: Path, text: str, said: str) -> None:
    """Each mistake is told with its place and what is allowed; never with a value, which may be a secret."""
    file.write_text(text)
    assert said in refusal(str(file))
    assert "s3cret" not in refusal(str(file)).replace("s3cret-key", "")


def test_all_mistakes_of_a_file_are_told_at_once(file: Path) -> None:
    """One line each."""
    file.write_text("sources: [{name: a}, {url: 'https://a/t', page_size: 0}]")
    assert [line for line in refusal(str(file)).splitlines() if line.startswith("- ")] == [
        "- source 1 (a) has no url.",
        "- source 2: page_size is wrong; allowed: a whole number from 1 to 10000.",
    ]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """The message says how a path is read."""
    assert "can't be read: No such file or directory. A path is that from the working folder" in refusal(
        str(tmp_path / "none.yml")
    )


def test_a_file_that_is_too_large(file: Path) -> None:
    """It is not read."""
    file.write_text("#" * (1 << 20) + "#")
    assert "has more than 1,048,576 bytes" in refusal(str(file))


def _laughs(first: str, again: str) -> str:
    """Return nine lists, each of nine times the one before."""
    lines = [
        f"{name}: &{name} {again.replace('X', ','.join([f'*{before}'] * 9))}"
        for before, name in pairwise("abcdefghi")
    ]
    return "\n".join([f"a: &a {first}", *lines])


BOMBS = {
    "lists of lists": (_laughs("[x]", "[X]"), "it has more than 20,000 values"),
    "merged mappings": (_laughs("{k: 1}", "{<<: [X]}"), "it has more than 20,000 values"),
    "a key of lists": (_laughs("[x]", "[X]") + "\n? *i\n: 1", "it has more than 20,000 values"),
    "itself": ("sources: &a [*a]", "it has more than 20,000 values"),
    "a long list": ("sources:\n" + "- a\n" * 30_000, "it has more than 20,000 values"),
    "deep": ("[" * 1_000_000, "it is nested more than 20 deep"),
    "deep in lines": ("- " * 500_000, "it is nested more than 20 deep"),
    "deep in keys": ("? " * 500_000, "it is nested more than 20 deep"),
    "a number of many digits": ("sources: " + "1" * 1_000_000, "a value has more than 4,000 characters"),
    "a number of many parts": ("sources: 1" + ":1" * 500_000, "a value has more than 4,000 characters"),
    "a fraction of many parts": ("sources: 1" + ":1" * 1_900 + ".5", "a value in it can't be read"),
    "no number": ('sources: !!int ""', "a value in it can't be read"),
    "no flag": ("sources: !!bool x", "a value in it can't be read"),
    "no date": ("sources: !!timestamp x", "a value in it can't be read"),
    "a long tag": ("sources: !" + "a" * 1_000_000, "could not determine a constructor for the tag '!aaa"),
}


@pytest.mark.quick(cases=1)
@pytest.mark.parametrize("bomb", BOMBS)
def test_a_hostile_file(file: Path, bomb: str) -> None:
    """It is given up soon, in a short message: three seconds of CPU are for the slowest machine."""
    text, said = BOMBS[bomb]
    file.write_text(text)
    started = time.process_time()
    told = refusal(str(file))
    assert time.process_time() - started < 3
    assert said in told
    assert len(told) < 1_000


def test_aliases_of_people(file: Path) -> None:
    """What malls share may be written once."""
    file.write_text(
        "sources:\n- &first {name: a, url: 'https://a/t', page_size: 50}\n- {<<: *first, name: b, url: 'https://b/t'}\n"
    )
    assert [(entry.name, entry.page_size) for entry in read_entries(str(file))] == [("a", 50), ("b", 50)]


def test_many_mistakes(file: Path) -> None:
    """The first twenty are told."""
    file.write_text("sources:\n" + "- a\n" * 1_000)
    assert refusal(str(file)).splitlines()[-1] == "- and 980 more"


def test_an_address_that_ends_like_a_file() -> None:
    """It is an address all the same."""
    assert named("https://a/malls.yaml") == [("", "", "https://a/malls.yaml")]


def test_what_is_shown_of_a_list() -> None:
    """`etl check` shows every address without its credentials, and every secret of them is known to the scrubber."""
    settings = load_settings(
        None, external_api_url="https://u:s3cret-1@a/t siam=https://u:s3cret-2@b/t?apikey=s3cret-3"
    )
    (row,) = (row for row in settings.describe() if row.name == "EXTERNAL_API_URL")
    assert row.value == "https://a/t siam=https://b/t?apikey=***"
    assert {"s3cret-1", "s3cret-2", "s3cret-3"} <= set(settings.secrets())


def test_notes_name_their_source() -> None:
    """In production an address without encryption is warned of, with the mall's name."""
    settings = load_settings(
        None, external_api_url="https://a/t siam=http://siam.example/t", etl_env="production"
    )
    assert [source.api.notes for source in settings.sources()] == [
        (),
        (
            "siam: EXTERNAL_API_URL is http:, so the key, the cookies and the records travel unencrypted. "
            "Use https: in production.",
        ),
    ]


@pytest.mark.parametrize(
    ("unique_id", "prefix"),
    [("T1", ""), ("siam:T1", "siam:"), ("siam:a:b", "siam:"), ("other:T1", ""), (":T1", ""), ("siam", "")],
)
def test_whose_an_id_is(unique_id: str, prefix: str) -> None:
    """All up to the first colon, if a source has that; else the one without a name."""
    assert prefix_of(unique_id, {"", "siam:", "siam:a:"}) == prefix
