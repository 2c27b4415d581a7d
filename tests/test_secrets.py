"""What of a URL may be shown: the place, and no part of a user or a signature."""

import pytest

from clicksession.secrets import asked_of, scrub, secrets_in, without_secrets


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


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("zip://e.json::https://host/a.zip?sig=s3cr3t", "zip://e.json::https://host/a.zip?***"),
        ("simplecache::https://host/e.json?sig=s3cr3t", "simplecache::https://host/e.json?***"),
        ("HTTPS://host/e.json?sig=s3cr3t", "HTTPS://host/e.json?***"),
        ("Zip://e.json::HtTp://host/a.zip?sig=s3cr3t", "Zip://e.json::HtTp://host/a.zip?***"),
        ("https://host/e.json#access_token=s3cr3t", "https://host/e.json?***"),
        ("s3://shop/e.json?X-Amz-Signature=s3cr3t", "s3://shop/e.json?***"),
        ("filecache::webhdfs://host/e.json?user.name=a&delegation=s3cr3t", None),
        ("gs://shop/2022-0?/*.json", "gs://shop/2022-0?/*.json"),
        ("logs/what?.json", "logs/what?.json"),
    ],
)
def test_the_query_of_every_link_is_hidden(url: str, shown: str | None) -> None:
    found = without_secrets(url)
    assert "s3cr3t" not in found
    assert shown is None or found == shown
    said = "cannot read s3cr3t"
    assert "s3cr3t" not in scrub(said, secrets_in(url)) or "s3cr3t" not in url


def test_digits_stand_for_what_a_url_asks_for() -> None:
    first, second = (asked_of(f"https://host/export.json?day={day}&sig=a") for day in (1, 2))
    assert first != second
    assert first == asked_of("https://host/export.json?day=1&sig=b")
    assert "1" not in (asked_of("https://host/e.json"), asked_of("https://host/e.json?sig=1"))
    keys = {asked_of(f"https://host/e.json?key={key}") for key in ("a.json", "b.json", "")}
    assert len(keys) == 3
