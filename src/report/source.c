// SPDX-License-Identifier: GPL-3.0-or-later
#include <json-c/json.h>
#include <string.h>
#include <sys/stat.h>

#include "boot/store.h"
#include "core/base/cleanup.h"
#include "core/base/folder.h"
#include "core/base/input.h"
#include "report/facts_files.h"
#include "report/source.h"

static int out_of_memory(struct ep_error *err)
{
	return ep_error_set(err, -ENOMEM, "out of memory");
}

/* For free(), NULL without memory. */
static char *join(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

static bool has(const char *folder, const char *name)
{
	_cleanup_free_ char *path = join(folder, name);

	return path && !access(path, F_OK);
}

/* The path as it was given, without what is at its end for nothing. */
static char *label_of(const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	return strndup(path, length);
}

static int no_result(const struct ep_report_source *source, struct ep_error *err)
{
	ep_error_hint(err, "give a folder that 'exitprof run', 'exec', 'record' or 'boot record' "
			   "has written");
	return ep_error_set(err, -ENOENT, "there is no result in '%s'", source->label);
}

/* Where the result is: there, or in the latest boot within. */
static int find_folder(struct ep_report_source *source, struct ep_error *err)
{
	_cleanup_free_ char *boots = join(source->label, "boots");
	struct stat status;
	int code = 0;

	if (!boots)
		return out_of_memory(err);
	if (stat(source->label, &status))
		return ep_error_set(err, -errno, "cannot open '%s': %m", source->label);
	if (has(source->label, EP_FOLDER_MARK))
		source->folder = strdup(source->label);
	else
		code = ep_boot_find(access(boots, F_OK) ? source->label : boots, NULL,
				    &source->folder, err);
	if (code)
		return code;
	if (!source->folder)
		return no_result(source, err);
	source->is_boot = has(source->folder, EP_BOOT_FILE);
	/* Of a folder full of runs, none was meant. */
	if (!source->is_boot && strcmp(source->folder, source->label))
		return no_result(source, err);
	return 0;
}

/* The lab's own remarks: beside run.json, or where it has put its boots. */
static int open_lab(struct ep_report_source *source, struct ep_error *err)
{
	const char *folder = has(source->label, "lab.json") ? source->label : source->folder;
	_cleanup_free_ char *path = join(folder, "lab.json");

	if (!path)
		return out_of_memory(err);
	return access(path, F_OK) ? 0 : ep_input_json(path, &source->lab, err);
}

int ep_source_open(struct ep_report_source *ret, const char *path, struct ep_error *err)
{
	int code;

	*ret = (struct ep_report_source){ .label = label_of(path) };
	if (!ret->label)
		return out_of_memory(err);
	code = find_folder(ret, err);
	if (!code)
		code = open_lab(ret, err);
	if (!code && ret->is_boot)
		code = ep_boot_load(&ret->boot, ret->folder, err);
	if (!code)
		code = ep_load(&ret->loaded, ret->folder, err);
	if (code || ret->is_boot)
		return code;
	code = ep_facts_find(&ret->facts, &ret->loaded, err);
	return code ?: ep_facts_read(&ret->facts, &ret->loaded, err);
}

void ep_source_close(struct ep_report_source *source)
{
	ep_facts_finish(&source->facts);
	ep_load_finish(&source->loaded);
	ep_boot_finish(&source->boot);
	json_object_put(source->lab);
	free(source->label);
	free(source->folder);
	*source = (struct ep_report_source){};
}

const char *ep_source_vendor(const struct ep_report_source *source)
{
	return ep_load_text(&source->loaded, "host", "vendor");
}

const char *ep_source_name(const struct ep_report_source *source, char ret[EP_LOAD_NAME_MAX])
{
	return ep_load_name(&source->loaded, ret);
}

enum ep_paging ep_source_paging(const struct ep_report_source *source)
{
	const char *known = ep_source_lab(source, "paging");

	if (!strcmp(known, "nested"))
		return EP_PAGING_NESTED;
	if (!strcmp(known, "shadow"))
		return EP_PAGING_SHADOW;
	if (!source->is_boot)
		return source->facts.paging;
	return ep_facts_paging((const char *const *)source->boot.names, source->boot.reasons);
}

const char *ep_source_lab(const struct ep_report_source *source, const char *member)
{
	struct json_object *value;

	if (!source->lab || !json_object_object_get_ex(source->lab, member, &value) ||
	    !json_object_is_type(value, json_type_string))
		return "";
	return json_object_get_string(value);
}

bool ep_source_emulated(const struct ep_report_source *source)
{
	static const char qemu[] = "QEMU Virtual CPU";

	if (strstr(ep_source_lab(source, "host"), "emulated"))
		return true;
	return !strncmp(ep_load_text(&source->loaded, "guest", "cpu_model"), qemu,
			sizeof(qemu) - 1);
}
