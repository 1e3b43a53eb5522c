#include "money/act.h"

#include <string.h>

#include "money/command.h"

const char *act_kind_text(enum act_kind kind)
{
    switch (kind) {
#define KIND(name, number, meaning)                                                                \
    case ACT_##name:                                                                               \
        return #name;
        ACT_KINDS(KIND)
#undef KIND
    case ACT_KIND_END:
        break;
    }
    invariant(!"an act's kind");
}

bool act_kind_read(const char *text, enum act_kind *kind)
{
    for (int each = 1; each < ACT_KIND_END; each++) {
        if (strcmp(act_kind_text((enum act_kind)each), text) != 0)
            continue;
        *kind = (enum act_kind)each;
        return true;
    }
    return false;
}

/* --- The chain --- */

void act_link_begin(struct act_link *link, const struct act_head *before)
{
    secret_digest_begin(&link->digest);
    secret_digest_add(&link->digest, before->hash, sizeof before->hash);
    link->last_act_id = before->last_act_id;
}

/* Little-endian, whatever the machine: a head must be the same everywhere. */
static void link_number(struct act_link *link, int64_t number)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)((uint64_t)number >> (8 * i));
    secret_digest_add(&link->digest, bytes, sizeof bytes);
}

void act_link_add(struct act_link *link, const struct act *act)
{
    invariant(act->id > link->last_act_id);
    const int64_t numbers[] = {act->id, act->kind, act->merchant.value, act->at_ms};
    const char *const texts[] = {act->person,  act->from,   act->request,
                                 act->subject, act->before, act->after};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        link_number(link, numbers[i]);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        size_t length = strlen(texts[i]);
        link_number(link, (int64_t)length); /* So that no text can lend bytes to the next. */
        secret_digest_add(&link->digest, texts[i], length);
    }
    link->last_act_id = act->id;
}

void act_link_end(struct act_link *link, struct act_head *after)
{
    after->last_act_id = link->last_act_id;
    secret_digest_end(&link->digest, after->hash);
}

/* --- What differs --- */

void act_changes_begin(struct act_changes *changes, bool made)
{
    changes->made = made;
    buffer_init(&changes->before, ACT_CHANGES_BYTES_MAX);
    buffer_init(&changes->after, ACT_CHANGES_BYTES_MAX);
}

void act_changes_drop(struct act_changes *changes)
{
    buffer_free(&changes->before);
    buffer_free(&changes->after);
}

/* JSON's string of text, which is UTF-8. */
static void text_put(struct buffer *to, const char *text)
{
    buffer_char(to, '"');
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\')
            buffer_char(to, '\\');
        if (byte < 0x20)
            buffer_format(to, "\\u%04x", byte);
        else
            buffer_char(to, *text);
    }
    buffer_char(to, '"');
}

static void name_put(struct buffer *to, const char *name)
{
    buffer_char(to, to->length == 0 ? '{' : ',');
    text_put(to, name);
    buffer_char(to, ':');
}

void act_change_text(struct act_changes *changes, const char *name, const char *before,
                     const char *after)
{
    if (!changes->made && strcmp(before, after) == 0)
        return;
    if (!changes->made) {
        name_put(&changes->before, name);
        text_put(&changes->before, before);
    }
    act_tell_text(changes, name, after);
}

void act_change_number(struct act_changes *changes, const char *name, int64_t before, int64_t after)
{
    if (!changes->made && before == after)
        return;
    if (!changes->made) {
        name_put(&changes->before, name);
        buffer_int(&changes->before, before);
    }
    act_tell_number(changes, name, after);
}

static void flag_put(struct buffer *to, const char *name, bool flag)
{
    name_put(to, name);
    buffer_text_append(to, flag ? "true" : "false");
}

void act_change_flag(struct act_changes *changes, const char *name, bool before, bool after)
{
    if (!changes->made && before == after)
        return;
    if (!changes->made)
        flag_put(&changes->before, name, before);
    flag_put(&changes->after, name, after);
}

void act_change_secret(struct act_changes *changes, const char *name, const char *before,
                       const char *after)
{
    if (!changes->made && strcmp(before, after) != 0)
        act_tell_text(changes, name, "changed");
}

void act_tell_text(struct act_changes *changes, const char *name, const char *text)
{
    name_put(&changes->after, name);
    text_put(&changes->after, text);
}

void act_tell_number(struct act_changes *changes, const char *name, int64_t number)
{
    name_put(&changes->after, name);
    buffer_int(&changes->after, number);
}

/* --- Writing it down --- */

static const char *object_end(struct book *book, struct buffer *text)
{
    buffer_text_append(text, text->length == 0 ? "{}" : "}");
    /* What is too long to be told of is cut by its maker, long before. */
    invariant(buffer_ok(text));
    return book_text(book, text->bytes, text->length);
}

void act_write(struct book *book, const struct command *command, enum act_kind kind,
               struct merchant_id merchant, const char *subject, struct act_changes *changes)
{
    const struct actor *actor = &command->actor;
    if (actor->person != NULL) {
        invariant(actor->person[0] != '\0' && book->acts_wanted);
        struct act act = {.kind = kind,
                          .merchant = merchant,
                          .person = actor->person,
                          .from = actor->from == NULL ? "" : actor->from,
                          .request = actor->request == NULL ? "" : actor->request,
                          .subject = book_text(book, subject, strlen(subject)),
                          .before = object_end(book, &changes->before),
                          .after = object_end(book, &changes->after),
                          .at_ms = command->at_ms};
        book_act(book, &act);
    }
    act_changes_drop(changes);
}
