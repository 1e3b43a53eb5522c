#include "http/url.h"

#include <string.h>
#include <strings.h>

#include "money/command.h"

bool url_valid(const char *url)
{
    size_t scheme = 0;
    if (strncasecmp(url, "http://", 7) == 0)
        scheme = 7;
    else if (strncasecmp(url, "https://", 8) == 0)
        scheme = 8;
    if (scheme == 0 || strlen(url) > NOTIFY_URL_BYTES_MAX || strchr("/?#:@", url[scheme]) != NULL)
        return false; /* strchr finds the NUL too: a scheme without a host. */
    for (const char *at = url; *at != '\0'; at++)
        if ((unsigned char)*at <= ' ' || *at == 0x7f)
            return false;
    return true;
}
