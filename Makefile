# The commands of the project; `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
export PORT

.DEFAULT_GOAL := help
.PHONY: help runtime dev run admin check test lighthouse accessibility replica fuzz drill sqlite coverage mutants measures bench examples format messages lock clean

help:
	@echo "make run       the whole portal on http://127.0.0.1:$(PORT) (choose another with PORT=8001)"
	@echo "make admin     make the first account for the admin"
	@echo "make check     format, lint, types, migrations and the tests of what you changed, in a minute"
	@echo "make test      everything that guards the project"
	@echo "make lighthouse  what Lighthouse says of every sort of page (make test asks it about a few)"
	@echo "make accessibility  what two engines and the checks of the layout say of every sort of page, in every language and look (make test: a part)"
	@echo "make replica   an exact copy through the change feed, during 2,000 edits by 8 processes (make test: 160 by 4)"
	@echo "make fuzz      26,000 made-up requests with a new seed, every injected value everywhere, every role at every address (make test: a part)"
	@echo "make sqlite    all tests but those in a browser on SQLite (make test: what a database decides)"
	@echo "make drill     upgrades from old releases, the operator's manual on a bare Debian, and faults under load"
	@echo "make coverage  which lines the tests on SQLite run, and which not"
	@echo "make mutants   small changes of the rules, one at a time, and which of them no test notices (SEED=1 COUNT=50)"
	@echo "make measures  the shape of the code, and how many files it takes to add a field, a model or a page"
	@echo "make bench     speed, as ratios measured side by side"
	@echo "make examples  ask the API anew for the examples in its description, and for the columns of its files"
	@echo "make format    write the code in the house style"
	@echo "make messages  collect the texts to translate, and compile the translations"
	@echo "make lock      choose the newest versions and pin them with hashes"
	@echo "make clean     remove what was installed and built (keeps var/, where the data is)"

# A half-made, moved, copied or outdated environment is noticed and made anew.
runtime dev:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Python 3.11 or newer is needed, and $(PYTHON) is not. Set PYTHON=/path/to/python3.11."; exit 1; }
	@$(PYTHON) deploy/environment.py $(if $(filter dev,$@),requirements-dev.txt,requirements.txt)

run: runtime
	@exec $(BIN)/python deploy/serve.py

admin: runtime
	@$(BIN)/python deploy/serve.py createsuperuser

check: dev
	@$(BIN)/python tests/tools/run.py check

test: dev
	@$(BIN)/python tests/tools/run.py

lighthouse: dev
	@$(BIN)/python tests/tools/run.py lighthouse

accessibility: dev
	@$(BIN)/python tests/tools/run.py accessibility

replica: dev
	@$(BIN)/python tests/tools/run.py replica

fuzz: dev
	@$(BIN)/python tests/tools/run.py fuzz

sqlite: dev
	@$(BIN)/python tests/tools/run.py sqlite

drill: dev
	@$(BIN)/python tests/tools/run.py drill

coverage: dev
	@$(BIN)/python tests/tools/run.py coverage

mutants: dev
	@$(BIN)/python tests/tools/mutants.py

measures: dev
	@$(BIN)/python tests/tools/adding.py

bench: dev
	@$(BIN)/python tests/bench.py
	@$(BIN)/python tests/bench_server.py
	@$(BIN)/python tests/bench_downloads.py
	@$(BIN)/python tests/bench_busy.py

examples: dev
	@$(BIN)/python -m tests.examples

format: dev
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

messages: dev
	@SECRET_KEY=messages $(BIN)/python manage.py makemessages --all --no-location --no-wrap \
		--ignore=.venv --ignore=var --ignore=tests
	@SECRET_KEY=messages $(BIN)/python manage.py compilemessages --ignore=.venv

lock:
	@command -v uv >/dev/null || { echo "Install uv first: pipx install uv"; exit 1; }
	@cd deploy && for name in requirements requirements-dev; do \
		uv pip compile $$name.in --upgrade --python-version 3.11 --generate-hashes --no-strip-extras --no-header --no-annotate \
			--no-emit-index-url --no-emit-find-links --quiet --output-file $$name.txt; done

clean:
	rm -rf $(VENV) tests/tools/node_modules .pytest_cache .ruff_cache .mypy_cache var/static var/coverage
