// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * The reason tables against the kernel's own headers, and the files of the kernel that advice
 * names.
 *
 * EXITPROF_KERNEL_SOURCE names the top folders of one or more kernel sources,
 * separated by colons. Every reason that one of them names must have that name
 * here, and every name marked as the kernel's must be one of theirs.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "core/host/reasons.h"
#include "report/advice.h"
#include "unit.h"

#define DEFINES_MAX	 1024
#define VMGEXIT_SOFTWARE 0x80000000u /* no exit codes, though in the kernel's list */

struct define {
	char name[64];
	long value;
};

/* What one kernel's headers define so far. */
static struct define defines[DEFINES_MAX];
static size_t define_count;
static bool seen[2][EP_REASONS_MAX];
static char *sources;

static bool lookup(const char *name, long *ret)
{
	for (size_t i = 0; i < define_count; i++) {
		if (strcmp(defines[i].name, name))
			continue;
		*ret = defines[i].value;
		return true;
	}
	return false;
}

static void learn_define(const char *line)
{
	struct define *define = &defines[define_count];
	char value[64], *end;

	if (sscanf(line, "#define %63[A-Za-z0-9_] %63s", define->name, value) != 2)
		return;
	define->value = strtol(value, &end, 0);
	if (*end && strcmp(end, "ull"))
		return;
	assert_true(++define_count < DEFINES_MAX);
}

/* One `{ CODE, "name" }` or `{ CODE + VECTOR, "name" }`. Returns whether it was. */
static bool check_entry(const char *line, enum ep_vendor vendor)
{
	const struct ep_reasons *reasons = ep_reasons_of(vendor);
	char code[64], plus[64] = "", name[64];
	const struct ep_reason *reason;
	long number = 0, more = 0;

	if (sscanf(line, " { %63[A-Z0-9_] , \"%63[^\"]\"", code, name) != 2 &&
	    sscanf(line, " { %63[A-Z0-9_] + %63[A-Z0-9_] , \"%63[^\"]\"", code, plus, name) != 3)
		return false;
	if (!strncmp(name, "FAILED_VMENTRY", 14))
		return false;
	if (!lookup(code, &number) || (plus[0] && !lookup(plus, &more)))
		fail_msg("the kernel does not define %s or %s", code, plus);
	number += more;
	if (vendor == EP_VENDOR_SVM && number >= VMGEXIT_SOFTWARE)
		return true;

	reason = ep_reasons_find(vendor, number);
	if (!reason)
		fail_msg("%s: no reason %ld '%s'", ep_reasons_vendor_name(vendor), number, name);
	if (strcmp(reason->name, name) || !reason->kernel)
		fail_msg("%s: reason %ld is '%s' in the kernel and '%s' here",
			 ep_reasons_vendor_name(vendor), number, name, reason->name);
	seen[vendor == EP_VENDOR_SVM][reason - reasons->list] = true;
	return true;
}

static size_t read_header(const char *source, const char *header, enum ep_vendor vendor)
{
	_cleanup_free_ char *path = NULL, *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	size_t size = 0, entries = 0;

	assert_true(asprintf(&path, "%s/arch/x86/include/uapi/asm/%s", source, header) > 0);
	file = fopen(path, "re");
	if (!file)
		fail_msg("cannot open %s", path);
	while (getline(&line, &size, file) > 0) {
		learn_define(line);
		entries += check_entry(line, vendor);
	}
	return entries;
}

static void test_kernel_names(void **state)
{
	char *rest, *source;

	for (source = strtok_r(sources, ":", &rest); source; source = strtok_r(NULL, ":", &rest)) {
		define_count = 0;
		read_header(source, "kvm.h", 0);
		/* A parser that understands nothing would pass otherwise. */
		assert_true(read_header(source, "vmx.h", EP_VENDOR_VMX) > 50);
		assert_true(read_header(source, "svm.h", EP_VENDOR_SVM) > 100);
	}
	/* Newer names are those of a kernel that the archive may not have. */
	if (getenv("EXITPROF_KERNELS_LACKING"))
		return;
	for (int svm = 0; svm < 2; svm++) {
		const struct ep_reasons *reasons = svm ? &ep_reasons_svm : &ep_reasons_vmx;

		for (size_t i = 0; i < reasons->count; i++)
			if (reasons->list[i].kernel && !seen[svm][i])
				fail_msg("'%s' is no name of the kernel's", reasons->list[i].name);
	}
}

/* The documents that the hooks' kernels are fetched with. */
static void test_advice_names_files(void **state)
{
	_cleanup_free_ char *folders = strdup(sources);
	char *at = NULL;

	for (char *folder = strtok_r(folders, ":", &at); folder; folder = strtok_r(NULL, ":", &at))
		for (size_t i = 0; i < ep_advice_count; i++) {
			const char *file = ep_advice_list[i].kernel;
			_cleanup_free_ char *path = NULL;

			if (!file || (strncmp(file, "Documentation/virt/kvm/", 23) &&
				      strncmp(file, "arch/x86/kvm/", 13)))
				continue;
			if (asprintf(&path, "%s/%s", folder, file) < 0 || access(path, R_OK))
				fail_msg("there is no %s", path);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		/* First: the other one divides the list of sources. */
		cmocka_unit_test(test_advice_names_files),
		cmocka_unit_test(test_kernel_names),
	};
	const char *variable = getenv("EXITPROF_KERNEL_SOURCE");
	int failures;

	if (!variable || !variable[0]) {
		puts("skipped: EXITPROF_KERNEL_SOURCE does not name a kernel source");
		return UNIT_SKIP;
	}
	sources = strdup(variable);
	failures = cmocka_run_group_tests(tests, NULL, NULL);
	free(sources);
	return failures;
}
