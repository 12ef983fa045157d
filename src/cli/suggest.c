/* SPDX-License-Identifier: GPL-2.0-only */
#include "cli/suggest.h"

#include <errno.h>
#include <string.h>

#include "base/cleanup.h"

#define WORD_MAX  31 /* characters; longer words are no slip of a known one */
#define WORDS_MAX 8

/* Letters of tcpdump, and options of pwru and others whose name here is not near theirs. option: what to write instead,
 * with its value if that is always the same; advice: if no option does it. "o=json" is the option with that value. A
 * word may stand in several rows: the first that the command has counts. */
static const struct {
	const char *typed, *option, *advice;
} known[] = {
	{"A", NULL, "packets' bytes are kept by --pcapng FILE --snaplen BYTES"},
	{"AA", NULL, "packets' bytes are kept by --pcapng FILE --snaplen BYTES"},
	{"D", NULL, "'ip link' lists the devices; all of them are traced"},
	{"F", NULL, "write the expression at the end of the command line"},
	{"K", NULL, "leave it out: checksums are not verified"},
	{"U", NULL, "leave it out: lines are not held back"},
	{"V", NULL, "write 'skbtrail --version'"},
	{"X", NULL, "packets' bytes are kept by --pcapng FILE --snaplen BYTES"},
	{"XX", NULL, "packets' bytes are kept by --pcapng FILE --snaplen BYTES"},
	{"c", "stop-after", NULL},
	{"c", "ping", NULL},
	{"count", "stop-after", NULL},
	{"count", "ping", NULL},
	{"device", "filter-ifname", NULL},
	{"e", "output-mac", NULL},
	{"filter-xdp-expr", NULL, "the filters of a trace choose the packets of XDP programs, too"},
	{"format", "json", NULL},
	{"i=any", NULL, "leave it out: all devices are traced"},
	{"i", "filter-ifname", NULL},
	{"interval", "watch", NULL},
	{"l", NULL, "leave it out: lines are not held back"},
	{"limit", "output-limit-lines", NULL},
	{"n", NULL, "leave it out: addresses and ports are shown as numbers"},
	{"nn", NULL, "leave it out: addresses and ports are shown as numbers"},
	{"o=json", "json", NULL},
	{"o", "output-file", NULL},
	{"output=json", "json", NULL},
	{"output", "output-file", NULL},
	{"output-netns-names", NULL, "leave it out: namespaces are shown by name"},
	{"output-xdp-metadata", NULL, "leave it out: what XDP programs keep before a packet is not shown"},
	{"p", NULL, "leave it out: no device is put into promiscuous mode"},
	{"q", NULL, "--columns chooses what is shown"},
	{"r", NULL, "write 'skbtrail report FILE'"},
	{"s", "snaplen", NULL},
	{"set-percpu-buf", "buffer-size", NULL},
	{"t", NULL, "leave it out: no time is shown without --timestamp"},
	{"tt", "timestamp=absolute", NULL},
	{"ttt", "timestamp=relative", NULL},
	{"tttt", "timestamp=absolute", NULL},
	{"ttttt", "timestamp=relative", NULL},
	{"version", NULL, "write 'skbtrail --version'"},
};

/* Words for one thing; the first is ours. */
static const char *const synonyms[][5] = {
	{"src", "source", "from"},
	{"dst", "dest", "destination", "to"},
	{"ip", "addr", "address", "host"},
	{"ifname", "iface", "interface", "device", "dev"},
	{"netns", "namespace", "ns"},
	{"func", "function", "functions", "funcs"},
	{"proto", "protocol"},
	{"comm", "process", "command"},
	{"color", "colour"},
	{"ping", "pings", "count"},
	{"filter", "match"},
	{"output", "print", "show"},
	{"duration", "seconds", "timeout", "for"},
	{"timestamp", "time", "times", "timestamps"},
	{"port", "ports"},
	{"stack", "backtrace", "callstack"},
	{"pcapng", "pcap"},
};

