"""/docs: the description for people."""

from html.parser import HTMLParser

import pytest
from flask import Flask

from swag_goals.api.docs import description, operations


class Page(HTMLParser):
    """What a page is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.fixture(scope="module")
def page(app: Flask) -> Page:
    return Page(app.test_client().get("/docs").text)


def test_the_page_shows_every_operation_every_problem_and_every_shape(page: Page) -> None:
    ids = {attributes.get("id") for _tag, attributes in page.tags}

    assert {operation["operationId"] for operation in operations()} <= ids
    assert set(description()["components"]["schemas"]) <= ids
    for operation in operations():
        assert f"{operation['method']} {operation['path']}" in page.text
        for response in operation["responses"].values():
            for media in response["content"].values():
                assert all(example["value"]["detail"] in page.text for example in media.get("examples", {}).values())


def test_each_link_within_it_leads_somewhere(page: Page) -> None:
    ids = {f"#{attributes['id']}" for _tag, attributes in page.tags if "id" in attributes}
    links = {str(attributes["href"]) for tag, attributes in page.tags if tag == "a"}

    assert {link for link in links if link.startswith("#")} <= ids


def test_the_page_runs_nothing_and_loads_nothing(app: Flask, page: Page) -> None:
    policy = app.test_client().get("/docs").headers["Content-Security-Policy"]

    assert "script" not in {tag for tag, _ in page.tags}
    assert not [attributes for tag, attributes in page.tags if "src" in attributes or tag == "link"]
    assert all((attributes.get("href") or "/").startswith(("/", "#")) for _tag, attributes in page.tags)
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
