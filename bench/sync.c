/* sync: what the disk gives: writes a record and calls fdatasync, one after the other.
 *   sync FILE BYTES SECONDS; prints how many a second. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"

int main(int argc, char **argv)
{
    if (argc != 4)
        return 2;
    size_t bytes = strtoul(argv[2], NULL, 10);
    char *record = calloc(1, bytes);
    int file = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (file < 0 || record == NULL)
        return 1;
    int64_t begun_us = clock_monotonic_us();
    int64_t end_us = begun_us + strtoll(argv[3], NULL, 10) * 1000000;
    long count = 0;
    while (clock_monotonic_us() < end_us) {
        if (write(file, record, bytes) != (ssize_t)bytes || fdatasync(file) != 0)
            return 1;
        count++;
    }
    printf("%.0f\n", (double)count * 1e6 / (double)(clock_monotonic_us() - begun_us));
    (void)unlink(argv[1]);
    return 0;
}
