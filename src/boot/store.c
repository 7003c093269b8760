// SPDX-License-Identifier: GPL-3.0-or-later
#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>
#include <unistd.h>

#include "boot/store.h"
#include "core/base/cleanup.h"
#include "core/base/csv.h"
#include "core/base/folder.h"
#include "core/base/input.h"
#include "core/base/json.h"
#include "core/boot/json.h"
#include "core/result/json.h"

static int is_boot(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int ep_boot_list(struct ep_boot_list *ret, const char *folder)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_boot, alphasort);
	int code = count < 0 && errno != ENOENT ? -errno : 0;

	*ret = (struct ep_boot_list){};
	if (count > 0)
		ret->names = calloc(count, sizeof(*ret->names));
	for (int i = 0; i < count; i++) {
		if (ret->names)
			ret->names[ret->count] = strdup(entries[i]->d_name);
		ret->count += ret->names && ret->names[ret->count];
		free(entries[i]);
	}
	free(entries);
	return code;
}

void ep_boot_list_finish(struct ep_boot_list *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->names[i]);
	free(list->names);
	*list = (struct ep_boot_list){};
}

static char *path_of(const char *folder, const char *name)
{
	char *path;

	return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

int ep_boot_find(const char *folder, const char *name, char **ret_path, struct ep_error *err)
{
	_cleanup_(ep_boot_list_finish) struct ep_boot_list list = {};
	int code = ep_boot_list(&list, folder);

	*ret_path = NULL;
	if (code)
		return ep_error_set(err, code, "cannot read the folder '%s': %m", folder);
	for (size_t i = list.count; i > 0; i--) {
		if (name && strncmp(list.names[i - 1], name, strlen(name)))
			continue;
		*ret_path = path_of(folder, list.names[i - 1]);
		return *ret_path ? 0 : ep_error_set(err, -ENOMEM, "out of memory");
	}
	return 0;
}

static void refuse_format(struct json_object *json, const char *file, struct ep_error *err)
{
	struct json_object *format;

	if (!err || !json_object_object_get_ex(json, "format", &format))
		return;
	ep_error_hint(err, "use the exitprof that wrote it, or a newer one");
	ep_error_set(err, -EPROTO, "'%s' is of format %" PRId64 ", and %d is known", file,
		     json_object_get_int64(format), EP_BOOT_FORMAT);
}

int ep_boot_load(struct ep_boot *boot, const char *path, struct ep_error *err)
{
	_cleanup_free_ char *file = path_of(path, EP_BOOT_FILE);
	struct json_object *json = NULL;
	int code;

	if (!file)
		return ep_error_set(err, -ENOMEM, "out of memory");
	code = ep_input_json_within(file, EP_BOOT_JSON_MAX, &json, err);
	/* What cannot be read may be a boot all the same, and has its own message. */
	if (code && code != -EINVAL && code != -ENOENT && code != -ENOTDIR)
		return code;
	if (!code)
		code = ep_boot_parse(boot, json);
	if (code == -EPROTO)
		refuse_format(json, file, err);
	json_object_put(json);
	if (code == -EPROTO)
		return code;
	if (code)
		return ep_error_set(err, code, "'%s' is no boot that exitprof has recorded", path);
	return 0;
}

void ep_boot_recognise_reboot(struct ep_boot *boot, const char *folder)
{
	_cleanup_(ep_boot_list_finish) struct ep_boot_list list = {};

	ep_boot_list(&list, folder);
	for (size_t i = 0; i < list.count; i++) {
		_cleanup_(ep_boot_finish) struct ep_boot other = {};
		_cleanup_free_ char *path = path_of(folder, list.names[i]);

		if (!path || ep_boot_load(&other, path, NULL) || !strcmp(other.id, boot->id))
			continue;
		if (other.generation_known && boot->generation_known &&
		    other.generation == boot->generation)
			boot->before_known = false;
	}
}

static struct json_object *json_run(const struct ep_boot *boot, const struct ep_host *host)
{
	struct json_object *json = json_object_new_object(), *guest = json_object_new_object();
	struct json_object *workload = json_object_new_object(), *run = json_object_new_object();
	struct json_object *tool = json_object_new_object();

	json_object_object_add(tool, "name", ep_json_text("exitprof"));
	json_object_object_add(tool, "version", ep_json_text(EXITPROF_VERSION));
	json_object_object_add(json, "format", json_object_new_int(EP_RESULT_FORMAT));
	json_object_object_add(json, "tool", tool);
	json_object_object_add(json, "version", ep_json_text(EXITPROF_VERSION));
	json_object_object_add(json, "started", ep_json_text(boot->started));
	json_object_object_add(json, "host", ep_result_json_host(host));
	json_object_object_add(guest, "kernel", ep_json_text(boot->kernel));
	json_object_object_add(guest, "cpu_vendor", ep_json_text(host->cpu_vendor));
	json_object_object_add(guest, "cpu_model", ep_json_text(host->cpu_model));
	json_object_object_add(guest, "cpus_count",
			       json_object_new_int64(sysconf(_SC_NPROCESSORS_ONLN)));
	json_object_object_add(guest, "hypervisor", ep_json_text(host->hypervisor));
	json_object_object_add(json, "guest", guest);
	json_object_object_add(workload, "name", ep_json_text("boot"));
	json_object_object_add(workload, "operation", ep_json_text("boot"));
	json_object_object_add(json, "workload", workload);
	json_object_object_add(run, "repeats_count", json_object_new_int(1));
	json_object_object_add(run, "interrupted",
			       json_object_new_boolean(strcmp(boot->ended, "finished")));
	json_object_object_add(run, "consistent", json_object_new_boolean(boot->consistent));
	json_object_object_add(run, "since_vm_creation",
			       json_object_new_boolean(boot->before_known));
	json_object_object_add(json, "run", run);
	return json;
}

static void write_json(FILE *file, struct json_object *json)
{
	fprintf(file, "%s\n", json_object_to_json_string_ext(json, JSON_C_TO_STRING_SPACED));
	json_object_put(json);
}

static void write_runs(FILE *file, const struct ep_boot *boot)
{
	struct ep_boot_figure total = ep_boot_total(boot);

	fprintf(file,
		"repeat,duration_ns,operations_count,exits_count,handling_cycles\n"
		"1,%" PRIu64 ",1,%" PRIu64 ",%" PRIu64 "\n",
		boot->samples[boot->count - 1].now_ns, total.exits, total.cycles);
}

static void write_exits(FILE *file, const struct ep_boot *boot, const struct ep_host *host)
{
	struct ep_boot_figure figures[EP_REASONS_MAX] = {};

	ep_boot_sum_reasons(boot, !boot->before_known, figures);
	fputs("repeat,scope,reason,name,exits_count,handling_cycles\n", file);
	for (uint32_t i = 0; i < host->count; i++) {
		const char *name = ep_reasons_name(host->vendor, host->reasons[i]);

		for (uint32_t row = 0; row < boot->reasons; row++) {
			if (strcmp(name, boot->names[row]) || !figures[row].exits)
				continue;
			fprintf(file, "1,vm,%" PRIu32 ",", host->reasons[i]);
			ep_csv_text(file, name, ',');
			ep_csv_u64(file, figures[row].exits, ',');
			ep_csv_u64(file, figures[row].cycles, '\n');
		}
	}
}

static int save_files(const struct ep_folder *folder, const struct ep_boot *boot,
		      const struct ep_host *host, struct ep_error *err)
{
	static const char *const names[] = { EP_BOOT_FILE, "runs.csv", "exits.csv",
					     EP_FOLDER_MARK };
	FILE *file;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int code = ep_folder_create(folder, names[i], &file, err);

		if (code)
			return code;
		switch (i) {
		case 0:
			write_json(file, ep_boot_json(boot));
			break;
		case 1:
			write_runs(file, boot);
			break;
		case 2:
			write_exits(file, boot, host);
			break;
		default:
			write_json(file, json_run(boot, host));
		}
		code = ep_folder_close(folder, names[i], file, err);
		if (code)
			return code;
	}
	return 0;
}

