/* SPDX-License-Identifier: GPL-2.0-only */
/* Functions of every kind that selection must tell apart; make.sh turns their types into packets.btf. */

struct net_device;
struct sk_buff;
struct sk_buff_head;

typedef struct sk_buff packet_t;
typedef const struct sk_buff *const const_packet_t;

#define PROBE(ret, name, ...)                                                                                          \
	__attribute__((noinline)) ret name(__VA_ARGS__)                                                                \
	{                                                                                                              \
		return (ret)0;                                                                                         \
	}

PROBE(int, first, struct sk_buff *skb)
PROBE(int, first_const, const struct sk_buff *skb, int len)
PROBE(int, first_volatile, volatile struct sk_buff *skb)
PROBE(int, through_typedef, packet_t *skb)
PROBE(int, through_typedefs, int a, const_packet_t skb)
PROBE(int, third, struct net_device *dev, unsigned char b, struct sk_buff *skb)
PROBE(int, fifth, int a, int b, int c, int d, struct sk_buff *skb)
PROBE(int, first_of_two, struct sk_buff *a, struct sk_buff *b)
PROBE(int, indirect, struct sk_buff **pskb, int pfmemalloc)
PROBE(int, indirect_then_direct, int a, struct sk_buff **pskb, struct sk_buff *skb)
PROBE(int, three_stars, struct sk_buff ***pppskb)
PROBE(int, list_head, struct sk_buff_head *list)
PROBE(int, no_packet, struct net_device *dev, void *data)
PROBE(int, nothing, void)
PROBE(struct sk_buff *, returns_one, int size)
PROBE(int, behind_wide_integer, __int128 a, struct sk_buff *skb)
PROBE(int, before_wide_integer, struct sk_buff *skb, __int128 a)

static __attribute__((noinline, used)) int local(struct sk_buff *skb)
{
	return skb != 0;
}
