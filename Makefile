# `make run` and `make test` set everything up in .venv first.
.PHONY: run test check build bench
PY := .venv/bin/python
run:
	$(PY) -m desktop
test:
	$(PY) -m pytest
