"""What of a URL may be shown: the place, and no part of a user or a signature."""

import pytest

from clicksession.secrets import scrub, secrets_in, without_secrets


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://shop.example/e.json", "https://shop.example/e.json"),
        ("https://shop.example:8080/@anna/e.json", "https://shop.example:8080/@anna/e.json"),
        ("https://shop.example/@anna/e.json", "https://shop.example/@anna/e.json"),
        ("https://anna:pw@shop.example/e.json", "https://***@shop.example/e.json"),
        ("https://shop.example/e.json?sig=abc", "https://shop.example/e.json?***"),
        ("sftp://anna:p@ss!@host/e.json", "sftp://***@host/e.json"),
        ("sftp://anna:pa/ss@host/e.json", "sftp://***@host/e.json"),
        ("s3://key:secret@bucket/e.json", "s3://***@bucket/e.json"),
        ("gs://shop/anna@home/e.json", "gs://shop/anna@home/e.json"),
        ("zip://a@b.json::https://anna:pw@host/e.zip", "zip://***@b.json::https://***@host/e.zip"),
        ("logs/anna@home.json", "logs/anna@home.json"),
    ],
)
def test_what_is_shown_of_a_url(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


@pytest.mark.parametrize(
    "url", ["s3://key:s3cr3t@bucket/x", "sftp://anna:s3cr3t/x@host/y", "ftp://anna:s3cr3t@host"]
)
def test_a_password_is_taken_out_of_other_messages(url: str) -> None:
    assert "s3cr3t" not in scrub(f"cannot log in with s3cr3t at {url}", secrets_in(url))
