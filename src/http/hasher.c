#include "http/hasher.h"

#include <stdlib.h>

struct hasher {
    struct crew *crew;
};

static void password_check(struct hasher_job *job)
{
    bool before = job->hash_before != NULL &&
                  secret_password_matches(job->hash_before, job->password, job->password_length);
    job->matches =
        secret_password_matches(job->hash, job->password, job->password_length) || before;
}

static void job_run(struct crew_job *crew_job)
{
    struct hasher_job *job = (struct hasher_job *)crew_job; /* Its first member. */
    if (job->make)
        secret_password_hash(job->password, job->password_length, job->made);
    else
        password_check(job);
    job->done(job);
}

struct hasher *hasher_open(int threads)
{
    struct hasher *hasher = calloc(1, sizeof *hasher);
    invariant(hasher != NULL);
    hasher->crew = crew_open(threads, HASHER_QUEUE_MAX);
    return hasher;
}

bool hasher_submit(struct hasher *hasher, struct hasher_job *job)
{
    job->job.run = job_run;
    return crew_submit(hasher->crew, &job->job);
}

void hasher_stop(struct hasher *hasher)
{
    crew_stop(hasher->crew);
}

void hasher_close(struct hasher *hasher)
{
    if (hasher == NULL)
        return;
    crew_close(hasher->crew);
    free(hasher);
}
