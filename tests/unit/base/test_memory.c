/* arena and buffer: memory with a limit. */
#include "../dies.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"

/* --- arena --- */

static void memory_is_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    struct arena *arena = arena_open((size_t)1 << 20);
    unsigned char *before = NULL;
    size_t size_before = 0;
    for (size_t size = 1; size < 600; size++) {
        unsigned char *bytes = arena_alloc(arena, size, 1);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xff, size);
        for (size_t i = 0; i < size_before; i++)
            assert_int_equal(before[i], 0xff); /* The one before is untouched. */
        before = bytes;
        size_before = size;
    }
    arena_close(arena);
    arena_close(NULL);
    struct arena *none = NULL;
    arena_closep(&none);
}

static void the_room_shrinks_by_what_is_taken(void **state)
{
    (void)state;
    struct arena *arena = arena_open(1000000);
    assert_int_equal(arena_room(arena), 1000000);
    (void)arena_alloc(arena, 100, 10); /* 1000 is no multiple of the alignment. */
    assert_int_equal(arena_room(arena), 1000000 - 1008);
    (void)arena_alloc(arena, 1, 900000); /* More than a chunk. */
    (void)arena_alloc(arena, 0, 8);
    assert_int_equal(arena_room(arena), 1000000 - 1008 - 900000);
    arena_close(arena);
}

static void take_too_much(void *context)
{
    (void)arena_alloc(context, 1001, 1);
}

static void take_past_counting(void *context)
{
    (void)arena_alloc(context, SIZE_MAX / 2, 4);
}

static void take_the_last_number(void *context)
{
    (void)arena_alloc(context, SIZE_MAX, 1);
}

static void past_its_limit_it_stops(void **state)
{
    (void)state;
    struct arena *arena = arena_open(1000);
    assert_dies(take_too_much, arena);
    assert_dies(take_past_counting, arena);
    assert_dies(take_the_last_number, arena);
    (void)arena_alloc(arena, 992, 1);
    arena_close(arena);
}

/* --- buffer --- */

static void what_is_appended_stands_there(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 10000);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_text_append(&buffer, "a");
    buffer_char(&buffer, 'b');
    buffer_append(&buffer, "cd", 1);
    buffer_append(&buffer, NULL, 0);
    buffer_int(&buffer, 0);
    buffer_int(&buffer, -7);
    buffer_int(&buffer, INT64_MIN);
    buffer_int(&buffer, INT64_MAX);
    buffer_format(&buffer, "[%d %s]", 5, "x");
    assert_string_equal(buffer_text(&buffer), "abc0-7-92233720368547758089223372036854775807[5 x]");
    assert_int_equal(buffer.length, strlen(buffer.bytes));
    assert_true(buffer_ok(&buffer));
    buffer_clear(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_free(&buffer);
    assert_string_equal(buffer_text(&buffer), "");
    buffer_clear(&buffer);
    buffer_text_append(&buffer, "again");
    assert_string_equal(buffer_text(&buffer), "again");
    buffer_free(&buffer);
}

static void past_its_limit_it_is_marked_and_swallows(void **state)
{
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 5);
    buffer_text_append(&buffer, "12345"); /* Just fits. */
    assert_true(buffer_ok(&buffer));
    buffer_char(&buffer, '6');
    assert_false(buffer_ok(&buffer));
    assert_string_equal(buffer_text(&buffer), "12345");
    buffer_clear(&buffer);
    assert_true(buffer_ok(&buffer));
    buffer_text_append(&buffer, "123456"); /* Nothing of what does not fit whole. */
    buffer_text_append(&buffer, "1");      /* And nothing after it. */
    assert_false(buffer_ok(&buffer));
    assert_string_equal(buffer_text(&buffer), "");
    buffer_free(&buffer);
}

static void long_formats_are_whole(void **state)
{
    (void)state;
    char text[2000];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    struct buffer buffer;
    buffer_init(&buffer, 3000);
    buffer_format(&buffer, "<%s>", text);
    assert_true(buffer_ok(&buffer));
    assert_int_equal(buffer.length, sizeof text + 1);
    assert_int_equal(strspn(buffer_text(&buffer) + 1, "x"), sizeof text - 1);
    assert_int_equal(buffer.bytes[buffer.length - 1], '>');
    buffer_format(&buffer, "<%s>", text);
    assert_false(buffer_ok(&buffer));
    buffer_free(&buffer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(the_room_shrinks_by_what_is_taken),
        cmocka_unit_test(past_its_limit_it_stops),
        cmocka_unit_test(what_is_appended_stands_there),
        cmocka_unit_test(past_its_limit_it_is_marked_and_swallows),
        cmocka_unit_test(long_formats_are_whole),
    };
    return cmocka_run_group_tests_name("base/memory", tests, NULL, NULL);
}
