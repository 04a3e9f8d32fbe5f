.DEFAULT_GOAL := help
.PHONY: help run test test-whole fmt e2e faults fuzz cluster bench bench-large demo vendor

PYTHON := .venv/bin/python
unexport PYTHONDONTWRITEBYTECODE # with it each process compiles everything anew, 4 s of processor time

help: ## Show this list
	@sed -n 's/^\([a-z0-9-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

run: ## Start the studio; prints its address, and on the first run a link for the first administrator
	@.ci/venv requirements-sandbox.txt && exec $(PYTHON) manage.py up

test: ## Run lint, types, the tests on both databases and in the browser; a sample of the long ones
	@.ci/venv requirements-dev.txt && { .ci/judges || true; } && exec $(PYTHON) .ci/test.py

test-whole: ## Run the same with every long test (about half an hour on two cores)
	@.ci/venv requirements-dev.txt && { .ci/judges --all || true; } && exec $(PYTHON) .ci/test.py --whole

fmt: ## Put code and templates into the house's format
	@.ci/venv requirements-dev.txt && exec $(PYTHON) .ci/test.py --fix

e2e: ## Run all browser tests alone, with every switch from model to model
	@.ci/venv requirements-dev.txt && exec $(PYTHON) .ci/test.py --whole --only browser

faults: ## Kill the worker 300 times on each database (make test: 12 times)
	@.ci/venv requirements-dev.txt && exec $(PYTHON) .ci/test.py --faults

fuzz: ## Try 10,000 generated answers, hostile pictures and bad inputs (make test: 300 of each)
	@.ci/venv requirements-dev.txt && exec $(PYTHON) .ci/test.py --fuzz

cluster: ## Rehearse a studio on several machines: kill some, restart its servers, and count
	@.ci/venv requirements-dev.txt && $(PYTHON) -m tests.cluster && exec $(PYTHON) -m tests.cluster --short --celery

bench: ## Measure speed and memory; one JSON line for each figure
	@.ci/venv requirements-dev.txt && exec $(PYTHON) -m tests.bench

bench-large: ## Measure pages beside 1,000,000 pictures on PostgreSQL, rows only (BENCH_ROWS: how many)
	@.ci/venv requirements-dev.txt && exec $(PYTHON) -m tests.servers durable -- $(PYTHON) -m tests.bench grow sums large

demo: ## Fill the studio with people, prompts and pictures to look at
	@.ci/venv requirements-sandbox.txt && exec $(PYTHON) manage.py demo

vendor: ## Fetch the vendored files again and check their sums (needs npm)
	@.ci/vendor static/vendor tests/e2e/vendor
