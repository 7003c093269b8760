// SPDX-License-Identifier: GPL-3.0-or-later
#include <curses.h>
#include <errno.h>
#include <langinfo.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include "cli/locale.h"
#include "core/base/cleanup.h"
#include "core/base/value.h"
#include "watch/screen.h"
#include "watch/terminal.h"
#include "watch/text.h"

/* Below these, what only explains gives way to the table. */
#define HEIGHT_COMFORTABLE 16
#define WIDTH_COMFORTABLE  60

enum { COLOUR_SPARK = 1, COLOUR_MESSAGE };

static struct {
	SCREEN *screen;
	bool blocks;
	bool colours;
	bool console;
	struct ep_watch_table *table;
	/* For a crash, where little may be called. */
	struct termios before;
	char farewell[128];
	size_t farewell_length;
} state;

bool ep_watch_screen_possible(void)
{
	const char *term = getenv("TERM");

	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && term && term[0] &&
	       strcmp(term, "dumb");
}

static void on_crash(int signal_number)
{
	ssize_t ignored = write(STDOUT_FILENO, state.farewell, state.farewell_length);

	(void)ignored;
	tcsetattr(STDIN_FILENO, TCSANOW, &state.before);
	raise(signal_number);
}

/* Without the delays, "$<5>", that only hardware needed; tputs() needs term.h and its macros. */
static void append_farewell(const char *text)
{
	while (*text && state.farewell_length < sizeof(state.farewell)) {
		if (!strncmp(text, "$<", 2) && strchr(text, '>'))
			text = strchr(text, '>') + 1;
		else
			state.farewell[state.farewell_length++] = *text++;
	}
}

static void prepare_for_crash(void)
{
	static const int signals[] = { SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGQUIT };
	static const char *const capabilities[] = { "sgr0", "cnorm", "rmcup" };
	struct sigaction action = { .sa_handler = on_crash, .sa_flags = SA_RESETHAND | SA_NODEFER };

	for (size_t i = 0; i < ARRAY_SIZE(capabilities); i++) {
		char *text = tigetstr((char *)capabilities[i]);

		if (text && text != (char *)-1)
			append_farewell(text);
	}
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &action, NULL);
}

static void use_colours(void)
{
	const char *no_colour = getenv("NO_COLOR");

	if ((no_colour && no_colour[0]) || !has_colors() || start_color() == ERR)
		return;
	use_default_colors();
	init_pair(COLOUR_SPARK, COLOR_CYAN, -1);
	init_pair(COLOUR_MESSAGE, COLOR_YELLOW, -1);
	state.colours = true;
}

int ep_watch_screen_open(void)
{
	const char *term = getenv("TERM");
	struct stat status;

	ep_locale_terminals();
	state.console = !fstat(STDOUT_FILENO, &status) && ep_watch_is_console(status.st_rdev);
	/* The font of Linux's own console has a few of the blocks only. */
	state.blocks = !strcmp(nl_langinfo(CODESET), "UTF-8") && strcmp(term, "linux");
	state.table = calloc(1, sizeof(*state.table));
	if (!state.table)
		return -ENOMEM;
	tcgetattr(STDIN_FILENO, &state.before);
	state.screen = ep_watch_terminal_known(term) ? newterm(term, stdout, stdin) : NULL;
	if (!state.screen) {
		ep_watch_screen_close();
		return -ENOTTY;
	}
	prepare_for_crash();
	use_colours();
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(25);
	curs_set(0);
	return 0;
}

int ep_watch_screen_width(void)
{
	return COLS;
}

bool ep_watch_screen_blocks(void)
{
	return state.blocks;
}

bool ep_watch_screen_close(void)
{
	bool vanished = false;

	if (state.screen) {
		char *leave = tigetstr("rmcup");

		endwin();
		/* On a terminal with one screen only the table stays, and what follows is below. */
		vanished = leave && leave != (char *)-1;
		if (!vanished)
			putchar('\n');
		delscreen(state.screen);
		state.screen = NULL;
	}
	free(state.table);
	state.table = NULL;
	return vanished;
}

int ep_watch_screen_key(void)
{
	int key = getch();

	switch (key) {
	case KEY_LEFT:
		return '<';
	case KEY_RIGHT:
		return '>';
	case KEY_UP:
		return '[';
	case KEY_DOWN:
		return ']';
	case KEY_F(1):
		return 'h';
	case KEY_RESIZE:
		return EP_WATCH_KEY_REDRAW;
	case EP_WATCH_KEY_REDRAW:
		clearok(stdscr, TRUE);
		return key;
	case ERR:
		return -1;
	default:
		return key < 256 ? key : 0;
	}
}

static void set_colour(int colour, bool on)
{
	if (!state.colours)
		return;
	if (on)
		attron(COLOR_PAIR(colour));
	else
		attroff(COLOR_PAIR(colour));
}

static bool is_wide(void)
{
	return COLS >= WIDTH_COMFORTABLE;
}

static void draw_right(int y, int left, const char *text)
{
	int x = COLS - (int)strlen(text);

	if (x > left)
		mvaddstr(y, x, text);
}

static void draw_top(const struct ep_watch *watch, const struct ep_watch_view *view,
		     const struct ep_watch_status *status)
{
	char clock[16] = "", text[EP_WATCH_SENTENCE_MAX];
	time_t now = time(NULL);
	struct tm local;
	int length;

	if (localtime_r(&now, &local))
		strftime(clock, sizeof(clock), "%H:%M:%S", &local);
	length = strlen(ep_watch_heading(watch, status->interval_ns, !is_wide(), text));
	attron(A_BOLD);
	mvaddnstr(0, 0, text, COLS);
	attroff(A_BOLD);
	if (view->paused) {
		attron(A_REVERSE);
		draw_right(0, -1, " PAUSED ");
		attroff(A_REVERSE);
	} else {
		draw_right(0, length, clock);
	}
}

