/* SPDX-License-Identifier: GPL-3.0-or-later */
/* text.h - numbers in messages */
#ifndef EXITPROF_WORKLOAD_TEXT_H
#define EXITPROF_WORKLOAD_TEXT_H

#include <stdint.h>

struct ep_text {
	char text[32];
};

/*
 * "64 MiB", "1.5 GiB", "700 bytes"; as a value, so that it can stand in an
 * argument list: printf("%s", ep_text_size(bytes).text)
 */
struct ep_text ep_text_size(uint64_t bytes);

#endif /* EXITPROF_WORKLOAD_TEXT_H */
