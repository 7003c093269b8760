// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "result_files.h"

const char result_files_run[] =
	"{\n"
	"  \"format\": 1,\n"
	"  \"run\": { \"repeats_count\": 2, \"duration_limit_ns\": 1000000000,\n"
	"    \"interrupted\": false, \"consistent\": true },\n"
	"  \"workload\": { \"name\": \"nap\", \"operation\": \"nap\",\n"
	"    \"options\": { \"count\": 10, \"file\": \".\" } },\n"
	"  \"host\": { \"vendor\": \"SVM\", \"simulated\": false, \"level\": 2, \"vcpus_count\": "
	"1,\n"
	"    \"abi_version\": 1, \"tsc_khz\": 2600000, \"read_by\": \"latch\" },\n"
	"  \"guest\": { \"kernel\": \"6.1.0\", \"cpu_model\": \"x\", \"cpus_count\": 1 }\n"
	"}\n";

const char result_files_runs[] =
	"repeat,duration_ns,operations_count,exits_count,handling_cycles,newer_column\n"
	"1,1000000000,10,30,3000,x\n"
	"2,1000000000,20,62,6400,\"x,\"\"\n\"\n";

const char result_files_exits[] = "repeat,scope,reason,name,exits_count,handling_cycles\n"
				  "1,vm,120,hlt,10,500\n"
				  "1,vm,123,io,20,2500\n"
				  "1,vcpu0,123,io,20,2500\n"
				  "2,vm,123,io,42,5400\n"
				  "2,vm,120,hlt,20,1000\n";

void result_files_write_bytes(const struct result_files *files, const char *name, const void *data,
			      size_t length)
{
	char path[sizeof(files->path) + 32];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", files->path, name);
	file = fopen(path, "w");
	if (!file || fwrite(data, 1, length, file) != length || fclose(file))
		abort();
}

void result_files_write(const struct result_files *files, const char *name, const char *text)
{
	result_files_write_bytes(files, name, text, strlen(text));
}

void result_files_init(struct result_files *files)
{
	strcpy(files->path, "/tmp/exitprof-XXXXXX");
	if (!mkdtemp(files->path))
		abort();
	result_files_write(files, "run.json", result_files_run);
	result_files_write(files, "runs.csv", result_files_runs);
	result_files_write(files, "exits.csv", result_files_exits);
}

void result_files_finish(struct result_files *files)
{
	static const char *const names[] = { "run.json", "runs.csv", "exits.csv" };
	char path[sizeof(files->path) + 32];

	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", files->path, names[i]);
		remove(path);
	}
	rmdir(files->path);
}
