/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * adversary: random ways between two pods, and whether a check's verdict on each is true.
 *
 *   way.c, describe.c       what a seed says
 *   links.c, setup.c        builds it: devices and routes, programs
 *   traffic.c, sockets.c    sends the packets, and copies some
 *   craft.c                 packets that a socket would not send
 *   witness.c, capture.c    counts each packet at each place, without skbtrail
 *   truth.c                 what carried each packet
 *   judge.c                 runs the check, and compares
 *
 * Functions return 0 or -errno, and have said on stderr what went wrong.
 */
#ifndef ADVERSARY_H
#define ADVERSARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "plan.h"

#define PACKETS_MAX 8
#define POINTS	    4 /* src-pod, src-host, dst-host, dst-pod */
#define FLOW_PORT   7777
#define OTHER_PORT  8888
#define TCP_PORT    9999

enum flow { FLOW_PING, FLOW_ECHO, FLOW_UDP, FLOW_TCP, FLOW_VIP };
enum topo { TOPO_ROUTE, TOPO_BRIDGE, TOPO_HOP_ROUTE, TOPO_HOP_BRIDGE };
/* Where the check's evidence comes from. */
enum source { SOURCE_LIVE, SOURCE_RECORDING, SOURCE_CAPTURES };
enum xdp { XDP_NONE, XDP_IS_GENERIC, XDP_IS_NATIVE };
enum hook_kind { HOOK_CLSACT, HOOK_TCX };
enum swap { SWAP_NONE, SWAP_REPLACE, SWAP_GAP };
enum copy { COPY_NONE, COPY_FAR, COPY_HOP, COPY_SIDE };
/* Traffic beside the flow. What has the flow's own keys cannot be told from it; the rest must not matter. */
enum noise {
	NOISE_NONE,
	NOISE_TWIN,    /* the same addresses, id and sequence number, from the source's pod */
	NOISE_SPOOFED, /* the same, sent by the host into the destination's device */
	NOISE_OTHER,   /* another UDP flow of the same pods, through the host's stack */
};
enum mech { MECH_PEER, MECH_REDIRECT, MECH_STACK, MECH_BRIDGE, MECHS };

struct way {
	uint64_t seed;
	int family; /* 4 or 6 */
	enum flow flow;
	enum source source;
	bool by_rules; /* check path, with the rules that the check prints */
	enum mech expect;
	enum topo topo;
	int hop_dir; /* the direction that takes the hop */
	enum hook_kind hook;
	bool no_program[ADV_DIRS]; /* none on the near host device */
	enum xdp xdp[ADV_DIRS];
	enum copy copy;
	int copy_dir;
	bool copy_bypass;
	enum noise noise;
	int noise_after_ms;
	enum swap swap;
	int swap_dir, swap_at;
	int packets;
	int bytes[PACKETS_MAX];
	int extensions[PACKETS_MAX]; /* destination option headers before an IPv6 echo */
	int noise_bytes;
	bool gro;
	/* of captures, for each of the check's points: the frames that come too early, and how many are kept (0: all)
	 */
	int capture_skip[POINTS], capture_keep[POINTS];
	int recorded_funcs, recorded_filter; /* judge.c says which */
	bool dont_fragment;
	bool honest; /* one mechanism for each direction, and nothing else: the verdict must be definite */
	struct adv_rule plan[2][ADV_KINDS][ADV_DIRS][ADV_HOOKS];
};

enum { RECORDED_FUNCS = 6, RECORDED_FILTERS = 8 };

/* Narrows what a seed may say; the seed means another way then. */
struct wish {
	bool honest;
	bool single; /* redirect_peer, but for one thing */
	bool has_source;
	enum source source;
};

void way_of_seed(uint64_t seed, const struct wish *wish, struct way *ret);
int source_parse(const char *name, enum source *ret);
/* One line; only what is not plain. */
void way_describe(const struct way *w, char *buf, size_t size);
const char *mech_name(enum mech m);

/* --- setup.c */
enum ns { NS_HOST, NS_POD1, NS_POD2, NS_MAX };

struct setup {
	struct adversary_bpf *skel;
	int ns_fd[NS_MAX];
	int lxc[2], hop[2], swallow, bridge; /* ifindex */
	enum topo topo;			     /* as it is now */
	bool vip, gro;
	int tcx_fd[2];
	bool attached[2]; /* by tc, on an lxc's ingress */
	enum xdp xdp[2], pod_xdp[2];
	bool has_tcx;
};

int setup_open(struct setup *ret);
void setup_close(struct setup *s);
int setup_way(struct setup *s, const struct way *w);
/* The program of the second generation in place of the first; without begin, none at all. */
int setup_swap(struct setup *s, int dir, bool begin);
/* Makes a socket in another namespace. -errno. */
int setup_socket(struct setup *s, enum ns ns, int family, int type, int protocol);

/* --- witness.c: in the direction of each packet */
enum tap { TAP_SRC_OUT, TAP_NEAR_IN, TAP_FAR_OUT, TAP_FAR_IN, TAP_DST_IN, TAP_ELSEWHERE, TAPS };

