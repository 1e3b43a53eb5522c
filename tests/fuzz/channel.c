/* channel: any bytes as the file of a channel. What is taken must be a channel that routing and a
 * worker can live with; what is not taken must say why, a sentence a line. */
#include "fuzz.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "daemon/channel_file.h"
#include "operators/operator.h"
#include "operators/routing.h"

enum { LEASE_MS = 60000, TEXT_BYTES_MAX = 8192 };

static void channel_check(const struct channel *channel)
{
    invariant(channel->connector != NULL && channel->operators != 0);
    invariant(channel->number >= 1 && channel->number <= CHANNEL_NUMBER_MAX);
    bool sandbox = strcmp(channel->connector->name, "sandbox") == 0;
    invariant(sandbox == (channel->number == CHANNEL_SANDBOX));
    invariant(sandbox || channel->currency != 0);
    invariant(channel->weight >= 1 && channel->under_way_max >= 1);
    invariant(channel->timeout_ms > 0 && channel->timeout_ms < LEASE_MS);
    invariant(channel->connect_timeout_ms <= channel->timeout_ms);
    invariant(channel->amount_max_minor == 0 ||
              channel->amount_min_minor <= channel->amount_max_minor);
    invariant(channel->merchant_count <= CHANNEL_MERCHANTS_MAX);
    size_t length = strlen(channel->url);
    invariant(length == 0 || channel->url[length - 1] != '/');
    struct routing *routing = routing_open(channel, 1);
    invariant(routing_channel(routing, channel->number) == channel);
    routing_close(routing);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct channel_file file;
    static struct channel channel;
    char path[32];
    struct buffer errors;
    int memory = memfd_create("channel", MFD_CLOEXEC);
    if (size > TEXT_BYTES_MAX || memory < 0) {
        (void)close(memory);
        return 0;
    }
    invariant(write(memory, bytes, size) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", memory);
    buffer_init(&errors, 1 << 20);
    bool good = channel_file_read(path, "mtn-ci", LEASE_MS, &file, &channel, &errors);
    invariant(buffer_ok(&errors));
    if (good)
        channel_check(&channel);
    else
        invariant(errors.length > 0 && errors.bytes[errors.length - 1] == '\n');
    buffer_free(&errors);
    (void)close(memory);
    return 0;
}
