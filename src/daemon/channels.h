/* channels: the platform's channels to operators, as the files of [operator] channels_dir say
 * (daemon/channel_file.h), with their secrets. Without any file: the sandbox alone. */
#ifndef PAYOUT_DAEMON_CHANNELS_H
#define PAYOUT_DAEMON_CHANNELS_H
#include "daemon/configuration.h"
#include "operators/channel.h"

struct channels {
    size_t count;
    struct channel *list; /* In locked memory, in order of names. */
    bool sandbox_alone;   /* No file was there. */
};

/* Reads all files and opens all secrets. False, with a sentence a line in errors for every mistake
 * in every file, and nothing to close. The caller owns *channels: channels_close. */
MUST_USE bool channels_read(const struct configuration *settings, struct channels *channels,
                            struct buffer *errors);
void channels_close(struct channels *channels); /* Wipes it. {0} is fine. */
/* How many connections their calls may have at once. */
int64_t channels_calls_max(const struct channels *channels);
/* Has each line of errors be one of the log. */
void channels_mistakes_log(struct buffer *errors);
/* Says in the log which channels there are, whether any of them is the sandbox, and which operators
 * none reaches. */
void channels_log(const struct channels *channels);

/* `payoutd seal FILE`: seals standard input as the secret for which a channel names path. Returns
 * the process's exit status. */
int channels_seal(const struct configuration *settings, const char *path);
/* Has all that is sealed in the channels' files sealed under the first key. Says what it did, and
 * what it could not write; false then. */
MUST_USE bool channels_rekey(const struct configuration *settings);
#endif
