/* Names that are screened, through the store. */
#include "conformance.h"

static enum payout_code screen(struct fixture *fixture, const struct transfer *transfer,
                               enum screening_state verdict, int64_t next_at_ms)
{
    struct screened_item item = {.transfer = transfer->id,
                                 .due_at_ms = transfer->due_at_ms,
                                 .verdict = verdict,
                                 .source = "list",
                                 .version = "sha256:77",
                                 .entry = verdict == SCREENING_MATCH ? "S1 Kouassi Aya" : "",
                                 .score = verdict == SCREENING_MATCH ? 97 : 12,
                                 .next_at_ms = next_at_ms};
    struct command command = {.kind = COMMAND_TRANSFER_SCREENED,
                              .transfer_screened = {.items = &item, .count = 1}};
    enum payout_code code = fixture_commit(fixture, &command);
    assert_true(item.applied);
    return code;
}

static size_t due_count(struct fixture *fixture, int64_t now_ms, struct due_screening **due)
{
    size_t count;
    struct fault fault;
    assert_int_equal(
        store_read_due_screenings(fixture->reader, fixture->arena, now_ms, 10, due, &count, &fault),
        FAULT_NONE);
    return count;
}

static size_t matched_count(struct fixture *fixture, struct merchant_id merchant,
                            struct matched_transfer **matched)
{
    size_t count;
    struct fault fault;
    assert_int_equal(
        store_read_matched(fixture->reader, fixture->arena, merchant, 10, matched, &count, &fault),
        FAULT_NONE);
    return count;
}

static void transfers_to_be_screened_are_due_to_nobody_else(void **state)
{
    struct fixture *fixture = *state;
    struct due_screening *due;
    struct transfer *transfers;
    struct store_figures figures;
    struct next_due next;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    fixture->screening = true;
    (void)fixture_send(fixture, 0, 3, "a", true);
    assert_int_equal(due_count(fixture, fixture->now_ms - 1, &due), 0);
    assert_int_equal(due_count(fixture, fixture->now_ms, &due), 3);
    assert_string_equal(due[0].name, "Kouassi");
    assert_string_equal(due[0].surname, "Aÿa");
    assert_int_equal(due[0].transfer.step, STEP_SCREEN);
    assert_true(due[0].transfer.id.value < due[1].transfer.id.value);
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena, INT64_MAX, 10,
                                              &transfers, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 0);
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.screenings_due, 3);
    assert_int_equal(figures.transfers_due, 0);
    assert_int_equal(figures.oldest_unfinished_at_ms, due[0].transfer.created_at_ms);
    (void)screen(fixture, &due[0].transfer, SCREENING_NONE, fixture->now_ms + 500);
    assert_int_equal(store_read_next_due(fixture->reader, fixture->now_ms, &next, &fault),
                     FAULT_NONE);
    assert_int_equal(next.screening_at_ms, fixture->now_ms + 500);
    assert_int_equal(next.transfer_at_ms, 0);
    (void)screen(fixture, &due[1].transfer, SCREENING_CLEAR, 0);
    assert_int_equal(store_read_due_transfers(fixture->reader, fixture->arena, INT64_MAX, 10,
                                              &transfers, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(transfers[0].id.value, due[1].transfer.id.value);
    assert_int_equal(transfers[0].screening, SCREENING_CLEAR);
}

static void what_was_answered_is_kept(void **state)
{
    struct fixture *fixture = *state;
    struct due_screening *due;
    struct matched_transfer *matched;
    struct screening *screenings;
    struct store_figures figures;
    size_t count;
    struct fault fault;
    fixture_prepare(fixture, 0, 1000000);
    fixture_prepare(fixture, 1, 1000000);
    fixture->screening = true;
    (void)fixture_send(fixture, 0, 2, NULL, true);
    (void)fixture_send(fixture, 1, 1, NULL, true);
    assert_int_equal(due_count(fixture, fixture->now_ms, &due), 3);
    for (size_t i = 0; i < 3; i++)
        (void)screen(fixture, &due[i].transfer, SCREENING_MATCH, 0);
    assert_int_equal(matched_count(fixture, (struct merchant_id){0}, &matched), 3);
    assert_int_equal(matched_count(fixture, fixture_merchant(1), &matched), 1);
    assert_int_equal(matched[0].transfer.id.value, due[2].transfer.id.value);
    assert_int_equal(matched[0].screening.transfer.value, due[2].transfer.id.value);
    assert_int_equal(matched[0].screening.score, 97);
    assert_string_equal(matched[0].name, "Kouassi");
    assert_string_equal(matched[0].surname, "Aÿa");
    assert_string_equal(matched[0].screening.entry, "S1 Kouassi Aya");
    assert_int_equal(store_read_figures(fixture->reader, &figures, &fault), FAULT_NONE);
    assert_int_equal(figures.matched, 3);
    for (int release = 0; release < 2; release++) {
        struct command decide = {.kind = COMMAND_SCREENING_DECIDE,
                                 .screening_decide = {.transfer = due[release].transfer.id,
                                                      .release = release,
                                                      .person = "Awa",
                                                      .evidence = "seen"}};
        assert_int_equal(fixture_commit(fixture, &decide), PAYOUT_OK);
    }
    assert_int_equal(matched_count(fixture, (struct merchant_id){0}, &matched), 1);
    assert_int_equal(fixture_transfer(fixture, due[0].transfer.id)->state, TRANSFER_REJ);
    assert_int_equal(fixture_transfer(fixture, due[1].transfer.id)->screening, SCREENING_RELEASED);
    assert_int_equal(store_read_screenings(fixture->reader, fixture->arena, due[1].transfer.id,
                                           &screenings, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(screenings[0].number, 1);
    assert_int_equal(screenings[0].verdict, SCREENING_MATCH);
    assert_string_equal(screenings[0].source, "list");
    assert_string_equal(screenings[0].version, "sha256:77");
    assert_int_equal(screenings[0].at_ms, fixture->now_ms);
    struct settlement *settlements;
    assert_int_equal(store_read_settlements(fixture->reader, fixture->arena, due[1].transfer.id,
                                            &settlements, &count, &fault),
                     FAULT_NONE);
    assert_int_equal(count, 1);
    assert_int_equal(settlements[0].act, SETTLEMENT_NAME_RELEASED);
    assert_int_equal(fixture_audit(fixture), 3);
}

const struct CMUnitTest screening_cases[] = {
#define CASE(name) cmocka_unit_test_setup_teardown(name, fixture_open, fixture_close)
    CASE(transfers_to_be_screened_are_due_to_nobody_else),
    CASE(what_was_answered_is_kept),
};
const size_t screening_case_count = sizeof screening_cases / sizeof *screening_cases;
