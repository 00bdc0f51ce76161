# contraclaved: an SMS appliance for one-time access codes. `make help` lists the targets.
# SPDX-License-Identifier: EUPL-1.2

VERSION := 0.1.0
CC      ?= gcc
ifeq ($(origin CC),default)
CC      := gcc
endif
BUILD   ?= build
ENGINE  ?=
PREFIX  ?= /usr/local
DESTDIR ?=
# Folders of programs, which the next `make install` replaces: what a person edits is in /etc, and wins.
UNITDIR ?= $(PREFIX)/lib/systemd/system
SYSUSERSDIR ?= $(PREFIX)/lib/sysusers.d
TMPFILESDIR ?= $(PREFIX)/lib/tmpfiles.d
UDEVDIR ?= $(PREFIX)/lib/udev/rules.d
V       ?=
PKG_CONFIG ?= pkg-config
Q       := $(if $(V),,@)
SAY     := $(if $(V),@:,@printf '  %-5s %s\n')

# ---- what must be installed, by purpose (Debian 12 names) -------------------------------------
PKG_BUILD := gcc libc6-dev pkg-config libserialport-dev libsqlite3-dev libpq-dev libsodium-dev \
             libmicrohttpd-dev zlib1g-dev libgnutls28-dev libsystemd-dev libjansson-dev \
             libcurl4-gnutls-dev libutf8proc-dev tzdata libjs-dygraphs
PKG_RUN   := $(PKG_BUILD) curl python3 openssl
PKG_CHECK := $(PKG_RUN) libcmocka-dev gammu umockdev php-cli python3-cryptography python3-aiosmtpd postgresql
# The tests of the pages; a node that is there already, of whatever origin, is used.
PKG_WEB    = chromium-headless-shell $(shell command -v npm >/dev/null || echo nodejs npm)
PKG_LINT  := $(PKG_CHECK) clang-format clang-14 pmccabe shellcheck systemd
PKG_FUZZ  := $(PKG_CHECK) clang-14 libclang-rt-14-dev
PKG_DEB   := $(PKG_BUILD) dpkg-dev debhelper po-debconf
PKG_TRY   := $(PKG_DEB) lintian debootstrap
PKG_QEMU  := $(PKG_CHECK) debootstrap qemu-system-x86 openssh-client xz-utils zstd
PKG_TOOLS := valgrind cppcheck clang-tidy gcovr libclang-rt-14-dev

# ---- flags -------------------------------------------------------------------------------------
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wformat=2 \
        -Wformat-signedness -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
        -Wcast-qual -Wcast-align=strict -Wpointer-arith -Wundef -Wswitch-enum \
        -Wimplicit-fallthrough=5 -Wnull-dereference -Wduplicated-cond -Wduplicated-branches \
        -Wlogical-op -Wjump-misses-init -Wwrite-strings -Wdate-time -Wframe-larger-than=8192 -Werror
# clang 14 does not know these five spellings; the rest of the set is common to both compilers.
WARN_GCC_ONLY := -Wcast-align=strict -Wimplicit-fallthrough=5 -Wduplicated-cond \
                 -Wduplicated-branches -Wlogical-op -Wjump-misses-init -Wformat-signedness
# What keeps jumps where they belong, by processor.
TARGET := $(shell $(CC) -dumpmachine 2>/dev/null)
BRANCHES := $(if $(filter x86_64-% i%86-%,$(TARGET)),-fcf-protection,$(if $(filter aarch64-%,$(TARGET)),-mbranch-protection=standard))
HARDEN := -O2 -fstack-protector-strong -fstack-clash-protection $(BRANCHES) -fno-common -fPIE
ifneq ($(findstring clang,$(CC)),)
WARN   := $(filter-out $(WARN_GCC_ONLY),$(WARN)) -Wcast-align -Wimplicit-fallthrough
else
HARDEN += -ftrivial-auto-var-init=zero
endif
# Times and offsets have 64 bits also on a processor of 32. Where its libraries have a time_t of 32 all the same (Debian 12
# on armhf), src/cert/time32.c calls the functions of GnuTLS that tell a time.
ifneq ($(filter arm-% i%86-%,$(TARGET)),)
TIMES  := -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
TIME32 := $(shell printf '\043include <time.h>\nchar x[sizeof(time_t) == 4 ? 1 : -1];' | $(CC) -fsyntax-only -x c - 2>/dev/null && echo time32)
endif
TIME32_CALLS := $(patsubst %,gnutls_x509_%,crt_get_activation_time crt_get_expiration_time crt_set_activation_time \
          crt_set_expiration_time crl_get_this_update crl_get_next_update crl_set_this_update crl_set_next_update crl_set_crt)
