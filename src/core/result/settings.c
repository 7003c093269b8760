// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "core/base/cleanup.h"
#include "core/base/closest_match.h"
#include "core/base/value.h"
#include "core/result/settings.h"

static int parse(const struct exitprof_option *option, const char *text, union exitprof_value *ret,
		 struct ep_error *err)
{
	char range[EP_VALUE_RANGE_MAX];
	char *copy;
	int code;

	if (option->type == EXITPROF_OPTION_STRING) {
		copy = strdup(text);
		if (!copy)
			return ep_error_set(err, -ENOMEM, "out of memory");
		free((char *)ret->str);
		ret->str = copy;
		return 0;
	}

	code = ep_value_parse_within(option->type, text, option->min, option->max, &ret->u64);
	if (code)
		ep_error_set(err, code, "option '%s' takes %s, not '%s'", option->name,
			     code == -ERANGE
				     ? ep_value_range(option->type, option->min, option->max, range)
				     : ep_value_expected(option->type),
			     text);
	return code;
}

int ep_settings_init(struct ep_settings *settings, const struct exitprof_workload *workload,
		     struct ep_error *err)
{
	const struct exitprof_option *option;

	settings->workload = workload;
	for (option = workload->options; option && option->name; option++)
		settings->count++;
	settings->values = calloc(settings->count + 1, sizeof(*settings->values));
	if (!settings->values) {
		settings->count = 0;
		return ep_error_set(err, -ENOMEM, "out of memory");
	}
	for (size_t i = 0; i < settings->count; i++) {
		option = &workload->options[i];
		if ((unsigned int)option->type > EXITPROF_OPTION_STRING || !option->default_value ||
		    parse(option, option->default_value, &settings->values[i], NULL))
			return ep_error_set(err, -EPROTO,
					    "workload '%s' gives its option '%s' an invalid "
					    "default",
					    workload->name, option->name);
	}
	return 0;
}

static int unknown(const struct ep_settings *settings, const char *name, struct ep_error *err)
{
	_cleanup_free_ const char **names = calloc(settings->count + 1, sizeof(*names));
	const char *nearest;

	if (!names)
		return ep_error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < settings->count; i++)
		names[i] = settings->workload->options[i].name;
	nearest = ep_closest_match(name, names, settings->count);
	if (nearest)
		ep_error_hint(err, "did you mean '%s'?", nearest);
	return ep_error_set(err, -ENOENT, "workload '%s' has no option '%s'",
			    settings->workload->name, name);
}

int ep_settings_set(struct ep_settings *settings, const char *assignment, struct ep_error *err)
{
	const char *equals = strchr(assignment, '=');
	_cleanup_free_ char *name = NULL;

	ep_error_hint(err, "see 'exitprof list %s'", settings->workload->name);
	if (!equals || equals == assignment)
		return ep_error_set(err, -EINVAL, "'%s' is not of the form NAME=VALUE", assignment);
	name = strndup(assignment, equals - assignment);
	if (!name)
		return ep_error_set(err, -ENOMEM, "out of memory");
	for (size_t i = 0; i < settings->count; i++)
		if (!strcmp(settings->workload->options[i].name, name))
			return parse(&settings->workload->options[i], equals + 1,
				     &settings->values[i], err);
	return unknown(settings, name, err);
}

uint64_t ep_settings_number(const struct ep_settings *settings, const char *name)
{
	for (size_t i = 0; i < settings->count; i++)
		if (!strcmp(settings->workload->options[i].name, name) &&
		    settings->workload->options[i].type != EXITPROF_OPTION_STRING)
			return settings->values[i].u64;
	return 0;
}

void ep_settings_finish(struct ep_settings *settings)
{
	for (size_t i = 0; i < settings->count; i++)
		if (settings->workload->options[i].type == EXITPROF_OPTION_STRING)
			free((char *)settings->values[i].str);
	free(settings->values);
	*settings = (struct ep_settings){};
}
