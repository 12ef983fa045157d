/* SPDX-License-Identifier: GPL-2.0-only */
/* The man pages against the program: each command's --help and its page list the same options, with the same values, in
 * the same groups and the same order; and the check's page has every reason code. */
#include <criterion/criterion.h>

#include <string.h>

#include "base/buf.h"
#include "check/check.h"
#include "cmd/commands.h"
#include "guard/guard.h"
#include "rules/engine.h"
#include "select/deny.h"

static const struct {
	const struct command *cmd;
	const char *page;
} pages[] = {
	{&cmd_trace, "skbtrail-trace.8"},   {&cmd_check_same_node, "skbtrail-check.8"},
	{&cmd_record, "skbtrail-trace.8"},  {&cmd_check_path, "skbtrail-check-path.8"},
	{&cmd_report, "skbtrail-report.8"}, {&cmd_diff, "skbtrail-diff.8"},
	{&cmd_funcs, "skbtrail-funcs.8"},   {&cmd_endpoints, "skbtrail-endpoints.8"},
	{&cmd_doctor, "skbtrail-doctor.8"}, {&cmd_explain, "skbtrail-explain.8"},
	{&cmd_why, "skbtrail-why.8"},	    {&cmd_schema, "skbtrail-schema.8"},
};

#define ENTRIES_MAX 128

/* What a list names, without blanks, commas and markup: "-a--all", "--port" with its PORT. */
struct entries {
	char text[ENTRIES_MAX][96];
	size_t n;
};

static bool has(const struct entries *e, const char *text)
{
	for (size_t i = 0; i < e->n; i++) {
		if (strcmp(e->text[i], text) == 0)
			return true;
	}
	return false;
}

/* One roff line or one line of help, bare. */
static void add(struct entries *e, const char *line, size_t len)
{
	char *to;

	cr_assert_lt(e->n, (size_t)ENTRIES_MAX);
	to = e->text[e->n++];
	for (size_t i = 0; i < len; i++) {
		if (line[i] == '\\' && line[i + 1] == 'f')
			i += 2; /* a font */
		else if (!strchr(" ,\"\\\t", line[i]) && to < e->text[e->n - 1] + sizeof(e->text[0]) - 1)
			*to++ = line[i];
	}
	*to = '\0';
}

/* The tags of a section of a page: each line after .TP, without its macro. Of the options also the groups' headings. */
static struct entries page_entries(const char *page, const char *section, const char *prefix)
{
	struct entries e = {0};
	bool inside = false, tag = false;

	for (const char *line = page; *line;) {
		size_t len = strcspn(line, "\n");
		const char *macro_end = memchr(line, ' ', len);
		size_t skip = line[0] == '.' && macro_end ? (size_t)(macro_end + 1 - line) : 0;

		if (strncmp(line, ".SH ", 4) == 0) {
			inside = len == 4 + strlen(section) && strncmp(line + 4, section, len - 4) == 0;
		} else if (inside && *prefix && strncmp(line, ".SS ", 4) == 0) {
			add(&e, line + 4, len - 4);
		} else if (inside && tag && strncmp(line + skip, prefix, strlen(prefix)) == 0) {
			add(&e, line + skip, len - skip);
		}
		tag = strncmp(line, ".TP", 3) == 0;
		line += len + (line[len] == '\n');
	}
	return e;
}

/* The options of a help text: what is before two blanks, in lines that start with a dash. And the groups' headings,
 * which are lines without indent that end with a colon. */
static struct entries help_entries(const char *help)
{
	struct entries e = {0};

	for (const char *line = help; *line;) {
		size_t len = strcspn(line, "\n"), indent = strspn(line, " ");
		const char *end = strstr(line + indent, "  ");

		if (indent && line[indent] == '-')
			add(&e, line + indent, end && end < line + len ? (size_t)(end - line) - indent : len - indent);
		else if (!indent && len && line[len - 1] == ':')
			add(&e, line, len - 1);
		line += len + (line[len] == '\n');
	}
	return e;
}

/* How many of either list the other lacks; said on standard error. */
static unsigned differences(const struct entries *help, const struct entries *page, const char *what)
{
	unsigned n = 0;

	for (size_t i = 0; i < help->n; i++) {
		if (has(page, help->text[i]))
			continue;
		fprintf(stderr, "%s lacks %s\n", what, help->text[i]);
		n++;
	}
	for (size_t i = 0; i < page->n; i++) {
		if (has(help, page->text[i]))
			continue;
		fprintf(stderr, "%s has %s, --help has not\n", what, page->text[i]);
		n++;
	}
	return n;
}

static struct entries entries_of(const struct command *cmd)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	cr_assert_not_null(f);
	opts_help(cmd, f);
	fclose(f);
	*(strstr(text, "\nExamples:\n") ?: strchr(text, '\0')) = '\0';
	return help_entries(text);
}

static void read_page(const char *name, struct buf *ret)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s", MAN_DIR, name);
	cr_assert_eq(buf_read_file(path, ret), 0, "%s", path);
}

Test(man, pages_list_the_options_of_help)
{
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		_cleanup_buf_ struct buf page = {0};
		struct entries in_page, in_help = entries_of(pages[i].cmd);

		read_page(pages[i].page, &page);
		in_page = page_entries(page.data, "OPTIONS", "\\-");
		cr_expect_gt(in_help.n, 1);
		cr_expect_eq(differences(&in_help, &in_page, pages[i].page), 0, "%s and --help differ", pages[i].page);
		for (size_t n = 0; n < in_help.n && n < in_page.n; n++)
			cr_expect_str_eq(in_help.text[n], in_page.text[n], "%s: another order, from %s on",
					 pages[i].page, in_page.text[n]);
	}
}

