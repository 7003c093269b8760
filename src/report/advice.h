/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * advice.h - what a frequent exit reason usually comes from, and what usually
 * makes it rarer
 *
 *	const struct ep_advice *advice = ep_advice_find("npf");
 *
 *	puts(advice ? advice->reduce : "");
 */
#ifndef EP_REPORT_ADVICE_H
#define EP_REPORT_ADVICE_H

#include <stddef.h>

#define EP_ADVICE_NAMES_MAX 18

/*
 * @names: of the reasons, of both vendors; the last is NULL if there are fewer
 * @cause, @reduce: sentences
 * @sdm, @apm: section of the Intel SDM, volume 3, and of the AMD APM, volume 2, by their
 *	titles (of the SDM's edition 092), as numbers change; NULL if the vendor has no such
 *	reason
 * @kernel: a document or file of the Linux source, or NULL
 */
struct ep_advice {
	const char *names[EP_ADVICE_NAMES_MAX];
	const char *cause;
	const char *reduce;
	const char *sdm;
	const char *apm;
	const char *kernel;
};

extern const struct ep_advice ep_advice_list[];
extern const size_t ep_advice_count;

/* NULL if there is none: such reasons are rare. */
const struct ep_advice *ep_advice_find(const char *name);

#endif /* EP_REPORT_ADVICE_H */
