/* Any bytes as a screening service's answer: CLEAR or MATCH with texts that end and are UTF-8, or a
 * fault that says why. */
#include <string.h>

#include "base/fault.h"
#include "base/name.h"
#include "fuzz.h"
#include "screening/inquiry.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct inquiry_answer answer;
    struct fault fault = {0};
    enum fault_kind kind = inquiry_read((const char *)data, size, &answer, &fault);
    invariant((kind == FAULT_NONE) == (fault.text[0] == '\0'));
    if (kind != FAULT_NONE)
        return 0;
    invariant(answer.verdict == SCREENING_CLEAR || answer.verdict == SCREENING_MATCH);
    invariant(answer.score >= 0 && answer.score <= 100);
    invariant(strlen(answer.entry) <= SCREENING_ENTRY_BYTES_MAX);
    invariant(strlen(answer.reference) <= SCREENING_SOURCE_BYTES_MAX);
    invariant(name_text_valid(answer.entry, strlen(answer.entry)));
    invariant(name_text_valid(answer.reference, strlen(answer.reference)));
    return 0;
}
