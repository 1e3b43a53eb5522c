#include "net/curl_start.h"

#include <curl/curl.h>
#include <pthread.h>

#include "base/fault.h"

static void start(void)
{
    invariant(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
}

void curl_start(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    invariant(pthread_once(&once, start) == 0);
}