FORTIFY ?= -D_FORTIFY_SOURCE=3
SAN     ?=
LIBS    := libserialport sqlite3 libpq libsodium libmicrohttpd zlib gnutls libsystemd jansson libcurl libutf8proc
# Expanded only inside recipes, so that `make deps` works where pkg-config is still missing.
PKGFLAGS = $(shell $(PKG_CONFIG) --cflags $(LIBS))
# What is loaded when it is first used (src/base/library.h) is not linked.
LOADED  := libpq libcurl
PKGLIBS  = $(shell $(PKG_CONFIG) --libs $(filter-out $(LOADED),$(LIBS)))
CFLAGS_ALL = -std=gnu11 -g $(HARDEN) $(TIMES) $(FORTIFY) $(WARN) $(SAN) -D_GNU_SOURCE -DCC_VERSION='"$(VERSION)"' \
             -ffile-prefix-map=$(CURDIR)=. -Isrc -I. -I$(BUILD) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(if $(TIME32),$(TIME32_CALLS:%=-Wl,--wrap=%)) $(SAN) $(LDFLAGS)

# ---- the pages: a page per language, the rest and the contract as they are; plain and gzipped, inside the program ----
WEB     := $(BUILD)/web
LANGS   := es ca eu gl en
DYGRAPH := /usr/share/javascript/dygraphs/dygraph.min.js
PAGES   := $(patsubst web/pages/%.html,%,$(sort $(wildcard web/pages/*.html)))
TEMPLATES := $(sort $(wildcard conf/plantillas/*.txt))
WEB_SRC := $(wildcard web/*.awk $(patsubst %,web/%/*,icons js pages parts words))
WEB_OUT := $(foreach l,$(LANGS),$(PAGES:%=$(WEB)/%.$(l).html) $(WEB)/words.$(l).js $(WEB)/desk.$(l).js) $(WEB)/dygraph.min.js $(WEB)/openapi.json $(TEMPLATES:conf/plantillas/%=$(WEB)/%) \
           $(patsubst %,$(WEB)/%,$(notdir $(sort $(wildcard web/*.css web/js/*.js web/icons/icono-*.svg))))
# Another folder for what the pages load whenever any of it changes: a browser may keep it for good.
WEB_DIR := /web/$(shell cat $(WEB_SRC) $(wildcard $(DYGRAPH) web/*.css) $(TEMPLATES) | b2sum -l 64 | cut -c 1-16)

# ---- the manual: each page in English and Spanish of one source ------------------------------------
MAN   := $(BUILD)/man/made
PAGES_MAN := $(sort $(wildcard conf/man/*.[1-8]))

# ---- sources -----------------------------------------------------------------------------------
MAINS := src/app/main.c src/app/ctl.c src/sim/simmodem.c
SRCS  := $(filter-out $(MAINS) $(if $(TIME32),,src/cert/time32.c),$(sort $(wildcard src/*/*.c src/*/*/*.c drivers/*.c)))
OBJS  := $(SRCS:%.c=$(BUILD)/obj/%.o)
# The simulated modem: for simmodem and the tests, in no other program.
SIM_OBJS := $(filter $(BUILD)/obj/src/sim/%,$(OBJS))
SIM_LIB  := $(BUILD)/libsimmodem.a
LIB   := $(BUILD)/libcontraclave.a
BINS  := $(BUILD)/contraclaved $(BUILD)/contraclavectl $(BUILD)/simmodem
UNITS := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/unit/test_*.c)))
TEST_LIB := $(patsubst tests/lib/%.c,$(BUILD)/obj/tests/lib/%.o,$(filter-out tests/lib/preload_%.c,$(sort $(wildcard tests/lib/*.c))))
PRELOADS := $(patsubst tests/lib/preload_%.c,$(BUILD)/tests/preload_%.so,$(sort $(wildcard tests/lib/preload_*.c)))
FUZZERS  := $(patsubst tests/fuzz/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_OBJS := $(filter $(BUILD)/obj/src/base/% $(BUILD)/obj/src/cert/% $(BUILD)/obj/src/domain/% $(BUILD)/obj/src/gsm/%,$(OBJS)) \
             $(patsubst %,$(BUILD)/obj/src/at/%.o,syntax fields command) \
             $(patsubst %,$(BUILD)/obj/src/http/%.o,header language peer route uri json)
BENCHES  := $(patsubst tests/bench/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/bench/bench_*.c)))

.PHONY: help deps all objects run check check-built asan valgrind analyze lint cover fuzz bench bench-built screenshots format install uninstall deb package-test cross appliance clean
.DEFAULT_GOAL := all

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# $(call need,PACKAGES): install what is missing, with sudo where not root; silent when nothing is.
need = @missing=; for p in $(1); do \
	    [ "$$(dpkg-query -W -f '$${db:Status-Status}' $$p 2>/dev/null)" = installed ] || missing="$$missing $$p"; \
	  done; [ -z "$$missing" ] && exit 0; echo "  APT  $$missing"; \
	  sudo=$$([ "$$(id -u)" = 0 ] || echo sudo); \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing >/dev/null

deps: ## install what the build needs (apt-get; sudo where not root; only what is missing)
	$(call need,$(PKG_RUN))

# Every C file of the tree, tests included, without linking: for a second compiler.
objects: $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard src/*/*.c src/*/*/*.c drivers/*.c tests/*/*.c)))

