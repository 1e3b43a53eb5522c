/* bare: libmicrohttpd with a handler that reads the body and answers a fixed text: what is left
 * when payoutd does nothing. Same threads, same poll function. bare PORT THREADS */
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char text[] = "{\"code\":0,\"message\":\"OPERATION_SUCCES\",\"data\":[[]]}";

static enum MHD_Result answer(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_length, void **request)
{
    static int begun;
    (void)context, (void)url, (void)method, (void)version, (void)body;
    if (*request == NULL) {
        *request = &begun;
        return MHD_YES;
    }
    if (*body_length > 0) {
        *body_length = 0;
        return MHD_YES;
    }
    struct MHD_Response *response = MHD_create_response_from_buffer(
        sizeof text - 1, (void *)(size_t)text, MHD_RESPMEM_PERSISTENT);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 2;
    struct MHD_Daemon *daemon = MHD_start_daemon(
        MHD_USE_EPOLL_INTERNAL_THREAD, (unsigned short)strtoul(argv[1], NULL, 10), NULL, NULL,
        answer, NULL, MHD_OPTION_THREAD_POOL_SIZE, (unsigned)strtoul(argv[2], NULL, 10),
        MHD_OPTION_CONNECTION_LIMIT, 2048u, MHD_OPTION_END);
    if (daemon == NULL)
        return 1;
    printf("ready\n");
    (void)fflush(stdout);
    (void)getchar(); /* Until its input is closed. */
    MHD_stop_daemon(daemon);
    return 0;
}
