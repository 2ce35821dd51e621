# make run    find the stolen accounts in a sample log; make run LOG=/path/to/mainlog in your own
# make test   lint, types, every test; installs what the live tests need where that is safe
# make live   unpack the mail servers of the live tests, where that is safe
# make lint   style, types, floors
# make fuzz   hostile input for the parsers, FUZZ seconds
# make corpus what becomes of every line: read, ignored on purpose, unread with its reason
# make bench  speed and memory beside other programs
# make bench-inline  answers in the dialogue beside other policy servers
# make soak   half an hour of questions at all doors, with kill -9: memory, verdicts, counts; SOAK seconds
# make lab    the whole laboratory: thieves found, honest people wronged; an hour
# make clean  delete what the others made
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test lint fuzz corpus bench bench-inline soak lab live clean

VENV := .venv
BIN := $(VENV)/bin
LOG ?=
FUZZ ?= 60
SOAK ?= 1800
SEED ?= 20260301
WORKERS ?= 2
SAMPLE := examples/sample/mainlog.gz
DOMAINS := $(wildcard examples/sample/domains.json)
FUZZED := $(wildcard tests/wire tests/mta tests/source tests/config tests/enrich tests/laws) tests/act/test_foreign.py tests/act/test_letter.py tests/act/test_lockedfile.py

help:
	@sed -n 's/^# make/make/p' Makefile

# A virtual environment with whatever Python from 3.11 on is here. Debian keeps `venv` in a package of its own: as root
# it is installed, when that removes nothing.
$(BIN)/python:
	@python=; \
	for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if [ -z "$$python" ] && "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$name; fi; \
	done; \
	[ -n "$$python" ] || { echo "gatepost needs Python 3.11 or newer; install it and try again" >&2; exit 1; }; \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	  package=$$("$$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'); \
	  if [ "$(MAKECMDGOALS)" = test ] && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	    && plan=$$(apt-get -s install "$$package" 2>/dev/null) && ! grep -q ^Remv <<<"$$plan"; then \
	    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-remove "$$package" >/dev/null; \
	  else echo "Python's venv module is missing: apt-get install $$package, then try again" >&2; exit 1; fi; \
	fi; \
	"$$python" -m venv $(VENV)

$(VENV)/.product: $(BIN)/python pyproject.toml
	@echo "installing gatepost into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e . || \
	  { echo "pip could not install what gatepost needs: see its message above; it needs the network once" >&2; exit 1; }
	@touch $@

$(VENV)/.tests: $(VENV)/.product
	@echo "installing what the tests need into $(VENV)"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.[dev,sql,ldap]' || \
	  { echo "pip could not install what the tests need: see its message above; it needs the network once" >&2; exit 1; }
	@touch $@

run: $(VENV)/.product
ifneq ($(LOG),)
	@$(BIN)/gatepost replay $(LOG)
else
	@$(BIN)/gatepost replay $(SAMPLE) $(if $(DOMAINS),--domains $(DOMAINS))
	@printf '\nThis was a sample. On your own log:\n\n  make run LOG=/var/log/exim4/mainlog\n\n'
	@printf 'or, with rotated logs and every option:\n\n  $(BIN)/gatepost replay /var/log/exim4/mainlog*\n  $(BIN)/gatepost replay --help\n'
endif

lint: $(VENV)/.tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Says why when it cannot; the tests then skip with that reason, or fail with CI=true.
live:
	@tests/live/install.sh || [ $$? = 3 ]

fuzz: $(VENV)/.tests
	@end=$$((SECONDS + $(FUZZ))); round=0; \
	while [ $$SECONDS -lt $$end ]; do \
	  seed=$$(($(SEED) + round)); round=$$((round + 1)); \
	  $(BIN)/python -m pytest -q --no-header --durations=0 --durations-min=30 -p no:cacheprovider -m hypothesis \
	    --hypothesis-profile=fuzz --hypothesis-seed=$$seed $(FUZZED) >$(VENV)/fuzz.log 2>&1 || \
	    { cat $(VENV)/fuzz.log; echo "found with --hypothesis-seed=$$seed" >&2; exit 1; }; \
	done; echo "fuzz: $$round rounds, seeds $(SEED) to $$seed, nothing found"

test: lint live fuzz
	@echo "properties: --hypothesis-seed=$(SEED)"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --hypothesis-seed=$(SEED)

corpus: $(VENV)/.tests
	@$(BIN)/python -m tests.corpus.report

bench: $(VENV)/.tests
	$(BIN)/python -m bench

bench-inline: $(VENV)/.tests
	$(BIN)/python -m bench.inline

soak: $(VENV)/.tests
	$(BIN)/python -m bench.soak --seconds $(SOAK)

lab: $(VENV)/.product
	$(BIN)/gatepost lab report --mistakes

clean:
	tests/live/install.sh remove
	rm -rf $(VENV) .live build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
