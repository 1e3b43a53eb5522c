#include "money/table.h"

#include <string.h>

#include "base/secret.h"

enum { BUCKETS_FIRST = 64 };

static void table_grow(struct arena *arena, struct book_table *table)
{
    size_t bucket_count = table->bucket_count == 0 ? BUCKETS_FIRST : table->bucket_count * 4;
    struct book_row **buckets = arena_alloc(arena, bucket_count, sizeof(struct book_row *));
    for (struct book_row *row = table->first; row != NULL; row = row->next) {
        struct book_row **bucket = &buckets[row->hash & (bucket_count - 1)];
        row->next_in_bucket = *bucket;
        *bucket = row;
    }
    table->buckets = buckets;
    table->bucket_count = bucket_count;
}

struct book_row *table_first(const struct book_table *table, uint64_t hash)
{
    return table->bucket_count == 0 ? NULL : table->buckets[hash & (table->bucket_count - 1)];
}

void *table_add(struct arena *arena, struct book_table *table, uint64_t hash, size_t size)
{
    if (table->count >= table->bucket_count)
        table_grow(arena, table);
    struct book_row *row = arena_alloc(arena, 1, size);
    row->state = ROW_WANTED;
    row->hash = hash;
    if (table->last == NULL)
        table->first = row;
    else
        table->last->next = row;
    table->last = row;
    if (table->wanted == NULL)
        table->wanted = row;
    table->count++;
    struct book_row **bucket = &table->buckets[hash & (table->bucket_count - 1)];
    row->next_in_bucket = *bucket;
    *bucket = row;
    return row;
}

uint64_t table_hash(int64_t a, int64_t b)
{
    uint64_t hash = (uint64_t)a * UINT64_C(0x9e3779b97f4a7c15) ^ (uint64_t)b;
    hash = (hash ^ (hash >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    hash = (hash ^ (hash >> 27)) * UINT64_C(0x94d049bb133111eb);
    return hash ^ (hash >> 31);
}

uint64_t table_hash_text(struct merchant_id merchant, const char *text)
{
    return secret_table_hash(text, strlen(text)) ^ table_hash(merchant.value, 1);
}