/* Words with which a pcap-filter expression may begin, pcap-filter(7). */
static const char *const expression_words[] = {
	"action", "arp",       "broadcast",  "carp",	   "dir",      "dst",	 "esp",	  "ether",     "ether",
	"fddi",	  "gateway",   "geneve",     "greater",	   "host",     "icmp",	 "icmp6", "iface",     "igmp",
	"igrp",	  "inbound",   "ip",	     "ip6",	   "ipx",      "isis",	 "less",  "link",      "llc",
	"mpls",	  "multicast", "net",	     "not",	   "outbound", "pim",	 "port",  "portrange", "pppoed",
	"pppoes", "proto",     "protochain", "radio",	   "rarp",     "reason", "rnr",	  "ruleset",   "rulenum",
	"sctp",	  "src",       "stp",	     "subrulenum", "tcp",      "tr",	 "type",  "subtype",   "udp",
	"vlan",	  "vrrp",      "wlan",
};

static size_t min3(size_t a, size_t b, size_t c)
{
	size_t ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* How many characters must be added, removed, replaced or swapped with their neighbour to make b of a (the optimal
 * string alignment distance). WORD_MAX or more: too many. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
	size_t rows[3][WORD_MAX + 1]; /* of i - 2, i - 1 and i characters of a */

	if (a_len > WORD_MAX || b_len > WORD_MAX)
		return WORD_MAX;
	for (size_t j = 0; j <= b_len; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		size_t *row = rows[i % 3], *above = rows[(i - 1) % 3], *above2 = rows[(i + 1) % 3];

		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			row[j] = min3(above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
			    above2[j - 2] + 1 < row[j])
				row[j] = above2[j - 2] + 1;
		}
	}
	return rows[a_len % 3][b_len];
}

/* Of a name, "filter-src-ip": its words, each as we call it. */
struct name_words {
	struct {
		const char *text;
		size_t len;
	} items[WORDS_MAX];
	size_t n;
};

static const char *our_word(const char *word, size_t len)
{
	for (size_t i = 0; i < ARRAY_SIZE(synonyms); i++) {
		for (size_t j = 1; j < ARRAY_SIZE(synonyms[i]) && synonyms[i][j]; j++) {
			if (strlen(synonyms[i][j]) == len && memcmp(synonyms[i][j], word, len) == 0)
				return synonyms[i][0];
		}
	}
	return NULL;
}

static void split(const char *name, size_t len, struct name_words *ret)
{
	ret->n = 0;
	for (const char *p = name, *end = name + len; p < end && ret->n < WORDS_MAX;) {
		const char *dash = memchr(p, '-', end - p), *stop = dash ?: end;
		const char *ours = our_word(p, stop - p);

		ret->items[ret->n].text = ours ?: p;
		ret->items[ret->n++].len = ours ? strlen(ours) : (size_t)(stop - p);
		p = stop + 1;
	}
}

#define NO_MATCH 1000

/* How far the words typed are from those of an option, whatever their order: two for each wrong character, one for each
 * word that was left out. NO_MATCH: a word is none of its words. */
static size_t words_cost(const struct name_words *typed, const struct name_words *option)
{
	bool taken[WORDS_MAX] = {false};
	size_t cost = 0;

	for (size_t i = 0; i < typed->n; i++) {
		size_t best = NO_MATCH, at = 0;

		for (size_t j = 0; j < option->n; j++) {
			size_t d = distance(typed->items[i].text, typed->items[i].len, option->items[j].text,
					    option->items[j].len);

			if (taken[j] || d > typed->items[i].len / 3 || d >= best)
				continue;
			best = d;
			at = j;
		}
		if (best == NO_MATCH)
			return NO_MATCH;
		taken[at] = true;
		cost += 2 * best;
	}
	return typed->n ? cost + option->n - typed->n : NO_MATCH;
}

static size_t name_cost(const char *typed, size_t len, const char *name)
{
	struct name_words a, b;
	size_t d = distance(typed, len, name, strlen(name)), by_words;

	split(typed, len, &a);
	split(name, strlen(name), &b);
	by_words = words_cost(&a, &b);
	d = d <= (len < 6 ? 1 : len / 4) ? 2 * d : NO_MATCH;
	return d < by_words ? d : by_words;
}

static const char *nearest(const struct command *cmd, const char *typed, size_t len)
{
	const char *best = NULL;
	size_t best_cost = NO_MATCH;

	for (const struct opt *o = cmd->opts; o->name; o++) {
		for (int which = 0; o->set && which < 2; which++) {
			const char *name = which ? o->alias : o->name;
			size_t cost = name ? name_cost(typed, len, name) : NO_MATCH;

			if (cost >= best_cost)
				continue;
			best = name;
			best_cost = cost;
		}
	}
	return best;
}

