/* SPDX-License-Identifier: GPL-2.0-only */
#include <criterion/criterion.h>

#include <errno.h>

#include "capture/pcapng.h"
#include "captures.h"

#define _cleanup_pcapng_ _cleanup_(pcapng_free)

static void put_file(struct bytes *f, bool swapped)
{
	struct bytes frame = {0};

	put_ping4(&frame, false, 1);
	put_u8(&frame, 0); /* 29 bytes: padded to 32 */
	ng_section(f, swapped);
	ng_interface(f, DLT_RAW, "lxc1");
	ng_interface(f, DLT_RAW, "a_name_of_more_than_15_bytes");
	ng_packet(f, 0, NOW_NS, &frame, 0);
	ng_packet(f, 1, NOW_NS, &frame, 3);
	ng_statistics(f, 0, 100, 0);
	ng_statistics(f, 0, 4, 1); /* replaces the one before */
	ng_section(f, !swapped);
	ng_interface(f, DLT_RAW, NULL);
	ng_packet(f, 0, NOW_NS, &frame, 0);
}

Test(pcapng, interfaces_packets_and_losses)
{
	for (int swapped = 0; swapped < 2; swapped++) {
		_cleanup_pcapng_ struct pcapng p = {0};
		struct bytes f = {0};

		put_file(&f, swapped);
		cr_assert(pcapng_is(f.b, f.n));
		cr_assert_eq(pcapng_read(f.b, f.n, &p), 0);
		cr_assert_eq(p.n_interfaces, 3);
		cr_expect_str_eq(p.interfaces[0].ifname, "lxc1");
		cr_expect_str_eq(p.interfaces[1].ifname, "a_name_of_more_");
		cr_expect_str_eq(p.interfaces[2].ifname, "");
		cr_expect(p.interfaces[0].counts_drops);
		cr_expect_eq(p.interfaces[0].dropped, 5);
		cr_expect_not(p.interfaces[1].counts_drops);
		cr_assert_eq(p.n_packets, 3);
		cr_expect_eq(p.packets[0], 0);
		cr_expect_eq(p.packets[1], 1);
		cr_expect_eq(p.packets[2], 2, "the second section numbers its interfaces anew");
		cr_expect_eq(p.gaps, 3);
		cr_expect_eq(p.untimed, 0);
	}
}

Test(pcapng, simple_packets_have_no_time)
{
	_cleanup_pcapng_ struct pcapng p = {0};
	struct bytes f = {0};
	size_t body;

	ng_section(&f, false);
	ng_interface(&f, DLT_RAW, NULL);
	body = ng_block(&f, 3);
	put_u32(&f, 4);
	put_u32(&f, 0);
	ng_end(&f, body);
	cr_assert_eq(pcapng_read(f.b, f.n, &p), 0);
	cr_expect_eq(p.untimed, 1);
	cr_expect_eq(p.n_packets, 1);
}

Test(pcapng, a_packet_of_no_interface_is_malformed)
{
	_cleanup_pcapng_ struct pcapng p = {0};
	struct bytes f = {0}, frame = {0};

	ng_section(&f, false);
	ng_packet(&f, 0, NOW_NS, &frame, 0);
	cr_expect_eq(pcapng_read(f.b, f.n, &p), -EBADMSG);
}

/* Cut anywhere: an error, or what whole blocks there were; never a read past the end. */
Test(pcapng, cut_at_every_byte)
{
	struct bytes f = {0};

	put_file(&f, false);
	for (size_t n = 0; n < f.n; n++) {
		_cleanup_pcapng_ struct pcapng p = {0};
		uint8_t *exact = malloc(n ? n : 1);
		int r;

		memcpy(exact, f.b, n);
		r = pcapng_read(exact, n, &p);
		cr_expect(r == 0 || r == -EBADMSG, "%zu bytes: %d", n, r);
		cr_expect_leq(p.n_packets, 3);
		free(exact);
	}
}

/* Every byte of the file set to something else: no crash, no endless loop. */
Test(pcapng, any_byte_broken)
{
	struct bytes f = {0};

	put_file(&f, false);
	for (size_t i = 0; i < f.n; i++) {
		for (unsigned v = 0; v < 256; v += 51) {
			_cleanup_pcapng_ struct pcapng p = {0};
			uint8_t was = f.b[i];
			int r;

			f.b[i] = v;
			r = pcapng_read(f.b, f.n, &p);
			cr_expect(r == 0 || r == -EBADMSG);
			f.b[i] = was;
		}
	}
}
