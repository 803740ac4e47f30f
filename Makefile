# Every way into the project. Each target sets up what it needs first; a second run finds it ready.
# PYTHON names the Python that sets up (3.11 or newer): make book PYTHON=/path/to/python3

PYTHON ?= python3
VENV   := .venv/bin/python
SETUP  := PYTHONDONTWRITEBYTECODE=1 $(PYTHON) -m labs.provision
MAKEFLAGS += --no-print-directory --silent
# These would hide the checkout from its own Python, or give it another one's library.
unexport PYTHONHOME PYTHONSAFEPATH
.DEFAULT_GOAL := help
.PHONY: help book site read lab edit test servers clean-servers refresh lock clean environment

help:  ## list what there is to do
	echo "make …"
	sed -n 's/^\([a-z-]*\):.*##\(.*\)/  \1\t\2/p' Makefile | expand -t 18

book: servers  ## everything: set up, run every lab live on this machine, build the site with its results (AGAIN=1: those that ran before too; VERBOSE=1: all of each)
	$(VENV) -m book book $(if $(AGAIN),--again) $(if $(VERBOSE),--verbose)

site: environment  ## build the site from the recorded results; no server is started
	$(VENV) -m book site

read:  ## open the built site
	$(VENV) -m book read

lab: servers  ## JupyterLab with your workbooks: copies of the chapters to run and change (ARGS="--port=9000": words for JupyterLab)
	$(VENV) -m book lab $(ARGS)

edit: servers  ## JupyterLab with the book's own notebooks, for who writes them
	$(VENV) -m book edit $(ARGS)

test:  ## set up and pass all tests, of the code and of the book (FAST=1: in three minutes, what the daily loop needs)
	$(SETUP).environment --tests
	$(SETUP).servers book wrk ab $(if $(FAST),,browser playwright)
	$(VENV) -m pytest -n 4 --dist loadfile -m "not alone" $(if $(FAST),--daily)
ifndef FAST
	$(VENV) -m pytest -m alone
	$(VENV) -m book test
endif

servers: environment  ## unpack Apache with mod_python and mod_wsgi, lighttpd, nginx, memcached, PostgreSQL into .servers/; nothing is installed
	$(SETUP).servers

clean-servers:  ## delete .servers/; the next make fetches today's versions
	rm -rf .servers

refresh: servers  ## measure the reference records anew (about two hours, quiet machine), then run the notebooks and keep their outputs
	$(VENV) -m benchmarks run --all --profile reference --record-as-reference
	$(VENV) -m book refresh

lock: environment  ## write the lock files anew from requirements.txt and tests/requirements.txt
	$(SETUP).locks

clean:  ## delete what is built (_build, .cache, run); your results, .venv and .servers stay
	if [ -x $(VENV) ]; then $(VENV) -m labs reset; fi
	rm -rf _build .cache run
	echo "Kept: results/ (your measurements), workbooks/ (your chapters), .venv/, .servers/. Delete them by hand, or with make clean-servers."

environment:
	$(SETUP).environment
