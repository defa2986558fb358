"""Keep secrets out of what people read: names that hold one, addresses that carry one."""

import re

HIDDEN = "***"

_SECRET_NAME = re.compile(
    r"(?:^|[^a-z])(?:pass|passwd|password|passphrase|pwd|secrets?|token|cookies?|authorization|credentials?|dsn"
    r"|signature|sig|database_?url|(?:x_?apig_?)?app_?code|(?:api|access|secret|private)_?key)(?:$|[^a-z])"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_USERINFO = re.compile(r"(?<=://)(?:[^\s:/?#@]+:(?!\d+[/?#])\S*@|[^\s/?#]*@)")
_PROPER_USERINFO = re.compile(r"(?<=://)[^/?#]*@")
_PAIR = re.compile(r"(?P<before>^|[?&;,\s])(?P<name>[A-Za-z][\w.-]*)=(?P<value>'[^']*'|[^&;,\s#]+)")
_SECRET_PARAMETER = re.compile(
    r"(?i)([?&;][^=&;#]*(?:key|token|code|secret|pass|pwd|sig|auth|cred|session|cookie|jwt)[^=&;#]*=)[^&;#]*"
)
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


def public_url(url: str) -> str:
    """Return an address to show: no user, password or fragment, and `***` for values that look secret.

    It hides more than `redact` does (`code=`, `map_key=`), as nobody needs these values to know the source.
    """
    proper = _PROPER_USERINFO.sub("", url, count=1).split("#", 1)[0]
    shown = redact(proper).replace(f"://{HIDDEN}@", "://")
    return _SECRET_PARAMETER.sub(rf"\g<1>{HIDDEN}", shown)
