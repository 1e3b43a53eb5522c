/* Any bytes as a list of names, and as a name that is looked for in one: a list is read whole or
 * refused with a sentence, each of its own names is found in it, and no name is worth more than
 * 100. */
#include <string.h>

#include "base/fault.h"
#include "base/secret.h"
#include "fuzz.h"
#include "screening/list.h"

static const char known[] = "1,Mamadou Saliou Diallo,Modi Diallo;N'Guessan Koffi\n"
                            "2,Jeanclaude Kouassi\n3,El Hadj Oumar Tall\n4,Zorro\n";

static void name_look(struct name_list *list, const char *name, size_t length)
{
    struct name_words words;
    struct name_match match;
    name_fold(name, length, &words);
    invariant(words.count <= NAME_WORDS_MAX);
    for (size_t i = 0; i < words.count; i++)
        invariant(words.lengths[i] > 0 && strlen(words.words[i]) == words.lengths[i]);
    name_list_find(list, &words, &match);
    invariant(match.score >= 0 && match.score <= 100);
    invariant((match.score == 0) == (match.id == NULL));
    if (match.score == 0)
        return;
    /* What was found is found again by its own spelling, whole. */
    name_fold(match.spelled, strlen(match.spelled), &words);
    name_list_find(list, &words, &match);
    invariant(match.score == 100);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct name_list *list = NULL, *own = NULL;
    struct fault fault = {0};
    const char *bytes = (const char *)data;
    secret_init();
    invariant(name_list_read(known, sizeof known - 1, &list, &fault) == FAULT_NONE);
    name_look(list, bytes, size);
    if (name_list_read(bytes, size, &own, &fault) == FAULT_NONE) {
        invariant(name_list_count(own) > 0);
        name_look(own, bytes, size);
        const char *line = memchr(bytes, ',', size);
        if (line != NULL)
            name_look(own, line, (size_t)(bytes + size - line));
    } else {
        invariant(own == NULL && fault.text[0] != '\0');
    }
    name_list_close(own);
    name_list_close(list);
    return 0;
}
