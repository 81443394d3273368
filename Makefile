# Every target sets itself up: a virtual environment in .venv, once, and again when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHAPED := dlldecode.core,dlldecode.strategies,dlldecode.wrappers,dlldecode.engine
PROMPT ?= Each of Luca's 9 trays has 6 tarts. 38 tarts get burnt. How many tarts go into each of 4 equal boxes?

.PHONY: run test check format tiny clean

run: $(READY)
	$(BIN)/dlldecode generate --strategy dico --stats on "$(PROMPT)"

# The run-time shape checks and the captured graphs cannot share a process; one thread each, as tests share the cores.
test: export OMP_NUM_THREADS := 1
test: $(READY)
	$(BIN)/pytest -n 2 --dist loadgroup -m "not compile and not cuda" --jaxtyping-packages=$(SHAPED),beartype.beartype
	$(BIN)/pytest -m compile

check: $(READY)
	$(BIN)/ruff check dlldecode tests
	$(BIN)/ruff format --check dlldecode tests
	$(BIN)/mypy -p dlldecode.core -p dlldecode.strategies -p dlldecode.caches -p dlldecode.wrappers -p dlldecode.engine
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix dlldecode tests
	$(BIN)/ruff format dlldecode tests

# Trains the bundled model anew on all GPUs (14 minutes on two H200), puts it in place and measures it: docs/tiny.md.
tiny: $(READY)
	$(BIN)/python -m dlldecode.tiny.tokenizer
	$(BIN)/torchrun --standalone --nproc-per-node gpu -m dlldecode.tiny.train --out build/tiny --seconds 840
	cp build/tiny/model* dlldecode/tiny/weights/
	$(BIN)/dlldecode bench --limit 200 --batch-size 200 --cache none --dtype float32 --axis k=2,4,8 --axis factor=1.0,0.75

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --no-compile --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
