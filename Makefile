# make run    the dashboard with the demonstration programme, on http://localhost:8501
# make test   everything that is checked: style, types, tests, browser tests
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export ECHO_STORE ?= data/echo.duckdb

.PHONY: run test check lock clean benchmarks

run: $(VENV)/.run
	$(BIN)/streamlit run dashboard.py

test: $(VENV)/.test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python -m tests.e2e.chromium
	$(BIN)/python -m tests.office
	$(BIN)/python -m pytest -n 2 --dist loadfile

benchmarks: $(VENV)/.test
	$(BIN)/python -m benchmarks

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "ECHO Metrics needs Python 3.11 or newer; name one with: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

$(VENV)/.test: requirements-dev.txt $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

lock:
	rm -rf .lock && $(PYTHON) -m venv .lock
	.lock/bin/pip install --quiet -r requirements.in
	(echo "# Pinned lock of the direct and indirect packages; written by \`make lock\` from requirements.in."; .lock/bin/pip freeze) > requirements.txt
	.lock/bin/pip install --quiet -r requirements-dev.in
	(echo "# Pinned lock of what tests and checks need besides; written by \`make lock\` from requirements-dev.in."; echo "-r requirements.txt"; .lock/bin/pip freeze | grep -vxFf requirements.txt) > requirements-dev.txt
	rm -rf .lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
