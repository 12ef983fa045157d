/* SPDX-License-Identifier: GPL-2.0-only */
#include "rules/parser.h"

#include <errno.h>
#include <string.h>

/* Every alternative of a pattern must have at least one byte. */
static int check_pattern(struct words *w, const char *pattern)
{
	size_t len;

	if (glob_alternatives(pattern) > GLOB_ALTERNATIVES_MAX)
		return words_fail_last(w, -EFBIG, "more than %d alternatives in a pattern", GLOB_ALTERNATIVES_MAX);
	for (size_t i = 0; i < glob_alternatives(pattern); i++) {
		glob_alternative(pattern, i, &len);
		if (len == 0)
			return words_fail_last(w, -EINVAL, "'%s': an empty alternative", pattern);
	}
	return 0;
}

static int next_pattern(struct words *w, const char *expected, const char **ret)
{
	int r = words_next(w, expected, ret);

	if (r < 0)
		return r;
	if ((*ret)[0] == '$')
		return words_fail_last(w, -EINVAL, "'%s': expected %s, not an alias", *ret, expected);
	return check_pattern(w, *ret);
}

int parse_alias(struct rules_parser *p, const struct alias **ret)
{
	const char *word;
	int r = words_next(&p->w, "$ALIAS", &word);

	if (r < 0)
		return r;
	if (word[0] != '$')
		return words_fail_last(&p->w, -EINVAL, "'%s': expected an alias, $NAME", word);
	for (size_t i = 0; i < p->n_aliases; i++) {
		if (strcmp(p->aliases[i].name, word + 1) != 0)
			continue;
		*ret = &p->aliases[i];
		return 0;
	}
	return words_fail_last(&p->w, -EINVAL,
			       "'%s' is not bound by a line above; a capture is known in its scope only", word);
}

/* Parses the number after a prefix such as inode:. */
static int parse_id(struct words *w, const char *what, const char *digits, uint32_t *ret)
{
	uint64_t v;
	int r = parse_number(w, what, digits, UINT32_MAX, &v);

	if (r >= 0)
		*ret = v;
	return r;
}

static int parse_iface(struct words *w, struct device_pattern *ret)
{
	const char *word;
	int r = next_pattern(w, "an interface", &word);

	if (r < 0)
		return r;
	if (strncmp(word, "index:", 6) == 0) {
		ret->iface_kind = IFACE_INDEX;
		return parse_id(w, "interface index", word + 6, &ret->ifindex);
	}
	ret->iface_kind = IFACE_NAME;
	ret->ifname = word;
	return 0;
}

/* Takes the namespace of the device that an alias names. */
static int parse_netns_of(struct rules_parser *p, struct device_pattern *ret)
{
	const struct alias *a = NULL;
	int r = parse_alias(p, &a);

	if (!a)
		return r;
	if (a->device.netns_kind == NETNS_ANY)
		return words_fail_last(&p->w, -EINVAL, "$%s of line %u names no namespace", a->name, a->line);
	ret->netns_kind = a->device.netns_kind;
	ret->netns_name = a->device.netns_name;
	ret->netns = a->device.netns;
	ret->capture = a->device.capture;
	return 0;
}

static int parse_netns(struct rules_parser *p, struct device_pattern *ret)
{
	const char *word = words_peek(&p->w);
	int r;

	if (word && word[0] == '$')
		return parse_netns_of(p, ret);
	r = next_pattern(&p->w, "a namespace", &word);
	if (r < 0)
		return r;
	if (strncmp(word, "inode:", 6) == 0) {
		ret->netns_kind = NETNS_INODE;
		return parse_id(&p->w, "inode", word + 6, &ret->netns);
	}
	ret->netns_kind = strcmp(word, "host") == 0 ? NETNS_HOST : NETNS_NAME;
	ret->netns_name = word;
	return 0;
}

int parse_device(struct rules_parser *p, struct device_pattern *ret)
{
	struct words *w = &p->w;
	const struct alias *a = NULL;
	bool any = false;
	int r = 0;

	*ret = (struct device_pattern){.capture = RULES_NO_CAPTURE};
	if (words_peek(w) && words_peek(w)[0] == '$') {
		r = parse_alias(p, &a);
		if (a)
			*ret = a->device;
		return r;
	}
	for (; r >= 0; any = true) {
		if (ret->iface_kind == IFACE_ANY && words_accept(w, "iface"))
			r = parse_iface(w, ret);
		else if (ret->netns_kind == NETNS_ANY && words_accept(w, "netns"))
			r = parse_netns(p, ret);
		else if (!ret->pod && words_accept(w, "pod"))
			r = next_pattern(w, "a pod", &ret->pod);
		else
			break;
	}
	if (r >= 0 && !any)
		return words_fail(w, -EINVAL, "expected a place: iface NAME, netns NAME, pod NAME or $ALIAS");
	return r < 0 ? r : 0;
}

static int parse_direction(struct words *w, const struct scope *scope, struct step_pattern *ret)
{
	ret->direction = words_accept(w, "forward")   ? STEP_FORWARD
			 : words_accept(w, "reverse") ? STEP_REVERSE
						      : STEP_ANY_DIRECTION;
	if (ret->direction != STEP_ANY_DIRECTION && !scope->match.both_directions)
		return words_fail_last(w, -EINVAL,
				       "a direction needs a scope that goes both ways: ADDRESS <-> ADDRESS");
	return 0;
}

int parse_step(struct rules_parser *p, const struct scope *scope, struct step_pattern *ret)
{
	struct words *w = &p->w;
	int r;

	*ret = (struct step_pattern){.device = {.capture = RULES_NO_CAPTURE}};
	r = next_pattern(w, "a function", &ret->func);
	if (r >= 0 && words_accept(w, "on"))
		r = parse_device(p, &ret->device);
	if (r >= 0)
		r = parse_direction(w, scope, ret);
	if (r >= 0 && words_accept(w, "drop"))
		r = next_pattern(w, "a drop reason or *", &ret->drop);
	return r;
}
