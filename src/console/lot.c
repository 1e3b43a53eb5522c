/* /console/v1/lots: all of a merchant's, how far one is, and its result as a file. */
#include <stdio.h>

#include "console/csv.h"
#include "console/page.h"
#include "console/progress.h"
#include "console/whose.h"
#include "http/admin.h"
#include "http/route.h"
#include "http/stream.h"
#include "http/worker.h"
#include "wire/reply.h"

enum { CSV_PAGE = 500, SCRATCH_BYTES_MAX = 16 << 20 };

enum turn console_lots(struct request *request)
{
    struct store_reader *reader;
    struct lot_code before;
    struct lot *lots;
    size_t count;
    struct fault fault;
    int64_t limit;
    if (!whose_merchant(request) ||
        !admin_query_number(request, "before", 0, 0, INT64_MAX, &before.value) ||
        !admin_query_number(request, "limit", ADMIN_PAGE_DEFAULT, 1, ADMIN_PAGE_MAX, &limit))
        return TURN_REPLY;
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_lots(reader, request->arena, request->merchant_id, before, (size_t)limit, &lots,
                        &count, &fault) != FAULT_NONE)
        return route_fault(request, &fault);
    struct buffer *text = admin_begin(request);
    admin_open_member(text, "lots", '[');
    for (size_t i = 0; i < count; i++) {
        admin_comma(text);
        buffer_char(text, '{');
        admin_lot_write(text, &lots[i]);
        buffer_char(text, '}');
    }
    buffer_char(text, ']');
    if (count == (size_t)limit)
        reply_int_member(text, "next_before", lots[count - 1].code.value);
    else
        reply_text_member(text, "next_before", NULL);
    return admin_end(request);
}

/* The lot of the path, which role.c has found to be the user's. NULL: refused. */
static struct lot *path_lot(struct request *request)
{
    struct store_reader *reader;
    struct merchant_id merchant;
    struct lot_code code;
    struct lot *lot = NULL;
    struct fault fault;
    bool named = lot_read(request->parameters[0], &merchant, &code);
    if (named &&
        (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
         store_read_lot(reader, request->arena, merchant, code, &lot, &fault) != FAULT_NONE)) {
        (void)route_fault(request, &fault);
        return NULL;
    }
    if (lot == NULL)
        (void)request_refuse(request, PAYOUT_NOT_FOUND);
    return lot;
}

enum turn console_lot_progress(struct request *request)
{
    bool done;
    struct fault fault;
    const struct lot *lot = path_lot(request);
    if (lot == NULL)
        return TURN_REPLY;
    struct buffer *text = admin_begin(request);
    if (!progress_write(request, request->arena, lot, text, &done, &fault))
        return route_fault(request, &fault);
    return admin_end(request);
}

struct file {
    const struct lot *lot;
    int64_t at; /* How many of its transfers were written. */
};

static enum stream_turn file_fill(struct request *request, struct buffer *text)
{
    struct file *file = request->work;
    AUTO(arena_closep) struct arena *scratch = arena_open(SCRATCH_BYTES_MAX);
    struct store_reader *reader;
    struct transfer *transfers;
    size_t count;
    struct fault fault;
    int64_t left = file->lot->count - file->at;
    if (file->at == 0)
        csv_transfers_head(text);
    if (worker_reader(request->http, &reader, &fault) != FAULT_NONE ||
        store_read_transfers(
            reader, scratch, (struct transfer_id){file->lot->first.value + file->at},
            left < CSV_PAGE ? left : CSV_PAGE, &transfers, &count, &fault) != FAULT_NONE ||
        !csv_transfers(request, scratch, transfers, count, text, &fault))
        return STREAM_CUT;
    file->at += (int64_t)count;
    return count == 0 || file->at >= file->lot->count ? STREAM_END : STREAM_MORE;
}

enum turn console_lot_result(struct request *request)
{
    struct file *file = arena_alloc(request->arena, 1, sizeof *file);
    char *name = arena_alloc(request->arena, LOT_TEXT_BYTES + 8, 1);
    file->lot = path_lot(request);
    if (file->lot == NULL)
        return TURN_REPLY;
    (void)snprintf(name, LOT_TEXT_BYTES + 8, "%s.csv", request->parameters[0]);
    request->work = file;
    request->answer.file_name = name;
    return stream_begin(request, file_fill, "text/csv; charset=utf-8");
}

enum turn console_lot_events(struct request *request)
{
    const struct lot *lot = path_lot(request);
    return lot == NULL ? TURN_REPLY : progress_follow(request, lot);
}
