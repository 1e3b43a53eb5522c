#include "base/host.h"

#include <string.h>

void host_key(const char *url, char key[HOST_KEY_BYTES])
{
    key[0] = '\0';
    const char *slashes = strstr(url, "://");
    if (slashes == NULL || slashes == url)
        return;
    size_t scheme_length = (size_t)(slashes - url) + 3;
    const char *host = url + scheme_length;
    size_t host_length = strcspn(host, "/?#\\");
    const char *user_end = memrchr(host, '@', host_length);
    if (user_end != NULL) {
        host_length -= (size_t)(user_end + 1 - host);
        host = user_end + 1;
    }
    if (host_length == 0 || scheme_length + host_length >= HOST_KEY_BYTES)
        return;
    memcpy(key, url, scheme_length);
    memcpy(key + scheme_length, host, host_length);
    key[scheme_length + host_length] = '\0';
    for (char *at = key; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
}
