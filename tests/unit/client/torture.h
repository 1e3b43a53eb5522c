/* torture: every call of libpayout, waiting and not, as lives of a client that something goes wrong
 * in, and what may be said of it. */
#ifndef TESTS_UNIT_CLIENT_TORTURE_H
#define TESTS_UNIT_CLIENT_TORTURE_H
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* The client's thread only: the server's and the test's own are let through. */
extern _Thread_local bool torture_counting;
extern _Thread_local long torture_fail_at; /* Which one fails; 0: none. */
extern _Thread_local long torture_counted;

/* True when this one is the one. */
bool torture_fails(void);
/* Lets the 1st, 2nd, 3rd … of what the test counts fail, in a whole life of a client around every
 * call, until nothing is left to fail. least: so many must have failed for every call. */
void torture_run(long least);
#endif