all: $(BINS) $(MAN) ## build the daemon, contraclavectl and simmodem

$(BUILD)/contraclaved: $(BUILD)/obj/src/app/main.o $(LIB)
$(BUILD)/contraclavectl: $(BUILD)/obj/src/app/ctl.o $(LIB)
$(BUILD)/simmodem: $(BUILD)/obj/src/sim/simmodem.o $(SIM_LIB) $(LIB)
$(BINS):
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKGLIBS)

# Built by awk alone, also where the programs are for another processor.
$(MAN): $(wildcard conf/man/*) conf/contraclaved.conf src/app/ctl.c Makefile
	$(SAY) MAN $(@D)
	$(Q)for page in $(PAGES_MAN); do for lang in en es; do \
	    into=$(@D)/man$${page##*.}; [ $$lang = en ] || into=$(@D)/es/man$${page##*.}; mkdir -p $$into && \
	    LC_ALL=C.UTF-8 awk -v lang=$$lang -v version=$(VERSION) -f conf/man/man.awk $$page >$$into/$${page##*/} || exit 1; \
	  done; done; touch $@

vpath %.css web
vpath %.js web/js $(dir $(DYGRAPH))
vpath %.svg web/icons
# $(call page,LANGUAGE,PAGE): see web/page.awk
page = LC_ALL=C.UTF-8 awk -v lang=$(1) -v words=web/words/$(1).txt -v page=$(2) -v version=$(VERSION) -v web=$(WEB_DIR) -f web/page.awk

# The desk's texts are apart: /estado is opened over slow lines.
$(WEB)/words.%.js: $(WEB_SRC)
	$(Q)mkdir -p $(@D) && $(call page,$*,) -v script=words >$@.new && mv $@.new $@

