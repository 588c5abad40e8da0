# The commands of the project; each is one script. See README.md.
.PHONY: setup demo test check bench clean

setup:            ## environment, editor bundle, embedded engines; starts nothing
	@scripts/setup.sh

demo: setup       ## a study of generated backends, evaluated, served until Ctrl-C
	@scripts/demo.sh

test:             ## the whole suite, browser journey included
	@scripts/setup.sh dev
	@scripts/test.sh

check:            ## style, types, import rules, migrations, unit tests: under two minutes
	@scripts/setup.sh dev
	@scripts/check.sh

bench:            ## speed, as ratios measured in one run, into docs/performance.md; half an hour
	@scripts/setup.sh dev
	@.venv/bin/python -m tests.bench --write docs/performance.md

clean:            ## forget the environment and all data of the demo
	rm -rf .venv var annotations/editor/node_modules annotations/static/annotations/build platform/amend/static/amend/build
