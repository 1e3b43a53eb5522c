/* /console and /console/assets: the pages' files, as the build of web/ made them, in the binary. */
#include <stdio.h>
#include <string.h>

#include "console/page.h"
#include "console_assets.h"
#include "console_openapi.h"
#include "http/route.h"

enum { FILE_NAME_BYTES = 256 };

static const struct embedded_file *file_named(const char *name, const char *ending)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < console_assets_count; i++) {
        const char *each = console_assets[i].name;
        if (strncmp(each, name, length) == 0 && strcmp(each + length, ending) == 0)
            return &console_assets[i];
    }
    return NULL;
}

static const char *content_type(const char *name)
{
    static const struct {
        const char *ending, *type;
    } types[] = {{".html", "text/html; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".css", "text/css; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".json", "application/json"},
                 {".woff2", "font/woff2"},
                 {".png", "image/png"},
                 {".ico", "image/x-icon"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(dot, types[i].ending) == 0)
            return types[i].type;
    return "application/octet-stream";
}

/* Whether the list of Accept-Encoding takes coding. What says "coding;q=0" does not. */
static bool accepts(const struct request *request, const char *coding)
{
    const char *list = request_header(request, "Accept-Encoding");
    size_t length = strlen(coding);
    while (list != NULL && *list != '\0') {
        list += strspn(list, " \t,");
        size_t size = strcspn(list, ",");
        size_t name = strcspn(list, " \t;,");
        if (name == length && strncmp(list, coding, length) == 0) {
            const char *weight = memmem(list, size, "q=0", 3);
            return weight == NULL || strspn(weight + 3, ".0") + 3 < size - (size_t)(weight - list);
        }
        list += size;
    }
    return false;
}

static enum turn file_answer(struct request *request, const char *name)
{
    static const struct {
        const char *coding, *ending;
    } codings[] = {{"br", ".br"}, {"gzip", ".gz"}};
    const struct embedded_file *file = NULL;
    for (size_t i = 0; file == NULL && i < sizeof codings / sizeof *codings; i++) {
        if (!accepts(request, codings[i].coding))
            continue;
        file = file_named(name, codings[i].ending);
        request->answer.encoding = file == NULL ? NULL : codings[i].coding;
    }
    if (file == NULL)
        file = file_named(name, "");
    if (file == NULL)
        return request_refuse(request, PAYOUT_NOT_FOUND);
    buffer_clear(&request->answer.text);
    buffer_append(&request->answer.text, file->bytes, file->length);
    return request_plain(request, 200, content_type(name));
}

enum turn console_index(struct request *request)
{
    return request->by_cookie ? request_refuse(request, PAYOUT_NOT_FOUND)
                              : file_answer(request, "index.html");
}

enum turn console_file(struct request *request)
{
    char name[FILE_NAME_BYTES];
    (void)snprintf(name, sizeof name, "assets/%s", request->parameters[0]);
    enum turn turn = file_answer(request, name);
    request->answer.immutable = request->answer.status == 200;
    return turn;
}

enum turn console_openapi(struct request *request)
{
    buffer_clear(&request->answer.text);
    buffer_append(&request->answer.text, console_openapi_file[0].bytes,
                  console_openapi_file[0].length);
    return request_plain(request, 200, "application/json");
}
