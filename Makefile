# Every target does its own set-up; each is one line into scripts/.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
READY  := .venv/requirements.ready
TESTS  := .venv/requirements-test.ready
RUN    := .venv/bin/python
FIG    ?=
ARGS   ?=
NAME   ?=
TITLE  ?=

.PHONY: help book print test deep figure expected new lab claims results agreement benchmark graph-challenge lock clean

help:            ## what there is to type
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile

book: $(READY)   ## execute the figures whose source changed, build the book, say where it is
	@$(RUN) scripts/build_book.py

print: $(TESTS) book ## the whole book as one PDF, with contents and page numbers; needs Chromium
	@$(RUN) scripts/print_book.py

test: $(TESTS)   ## lint, spelling, types, unit and property tests, notebooks, nbval, the book in a browser
	@$(RUN) scripts/run_tests.py

deep: $(TESTS) book ## the checks that take too long for every day: engines against each other, caches, more published runs
	@$(RUN) -m pytest -m deep tests

figure: $(READY) ## one figure again, with other parameters: make figure FIG=fig09 ARGS="-p epochs 5"
	@$(RUN) scripts/run_figures.py $(FIG) --scratch $(ARGS)

expected: $(READY) ## keep what the notebooks print now as what they should print, and show what changed
	@$(RUN) scripts/check_notebooks.py --renew

new: $(READY)    ## begin a chapter from the template: make new NAME=depth TITLE="How deep a RadiX-Net may be"
	@$(RUN) scripts/new_figure.py -- "$(NAME)" "$(TITLE)"

claims: $(READY) ## every claim of the paper, judged by what the figures measured
	@$(RUN) scripts/check_claims.py

lab: $(READY)    ## JupyterLab with the notebooks ready to edit and run
	@$(RUN) scripts/open_lab.py $(ARGS)

results: $(READY) ## train every run of Figs. 4, 5, 8 and 9 from nothing, and compare with the published ones
	@$(RUN) scripts/run_results.py $(ARGS)

agreement: $(READY) ## how far runs that are trained again agree with the published ones; some minutes
	@$(RUN) scripts/measure_agreement.py $(ARGS)

benchmark: $(READY) ## how fast each way to train is, measured in one run; a quarter of an hour with nothing else running
	@$(RUN) scripts/benchmark.py $(ARGS)

graph-challenge: $(READY) ## the networks of the Sparse DNN Graph Challenge, our ways beside three libraries
	@$(RUN) scripts/graph_challenge.py $(ARGS)

lock: $(READY)   ## choose new versions: rewrites requirements.lock and environment.yml
	@$(RUN) scripts/lock.py

clean:           ## forget everything that was made, the environment too
	@rm -rf .venv _build

SET_UP := requirements.lock pyproject.toml scripts/set_up.py

$(READY): $(SET_UP)
	@$(PYTHON) scripts/set_up.py

$(TESTS): $(SET_UP) requirements-test.lock
	@$(PYTHON) scripts/set_up.py --test