/* Writes the option with the value that was typed: "--filter-ifname eth0". */
static int write_instead(const struct opt *o, const char *arg, const char *option, const char *value,
			 struct reason *reason)
{
	if (!o->arg || strchr(option, '='))
		return reason_set(reason, -EINVAL, "%s: no such option; write --%s", arg, option);
	if (o->arg[0] == '[')
		return reason_set(reason, -EINVAL, "%s: no such option; write --%s%s%s", arg, option,
				  value ? "=" : o->arg, value ?: "");
	return reason_set(reason, -EINVAL, "%s: no such option; write --%s %s", arg, option, value ?: o->arg);
}

/* Whether a row is for the option, with this value or any. */
static bool is_known(const char *typed, const char *name, size_t len, const char *value)
{
	const char *only = strchr(typed, '=');

	if (only && (!value || strcmp(value, only + 1) != 0))
		return false;
	return (only ? (size_t)(only - typed) : strlen(typed)) == len && memcmp(typed, name, len) == 0;
}

static int suggest_known(const struct command *cmd, const char *arg, const char *name, size_t len, const char *value,
			 struct reason *reason)
{
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		const char *option = known[i].option;
		const struct opt *o;

		if (!is_known(known[i].typed, name, len, value))
			continue;
		if (!option)
			return reason_set(reason, -EINVAL, "%s: no such option; %s", arg, known[i].advice);
		o = opts_find_long(cmd, option, strcspn(option, "="));
		if (o)
			return write_instead(o, arg, option, value, reason);
	}
	return 0;
}

int suggest_option(const struct command *cmd, const char *arg, const char *next, struct reason *reason)
{
	bool is_letter = arg[1] != '-';
	const char *name = arg + 1 + !is_letter, *near, *value = strchr(arg, '=');
	size_t len = strcspn(name, "=");
	int r;

	value = value ? value + 1 : next && next[0] != '-' ? next : NULL;
	r = suggest_known(cmd, arg, name, len, value, reason);
	if (r == 0 && is_letter && name[0]) /* "-nni eth0", "-ieth0" */ {
		name += strspn(name, "n");
		r = suggest_known(cmd, arg, name, 1, name[0] && name[1] ? name + 1 : value, reason);
	}
	near = r == 0 && len > 1 ? nearest(cmd, name, len) : NULL;
	if (near)
		return reason_set(reason, -EINVAL, "%s: no such option; did you mean --%s?", arg, near);
	return r < 0 ? r : reason_set(reason, -EINVAL, "%s: no such option; see 'skbtrail %s --help'", arg, cmd->name);
}

/* Commands of other tools, and what does that here. */
static const struct {
	const char *typed, *words[2];
} other_commands[] = {
	{"check-path", {"check", "path"}}, {"check-same-node", {"check", "same-node"}},
	{"check_path", {"check", "path"}}, {"check_same_node", {"check", "same-node"}},
	{"assert", {"check", "path"}},	   {"capture", {"record", NULL}},
	{"compare", {"diff", NULL}},	   {"functions", {"funcs", NULL}},
	{"list", {"funcs", NULL}},	   {"play", {"report", NULL}},
	{"pods", {"endpoints", NULL}},	   {"replay", {"report", NULL}},
	{"show", {"report", NULL}},	   {"verify", {"check", "same-node"}},
};

static bool begins_expression(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(expression_words); i++) {
		if (strcmp(word, expression_words[i]) == 0)
			return true;
	}
	return false;
}

static int say_command(const char *typed, const char *const words[2], struct reason *reason)
{
	return reason_set(reason, -EINVAL, "%s: no such command; did you mean 'skbtrail %s%s%s'?", typed, words[0],
			  words[1] ? " " : "", words[1] ?: "");
}

int suggest_command(const struct command_row *rows, size_t n, const char *word, struct reason *reason)
{
	size_t len = strlen(word), best = len < 5 ? 1 : 2;
	const char *words[2] = {NULL, NULL};

	if (begins_expression(word))
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(other_commands); i++) {
		if (strcmp(word, other_commands[i].typed) == 0)
			return say_command(word, other_commands[i].words, reason);
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t j = 0; j < 2 && rows[i].words[j]; j++) {
			size_t d = distance(word, len, rows[i].words[j], strlen(rows[i].words[j]));

			if (d > best || (d == best && words[0]))
				continue;
			best = d;
			words[0] = rows[i].words[0];
			words[1] = j ? rows[i].words[1] : NULL;
		}
	}
	return words[0] ? say_command(word, words, reason) : 0;
}
