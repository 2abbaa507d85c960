"""An address is shown without what opens the door, and a run can still be found by it."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from assay.config.text.credentials import HIDDEN, redacted

_PLAIN = [
    "runs/store",
    "a@b:c",
    "s3://bucket/path",
    "s3://bucket/path?endpoint_override=127.0.0.1:9000&scheme=http&region=us-east-1",
    "s3://bucket/@home/x",
    "file:///home/me/a@b:c/store",
    "abfs://container@account.dfs.core.windows.net/path",
    "hdfs://me@namenode:8020/store",
    "see https://example.org/page#part, and then",
]


@pytest.mark.parametrize("text", _PLAIN)
def test_what_holds_no_secret_stays_as_it_is(text: str) -> None:
    assert redacted(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://KEY:SECRET@bucket/path", "s3://***@bucket/path"),
        ("storage=s3://KEY:SECRET@bucket/path", "storage=s3://***@bucket/path"),
        ("--storage=s3://KEY:SECRET@bucket", "--storage=s3://***@bucket"),
        ("storage='s3://KEY:SECRET@bucket'", "storage='s3://***@bucket'"),
        ("s3://KEY:SE/CR+ET@bucket/path", "s3://***@bucket/path"),  # a slash that should have been encoded
        ("s3://KEY:SE'CR\"ET@bucket/path", "s3://***@bucket/path"),
        ("s3://SECRET@bucket/path", "s3://***@bucket/path"),
        ("abfs://container:SECRET@account/path", "abfs://container:***@account/path"),
        ("https://x/y?X-Amz-Signature=SECRET&region=eu", "https://x/y?X-Amz-Signature=***&region=eu"),
        ("s3://b/p?endpoint_override=http://u:SECRET@h", "s3://b/p?endpoint_override=***"),
        ("simplecache::s3://KEY:SECRET@bucket", "simplecache::s3://***@bucket"),
        ("cannot read 's3://KEY:SECRET@bucket/x': no such", "cannot read 's3://***@bucket/x': no such"),
    ],
)
def test_secrets_are_hidden_wherever_the_address_stands(text: str, shown: str) -> None:
    assert redacted(text) == shown
    assert redacted(shown) == shown


_SECRET = st.text("ABCdef0123456789+/=_-", min_size=12, max_size=40)


@given(_SECRET, _SECRET, st.sampled_from(["s3", "gs", "sftp", "https", "abfs", "memory"]))
def test_no_secret_survives(user: str, secret: str, scheme: str) -> None:
    assume(secret not in user)
    for text in (f"{scheme}://{user}:{secret}@host/path", f"{scheme}://host/path?secret_key={secret}&region=x"):
        for given_as in (text, f"storage={text}", f"storage={text} cannot be read", [{"a": (text,)}]):
            shown = str(redacted(given_as))
            assert secret not in shown
            assert HIDDEN in shown


def test_lists_and_mappings_keep_their_form() -> None:
    values = {"storage": "s3://a:b@c", "seeds": [1, 2], "command": ("x", "storage=s3://a:b@c"), "no": None}
    shown = {"storage": "s3://***@c", "seeds": [1, 2], "command": ("x", "storage=s3://***@c"), "no": None}
    assert redacted(values) == shown
