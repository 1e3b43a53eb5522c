#include "daemon/descriptors.h"

#include <sys/resource.h>

#include "base/fault.h"
#include "base/log.h"

int64_t descriptors_connections(int64_t wanted, int64_t others_max)
{
    struct rlimit limit;
    invariant(getrlimit(RLIMIT_NOFILE, &limit) == 0);
    limit.rlim_cur = limit.rlim_max;
    invariant(setrlimit(RLIMIT_NOFILE, &limit) == 0);
    if (limit.rlim_cur == RLIM_INFINITY || limit.rlim_cur >= (rlim_t)wanted + (rlim_t)others_max)
        return wanted;
    int64_t left = (int64_t)limit.rlim_cur - others_max;
    int64_t possible = left > 0 ? left : 1;
    log_event(LOG_LEVEL_WARNING, "fewer connections than wanted", LOG_NUMBER("wanted", wanted),
              LOG_NUMBER("connections", possible),
              LOG_NUMBER("open_files_limit", (int64_t)limit.rlim_cur));
    return possible;
}
