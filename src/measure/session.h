/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session.h - what `run`, `exec` and `record` have in common
 *
 * What must be there before anything is measured, and what becomes of the figures.
 *
 *	struct ep_session session = {};
 *
 *	status = ep_session_place(&session, &request->profile, "io-heavy");
 *	status = ep_session_begin(&session);
 *	status = ep_session_measure(&session, &subject);
 *	ep_session_end(&session);
 */
#ifndef EP_MEASURE_SESSION_H
#define EP_MEASURE_SESSION_H

#include "cli/machine.h"
#include "core/base/folder.h"
#include "core/result/series_csv.h"
#include "measure/measure.h"
#include "measure/profile.h"

/*
 * One measurement from its preparation to its files. @record is to be completed with
 * what is measured after ep_session_begin(); all else is its own.
 */
struct ep_session {
	const struct ep_profile *profile;
	struct ep_machine machine;
	struct ep_reader reader;
	struct ep_scopes scopes;
	struct ep_record record;
	struct ep_measure_series series;
	struct ep_series_csv csv;
	struct ep_folder folder;
};

/*
 * The result folder that will be written, so that a wrong one is known early; @name: of
 * the default one. Returns a status.
 */
int ep_session_place(struct ep_session *session, const struct ep_profile *profile,
		     const char *name);

/* Host, reader, series. Reports what is missing, returns a status. */
int ep_session_begin(struct ep_session *session);

/* Measures, saves and reports. Returns 0 or a negative errno, which was reported. */
int ep_session_measure(struct ep_session *session, struct ep_subject *subject);

void ep_session_end(struct ep_session *session);

#endif /* EP_MEASURE_SESSION_H */
