"""Nobody reads anything without the token, and nothing outside the folder."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.assay.view.conftest import PORT, TOKEN, Client

PAGES = (
    *("/", "/run?at=whole", "/run?at=whole&part=table", "/figure?at=whole&of=forest", "/pictures?at=whole"),
    *("/picture?at=whole&group=ours&file=000", "/trial?at=sub%2Fhalfway&id=swap_fusion-seed0", "/store?at=store"),
    *("/compare?at=whole&at=sub%2Fhalfway", "/view.css", "/view.js", "/plotly.js"),
    f"/entry?at=store&kind=stages&id={32 * 'a'}",
)


@pytest.mark.parametrize("page", [*PAGES, "/nothing", "/delete"])
def test_without_the_token_every_request_is_forbidden(client: Client, page: str) -> None:
    unknown = client(known=False)
    wrong = f"{page}{'&' if '?' in page else '?'}token={TOKEN[:-1]}"
    for method in ("GET", "POST", "HEAD", "PUT", "OPTIONS"):
        for address in (page, wrong):
            answer = unknown.request(method, address)
            assert (answer.status_code, "whole" in answer.text) == (403, False), (method, address)
    assert unknown.get(page, headers={"cookie": f"assay_view_{PORT}=no"}).status_code == 403


def test_the_address_with_the_token_sets_a_cookie_and_leads_to_the_one_without(client: Client) -> None:
    browser = client(known=False)
    answer = browser.get("/run", params={"at": "whole", "token": TOKEN}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/run?at=whole")
    cookie = answer.headers["set-cookie"].lower()
    assert f"assay_view_{PORT}={TOKEN}" in cookie
    assert {"httponly", "samesite=lax", "path=/"} <= set(cookie.split("; "))
    assert browser.get("/run?at=whole").status_code == 200


def test_two_slashes_do_not_lead_to_another_machine(client: Client) -> None:
    answer = client(known=False).get(f"http://127.0.0.1:{PORT}//evil.example/?token={TOKEN}", follow_redirects=False)
    assert answer.headers["location"].startswith("/evil.example")


@pytest.mark.parametrize("host", ["evil.example", f"evil.example:{PORT}", f"127.0.0.1:{PORT + 1}", "127.0.0.1", ""])
def test_another_name_of_this_machine_is_refused_with_the_token_too(client: Client, host: str) -> None:
    assert client().get("/", headers={"host": host}).status_code == 403
    assert client(known=False).get("/", params={"token": TOKEN}, headers={"host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["http://evil.example", f"http://127.0.0.1:{PORT + 1}", "null"])
def test_another_page_cannot_ask_for_this_one(client: Client, origin: str) -> None:
    assert client().get("/", headers={"origin": origin}).status_code == 403


@pytest.mark.parametrize("page", PAGES)
def test_a_page_names_no_address_elsewhere_and_says_what_may_run(client: Client, page: str) -> None:
    answer = client().get(page)
    assert answer.status_code == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self';")
    assert "unsafe-eval" not in policy
    assert "http" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    if answer.headers["content-type"].startswith("text/html"):
        assert re.findall(r"(?:src|href|action)=\"(?!/|data:,|#)[^\"]*", answer.text) == []
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=|javascript:", answer.text)
        assert TOKEN not in answer.text


OUTSIDE = ("..", "../runs/whole", "../secret.txt", "whole/../../secret.txt", "/etc", "whole/", "./whole", "link", "")


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("page", ["/run?at=", "/store?at=", "/pictures?at=", "/compare?at=", "/figure?of=forest&at="])
def test_a_name_that_is_no_run_of_the_folder_is_not_there(client: Client, folder: Path, page: str, name: str) -> None:
    (folder / "link").symlink_to(folder.parent)
    for given in (quote(name), quote(name, safe=""), quote(quote(name, safe=""), safe="")):
        answer = client().get(f"{page}{given}")
        assert answer.status_code == 404
        assert "the secret" not in answer.text


@pytest.mark.parametrize("group", ["..", "../..", "ours", "/etc", "%2e%2e", "logs"])
@pytest.mark.parametrize("file", ["secret", "../../secret.txt", "000/../001", "nothing", "..%2fsecret"])
def test_pictures_and_texts_are_those_that_the_run_keeps(client: Client, group: str, file: str) -> None:
    words = {"at": "whole", "group": group, "file": file}
    assert client().get("/picture", params=words).status_code == 404
    assert client().get("/trial", params={"at": "sub/halfway", "id": file}).status_code == 404


def test_links_that_lead_out_of_a_run_are_not_followed(client: Client, folder: Path) -> None:
    outside = folder.parent / "elsewhere"
    outside.mkdir()
    (outside / "leak.png").write_text("the secret")
    (outside / "leak.txt").write_text("the secret")
    (folder / "whole" / "images" / "leak").symlink_to(outside)
    (folder / "sub" / "halfway" / "errors" / "leak.txt").symlink_to(outside / "leak.txt")
    (folder / "linked").symlink_to(folder / "whole")
    browser = client()
    picture = browser.get("/picture", params={"at": "whole", "group": "leak", "file": "leak"})
    text = browser.get("/trial", params={"at": "sub/halfway", "id": "leak"})
    assert picture.status_code in (404, 422)
    assert text.status_code in (404, 422)
    assert "the secret" not in picture.text + text.text
    assert browser.get("/run?at=linked").status_code == 404


def test_a_record_that_is_a_link_out_of_the_folder_is_a_damaged_run(client: Client, folder: Path) -> None:
    (folder.parent / "run.json").write_text((folder / "whole" / "run.json").read_text().replace("table5", "leaked"))
    (folder / "taken").mkdir()
    (folder / "taken" / "run.json").symlink_to(folder.parent / "run.json")
    page = client().get("/")
    assert "leads out of" in page.text
    assert "leaked" not in page.text
