/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - figures in words, and sentences that several parts of a report share */
#ifndef EP_REPORT_TEXT_H
#define EP_REPORT_TEXT_H

#include "core/base/value.h"
#include "report/document.h"
#include "report/source.h"

/* Large numbers whole and grouped, small ones with three digits. Returns @text. */
const char *ep_text_figure(double figure, char text[EP_VALUE_TEXT_MAX]);
/* Whole from ten on, which is all that a rate is good for. */
const char *ep_text_whole(double figure, char text[EP_VALUE_TEXT_MAX]);
/* 0.4687 as "46.9%". */
const char *ep_text_share(double share, char text[EP_VALUE_TEXT_MAX]);
/* "0.213 s". */
const char *ep_text_seconds(double ns, char text[EP_VALUE_TEXT_MAX]);
/* The likes of figures, or "-". */
const char *ep_text_known(bool known, double figure, char text[EP_VALUE_TEXT_MAX]);
/* "nested (EPT)", "shadow", "not known". */
const char *ep_text_paging(enum ep_paging paging, const char *vendor);

/* A reason's part, of a run or of a boot. */
struct ep_report_share {
	const char *name;
	double exits;
	double exits_share;
	bool timed;
	double cycles;
	double cycles_share;
};

/*
 * What the leading ones mean, what usually makes them rarer, and where to read on. @vendor: of
 * all; @shares: most exits first.
 */
void ep_report_advice(struct ep_document *document, const struct ep_report_share *shares,
		      size_t count, const char *vendor);

/* The same for a run and a boot. @least: the rarest that occurred */
void ep_report_extremes(struct ep_document *document, const struct ep_report_share *shares,
			size_t count);

/* What a reader must know not to be misled, of any source. */
void ep_report_warnings(struct ep_document *document, const struct ep_report_source *source);

/* As a word of a shell. For free(), NULL: no memory. */
char *ep_text_quote(const char *word);

#endif /* EP_REPORT_TEXT_H */
