# Two commands: make demo (pays a thousand people in a sandbox), make check (runs every test).
# Everything else is meson's: meson setup build && ninja -C build.
.PHONY: demo stop check build install bench clean
build:
	tools/install.sh build
	test -d build || meson setup build
	ninja -C build
demo:
	tools/install.sh demo
	test -d build || meson setup build
	ninja -C build src/daemon/payoutd src/cli/payout
	python3 tools/demo.py
stop:
	python3 tools/demo.py stop
check:
	tools/install.sh check
	python3 tools/check.py
install: build
	meson install -C build
bench: build
	tools/install.sh bench
	python3 bench/run.py
clean:
	rm -rf build build-* demo
