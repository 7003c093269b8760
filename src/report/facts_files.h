/* SPDX-License-Identifier: GPL-3.0-or-later */
/* facts_files.h - the files of a result that are not always there */
#ifndef EP_REPORT_FACTS_FILES_H
#define EP_REPORT_FACTS_FILES_H

#include "report/facts.h"

/*
 * Reads summary.csv, series.csv and details.csv into @facts where there are any.
 * Returns 0 or a negative errno with a message.
 */
int ep_facts_read(struct ep_facts *facts, const struct ep_loaded *loaded, struct ep_error *err);

#endif /* EP_REPORT_FACTS_FILES_H */
