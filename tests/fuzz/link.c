/* link: any text as the token of a link, and as a name that people are shown. Without the key there
 * is no link but those that were written; a name is one line of UTF-8 without anything that tags,
 * turns or breaks it. */
#include "fuzz.h"

#include <string.h>

#include "base/buffer.h"
#include "wire/link.h"
#include "wire/prose.h"

static void token_try(const char *text)
{
    static const struct link_key key = {.bytes = "a key that nobody else knows"};
    struct link link = {.number = -1}, again;
    char written[LINK_TEXT_BYTES];
    if (!link_read(&key, text, &link)) {
        invariant(link.number == -1);
        return;
    }
    link_write(&key, &link, written);
    invariant(strcmp(written, text) == 0 && link_read(&key, written, &again));
}

static void name_try(const char *text)
{
    struct buffer name, html;
    buffer_init(&name, 4096);
    buffer_init(&html, 65536);
    prose_name(&name, text);
    prose_html(&html, buffer_text(&name));
    invariant(buffer_ok(&name) && buffer_ok(&html));
    for (const char *at = buffer_text(&name); *at != '\0'; at++)
        invariant((unsigned char)*at >= 0x20 && *at != 0x7f);
    invariant(strpbrk(buffer_text(&html), "<>\"'") == NULL);
    buffer_free(&name);
    buffer_free(&html);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char text[4096] = "";
    if (size >= sizeof text)
        return 0;
    if (size > 0)
        memcpy(text, bytes, size);
    token_try(text);
    name_try(text);
    return 0;
}
