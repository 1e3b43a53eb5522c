/* What readers of the store in memory see of persons and what they did. */
#include <string.h>

#include "support/store_memory.h"

static bool act_fits(const struct act *act, const struct act_filter *filter)
{
    return (filter->merchant.value == 0 || act->merchant.value == filter->merchant.value) &&
           (filter->person == NULL || strcmp(act->person, filter->person) == 0) &&
           act->at_ms >= filter->since_ms &&
           (filter->before_id == 0 || act->id < filter->before_id);
}

enum fault_kind store_read_acts(struct store_reader *reader, struct arena *arena,
                                const struct act_filter *filter, size_t limit, struct act **acts,
                                size_t *count, struct fault *fault)
{
    (void)fault;
    store_memory_lock(reader->store);
    const struct store_memory_tables *tables = store_memory_tables(reader->store);
    *acts = arena_alloc(arena, tables->act_count + 1, sizeof **acts);
    *count = 0;
    for (size_t i = tables->act_count; i-- > 0 && *count < limit;)
        if (act_fits(&tables->acts[i], filter))
            (*acts)[(*count)++] = tables->acts[i];
    store_memory_unlock(reader->store);
    return FAULT_NONE;
}
