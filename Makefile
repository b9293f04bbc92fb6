# Needs python3 (3.11 or newer, with venv), and on Linux x86-64 nothing else that is not in the locks.
.DEFAULT_GOAL := help
.PHONY: help setup setup-stack up demo watch rehearse test unit model mutants walk drill bench fuzz check format screenshots docs lock clean
BIN := .venv/bin
# Or its cache would lie in HOME.
export MPLCONFIGDIR := $(CURDIR)/.local/matplotlib

help: ## list what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install everything but what bench needs into this folder, once (the other targets do it too)
	@python3 -m dev.stack.install tests

setup-stack: ## install what `make up` and `make demo` need, and no more
	@python3 -m dev.stack.install stack

up: setup-stack ## run the whole system until Ctrl-C; MONGO_MEMBERS=3 for a replica set of three
	@$(BIN)/python -m dev.stack.up

demo: setup-stack ## watch one extension go through all of it, in 15 seconds; then a stream, after `make setup`
	@$(BIN)/python -m dev.stack.demo

watch: setup ## watch a live stream that ends with its viewer's time and goes on with an extension, in half a minute; ARGS=--nginx: by nginx and nginx-rtmp, in a minute
	@$(BIN)/python -m dev.watch $(ARGS)

rehearse: setup ## go through deploys under Heroku's rules, in two minutes
	@$(BIN)/python -m dev.drill.rehearse

test: setup ## run every test, against real servers
	@$(BIN)/python -m tests.node unit
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder

unit: setup ## run the tests that need no server, with few of their examples
	@$(BIN)/python -m tests.node unit
	$(BIN)/pytest -n 2 -p no:schemathesis --hypothesis-profile few tests/unit

model: setup ## search the model of decision 2 further than `make test` does, in ten minutes
	@$(BIN)/python -m tests.model

mutants: setup ## remove each condition that the promises rest on and see who notices, in half an hour; ARGS=--help
	@$(BIN)/python -m tests.mutants $(ARGS)

walk: setup ## 5,000 orders of steps on a real MongoDB, in twenty minutes; EXAMPLES chooses others
	EXAMPLES=$${EXAMPLES:-5000} $(BIN)/pytest -q tests/jobs/test_interleavings.py

drill: setup ## kill every part at every moment and count what was lost or doubled, in eight minutes; ARGS=--help
	@$(BIN)/python -m dev.drill $(ARGS)

bench: ## measure how fast it is, beside other queues and frameworks, in an hour and a half; ARGS=--help
	@python3 -m dev.stack.install bench
	@$(BIN)/python -m dev.bench $(ARGS)

fuzz: setup ## send 20,000 hostile requests, in ten minutes; REQUESTS and SEED choose others
	@$(BIN)/python -m dev.drill.fuzz

check: setup ## lint, formatting and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	@$(BIN)/python -m tests.node check

format: setup ## mend what check says of style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format
	@$(BIN)/python -m tests.node format

screenshots: setup ## take the pictures of the live page in docs/figures anew
	@$(BIN)/python -m dev.stack.screenshots

docs: setup ## build the documentation, every warning an error; docs/_build/index.html is its front page
	$(BIN)/python -m sphinx -W --keep-going -n -q docs docs/_build

LOCK := $(BIN)/uv pip compile --quiet --no-cache --universal --python-version 3.11 --generate-hashes \
	--custom-compile-command "make lock"
lock: setup ## resolve requirements*.in into the lock files
	$(LOCK) requirements.in -o requirements.txt
	$(LOCK) requirements-stack.in -o requirements-stack.txt
	$(LOCK) requirements-dev.in -o requirements-dev.txt
	$(LOCK) requirements-bench.in -o requirements-bench.txt
	$(LOCK) requirements-watch.in -o requirements-watch.txt

clean: ## remove what setup and the runs left in this folder
	rm -rf .venv .local dev/*/node/node_modules tests/node/node_modules .mypy_cache .pytest_cache .ruff_cache .hypothesis docs/_build
	find . -name __pycache__ -prune -exec rm -rf {} +
