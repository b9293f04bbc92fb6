"""The least that Flask can do: one route that answers."""

from flask import Flask, Response, jsonify

app = Flask(__name__)


@app.put("/goals/<goal_id>/extend")
def extend(goal_id: str) -> tuple[Response, int]:
    """Answer as if it were recorded."""
    return jsonify(goal_id=goal_id, status="pending"), 202


@app.get("/admission")
def admission() -> tuple[str, int]:
    """Answer as if everybody might watch."""
    return "", 204


@app.get("/readyz")
def readyz() -> Response:
    """It is up."""
    return jsonify(status="ok")