Test(man, the_checks_page_has_every_reason)
{
	_cleanup_buf_ struct buf page = {0};
	struct entries in_page, codes = {0};

	read_page("skbtrail-check.8", &page);
	in_page = page_entries(page.data, "REASONS", "");
	for (enum reason_code c = 0; c < REASON_MAX; c++)
		add(&codes, reason_code_name(c), strlen(reason_code_name(c)));
	cr_expect_eq(differences(&codes, &in_page, "skbtrail-check.8"), 0);
}

Test(man, the_path_checks_page_has_every_reason)
{
	_cleanup_buf_ struct buf page = {0};
	struct entries in_page, codes = {0};

	read_page("skbtrail-check-path.8", &page);
	in_page = page_entries(page.data, "REASONS", "");
	for (enum rules_reason_code c = 0; c < RULES_REASON_MAX; c++)
		add(&codes, rules_reason_code_name(c), strlen(rules_reason_code_name(c)));
	cr_expect_eq(differences(&codes, &in_page, "skbtrail-check-path.8"), 0);
}

Test(man, the_functions_page_has_every_reason_to_leave_one_out)
{
	_cleanup_buf_ struct buf page = {0};
	size_t n;
	const struct deny *rows = deny_list(&n);

	read_page("skbtrail-funcs.8", &page);
	for (size_t i = 0; i < n; i++) {
		char tag[128];

		snprintf(tag, sizeof(tag), ".TP\n%s\n", rows[i].reason);
		cr_expect(strstr(page.data, tag), "skbtrail-funcs.8 lacks the entry %s", tag);
	}
}

Test(man, the_doctors_page_has_every_capability)
{
	_cleanup_buf_ struct buf page = {0};

	read_page("skbtrail-doctor.8", &page);
	for (size_t i = 0; i < GUARD_CAPABILITIES; i++) {
		char row[256];

		snprintf(row, sizeof(row), "\n%s;%s\n", guard_capabilities[i].name, guard_capabilities[i].enables);
		cr_expect(strstr(page.data, row), "skbtrail-doctor.8 lacks the row%s", row);
	}
}

/* --- the comparison itself, which must be able to fail --- */

#define HELP                                                                                                           \
	"usage: skbtrail x [OPTIONS]\n\nDoes - things.\n\n"                                                            \
	"  -a, --all                       show all\n"                                                                 \
	"\nMore of it:\n"                                                                                              \
	"      --port PORT                 a port\n"                                                                   \
	"      --ping[=COUNT]              an optional value\n"                                                        \
	"      --a-name-that-fills-its-line ADDR[/LEN]\n"                                                              \
	"                                  a line of its own\n"

#define PAGE(more)                                                                                                     \
	".SH SYNOPSIS\n.TP\n.B \\-\\-elsewhere\n.SH OPTIONS\n"                                                         \
	".TP\n.BR \\-a \", \" \\-\\-all\nShow\n.B \\-\\-all\nof it.\n"                                                 \
	".SS More of it\n.TP\n.BI \\-\\-port \" PORT\"\nA port.\n"                                                     \
	".TP\n.BI \\-\\-ping\\fR[= COUNT\\fR]\nText.\n" more ".SH NOTES\n.TP\n.B \\-\\-elsewhere\n"

#define LONG_ONE ".TP\n.BI \\-\\-a\\-name\\-that\\-fills\\-its\\-line \" ADDR\\fR[\\fP\" / LEN\\fR]\\fP\nText.\n"

static unsigned differ(const char *page)
{
	struct entries help = help_entries(HELP), in_page = page_entries(page, "OPTIONS", "\\-");

	return differences(&help, &in_page, "the page");
}

Test(man, the_same_options_do_not_differ)
{
	struct entries help = help_entries(HELP);

	cr_expect_eq(help.n, 5);
	cr_expect_str_eq(help.text[0], "-a--all");
	cr_expect_str_eq(help.text[1], "Moreofit");
	cr_expect_str_eq(help.text[2], "--portPORT");
	cr_expect_str_eq(help.text[3], "--ping[=COUNT]");
	cr_expect_eq(differ(PAGE(LONG_ONE)), 0);
}

Test(man, an_option_that_one_lacks_is_a_difference)
{
	cr_expect_eq(differ(PAGE("")), 1);
	cr_expect_eq(differ(PAGE(LONG_ONE ".TP\n.B \\-\\-gone\nText.\n")), 1);
	cr_expect_eq(differ(PAGE(LONG_ONE ".SS Gone\n")), 1);
	cr_expect_eq(differ(".SH OPTIONS\n"), 5);
	cr_expect_eq(differ(""), 5);
}

Test(man, another_letter_or_value_is_a_difference)
{
	cr_expect_eq(differ(PAGE(".TP\n.BI \\-\\-a\\-name\\-that\\-fills\\-its\\-line \" ADDR\"\nText.\n")), 2);
	cr_expect_eq(differ(PAGE(".TP\n.BI \\-b \", \" \\-\\-a\\-name\\-that\\-fills\\-its\\-line \" ADDR\\fR[\\fP\" / "
				 "LEN\\fR]\\fP\nText.\n")),
		     2);
}
