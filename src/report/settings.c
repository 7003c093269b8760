// SPDX-License-Identifier: GPL-3.0-or-later
#include "report/settings.h"

int ep_report_charts(struct ep_document *document, const struct ep_report_settings *settings,
		     const struct ep_report_source *source, enum ep_report_part part,
		     struct ep_error *err)
{
	return settings->draw ? settings->draw(document, source, part, err) : 0;
}
