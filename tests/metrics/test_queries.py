"""Alerts and dashboard ask for metrics that are there, and the runbook knows every alert."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml
from flask import Flask
from promql_parser import MatchOp, VectorSelector

from tests.metrics.exposition import samples

ROOT = Path(__file__).parent.parent.parent
ALERTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "ops/prometheus/alerts.yml").read_text())["groups"][0]["rules"]
DASHBOARD: dict[str, Any] = json.loads((ROOT / "ops/grafana/swag_goals.json").read_text())
QUERIES = [alert["expr"] for alert in ALERTS] + [
    target["expr"].replace("$__rate_interval", "5m") for panel in DASHBOARD["panels"] for target in panel["targets"]
]


@pytest.fixture(scope="module")
def exposed(app: Flask) -> set[str]:
    """Every sample with its labels, as `/metrics` names it."""
    return set(samples(app.test_client().get("/metrics").text))


def selectors(query: str) -> list[VectorSelector]:
    """What a query asks for; the parser raises ValueError where the query is none."""
    found: list[VectorSelector] = []

    def visit(expression: promql_parser.Expr) -> None:
        if isinstance(expression, VectorSelector):
            found.append(expression)

    promql_parser.walk(promql_parser.parse(query), visit)
    return found


def selected(selector: VectorSelector, exposed: set[str]) -> set[str]:
    """The samples that a selector finds; only `=` and `!=` are known here."""
    found = {sample for sample in exposed if sample.partition("{")[0] == selector.name}
    for matcher in selector.matchers.matchers:
        assert matcher.op in (MatchOp.Equal, MatchOp.NotEqual)
        label = f'{matcher.name}="{matcher.value}"'
        has_label = {sample for sample in found if label in sample}
        assert has_label, f"no sample of {selector.name} has {label}"
        found = has_label if matcher.op == MatchOp.Equal else found - has_label
    return found


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_finds_what_it_asks_for(query: str, exposed: set[str]) -> None:
    assert selectors(query)
    for selector in selectors(query):
        assert selected(selector, exposed), selector.name


@pytest.mark.parametrize("query", [query for query in QUERIES if " by (" in query])
def test_a_query_joins_by_labels_that_are_there(query: str, exposed: set[str]) -> None:
    queried = [sample for selector in selectors(query) for sample in selected(selector, exposed)]

    for label in re.findall(r" by \((\w+)\)", query):
        assert all(f'{label}="' in sample for sample in queried)


def test_every_metric_is_in_some_query(exposed: set[str]) -> None:
    queried = {selector.name for query in QUERIES for selector in selectors(query)}

    assert {sample.partition("{")[0] for sample in exposed} - queried == set()


@pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])
def test_an_alert_says_how_bad_it_is_and_where_to_read_on(alert: dict[str, Any]) -> None:
    assert alert["labels"]["severity"] in ("critical", "warning")
    assert alert["annotations"]["summary"].endswith(".")
    assert alert["annotations"]["runbook"] == f"runbook.html#{alert['alert'].lower()}"


def test_the_runbook_has_a_page_for_every_alert_and_no_other() -> None:
    titles = re.findall(r"^(\w+)\n~+$", (ROOT / "docs/runbook.rst").read_text(), re.MULTILINE)

    assert titles == [alert["alert"] for alert in ALERTS]


def test_panels_and_their_queries_have_names_of_their_own() -> None:
    panels = DASHBOARD["panels"]

    assert len({panel["id"] for panel in panels}) == len({panel["title"] for panel in panels}) == len(panels)
    assert all(len({target["refId"] for target in panel["targets"]}) == len(panel["targets"]) for panel in panels)
