# Two commands matter: `make demo` and `make test`. Both set up what they need in .venv, and are quick the second time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PHOTO ?=
OUT ?= out

.PHONY: demo up test chaos lint bench bench-service openapi clean help

help:
	@echo "make demo [PHOTO=my.jpg]   four looks of the example garment, or of your own photo"
	@echo "make up                    the whole service on this machine"
	@echo "make test                  every test"
	@echo "make chaos [ARGS=--postgres]   200 looks while every process is killed at random"
	@echo "make lint                  ruff, mypy, import-linter"
	@echo "make openapi               write docs/openapi.json anew, after the HTTP API changed"
	@echo "make bench-service         what the service adds to a look, and how several workers share the work"
	@echo "make bench                 the pipeline beside a plain diffusers script"

# pip, not uv or poetry: only pip finds the CPU build of torch where a machine offers one (constraints.txt says which).
$(VENV)/installed: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("fashion-gen needs Python 3.11 or newer, this is " + sys.version.split()[0]) if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (once; a few minutes) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[generate]'
	@$(BIN)/python -c 'import pymatting, fashion_gen.body' # compiles their numba kernels into the cache, once
	@touch $@

$(VENV)/tested: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[generate,test]'
	@touch $@

$(VENV)/linted: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[generate,test,lint]'
	@touch $@

demo: $(VENV)/installed
	@$(BIN)/fashion-gen render $(if $(PHOTO),"$(PHOTO)",--example) -n 4 --preset mini -o "$(OUT)"

$(VENV)/served: $(VENV)/installed
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[generate,service]'
	@touch $@

up: $(VENV)/served
	@$(BIN)/fashion-gen up

chaos: $(VENV)/tested
	@$(BIN)/python -m tests.servers.chaos $(ARGS)

test: $(VENV)/tested
	@$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term --cov-fail-under=90 $(ARGS)

lint: $(VENV)/linted
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

openapi: $(VENV)/tested
	@$(BIN)/python -m fashion_gen.portal > docs/openapi.json

bench: $(VENV)/installed
	@$(BIN)/python -m benchmarks.pipeline

bench-service: $(VENV)/tested
	@$(BIN)/python -m benchmarks.service_workers

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .coverage