int ep_boot_save(const struct ep_boot *boot, const struct ep_host *host, const char *folder,
		 bool (*is_chart)(const char *name), char **ret_path, struct ep_error *err)
{
	_cleanup_(ep_folder_discard) struct ep_folder result = {};
	_cleanup_free_ char *path = NULL;
	int code;

	if (asprintf(&path, "%s/%s-%.8s", folder, boot->started, boot->id) < 0) {
		path = NULL;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	code = ep_folder_place(&result, path, is_chart, err);
	if (!code)
		code = ep_folder_begin(&result, err);
	if (!code)
		code = save_files(&result, boot, host, err);
	if (!code)
		code = ep_folder_publish(&result, err);
	if (code)
		return code;
	*ret_path = result.path;
	result.path = NULL;
	return 0;
}

void ep_boot_prune(const char *folder, uint64_t keep, const char *saved,
		   bool (*is_chart)(const char *name))
{
	_cleanup_(ep_boot_list_finish) struct ep_boot_list list = {};
	uint64_t kept = 0;

	ep_boot_list(&list, folder);
	/* The newest first. What is no boot of ours is neither counted nor removed. */
	for (size_t i = list.count; i > 0; i--) {
		_cleanup_(ep_boot_finish) struct ep_boot boot = {};
		_cleanup_free_ char *path = path_of(folder, list.names[i - 1]);

		if (!path || ep_boot_load(&boot, path, NULL))
			continue;
		if (kept++ >= keep && strcmp(path, saved))
			ep_folder_remove(path, is_chart, NULL);
	}
}
