#include "daemon/hardening.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static void standard_files_open(void)
{
    int opened;
    do {
        opened = open("/dev/null", O_RDWR); /* NOLINT: what runs after us may have it. */
        invariant(opened >= 0);
    } while (opened <= STDERR_FILENO);
    (void)close(opened);
}

void hardening_begin(void)
{
    standard_files_open();
    (void)umask(S_IRWXG | S_IRWXO);
    invariant(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
}

static bool hidden;

void hardening_hide(void)
{
    const struct rlimit none = {0, 0};
    invariant(setrlimit(RLIMIT_CORE, &none) == 0);
    /* The limit is nothing to a program that the kernel pipes dumps into; this is. */
    invariant(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0);
    hidden = true;
}

enum fault_kind hardening_drop(const char *user, struct fault *fault)
{
    if (user[0] == '\0')
        return FAULT_NONE;
    errno = 0;
    /* cppcheck-suppress getpwnamCalled ; there is one thread */
    const struct passwd *entry = getpwnam(user); /* NOLINT(concurrency-mt-unsafe) */
    if (entry == NULL)
        return fault_set(fault, FAULT_FINAL, "[daemon] user %s: %s", user,
                         errno == 0 ? "there is none" : strerror(errno));
    uid_t uid = entry->pw_uid;
    gid_t gid = entry->pw_gid;
    if (uid == 0)
        return fault_set(fault, FAULT_FINAL, "[daemon] user: %s is what is to be given up", user);
    if (geteuid() == uid && getuid() == uid) /* The one who started us has seen to it. */
        return FAULT_NONE;
    if (geteuid() != 0)
        return fault_set(fault, FAULT_FINAL, "[daemon] user: only root can become %s", user);
    if (initgroups(user, gid) != 0 || setresgid(gid, gid, gid) != 0 ||
        setresuid(uid, uid, uid) != 0)
        return fault_set(fault, FAULT_FINAL, "become user %s: %s", user, strerror(errno));
    invariant(setresuid(0, 0, 0) != 0 && setresgid(0, 0, 0) != 0); /* There is no way back. */
    if (hidden)
        hardening_hide(); /* The kernel forgets it when the user changes. */
    return FAULT_NONE;
}
