/* channel_file: what one file of [operator] channels_dir says: NAME.conf holds the section
 * [channel] of the channel NAME. Everything that a file can get wrong by itself is told here, with
 * its line; what needs the others, or the secrets, in daemon/channels.h. */
#ifndef PAYOUT_DAEMON_CHANNEL_FILE_H
#define PAYOUT_DAEMON_CHANNEL_FILE_H
#include "base/config.h"
#include "operators/channel.h"

enum { CHANNEL_PATH_BYTES = 1024, CHANNEL_LIST_BYTES = 1024 };

/* The settings that name a file with a secret. */
enum channel_secret {
    CHANNEL_SECRET_FIRST,
    CHANNEL_SECRET_SECOND,
    CHANNEL_SECRET_CALLBACK,
    CHANNEL_SECRETS,
};
/* "secret", "secret_second", "callback_secret": the setting without its _file, and the place that
 * it is sealed for. */
const char *channel_secret_setting(enum channel_secret secret);

/* A file as it was read. */
struct channel_file {
    char path[CHANNEL_PATH_BYTES];
    char name[CHANNEL_NAME_BYTES];
    int number_line; /* Where its number stands; 0: nowhere. */
    char connector[CHANNEL_NAME_BYTES];
    int64_t number;
    char url[CHANNEL_TEXT_BYTES], account[CHANNEL_TEXT_BYTES], environment[CHANNEL_TEXT_BYTES];
    char secret_files[CHANNEL_SECRETS][CHANNEL_PATH_BYTES];
    char operators[CHANNEL_LIST_BYTES], merchants[CHANNEL_LIST_BYTES], currency[4];
    int64_t amount_min_minor, amount_max_minor;
    int64_t priority, weight;
    int64_t calls_per_second, under_way_max, timeout_ms, connect_timeout_ms, batch_max;
    bool validate;
    int64_t name_least, float_ask_ms, float_alarm_minor;
};

/* What a file may set. */
extern const struct config channel_file_table;

/* True, with the name in it, when a file of this name is a channel's; false, with a sentence in
 * errors, when its name ends in .conf and is no channel's. Others are passed over without a word.
 */
bool channel_file_named(const char *file, char name[CHANNEL_NAME_BYTES], struct buffer *errors);
/* Reads the file at path into file and into what of channel comes of it: all but its secrets and
 * its callback_url. lease_ms is how long a claim of the worker's holds. False, with a sentence a
 * line in errors, when anything is wrong. */
bool channel_file_read(const char *path, const char *name, int64_t lease_ms,
                       struct channel_file *file, struct channel *channel, struct buffer *errors);
/* The channel that is there when there is no file. */
void channel_sandbox(struct channel *channel);
#endif
