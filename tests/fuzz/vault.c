/* vault: any text as what is sealed, under a key that is always the same; what follows an empty
 * line is taken for a key file as well. Nothing opens but what the key sealed for that place. */
#include "fuzz.h"

#include <string.h>

#include "base/secret.h"
#include "base/vault.h"

static void text_try(const struct vault *vault, const char *text)
{
    const struct vault_place place = {"merchant", 12, "secret_key"};
    char opened[VAULT_SECRET_MAX + 1], again[VAULT_SECRET_MAX + 1];
    char sealed[VAULT_TEXT_BYTES(VAULT_SECRET_MAX)];
    struct fault fault;
    if (vault_open(vault, place, text, opened, sizeof opened, &fault) != FAULT_NONE) {
        invariant(fault.kind == FAULT_FINAL && opened[0] == '\0');
        return;
    }
    invariant(text[0] == '\0' || vault_sealed(text));
    vault_seal(vault, place, opened, sealed, sizeof sealed);
    invariant(vault_current(vault, sealed));
    invariant(vault_open(vault, place, sealed, again, sizeof again, &fault) == FAULT_NONE);
    invariant(strcmp(opened, again) == 0);
    const struct vault_place other = {"merchant", 13, "secret_key"};
    invariant(text[0] == '\0' ||
              vault_open(vault, other, text, again, sizeof again, &fault) == FAULT_FINAL);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char text[2 * VAULT_SECRET_MAX] = "";
    struct fault fault;
    if (size >= sizeof text)
        return 0;
    secret_init();
    if (size > 0)
        memcpy(text, bytes, size);
    char *keys = strstr(text, "\n\n");
    if (keys != NULL) {
        AUTO(vault_closep) struct vault *made = vault_make(keys + 2, &fault);
        *keys = '\0';
        if (made != NULL)
            text_try(made, text);
    }
    AUTO(vault_closep)
    struct vault *vault = vault_make("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &fault);
    invariant(vault != NULL);
    text_try(vault, text);
    return 0;
}
