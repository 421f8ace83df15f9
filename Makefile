# make demo   the example, from a float model to a simulated board, judged
# make test   style, types and tests (make test-slow: the long ones)
BOARD ?= sim-m4
DEMO := build/demo-$(BOARD)
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := help
.PHONY: help demo test test-slow lint format clean

help:
	@echo "make demo       quantize the digits example, build it and judge it on a board (BOARD=$(BOARD))"
	@echo "make test       style, types and all tests but the slow ones"
	@echo "make test-slow  the slow tests"
	@echo "make lint       style and types only; make format mends the style"
	@echo "make clean      remove build output and the virtual environment"

demo: $(VENV)/.installed-sim
	@mkdir -p build
	$(BIN)/edgeq deploy examples/digits/digits_float.tflite \
	    --calibration examples/digits/calibration.npz --data examples/digits/test.npz \
	    --board $(BOARD) --out $(DEMO) --force

test: lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

test-slow: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -n 2 --dist loadgroup -m slow

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean:
	rm -rf build dist $(VENV)

# A stamp per set of extras: pip runs again only when pyproject.toml has changed.
$(VENV)/.created:
	@command -v $(PYTHON) >/dev/null || { \
	    echo "no $(PYTHON) found: install Python 3.10 or later, or say make PYTHON=/path/to/python" >&2; exit 3; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	    echo "$$($(PYTHON) --version) is too old: say make PYTHON=/path/to/python with 3.10 or later" >&2; exit 3; }
	$(PYTHON) -m venv $(VENV) || { \
	    echo "$(PYTHON) has no working venv module (Debian and Ubuntu: apt install python3-venv)" >&2; exit 3; }
	@touch $@

$(VENV)/.installed-sim: pyproject.toml | $(VENV)/.created
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sim]'
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(VENV)/.created
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[sim,images,dev]'
	@touch $@ $(VENV)/.installed-sim
