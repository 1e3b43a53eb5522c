#include <stdio.h>
#include <string.h>

#include "cli/people.h"
#include "cli/print.h"
#include "cli/settings.h"

enum { ERRORS_BYTES_MAX = 256 * 1024 };

/* Shows the lines of errors, none of which may play with the terminal. */
static void errors_show(struct buffer *errors)
{
    struct buffer clean;
    buffer_init(&clean, ERRORS_BYTES_MAX);
    for (char *line = errors->bytes, *end; line != NULL && *line != '\0'; line = end) {
        end = strchrnul(line, '\n');
        if (*end != '\0')
            *end++ = '\0';
        print_clean(&clean, line);
        buffer_char(&clean, '\n');
    }
    (void)fputs(buffer_text(&clean), stderr);
    buffer_free(&clean);
}

bool people_file_read(struct arena *arena, const char *path, const struct people_options *options,
                      struct people *people)
{
    size_t length = 0;
    const char *bytes = file_read(arena, path, PEOPLE_BYTES_MAX, &length);
    if (bytes == NULL)
        return false;
    struct buffer errors;
    buffer_init(&errors, ERRORS_BYTES_MAX);
    bool read = people_read(arena, bytes, length, options, people, &errors);
    if (!read) {
        errors_show(&errors);
        print_problem("%zu error%s in %s: nothing was sent", people->error_count,
                      people->error_count == 1 ? "" : "s", options->path);
    }
    buffer_free(&errors);
    return read;
}