struct seen {
	uint16_t tap[TAPS];
	uint16_t delivered; /* to a socket of the receiving pod */
	uint16_t ttl_less;  /* of tap[TAP_DST_IN], those whose TTL the host has decremented */
	uint16_t copied;    /* by our own packet socket */
	uint16_t captured;  /* in a file of a pod */
};

struct witness {
	int tap_fd[NS_MAX], raw_fd[2]; /* raw_fd: of the pod that receives direction i */
	const struct setup *setup;
	const struct way *way;
	struct seen seen[ADV_KINDS][ADV_DIRS][ADV_NUMBERS];
	uint64_t tx_before[2], out_frames[2]; /* of lxc1, lxc2 */
	int64_t unseen[ADV_DIRS];	      /* frames that the far host device sent past the sniffer */
	bool lost;			      /* a sniffer's queue was full */
	bool has_echo;			      /* of the check's own ping */
	uint16_t echo_id_be, echo_seq_be;
	struct capture *captures; /* of the four points; NULL: none are kept */
	void (*on_near_in)(void *ctx, int dir, const uint8_t *frame, size_t len, int kind, int number);
	void *ctx;
};

int witness_open(struct witness *w, struct setup *s, const struct way *way);
void witness_close(struct witness *w);
/* Counts what has come so far. */
void witness_drain(struct witness *w);
/* After the last packet. */
void witness_finish(struct witness *w);

/* --- capture.c: what tcpdump would have written, in a window that the way says */
int capture_open(const struct way *w, const char *dir, struct capture **ret);
/* Writes the last files; takes NULL. */
void capture_close(struct capture *c);
/* Whether the frame is in the point's window. ts_fd: the socket that it came from. */
bool capture_frame(struct capture *c, int point, int ts_fd, const uint8_t *frame, size_t len);
void capture_path(const char *dir, int point, char *ret, size_t size);

/* --- craft.c */
enum { CRAFT_BYTES = 2048 };
/* An echo request of pod1 to pod2 with its IP header. Returns its length. */
size_t craft_echo(int family, int extensions, uint16_t id_be, uint16_t seq_be, const struct adv_mark *mark,
		  size_t payload, uint8_t ret[CRAFT_BYTES]);
void craft_fill(uint8_t *payload, size_t len, const struct adv_mark *mark);

/* --- traffic.c: sends the way's packets once the child is ready. A check ends by itself; a recording is ended when all
 * is sent; captures (child 0) have no child. */
struct traffic_result {
	int status; /* as of waitpid() */
	bool timed_out;
};
int traffic_run(struct setup *s, const struct way *w, struct witness *wit, pid_t child, const char *ready,
		struct traffic_result *ret);

/* --- truth.c */
enum fate {
	FATE_NEVER_SENT,
	FATE_LOST,	   /* did not arrive, did not cross */
	FATE_CROSSED_LOST, /* crossed, did not arrive */
	FATE_PEER,	   /* the four mechanisms, in the order of enum mech */
	FATE_REDIRECT,
	FATE_STACK,
	FATE_BRIDGE,
	FATE_OTHER, /* arrived by none of these */
};

struct direction_truth {
	int numbers; /* that were expected */
	enum fate fate[ADV_NUMBERS];
	enum fate carrier[ADV_NUMBERS]; /* to the far pod's device, or FATE_LOST */
	struct seen seen[ADV_NUMBERS];
	bool detour[ADV_NUMBERS]; /* redirected within a device on its way, or copied aside */
	int crossed;		  /* of the flow and of what cannot be told from it */
	int twin_others;	  /* of noise with the flow's keys: carried by another mechanism */
	int twins;
};

struct truth {
	struct direction_truth dir[ADV_DIRS];
	int64_t unseen[ADV_DIRS];
	int traffic; /* packets that left a pod */
};

void truth_find(const struct way *w, const struct witness *wit,
		const struct adv_track tracks[ADV_KINDS][ADV_DIRS][ADV_NUMBERS], struct truth *ret);
void truth_describe(const struct truth *t, char *buf, size_t size);
/* packets: how many the check says that it has judged of each direction, the first ones; -1: all. */
bool truth_allows_pass(const struct way *w, const struct truth *t, const int packets[ADV_DIRS], const char **ret_why);
bool truth_allows_fail(const struct way *w, const struct truth *t, const char **ret_why);
/* Whether every packet was carried by one of the four mechanisms, and nothing else happened; *ret: the verdict then. */
bool truth_is_plain(const struct way *w, const struct truth *t, bool *ret_pass);

/* --- judge.c */
enum verdict { VERDICT_PASS, VERDICT_FAIL, VERDICT_INCONCLUSIVE, VERDICT_NONE, VERDICTS };

struct outcome {
	enum verdict verdict;
	bool contradiction, undecided; /* undecided: INCONCLUSIVE on an honest way */
	bool void_witness;	       /* the witnesses lost something: says nothing */
	bool no_traffic;
	char reasons[256];
	const char *why;
	int packets[ADV_DIRS]; /* that the check says it has judged; -1: all */
	struct truth truth;
};

int judge_way(struct setup *s, const struct way *w, const char *skbtrail, const char *dir, struct outcome *ret);
const char *verdict_word(enum verdict v);

#endif
