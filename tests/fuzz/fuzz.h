/* fuzz: what a fuzz target is: a function over any bytes, that stops the process when it finds a
 * fault. libFuzzer calls it, or replay.c with the files of the corpus. */
#ifndef PAYOUT_TESTS_FUZZ_H
#define PAYOUT_TESTS_FUZZ_H
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
#endif
