# Every target sets itself up: a virtual environment in .venv, once, and again when pyproject.toml changes.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
SHAPED := dlldecode.core,dlldecode.strategies,dlldecode.wrappers,dlldecode.engine
SHAPED_TESTS := tests/core tests/engine tests/strategies tests/wrappers tests/contract/test_engine.py tests/contract/test_strategies.py
# The tests of a file stay together: those that share a cluster of Ray, above all.
QUICKLY := -n 2 --dist loadfile --no-loadscope-reorder -m "not compile and not cuda"
ITEMS ?= 10
BATCH ?= 8
PROMPT ?= Each of Luca's 9 trays has 6 tarts. 38 tarts get burnt. How many tarts go into each of 4 equal boxes?

.PHONY: run test check format docs science tiny clean

run: $(READY)
	$(BIN)/dlldecode generate --strategy dico --stats on "$(PROMPT)"

# Shapes are checked at run time where tensors are what is tested: that doubles the time of whole decodings, and cannot
# share a process with captured graphs. One thread a process, as tests share the cores.
# Bytecode is kept even where the environment says otherwise: hundreds of commands would each compile the package anew.
test: export OMP_NUM_THREADS := 1
test: export PYTHONDONTWRITEBYTECODE :=
test: $(READY)
	$(BIN)/pytest $(QUICKLY) $(SHAPED_TESTS) --jaxtyping-packages=$(SHAPED),beartype.beartype
	$(BIN)/pytest $(QUICKLY) $(addprefix --ignore=,$(SHAPED_TESTS))
	$(BIN)/pytest -n 2 -m compile

check: $(READY)
	$(BIN)/ruff check dlldecode tests
	$(BIN)/ruff format --check dlldecode tests
	$(BIN)/mypy -p dlldecode.core -p dlldecode.strategies -p dlldecode.caches -p dlldecode.wrappers -p dlldecode.engine -p dlldecode.science
	$(BIN)/lint-imports

format: $(READY)
	$(BIN)/ruff check --fix dlldecode tests
	$(BIN)/ruff format dlldecode tests

# The documentation as a site, in build/site; a link that leads nowhere is an error.
docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --config-file docs/site/mkdocs.yml

# Every figure of docs/science.md, or one: make science ITEMS=10 BATCH=8 NAMES="bound seeds".
science: $(READY)
	PATH="$(CURDIR)/$(BIN):$$PATH" sh docs/science/measure.sh $(ITEMS) $(BATCH) $(NAMES)

# Trains the bundled model anew on all GPUs (14 minutes on two H200), puts it in place and measures it: docs/tiny.md.
tiny: $(READY)
	$(BIN)/python -m dlldecode.tiny.tokenizer
	$(BIN)/torchrun --standalone --nproc-per-node gpu -m dlldecode.tiny.train --out build/tiny --seconds 840
	cp build/tiny/model* dlldecode/tiny/weights/
	$(BIN)/dlldecode bench --limit 200 --batch-size 200 --cache none --dtype float32 --axis k=2,4,8 --axis factor=1.0,0.75

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip
	$(BIN)/python -m pip install --quiet --editable '.[dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
