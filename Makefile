.DEFAULT_GOAL := help
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# Tests start many processes, each of which would compile all sources anew where bytecode is not to be kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test test-all tests-ready kernels coverage lint bench pictures site rooms constraints clean

help: ## List what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/installed: pyproject.toml constraints.txt
	@echo "Making $(VENV) and installing (about a minute) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --constraint constraints.txt --editable .
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing what the tests need ..."
	@$(PIP) "pip>=25.1"  # the first that knows dependency groups
	@$(PIP) --constraint constraints.txt --group dev
	@touch $@

demo: $(VENV)/installed ## Run August 2007 and write its results and charts to outputs/quake-2007/
	$(BIN)/crowdquake run quake-2007 --out outputs/quake-2007

test: tests-ready ## Check style, types and import layers, and run all tests but the long statistical ones
	$(BIN)/python -m pytest -n auto --dist loadfile -m "not slow" $(COVERAGE)

test-all: tests-ready ## Run all tests
	$(BIN)/python -m pytest -n auto --dist loadfile

tests-ready: $(VENV)/installed-dev
	@$(MAKE) --no-print-directory --jobs 2 lint kernels

kernels: $(VENV)/installed ## Compile the market's kernels, as runs and tests find them then
	$(BIN)/python tests/kernels.py

coverage: ## Run the same and say which lines the tests do not reach
	$(MAKE) test COVERAGE="--cov --cov-report=term-missing"

lint: $(VENV)/installed-dev ## Check style, types and import layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mypy examples docs/draw_rooms.py docs/site.py
	$(BIN)/lint-imports

bench: $(VENV)/installed ## Measure named workloads beside Mesa, NumPy and the floor; a bar, its growth, and a hedge of 100,000 paths
	$(BIN)/python benchmarks/bench.py
	$(BIN)/python benchmarks/bar.py
	$(BIN)/python benchmarks/growth.py
	$(BIN)/python benchmarks/hedge.py

pictures: demo rooms ## Draw the pictures of the README and of the docs anew
	mkdir -p outputs/pictures
	cp outputs/quake-2007/khandani-lo.png outputs/quake-2007/cascade.png outputs/quake-2007/hedge-desk.png outputs/pictures/
	$(BIN)/crowdquake run china-2024 --paths 200 --out outputs/china-2024
	$(BIN)/crowdquake explain china-2024 --paths 12 --set clock.days=28 --out outputs/explain
	$(BIN)/crowdquake cliff china-2024 --set funds.capital=0.962 --set futures_funds.swap_share=0.322 --set clock.days=28 --paths 40 \
		--vary funds.crowding=0,0.5 --vary funds.leverage=2,3 --vary slump.length=0.5,1.5 --out outputs/cliff
	cp outputs/china-2024/both-legs.png outputs/explain/explain.png outputs/cliff/cliff.png outputs/pictures/
	$(BIN)/crowdquake run ltcm-1998 --paths 200 --out outputs/ltcm-1998
	$(BIN)/crowdquake unwind ltcm-1998 quake-2007 --paths 60 --out outputs/unwind
	$(BIN)/crowdquake reserve china-2024 gbm:volatility=0.25 student_t:degrees=4 --policy full-rebalanced --policy partial \
		--book example --reserve 0.15 --crowding none --out outputs/reserve
	$(BIN)/crowdquake crowding example-crowd --leverage 5 --desk example --out outputs/crowding
	cp outputs/reserve/needed.png outputs/pictures/reserve.png
	cp outputs/crowding/who-endangers-whom.png outputs/pictures/
	cp outputs/ltcm-1998/large-fund.png outputs/ltcm-1998/spread-legs.png outputs/unwind/unwinding.png outputs/pictures/

site: $(VENV)/installed-dev ## Build the documentation as pages in outputs/site, with the network off
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

rooms: $(VENV)/installed ## Draw the packages and their imports anew (docs/architecture.md)
	$(BIN)/python docs/draw_rooms.py outputs/pictures/rooms.png

constraints: $(VENV)/installed-dev ## Pin all dependencies anew
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml --universal --all-extras --group dev --no-header --no-annotate --upgrade -o constraints.txt

clean: ## Remove the environment and all results
	rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .coverage $(filter-out outputs/README.md outputs/pictures,$(wildcard outputs/*))
