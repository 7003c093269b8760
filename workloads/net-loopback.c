// SPDX-License-Identifier: GPL-3.0-or-later
/* net-loopback - frames to oneself, by way of a virtual network card */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <exitprof/workload.h>

#include "lib/options.h"
#include "lib/rights.h"

/* Set aside by the IEEE for experiments; nobody answers. */
#define EXPERIMENT 0x88b5

enum { OPTION_CARD, OPTION_SIZE, OPTION_COUNT };

static const struct exitprof_option options[] = {
	[OPTION_CARD] = {
		.name = "card",
		.type = EXITPROF_OPTION_STRING,
		.default_value = "",
		.help = "the network card, such as eth0; empty is the first on virtio that is up",
	},
	[OPTION_SIZE] = {
		.name = "size",
		.type = EXITPROF_OPTION_SIZE,
		.default_value = "64",
		.min = 46,
		.max = 1500,
		.help = "bytes in a frame, without its header",
	},
	[OPTION_COUNT] = EP_OPTION_COUNT("frames to send"),
	{ NULL },
};

struct net {
	int socket;
	struct sockaddr_ll address;
};

static bool on_virtio(const char *card)
{
	char path[128], target[256];
	ssize_t length;

	snprintf(path, sizeof(path), "/sys/class/net/%.64s/device/driver", card);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return false;
	target[length] = '\0';
	return strstr(target, "/virtio_net") != NULL;
}

static bool is_up(const char *card)
{
	char path[128], state[16] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/net/%.64s/operstate", card);
	file = fopen(path, "re");
	if (!file)
		return false;
	if (!fgets(state, sizeof(state), file))
		state[0] = '\0';
	fclose(file);
	return strcmp(state, "up\n") == 0;
}

/* The first card on virtio, one that is up before others; false if there is none. */
static bool find_card(char *ret, size_t size, bool *ret_up)
{
	DIR *dir = opendir("/sys/class/net");
	const struct dirent *entry;

	*ret = '\0';
	*ret_up = false;
	while (dir && !*ret_up && (entry = readdir(dir))) {
		if (!on_virtio(entry->d_name))
			continue;
		snprintf(ret, size, "%.*s", (int)size - 1, entry->d_name);
		*ret_up = is_up(entry->d_name);
	}
	if (dir)
		closedir(dir);
	return *ret;
}

static const char *net_unavailable(void)
{
	char card[IFNAMSIZ];
	bool up;

	if (!find_card(card, sizeof(card), &up))
		return "there is no network card on virtio, and lo alone causes no exits";
	if (!up)
		return "the network card on virtio is not up: try ip link set up";
	if (!ep_rights_has(CAP_NET_RAW))
		return "it needs root, or CAP_NET_RAW";
	return NULL;
}

static int net_setup(struct exitprof_context *ctx)
{
	const char *card = ctx->values[OPTION_CARD].str;
	const struct timeval patience = { .tv_usec = 100000 };
	struct ifreq request = { 0 };
	struct net *net;
	bool up;

	if (!card[0])
		find_card(request.ifr_name, sizeof(request.ifr_name), &up);
	else
		snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", card);
	if (card[0] && !on_virtio(card)) {
		ctx->hint(ctx, "see ls /sys/class/net for the names");
		return ctx->fail(ctx, "'%s' is no network card on virtio", card);
	}
	net = calloc(1, sizeof(*net));
	if (!net)
		return ctx->fail(ctx, "no memory: %m");
	ctx->priv = net;
	/* Protocol 0: it sends, and receives nothing. */
	net->socket = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (net->socket < 0)
		return ctx->fail(ctx, "cannot open a packet socket: %m");
	if (ioctl(net->socket, SIOCGIFHWADDR, &request) < 0)
		return ctx->fail(ctx, "'%s' has no address: %m", request.ifr_name);
	net->address = (struct sockaddr_ll){
		.sll_family = AF_PACKET,
		.sll_protocol = htons(EXPERIMENT),
		.sll_ifindex = if_nametoindex(request.ifr_name),
		.sll_halen = ETH_ALEN,
	};
	memcpy(net->address.sll_addr, request.ifr_hwaddr.sa_data, ETH_ALEN);
	setsockopt(net->socket, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	return 0;
}

static int net_run(struct exitprof_context *ctx, struct exitprof_outcome *outcome)
{
	uint64_t count = ctx->values[OPTION_COUNT].u64;
	size_t size = ctx->values[OPTION_SIZE].u64;
	static const char frame[1500];
	struct net *net = ctx->priv;

	while ((!count || outcome->operations < count) && !ctx->stopped(ctx)) {
		if (sendto(net->socket, frame, size, 0, (struct sockaddr *)&net->address,
			   sizeof(net->address)) >= 0) {
			outcome->operations++;
		} else if (errno != EINTR && errno != EAGAIN && errno != ENOBUFS) {
			ctx->hint(ctx, "ip link tells whether the card is up");
			return ctx->fail(ctx, "cannot send: %m");
		}
	}
	return 0;
}

static void net_teardown(struct exitprof_context *ctx)
{
	struct net *net = ctx->priv;

	if (!net)
		return;
	if (net->socket >= 0)
		close(net->socket);
	free(net);
	ctx->priv = NULL;
}

static const char description[] =
	"Sends Ethernet frames through a virtio network card to the card's own address,\n"
	"of a protocol that is set aside for experiments. The first switch drops them:\n"
	"nobody else is troubled, no address or peer is needed, and none come back. The\n"
	"loopback device lo stays in the guest's kernel and causes no exits at all, which\n"
	"is why this does not use it.\n"
	"\n"
	"A frame rings the card's doorbell if the host is not at work on an earlier one.\n"
	"On VMX expect EPT_MISCONFIG (virtio over MMIO and modern PCI) or IO_INSTRUCTION\n"
	"(legacy PCI), on SVM npf or io. When frames have been sent the card may say so by\n"
	"an interrupt: EXTERNAL_INTERRUPT; interrupt, vintr and msr; over MMIO with a read\n"
	"and a write of its registers, two exits more of the doorbell's reason.\n"
	"\n"
	"Exits per operation depend on the host: a busy one, or one that takes in many\n"
	"frames at once (vhost), answers many by one doorbell and says little. What spoils\n"
	"the figures: other traffic of the card; broadcasts of the network come in\n"
	"uninvited.";

/* clang-format off */
EXITPROF_WORKLOAD(
	.name = "net-loopback",
	.summary = "frames to oneself by way of a virtio network card",
	.description = description,
	.operation = "frame",
	.options = options,
	.unavailable = net_unavailable,
	.setup = net_setup,
	.run = net_run,
	.teardown = net_teardown);
