/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>
#include <string.h>

#include "base/cleanup.h"
#include "render/list/endpoints.h"

/* One whole, one without a host side and with a name made to deceive. */
static void build(struct endpoint v[static 2])
{
	static struct endpoint_program program = {
		.attach = (char *)"tcx/ingress", .name = (char *)"cil_from_container", .id = 12};

	v[0] = (struct endpoint){.pod = (char *)"default/web",
				 .netns = 4026532247,
				 .netns_name = (char *)"pod1",
				 .ifindex = 2,
				 .ifname = "eth0",
				 .kind = "veth",
				 .peer = NET_PEER_FOUND,
				 .host_netns = 4026531833,
				 .host_ifindex = 20,
				 .host_ifname = "lxc1",
				 .programs = &program,
				 .n_programs = 1};
	v[1] = (struct endpoint){.netns = 7,
				 .netns_name = (char *)"a\033[2J b\"",
				 .ifindex = 3,
				 .ifname = "d0",
				 .peer = NET_PEER_NOT_A_PAIR};
	net_ip_parse("10.0.0.133", &v[0].ip);
	net_ip_parse("fd00::67", &v[1].ip);
}

static void assert_out(struct out *o, const char *expected)
{
	out_char(o, '\0');
	cr_assert_str_eq(o->buf.data, expected);
	out_clear(o);
}

Test(render_endpoints, text)
{
	_cleanup_out_ struct out o = {0};
	struct endpoint v[2];

	build(v);
	endpoints_text(&(struct endpoint_list){.v = v, .n = 2}, &o);
	assert_out(&o,
		   "ADDR       POD         NETNS          IFACE IFINDEX HOST-IFACE HOST-IFINDEX HOST-NETNS PROGRAMS\n"
		   "10.0.0.133 default/web pod1           eth0  2       lxc1       20           4026531833 "
		   "tcx/ingress:cil_from_container#12\n"
		   "fd00::67   -           a\\x1b[2J\\x20b\" d0    3       -          -            -          -\n");
	v[0].n_programs = 0;
	endpoints_text(&(struct endpoint_list){.v = v, .n = 1}, &o);
	assert_out(&o, "ADDR       POD         NETNS IFACE IFINDEX HOST-IFACE HOST-IFINDEX HOST-NETNS\n"
		       "10.0.0.133 default/web pod1  eth0  2       lxc1       20           4026531833\n");
	endpoints_text(&(struct endpoint_list){0}, &o);
	assert_out(&o, "ADDR POD NETNS IFACE IFINDEX HOST-IFACE HOST-IFINDEX HOST-NETNS\n");
}

Test(render_endpoints, json)
{
	_cleanup_out_ struct out o = {0};
	struct endpoint v[2];

	build(v);
	endpoint_json(&v[0], &o);
	assert_out(&o, "{\"type\":\"endpoint\",\"addr\":\"10.0.0.133\",\"pod\":\"default/web\",\"netns\":4026532247,"
		       "\"netns_name\":\"pod1\",\"ifname\":\"eth0\",\"ifindex\":2,\"host_ifname\":\"lxc1\","
		       "\"host_ifindex\":20,\"host_netns\":4026531833,\"programs\":[{\"attach\":\"tcx/ingress\","
		       "\"name\":\"cil_from_container\",\"id\":12}]}\n");
	endpoint_json(&v[1], &o);
	assert_out(&o, "{\"type\":\"endpoint\",\"addr\":\"fd00::67\",\"pod\":null,\"netns\":7,"
		       "\"netns_name\":\"a\\u001b[2J b\\\"\",\"ifname\":\"d0\",\"ifindex\":3,\"host_ifname\":null,"
		       "\"host_ifindex\":null,\"host_netns\":null,\"programs\":[]}\n");
}
