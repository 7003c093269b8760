// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdbool.h>
#include <string.h>

#include "core/base/cleanup.h"
#include "report/write/escape.h"
#include "report/write/svg.h"

/* A symbol of a symbol of a symbol: gnuplot has no more. */
#define DEPTH_MAX 4

/* Part of a text, not ended by a NUL. */
struct part {
	const char *at;
	size_t length;
};

static bool begins(const char *text, const char *with)
{
	return !strncmp(text, with, strlen(with));
}

/* What the attribute @name of @tag is; nothing if there is no such. */
static struct part attribute(struct part tag, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = 0; i + length + 3 < tag.length; i++) {
		const char *value = tag.at + i + length + 3, *end;

		if (tag.at[i] != ' ' || strncmp(tag.at + i + 1, name, length) || value[-2] != '=' ||
		    (value[-1] != '"' && value[-1] != '\''))
			continue;
		end = memchr(value, value[-1], tag.at + tag.length - value);
		return end ? (struct part){ value, end - value } : (struct part){};
	}
	return (struct part){};
}

/* The tag with that id, or nothing. */
static struct part find_tag(const char *svg, struct part id)
{
	for (const char *at = strchr(svg, '<'); at; at = strchr(at + 1, '<')) {
		const char *end = strchr(at, '>');
		struct part tag = { at, end ? end + 1 - at : 0 };
		struct part here = attribute(tag, "id");

		if (here.length == id.length && id.length && !memcmp(here.at, id.at, id.length))
			return tag;
	}
	return (struct part){};
}

/* With @colour for currentColor, and without its id. */
static void write_coloured(FILE *file, struct part text, struct part colour)
{
	static const char current[] = "currentColor";
	struct part id = attribute(text, "id");

	for (size_t i = 0; i < text.length; i++) {
		if (id.at && text.at + i == id.at - strlen(" id='")) {
			i += id.length + strlen(" id=''") - 1;
		} else if (i + strlen(current) <= text.length && begins(text.at + i, current)) {
			fwrite(colour.at, 1, colour.length, file);
			i += strlen(current) - 1;
		} else {
			putc(text.at[i], file);
		}
	}
}

/* A <use> as the group that it stands for. */
static void write_use(FILE *file, const char *svg, struct part use, struct part colour, int depth)
{
	static const char *const kept[] = { "transform", "fill", "stroke" };
	struct part href = attribute(use, "xlink:href"), symbol;

	if (!href.length || href.at[0] != '#' || depth == DEPTH_MAX)
		return;
	symbol = find_tag(svg, (struct part){ href.at + 1, href.length - 1 });
	fputs("<g", file);
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		struct part value = attribute(use, kept[i]);

		if (!value.length)
			continue;
		fprintf(file, " %s=\"", kept[i]);
		write_coloured(file, value, colour);
		putc('"', file);
	}
	putc('>', file);
	if (symbol.length && begins(symbol.at, "<use"))
		write_use(file, svg, symbol, colour, depth + 1);
	else if (symbol.length)
		write_coloured(file, symbol, colour);
	fputs("</g>", file);
}

static bool is_symbol(struct part tag)
{
	struct part id = attribute(tag, "id");

	return id.length > 2 && (begins(id.at, "gpPt") || begins(id.at, "gpDot"));
}

/* A tag as it is, but for the names in it. */
static void write_tag(FILE *file, struct part tag, size_t number)
{
	static const char *const names[] = { " id=\"", " id='", "href=\"#", "href='#", "url(#" };

	for (size_t at = 0; at < tag.length; at++) {
		size_t i = 0;

		while (i < ARRAY_SIZE(names) && !begins(tag.at + at, names[i]))
			i++;
		if (i == ARRAY_SIZE(names)) {
			putc(tag.at[at], file);
			continue;
		}
		fprintf(file, "%sc%zu-", names[i], number);
		at += strlen(names[i]) - 1;
	}
}

void ep_report_write_svg(FILE *file, const char *svg, const char *label, size_t number)
{
	static const char title[] = "<title>Gnuplot</title>";
	static const struct part black = { "black", 5 };
	const char *at = strstr(svg, "<svg"), *end;

	if (!at)
		return;
	fputs("<svg role=\"img\" aria-label=\"", file);
	ep_report_escape(file, label);
	putc('"', file);
	for (at += strlen("<svg"); *at; at = end) {
		struct part tag, colour;

		end = strchr(at, *at == '<' ? '>' : '<');
		end = !end ? at + strlen(at) : *at == '<' ? end + 1 : end;
		tag = (struct part){ at, end - at };
		if (*at != '<') {
			/* Of the first tag, and texts. */
			fwrite(at, 1, tag.length, file);
		} else if (begins(at, title)) {
			end = at + strlen(title);
		} else if (is_symbol(tag)) {
			continue;
		} else if (begins(at, "<use ")) {
			colour = attribute(tag, "color");
			write_use(file, svg, tag, colour.length ? colour : black, 0);
		} else {
			write_tag(file, tag, number);
		}
	}
}