static void draw_message(const struct ep_watch_status *status)
{
	char cost[EP_VALUE_TEXT_MAX], text[128];

	if (status->message[0]) {
		set_colour(COLOUR_MESSAGE, true);
		attron(A_BOLD);
		mvaddnstr(2, 0, status->message, COLS);
		attroff(A_BOLD);
		set_colour(COLOUR_MESSAGE, false);
		return;
	}
	ep_value_group(status->cost, cost);
	snprintf(text, sizeof(text),
		 !is_wide() ? "%s exits a redraw, not counted here"
		 : state.console
			 ? "reading costs %s exits a redraw, not counted here; drawing on this "
			   "console is"
			 : "reading costs %s exits a redraw; they are not counted here",
		 cost);
	mvaddnstr(2, 0, text, COLS);
}

static void draw_titles(int y, const struct ep_watch_layout *layout, const struct ep_watch *watch,
			const struct ep_watch_view *view)
{
	const char *mark = state.blocks ? view->reverse ? "▲" : "▼" : view->reverse ? "^" : "v";
	char reach[EP_WATCH_NUMBER_MAX];
	int x = 0;

	attron(A_REVERSE);
	mvhline(y, 0, ' ', COLS);
	for (int i = 0; i < EP_WATCH_COLUMNS; i++) {
		const char *title = ep_watch_title(i, view);
		int width = layout->width[i], length = strlen(title);
		bool sorted = (int)view->sort == i;

		if (!width)
			continue;
		if (sorted)
			attron(A_BOLD);
		if (i == EP_WATCH_NAME)
			mvprintw(y, x, "%s%s", title, sorted ? mark : "");
		else
			mvprintw(y, x + width - length - sorted, "%s%s", sorted ? mark : "", title);
		if (sorted)
			attroff(A_BOLD);
		x += width + 1;
	}
	if (layout->spark)
		mvprintw(y, x, "%.*s%s", layout->spark, layout->spark >= 9 ? "last " : "",
			 ep_watch_reach(watch, reach));
	attroff(A_REVERSE);
}

static void draw_line(int y, const struct ep_watch_layout *layout, const struct ep_watch *watch,
		      const struct ep_watch_line *line)
{
	double history[EP_WATCH_BINS];
	char cell[EP_WATCH_CELL_MAX];
	int x = 0;

	for (int i = 0; i < EP_WATCH_COLUMNS; i++) {
		int width = layout->width[i];

		if (!width)
			continue;
		mvprintw(y, x, i == EP_WATCH_NAME ? "%-*s" : "%*s", width,
			 ep_watch_cell(line, i, width, cell));
		x += width + 1;
	}
	if (!layout->spark)
		return;
	ep_watch_history(watch, line, layout->spark, history);
	set_colour(COLOUR_SPARK, true);
	mvaddstr(y, x, ep_watch_spark(history, layout->spark, state.blocks, cell));
	set_colour(COLOUR_SPARK, false);
}

static void draw_table(const struct ep_watch *watch, const struct ep_watch_view *view)
{
	bool comfortable = LINES >= HEIGHT_COMFORTABLE;
	int y = comfortable ? 4 : 3, bottom = LINES - (comfortable ? 2 : 0);
	struct ep_watch_table *table = state.table;
	struct ep_watch_layout layout;

	ep_watch_list(watch, view, table);
	/* Title and total. */
	if (bottom - y - 2 < 1)
		return;
	ep_watch_fold(view, table, bottom - y - 2);
	ep_watch_layout_fit(&layout, table, view, COLS);
	draw_titles(y++, &layout, watch, view);
	for (uint32_t i = 0; i < table->count; i++)
		draw_line(y++, &layout, watch, &table->lines[i]);
	attron(A_BOLD);
	draw_line(y, &layout, watch, &table->total);
	attroff(A_BOLD);
	if (comfortable)
		mvaddnstr(LINES - 1, 0,
			  "h help  space pause  s sort  r reverse  v vCPUs  a away  q quit", COLS);
}

static void draw_help(void)
{
	static const char *const text[] = {
		"q         quit",
		"space p   pause; nothing is read",
		"s > <     sort by the next, last column",
		"e c x n   by exits, cycles, cycles/exit,",
		"          name",
		"r         reverse the order",
		"v         a line for each vCPU",
		"0 to 9    that vCPU's reasons; v: back",
		"] [       of the next, last vCPU",
		"a         away cycles, too",
		"h ?       this help; any key leaves it",
		"",
		"exits/s      exits in the last interval",
		"min, mean/s  in the time that the right column shows",
		"cycles       share of the cycles that the host spends on handling exits",
		"cycles/exit  handling cycles of one exit",
		"away         share of the cycles until the guest ran again, HLT's sleep included",
		"",
		"Reading the counters is in none of the figures. Drawing is: it is the guest's.",
	};

	for (int i = 0; i < (int)ARRAY_SIZE(text) && i + 1 < LINES; i++)
		mvaddnstr(i + 1, 0, text[i], COLS);
}

void ep_watch_screen_draw(const struct ep_watch *watch, const struct ep_watch_view *view,
			  const struct ep_watch_status *status)
{
	char text[EP_WATCH_SENTENCE_MAX];

	erase();
	draw_top(watch, view, status);
	if (view->help) {
		draw_help();
	} else {
		mvaddnstr(1, 0, ep_watch_sums(watch, view, !is_wide(), text), COLS);
		draw_message(status);
		draw_table(watch, view);
	}
	refresh();
}
