# SPDX-License-Identifier: Apache-2.0
# Two commands set up a fresh Debian machine from nothing: `make demo` and `make test`.
.PHONY: help demo test build release lint format deps suites clean peers bench bench-relay crash soak load worst fuzz milter-faults journal full-disk \
	install uninstall deb deb-test

help: ## Shows this list.
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 18

demo: release ## The main job on sample mail, on loopback, from embedded defaults.
	@.build/release/sluice demo

test: deps lint ## Builds in debug mode and runs all tests.
	@[ -x /usr/lib/postfix/sbin/master ] || scripts/peers --fetch postfix
	@echo "==> Building (debug); from nothing this takes some minutes"
	@swift build --build-tests --explicit-target-dependency-import-check error
	@swift test --skip-build --no-parallel

build: deps ## Builds in debug mode.
	@swift build

release: deps ## Builds in release mode.
	@echo "==> Building (release); from nothing this takes some minutes"
	@swift build -c release --product sluice
	@swift build -c release --product sluice-worker

lint: ## Format, import direction, unsafe words, file lengths.
	@scripts/lint

format: ## Formats all sources in place.
	@swift format format --in-place --recursive Sources Tests Fuzz Package.swift

deps: ## Installs the Debian packages that are missing.
	@scripts/deps

suites: ## Reports the conformance suites beside the project, where they are.
	@scripts/suites

peers: release ## Runs Sluice against Postfix, Exim, Dovecot, Sendmail and others (as root; fetches them into .peers/).
	@scripts/peers

bench-relay: load-program ## Times relaying against Postfix, in turns (as root; BENCH=options).
	@Benchmarks/relay/run $(BENCH)

bench: release ## Times Sluice as Postfix's milter against OpenDKIM and rspamd, in turns (as root; BENCH=options).
	@Benchmarks/milter/run $(BENCH)

crash: release ## Kills the relay 200 times under load; SLUICE_CRASH_KILLS=n for another number.
	@swift build --build-tests
	@SLUICE_CRASH_KILLS=$${SLUICE_CRASH_KILLS:-200} SLUICE_CRASH_PROGRAM=.build/release/sluice \
		swift test --skip-build --filter CrashTests

soak: load-program ## 20 minutes at 200 messages/s; memory and descriptors must not grow. SLUICE_SOAK_SECONDS=n for less.
	@.build/release/sluice-load soak --seconds $${SLUICE_SOAK_SECONDS:-1200}

load: load-program ## 20,000 messages, slow-loris, 10,000 idle sessions, 25 MB, descriptors, workers, disk (as root).
	@status=0; for measure in messages slow idle "idle --tls" large descriptors workers; do \
		.build/release/sluice-load $$measure || status=1; done; \
		if [ "$$(id -u)" = 0 ]; then scripts/small-disk || status=1; fi; exit $$status

.PHONY: load-program
load-program: release
	@swift build -c release --product sluice-load

worst: load-program ## The worst messages of 48 MB: under 5 s of processor time and 256 MiB each, with a name for the limit.
	@.build/release/sluice-load worst

fuzz: ## Fuzzes each target for 10 minutes; SLUICE_FUZZ_SECONDS=n for less, SLUICE_FUZZ_JOBS=n at a time.
	@scripts/fuzz

milter-faults: release ## Fails the milter's host and its MTA at each step, 20 times; 500 messages through both doors.
	@swift build --build-tests
	@scripts/milter-faults

journal: deps ## The journal on a simulated disk for a million steps; SLUICE_DISK_STEPS=n, SLUICE_DISK_SEED=n.
	@swift build --build-tests
	@SLUICE_DISK_STEPS=$${SLUICE_DISK_STEPS:-1000000} swift test --skip-build --filter SimulationTests

full-disk: release ## Sluice on a file system that gets full and gives up (as root).
	@scripts/full-disk

install: release ## Installs into PREFIX (/usr/local), below DESTDIR: programs, unit, manual, completions, rules.
	@scripts/deps patchelf
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" packaging/install

uninstall: ## Removes what make install has put there.
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" packaging/install --uninstall

deb: release ## Makes the Debian package, .build/sluice_….deb.
	@scripts/deps patchelf dpkg-dev
	@packaging/deb

deb-test: deb ## Installs the package in a fresh chroot, sends mail through it, purges it (as root).
	@scripts/deps debootstrap groff-base systemd
	@packaging/deb-test

clean: ## Removes what was built.
	@rm -rf .build
