// SPDX-License-Identifier: GPL-3.0-or-later
#include <sys/mman.h>

#include "core/base/cleanup.h"
#include "core/base/program.h"
#include "report/write/html.h"
#include "report/write/pdf.h"

bool ep_report_pdf_available(struct ep_error *err)
{
	if (ep_program_exists("weasyprint"))
		return true;
	ep_error_hint(err, "install weasyprint (Debian: apt-get install weasyprint), or make HTML "
			   "and print it from a browser");
	ep_error_set(err, -ENOENT, "cannot make a PDF: there is no weasyprint");
	return false;
}

/* The HTML in memory, to be read from its beginning. Returns the descriptor or a negative errno. */
static int html_in_memory(const struct ep_document *document)
{
	int fd = memfd_create("report.html", MFD_CLOEXEC), copy = fd < 0 ? -1 : dup(fd);
	FILE *file = copy < 0 ? NULL : fdopen(copy, "w");
	int code = 0;

	if (!file) {
		code = -errno;
	} else {
		ep_report_write_html(file, document);
		if (fclose(file) || lseek(fd, 0, SEEK_SET) < 0)
			code = -errno;
	}
	if (!code)
		return fd;
	close(fd);
	return code;
}

int ep_report_write_pdf(int fd, const struct ep_document *document, struct ep_error *err)
{
	char *argv[] = { "weasyprint", "--quiet", "--encoding", "utf-8", "-", "-", NULL };
	_cleanup_close_ int in = html_in_memory(document);
	int code;

	if (in < 0)
		return ep_error_set(err, in, "cannot make a PDF: %m");
	code = ep_program_run(argv, in, fd);
	if (code == -EIO) {
		ep_error_hint(err, "make HTML and print it from a browser");
		return ep_error_set(err, code, "weasyprint failed to make the PDF");
	}
	return code ? ep_error_set(err, code, "cannot run weasyprint: %m") : 0;
}
