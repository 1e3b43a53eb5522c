#include <string.h>

#include "conformance.h"

/* The cases of all stores, as one list. */
int main(void)
{
    struct CMUnitTest cases[128];
    size_t count = 0;
    secret_init();
    for (size_t i = 0; i < batch_case_count; i++)
        cases[count++] = batch_cases[i];
    for (size_t i = 0; i < read_case_count; i++)
        cases[count++] = read_cases[i];
    for (size_t i = 0; i < work_case_count; i++)
        cases[count++] = work_cases[i];
    for (size_t i = 0; i < screening_case_count; i++)
        cases[count++] = screening_cases[i];
    for (size_t i = 0; i < person_case_count; i++)
        cases[count++] = person_cases[i];
    for (size_t i = 0; i < channel_case_count; i++)
        cases[count++] = channel_cases[i];
    for (size_t i = 0; i < notification_case_count; i++)
        cases[count++] = notification_cases[i];
    return _cmocka_run_group_tests("conformance", cases, count, NULL, NULL);
}
