/* model: visits every state that the small world can come to, and says how many there are. A
 * promise that does not hold is told with the shortest history that leads there. Also: from every
 * state an end can be reached without any further trouble. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "model/world.h"

struct node {
    struct world world;
    int from;   /* The node before; -1: it is the first. */
    int action; /* What led here from there. */
    int depth;  /* How many actions from the first. */
};

struct edge {
    int from, to;
};

static struct node *nodes;
static int node_count, node_room;
static struct edge *edges; /* Of actions that are no trouble. */
static int edge_count, edge_room;
static int *table; /* By hash: a node's number + 1, or 0. */
static size_t table_size;
static int at, acting; /* The node and the action under way. */

/* Prints how a node was come to. */
static void history_print(int node)
{
    if (nodes[node].from < 0)
        return;
    char text[80];
    history_print(nodes[node].from);
    world_action_text(nodes[node].action, text, sizeof text);
    printf("  %s\n", text);
}

void world_broken(const char *what)
{
    char text[80];
    history_print(at);
    world_action_text(acting, text, sizeof text);
    printf("  %s\nVIOLATION: %s\n", text, what);
    exit(1);
}

static void *grow(void *rows, int *room, size_t size)
{
    *room = *room == 0 ? 1 << 16 : *room * 2;
    void *grown = realloc(rows, (size_t)*room * size);
    invariant(grown != NULL);
    return grown;
}

static uint64_t world_hash(const struct world *world)
{
    const uint8_t *bytes = (const uint8_t *)world; /* It is made of bytes only: no padding. */
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (size_t i = 0; i < sizeof *world; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash ^ (hash >> 29);
}

static void table_grow(void)
{
    table_size = table_size == 0 ? 1 << 18 : table_size * 2;
    free(table);
    table = calloc(table_size, sizeof *table);
    invariant(table != NULL);
    for (int i = 0; i < node_count; i++) {
        size_t slot = world_hash(&nodes[i].world) & (table_size - 1);
        while (table[slot] != 0)
            slot = (slot + 1) & (table_size - 1);
        table[slot] = i + 1;
    }
}

/* The number of the node with this world: an old one, or a new one at the end. */
static int node_of(const struct world *world, int from, int action)
{
    if ((size_t)node_count * 2 >= table_size)
        table_grow();
    size_t slot = world_hash(world) & (table_size - 1);
    for (; table[slot] != 0; slot = (slot + 1) & (table_size - 1))
        if (memcmp(&nodes[table[slot] - 1].world, world, sizeof *world) == 0)
            return table[slot] - 1;
    if (node_count == node_room)
        nodes = grow(nodes, &node_room, sizeof *nodes);
    nodes[node_count] = (struct node){.world = *world,
                                      .from = from,
                                      .action = action,
                                      .depth = from < 0 ? 0 : nodes[from].depth + 1};
    table[slot] = ++node_count;
    return node_count - 1;
}

static void edge_add(int from, int to)
{
    if (edge_count == edge_room)
        edges = grow(edges, &edge_room, sizeof *edges);
    edges[edge_count++] = (struct edge){from, to};
}

/* Every action in every node, the nearest nodes first, up to a depth. */
static void explore(int depth_max)
{
    for (at = 0; at < node_count && nodes[at].depth < depth_max; at++) {
        for (acting = 0; acting < world_actions(); acting++) {
            struct world world = nodes[at].world;
            bool trouble;
            if (!world_act(&world, acting, &trouble))
                continue;
            int to = node_of(&world, at, acting);
            if (!trouble && to != at)
                edge_add(at, to);
        }
    }
}

/* Goes back from all ends, along what is no trouble: whoever is not met can't reach one. */
static void check_ends(void)
{
    int *first = calloc((size_t)node_count + 1, sizeof *first);
    int *before = calloc((size_t)edge_count + 1, sizeof *before);
    int *queue = calloc((size_t)node_count, sizeof *queue);
    bool *met = calloc((size_t)node_count, sizeof *met);
    invariant(first != NULL && before != NULL && queue != NULL && met != NULL);
    for (int i = 0; i < edge_count; i++)
        first[edges[i].to + 1]++;
    for (int i = 0; i < node_count; i++)
        first[i + 1] += first[i];
    int *filled = calloc((size_t)node_count, sizeof *filled);
    invariant(filled != NULL);
    for (int i = 0; i < edge_count; i++)
        before[first[edges[i].to] + filled[edges[i].to]++] = edges[i].from;
    int count = 0;
    for (int i = 0; i < node_count; i++) {
        met[i] = world_ended(&nodes[i].world);
        if (met[i])
            queue[count++] = i;
    }
    printf("  in %d of them everything has ended\n", count);
    for (int next = 0; next < count; next++)
        for (int i = first[queue[next]]; i < first[queue[next] + 1]; i++)
            if (!met[before[i]]) {
                met[before[i]] = true;
                queue[count++] = before[i];
            }
    for (int i = 0; i < node_count; i++) {
        if (met[i])
            continue;
        history_print(i);
        printf("VIOLATION: from here no end can be reached\n");
        exit(1);
    }
    free(first);
    free(before);
    free(queue);
    free(met);
    free(filled);
}

/* depth_max 0: to the last state there is. */
static void run(int transfers, int persons, const uint8_t troubles[TROUBLE_COUNT], int depth_max)
{
    struct world world;
    node_count = edge_count = 0;
    memset(table, 0, table_size * sizeof *table);
    world_begin(&world, transfers, persons, troubles);
    (void)node_of(&world, -1, -1);
    explore(depth_max == 0 ? INT_MAX : depth_max);
    printf("%d transfer%s of a lot that needs %d, %d deaths, %d losses, %d doubles, %d lies, %d "
           "persons, %d calls, ",
           transfers, transfers == 1 ? "" : "s", persons, troubles[TROUBLE_CRASH],
           troubles[TROUBLE_LOSS], troubles[TROUBLE_DOUBLE], troubles[TROUBLE_LIE],
           troubles[TROUBLE_PERSON], troubles[TROUBLE_CALL]);
    if (depth_max > 0)
        printf("%d actions deep: %d states\n", depth_max, node_count);
    else
        printf("to the end: %d states, %d actions that are no trouble\n", node_count, edge_count);
    if (depth_max == 0)
        check_ends();
}

int main(int argc, char **argv)
{
    secret_init();
    table_grow();
    if (argc == 3 + TROUBLE_COUNT) { /* Bounds of one's own: transfers, depth, each trouble. */
        uint8_t troubles[TROUBLE_COUNT];
        for (int i = 0; i < TROUBLE_COUNT; i++)
            troubles[i] = (uint8_t)strtoul(argv[3 + i], NULL, 10);
        run(strcmp(argv[1], "2") == 0 ? 2 : 1, 2, troubles, (int)strtol(argv[2], NULL, 10));
    } else {
        run(1, 2, (const uint8_t[TROUBLE_COUNT]){1, 1, 1, 1, 1, 0}, 0);
        run(1, 1, (const uint8_t[TROUBLE_COUNT]){1, 1, 0, 0, 0, 1}, 0);
        run(2, 1, (const uint8_t[TROUBLE_COUNT]){1, 1, 1, 1, 1, 0}, 15);
    }
    free(nodes);
    free(edges);
    free(table);
    return 0;
}