$(WEB)/desk.%.js: $(WEB_SRC)
	$(Q)mkdir -p $(@D) && $(call page,$*,) -v script=desk >$@.new && mv $@.new $@

# A page names the folder, whose name every file has part in.
$(WEB)/%.html: $(WEB_SRC) $(wildcard web/*.css) $(TEMPLATES)
	$(Q)mkdir -p $(@D) && $(call page,$(subst .,,$(suffix $*)),$(basename $*)) >$@.new && mv $@.new $@

$(WEB)/%.js: %.js
	$(Q)mkdir -p $(@D) && cp $< $@

$(WEB)/%.css: %.css
	$(Q)mkdir -p $(@D) && cp $< $@

$(WEB)/%.txt: conf/plantillas/%.txt
	$(Q)mkdir -p $(@D) && cp $< $@

$(WEB)/%.json: web/%.json
	$(Q)mkdir -p $(@D) && cp $< $@

$(WEB)/%.svg: %.svg
	$(Q)mkdir -p $(@D) && cp $< $@

$(WEB)/%.gz: $(WEB)/%
	$(Q)gzip -9nc $< >$@.new && mv $@.new $@

$(WEB)/assets.S: $(WEB_OUT) $(WEB_OUT:=.gz) web/embed.awk
	$(SAY) WEB $@
	$(Q)b2sum -l 128 $(WEB_OUT) | LC_ALL=C.UTF-8 awk -v source=$@.new -v table=$(WEB)/assets.inc -v web=$(WEB_DIR) -f web/embed.awk && mv $@.new $@

$(BUILD)/obj/assets.o: $(WEB)/assets.S
	$(Q)mkdir -p $(@D) && $(CC) $(HARDEN) -c -o $@ $<

$(BUILD)/obj/src/http/assets.o: $(WEB)/assets.S

$(WEB)/problems.%.inc: web/problems/%.txt web/problems/es.txt src/base/err.inc web/problems.awk
	$(Q)mkdir -p $(@D) && LC_ALL=C.UTF-8 awk -v words=$< -v model=web/problems/es.txt -v table=src/base/err.inc -f web/problems.awk >$@.new && mv $@.new $@

$(BUILD)/obj/src/base/err.o $(BUILD)/obj/src/http/problem_words.o: $(LANGS:%=$(WEB)/problems.%.inc)

$(LIB): $(filter-out $(SIM_OBJS),$(OBJS)) $(BUILD)/obj/assets.o
$(SIM_LIB): $(SIM_OBJS)
$(LIB) $(SIM_LIB):
	$(SAY) AR $@
	$(Q)rm -f $@ && ar rcsD $@ $^

$(BUILD)/obj/%.o: %.c Makefile
	$(SAY) CC $<
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS_ALL) $(PKGFLAGS) -MMD -MP -c -o $@ $<

$(BUILD)/tests/preload_%.so: tests/lib/preload_%.c Makefile
	$(SAY) LD $@
	$(Q)mkdir -p $(@D) && $(CC) $(filter-out $(SAN) -fPIE,$(CFLAGS_ALL)) -fPIC -shared -o $@ $< -ldl

# Points to kill at; counts of comparisons and of hashes; a stick without hard links; a machine without a library; a child slow to die, or that gives way; a clock that stands still; a line that takes no settings; what a piece of the retention costs: see the tests.
$(BUILD)/tests/test_application_kill: LDFLAGS += -Wl,--wrap=write,--wrap=fsync,--wrap=unlink,--wrap=store_commit
$(BUILD)/tests/bench_verify: LDFLAGS += -Wl,--wrap=turn_after
$(BUILD)/tests/test_service_verify: LDFLAGS += -Wl,--wrap=secret_tag_equal
$(BUILD)/tests/test_base_child: LDFLAGS += -Wl,--wrap=poll,--wrap=prctl
$(BUILD)/tests/test_service_passwords: LDFLAGS += -Wl,--wrap=setpriority
$(BUILD)/tests/test_service_purge_pace: LDFLAGS += -Wl,--wrap=clock_cpu_us,--wrap=loop_now_us,--wrap=purge_piece,--wrap=store_commit
$(BUILD)/tests/test_link: LDFLAGS += -Wl,--wrap=clock_mono_us,--wrap=tcsetattr
$(BUILD)/tests/test_link_serial: LDFLAGS += -Wl,--wrap=sp_set_config
$(BUILD)/tests/test_base_library: LDFLAGS += -Wl,--wrap=dlopen
$(BUILD)/tests/test_base_fsx: LDFLAGS += -Wl,--wrap=link,--wrap=linkat,--wrap=fchmod,--wrap=renameat2
$(BUILD)/tests/test_service_same_work: LDFLAGS += -Wl,--wrap=secret_tag,--wrap=secret_short_tag

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(TEST_LIB) $(SIM_LIB) $(LIB)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKGLIBS) $$($(PKG_CONFIG) --libs cmocka)

$(BUILD)/tests/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/obj/tests/fuzz/replay.o $(SIM_LIB) $(LIB)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKGLIBS)

# They ask for functions of the exchange, the import or the simulator, which those targets alone have.
$(BUILD)/libfuzzer_multipart: $(BUILD)/obj/src/http/upload.o
$(BUILD)/libfuzzer_import: $(BUILD)/obj/src/service/import_row.o
$(BUILD)/libfuzzer_deliver $(BUILD)/libfuzzer_report: $(BUILD)/obj/src/sim/tpdu.o

$(BUILD)/libfuzzer_%: $(BUILD)/obj/tests/fuzz/fuzz_%.o $(FUZZ_OBJS)
	$(SAY) LD $@
	$(Q)$(CC) $(LDFLAGS_ALL) -fsanitize=fuzzer -o $@ $^ $(PKGLIBS)

$(BUILD)/tests/%: $(BUILD)/obj/tests/bench/%.o $(TEST_LIB) $(LIB)
	$(SAY) LD $@
	$(Q)mkdir -p $(@D) && $(CC) $(LDFLAGS_ALL) -o $@ $^ $(PKGLIBS)

run: ## the demo: install what is missing, build, and show a sede and a handset on the simulated modem
	$(call need,$(PKG_RUN))
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) exec tests/lib/demo.sh

check: tests/web/node_modules ## every test: units, vectors and the real daemon against the simulated modem (ENGINE=pg: on PostgreSQL)
	$(call need,$(PKG_CHECK))
	@$(MAKE) --no-print-directory check-built

tests/web/node_modules: tests/web/package-lock.json
	$(call need,$(PKG_WEB))
	@cd tests/web && npm ci --silent && touch node_modules

check-built: $(BINS) $(MAN) $(UNITS) $(FUZZERS) $(PRELOADS) $(BUILD)/tests/fill_terms
	@BUILD=$(BUILD) ENGINE=$(ENGINE) tests/lib/run.sh

# The sanitizers' own guards make the frames large.
asan: tests/web/node_modules ## the whole of check under AddressSanitizer and UBSan
	$(call need,$(PKG_CHECK))
	@$(MAKE) --no-print-directory BUILD=build/asan FORTIFY= \
	    SAN="-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-frame-larger-than" check-built

valgrind: tests/web/node_modules ## the whole of check under valgrind
	$(call need,$(PKG_CHECK) $(PKG_TOOLS))
	@CC_WRAP="valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite --track-fds=yes" \
	    $(MAKE) --no-print-directory check-built

analyze: ## -fanalyzer, clang-tidy and cppcheck
	$(call need,$(PKG_LINT) $(PKG_TOOLS))
	@tests/lint/analyze.sh $(CFLAGS_ALL) $(PKGFLAGS) -- $(SRCS) $(wildcard $(MAINS))

lint: ## layers, lengths, complexity, banned calls, format, SPDX, shell scripts, both compilers
	$(call need,$(PKG_LINT))
	@$(MAKE) --no-print-directory all
	@BUILD=$(BUILD) tests/lint/lint.sh

cover: ## line coverage; domain, gsm and at must reach 95 %
	$(call need,$(PKG_CHECK) $(PKG_TOOLS))
	@mkdir -p build/cover && find build/cover -name '*.gcda' -delete
	@$(MAKE) --no-print-directory BUILD=build/cover FORTIFY= SAN=--coverage check-built
	@tests/lint/cover.sh build/cover

SECS ?= 60
fuzz: ## look for inputs that break a parser: T=syntax (of tests/fuzz/fuzz_*.c), SECS=60
	$(call need,$(PKG_FUZZ))
	@[ -f "tests/fuzz/fuzz_$(T).c" ] || { echo "make fuzz T=..., one of:" \
	    $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c)); exit 1; }
	@$(MAKE) --no-print-directory CC=clang-14 BUILD=build/fuzz FORTIFY= \
	    SAN="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -Wno-frame-larger-than" \
	    build/fuzz/libfuzzer_$(T)
	@mkdir -p build/fuzz/finds/$(T)
	build/fuzz/libfuzzer_$(T) -max_total_time=$(SECS) -max_len=4096 -timeout=5 -print_final_stats=1 \
	    -artifact_prefix=build/fuzz/finds/$(T)- build/fuzz/finds/$(T) tests/fuzz/corpus/$(T)

bench: tests/web/node_modules ## what must be fast enough, beside its bounds; ratios within one run
	$(call need,$(PKG_CHECK))
	@$(MAKE) --no-print-directory bench-built

screenshots: tests/web/node_modules ## the pictures of README.md and hw/, taken anew
	$(call need,$(PKG_CHECK))
	@$(MAKE) --no-print-directory all
	@mkdir -p hw/pantallas && BUILD=$(BUILD) node tests/web/screenshots.mjs hw/pantallas

bench-built: $(BINS) $(BENCHES) $(BUILD)/tests/fill_town $(BUILD)/tests/fill_terms $(PRELOADS)
	@BUILD=$(BUILD) tests/bench/run.sh

format: ## rewrite the sources in the house format
	@clang-format -i $(wildcard src/*/*.[ch] src/*/*/*.[ch] drivers/*.[ch] tests/*/*.[ch])

