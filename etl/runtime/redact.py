"""Keep secrets out of what people read: names that hold one, addresses that carry one, the known ones anywhere."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from urllib.parse import parse_qsl, quote, quote_plus, unquote, urlsplit

from etl.runtime.visible import visible

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r"(?:^|[^a-z])(?:pass|passwd|(?:ssl)?password|passphrase|pwd|secrets?|token|cookies?|authorization|credentials?|dsn"
    r"|signature|sig|database_?url|(?:x_?apig_?)?app_?code|(?:api|access|secret|private)_?key)(?:$|[^a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_USERINFO = re.compile(r"(?<=://)(?:[^\s:/?#@]+:(?!\d+[/?#])\S*@|[^\s/?#]*@)")
_PROPER_USERINFO = re.compile(r"(?<=://)[^/?#]*@")
_PAIR = re.compile(r"(?P<before>^|[?&;,\s])(?P<name>[A-Za-z][\w.-]*)=(?P<value>'[^']*'|[^&;,\s#]+)")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;][^=&;#]*(?:key|token|code|secret|pass|pwd|sig|auth|cred|session|cookie|jwt)[^=&;#]*=)[^&;#]*"
)
_PARAMETER = re.compile(r"(?<==)[^=&;#]+")
_SEGMENT = re.compile(r"(?<=/)[^/?#;]+")
_LETTER_BESIDE_DIGIT = re.compile(r"(?<=[A-Za-z])(?=[0-9])|(?<=[0-9])(?=[A-Za-z])")
_PLACE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[A-Za-z0-9.:\[\]-]+")
_SHORTEST_KEY = 16
_SHORTEST_PARAMETER = 6
_SHORTEST_COOKIE = 8
_SHORTEST_SECRET = 4
_SHORTEST_SUBSTRING = 8
_HEADER = re.compile(
    r"(?i)\b(?P<name>(?:set-)?cookie|authorization|x-apig-appcode)(?P<colon>['\"]?:\s*)[^\r\n]+"
)


def is_secret_name(name: str) -> bool:
    """Tell whether a key of this name is likely to hold a secret (`db_pass`, `X-Apig-AppCode`)."""
    return bool(_SECRET_NAME.search(_CAMEL.sub("_", name).lower().replace("-", "_")))


def redact(text: str) -> str:
    """Return the text with `user:password@` of addresses, secret parameters and secret headers hidden.

    An unescaped `@`, `/` or `#` in a password is hidden with it: all up to the last `@` of the word goes.
    """
    text = _USERINFO.sub(f"{HIDDEN}@", text)
    text = _HEADER.sub(rf"\g<name>\g<colon>{HIDDEN}", text)
    return _PAIR.sub(_hide_pair, text)


def _hide_pair(match: re.Match[str]) -> str:
    name = match["name"]
    is_key_of_url = name.lower() == "key" and match["before"] in ("?", "&")
    if not (is_key_of_url or is_secret_name(name)):
        return match[0]
    return f"{match['before']}{name}={HIDDEN}"


def looks_like_key(text: str) -> bool:
    """Tell whether a text is long and mixed as no word is: `3f9a1c0e77b24d58`, but not `tenant-directory-2025`."""
    if len(text) < _SHORTEST_KEY:
        return False
    is_of_all = all(re.search(kind, text) for kind in ("[a-z]", "[A-Z]", "[0-9]"))
    return len(_LETTER_BESIDE_DIGIT.findall(text)) >= 3 or (is_of_all and len(text) >= _SHORTEST_KEY + 4)


def public_url(url: str) -> str:
    """Return an address to show, on one line: no user, password or fragment, and `***` for values that look secret.

    It hides more than `redact` does (`code=`, `map_key=`, what looks like a key in the path), as nobody needs
    these values to know the source.
    """
    proper = _PROPER_USERINFO.sub("", url, count=1).split("#", 1)[0]
    shown = redact(proper).replace(f"://{HIDDEN}@", "://")
    shown = visible(_SECRET_PARAMETER.sub(rf"\g<1>{HIDDEN}", shown), line_break="⏎")
    if shown.lower().startswith("s3:"):
        return shown
    path, mark, query = shown.partition("?")
    return _SEGMENT.sub(_hide_key, path) + mark + _PARAMETER.sub(_hide_key, query)


def _hide_key(match: re.Match[str]) -> str:
    return HIDDEN if looks_like_key(unquote(match[0])) else match[0]


def holds_key(address: str) -> bool:
    """Tell whether an address of a place (s3://KEY:SECRET@bucket, s3://bucket?secret_key=…) has a key in it."""
    scheme, separator, rest = address.strip().partition("://")
    if not separator or scheme.lower() != "s3":
        return False
    # a secret key may have a slash; a bucket's name has neither of the two signs, a folder's may have @
    bucket = rest.partition("/")[0]
    return "@" in bucket or (":" in bucket and "@" in rest) or redact(address) != address


def public_place(url: str) -> str:
    """Return scheme and host of an address that came from outside, and nothing else of it."""
    try:
        parts = urlsplit(url)
        place = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    except ValueError:
        place = ""
    return place if _PLACE.fullmatch(place) else "(an address that can't be shown)"


def secrets_of_url(url: str) -> Iterator[str]:
    """Yield the secrets that an address carries, as it has them and decoded: password, keys in its query and path.

    A user name is one where it stands for a password; a value is one by its name, or by its looks. The rest
    (`lang=th`) is common text that must stay readable.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    userinfo = parts.netloc.rpartition("@")[0]
    user, _, password = userinfo.partition(":")
    if userinfo:
        yield from (
            password or user,
            unquote(password or user),
            b64encode(unquote(userinfo).encode()).decode(),
        )
    for name, value in parse_qsl(parts.query.replace(";", "&")):
        is_named = len(value) >= _SHORTEST_PARAMETER and (is_secret_name(name) or name.lower() == "key")
        if is_named or looks_like_key(value):
            yield value
    yield from (key for segment in parts.path.split("/") if looks_like_key(key := unquote(segment)))


def secrets_of_cookies(cookies: str) -> Iterator[str]:
    """Yield the values in a Cookie header that are not plain words (`lang=th`)."""
    for cookie in cookies.split(";"):
        value = cookie.partition("=")[2].strip()
        if len(value) >= _SHORTEST_COOKIE and re.search("[0-9]", value):
            yield value


def scrubber(secrets: Iterable[str]) -> Callable[[str], str]:
    """Return a function that hides these secrets wherever they stand in a text.

    Percent-encoded ones too. One of fewer than four characters is left alone, one of fewer than eight is
    hidden where it stands by itself: `test` must not make `la***` of `latest`.
    """
    words = {
        form
        for secret in secrets
        if len(secret) >= _SHORTEST_SECRET
        for form in (secret, quote(secret, safe=""), quote_plus(secret))
    }
    if not words:
        return str
    pattern = re.compile("|".join(map(_pattern, sorted(words, key=lambda word: (-len(word), word)))))
    return lambda text: pattern.sub(HIDDEN, text)


def _pattern(word: str) -> str:
    escaped = re.escape(word)
    return escaped if len(word) >= _SHORTEST_SUBSTRING else rf"(?<![^\W_]){escaped}(?![^\W_])"
