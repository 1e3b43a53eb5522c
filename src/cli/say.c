#include "cli/say.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *en, *fr;
} texts[] = {
#define SAY(en, fr) {(en), (fr)},
#include "cli/say.def"
#undef SAY
};
static bool french;

/* As setlocale would: the first that is set counts. */
static const char *locale_find(void)
{
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && *value != '\0')
            return value;
    }
    return "";
}

void say_begin(int argc, char **argv)
{
    static const char flag[] = "--lang";
    const char *chosen = getenv("PAYOUT_LANG");
    if (chosen == NULL || *chosen == '\0')
        chosen = locale_find();
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--lang=", sizeof flag) == 0)
            chosen = argv[i] + sizeof flag;
        else if (strcmp(argv[i], flag) == 0 && i + 1 < argc)
            chosen = argv[i + 1];
    }
    french = strncmp(chosen, "fr", 2) == 0;
}

const char *say_language(void)
{
    return french ? "fr" : "en";
}

const char *say(const char *text)
{
    for (size_t i = 0; french && i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].en, text) == 0)
            return texts[i].fr;
    return text;
}