# Never loaded nor installed: the functions that the programs look up, where dpkg-shlibdeps reads of which packages they are.
$(BUILD)/loaded/libcurl.so: src/base/curl.c
$(BUILD)/loaded/libpq.so: src/store/pg/library.c
$(BUILD)/loaded/%.so:
	$(Q)mkdir -p $(@D) && sed -nE 's/^PASS[A-Z_]*\((.*, )?((PQ|curl_)[A-Za-z_]+), \(.*, ?\(.*/extern char \2[]; char *use_\2 = \2;/p' $< | \
	    $(CC) -shared -fPIC -x c - -x none -Wl,--no-as-needed -o $@ $(shell $(PKG_CONFIG) --libs $*)

UNIT_FILES := $(notdir $(sort $(wildcard conf/*.service conf/*.timer)))
SHARE = $(DESTDIR)$(PREFIX)/share/contraclaved
COMPLETIONS = $(DESTDIR)$(PREFIX)/share/bash-completion/completions
install: all ## install under DESTDIR/PREFIX
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/sbin $(DESTDIR)$(UNITDIR) $(SHARE)/ejemplos $(SHARE)/plantillas $(SHARE)/expediente
	install -m 755 $(BUILD)/contraclaved $(DESTDIR)$(PREFIX)/sbin/
	install -m 755 $(BUILD)/contraclavectl $(BUILD)/simmodem $(DESTDIR)$(PREFIX)/bin/
	for unit in $(UNIT_FILES); do \
	    sed 's|/usr/local/\(s\?bin\)|$(PREFIX)/\1|' conf/$$unit >$(DESTDIR)$(UNITDIR)/$$unit || exit 1; done
	install -m 644 conf/contraclaved.conf $(SHARE)/contraclaved.conf
	install -m 644 conf/grafana/contraclaved.json $(SHARE)/grafana.json
	install -m 644 conf/ejemplos/* $(SHARE)/ejemplos/
	install -m 644 $(TEMPLATES) $(SHARE)/plantillas/
	install -m 644 conf/expediente/* $(SHARE)/expediente/
	cd $(BUILD)/man && for page in man*/* es/man*/*; do install -D -m 644 $$page $(DESTDIR)$(PREFIX)/share/man/$$page; done
	install -D -m 644 conf/completion.bash $(COMPLETIONS)/contraclavectl
	install -m 644 conf/completion.bash $(COMPLETIONS)/simmodem
	ln -sf contraclavectl $(COMPLETIONS)/contraclaved
	install -D -m 644 conf/78-contraclaved.rules $(DESTDIR)$(UDEVDIR)/78-contraclaved.rules
	install -D -m 644 conf/contraclaved.sysusers $(DESTDIR)$(SYSUSERSDIR)/contraclaved.conf
	install -D -m 644 conf/contraclaved.tmpfiles $(DESTDIR)$(TMPFILESDIR)/contraclaved.conf
	@for old in $(OLD_PLACES); do [ ! -e "$(DESTDIR)$$old" ] || \
	    echo "$$old, de antes, se usa en lugar del nuevo: quítelo si no lo ha cambiado usted"; done

# Where make install put them before they had places of their own.
OLD_PLACES := /etc/systemd/system/contraclaved.service /etc/udev/rules.d/78-contraclaved.rules

uninstall: ## remove what make install put there; never the configuration, the data or the key
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,sbin/contraclaved bin/contraclavectl bin/simmodem)
	rm -f $(addprefix $(DESTDIR)$(UNITDIR)/,$(UNIT_FILES)) $(DESTDIR)$(UDEVDIR)/78-contraclaved.rules
	rm -f $(DESTDIR)$(SYSUSERSDIR)/contraclaved.conf $(DESTDIR)$(TMPFILESDIR)/contraclaved.conf
	rm -f $(foreach p,contraclavectl contraclaved simmodem,$(COMPLETIONS)/$p)
	rm -f $(foreach p,$(notdir $(PAGES_MAN)),$(foreach l,/ /es/,$(DESTDIR)$(PREFIX)/share/man$lman$(subst .,,$(suffix $p))/$p))
	rm -rf $(SHARE)

deb: ## the Debian packages, in build/deb
	$(call need,$(PKG_DEB))
	@conf/debian/build.sh $(VERSION) $(BUILD)/deb $(filter-out gcc libc6-dev,$(PKG_BUILD))

package-test: ## try the packages: built twice, installed, upgraded, cut short, removed (root; some minutes)
	$(call need,$(PKG_TRY))
	@$(MAKE) --no-print-directory deb
	@BUILD=$(BUILD) python3 tests/package/run.py

ARCH ?= arm64
cross: ## build for another processor, ARCH=arm64, and run its unit tests by qemu-user (root; many minutes)
	$(call need,debootstrap)
	@tests/package/cross.sh $(BUILD)/package/$(ARCH) $(ARCH) $(PKG_BUILD) libcmocka-dev

SUITES ?= bookworm trixie
appliance: ## the packages in whole Debians by qemu, SUITES="bookworm trixie": power cuts, a stick in and out (root; some minutes)
	$(call need,$(PKG_QEMU))
	@$(MAKE) --no-print-directory -s $(BUILD)/simmodem
	@BUILD=$(BUILD) python3 tests/appliance/appliance.py $(VERSION) "$(SUITES)" $(filter-out gcc libc6-dev,$(PKG_BUILD))

clean: ## remove everything that was built
	rm -rf build

-include $(OBJS:.o=.d) $(MAINS:%.c=$(BUILD)/obj/%.d)
-include $(wildcard $(BUILD)/obj/tests/*/*.d)
.SECONDARY:
