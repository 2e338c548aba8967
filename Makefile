# A virtual environment of its own, so that nothing of the machine's is touched.
VENV := .venv
BIN := $(VENV)/bin
PYTHON := python3

.PHONY: demo test check clean

demo: $(VENV)/demo.done
	@$(BIN)/mlguard audit --demo; code=$$?; test $$code -eq 1 || exit $$code

test: $(VENV)/dev.done
	$(BIN)/python -m pytest -n auto --maxprocesses=4

check: $(VENV)/dev.done
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo.done: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[demo]'
	@touch $@

$(VENV)/dev.done: $(BIN)/python pyproject.toml
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	@touch $@
