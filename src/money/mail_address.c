#include "money/mail_address.h"

#include <string.h>
#include <strings.h>

#include "money/merchant.h"

enum { LOCAL_BYTES_MAX = 64, LABEL_BYTES_MAX = 63 };

static bool letter_or_digit(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
}

/* RFC 5322's atext, with single dots between. */
static bool local_valid(const char *text, size_t length)
{
    if (length == 0 || length > LOCAL_BYTES_MAX || text[0] == '.' || text[length - 1] == '.')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' ? text[i - 1] == '.'
                           : text[i] == '\0' || (!letter_or_digit(text[i]) &&
                                                 strchr("!#$%&'*+-/=?^_`{|}~", text[i]) == NULL))
            return false;
    }
    return true;
}

static bool host_valid(const char *text, size_t length)
{
    size_t label = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' || text[i] == '-') {
            if (label == 0 || (text[i] == '.' && text[i - 1] == '-'))
                return false;
            label = text[i] == '.' ? 0 : label + 1;
        } else if (letter_or_digit(text[i])) {
            label++;
        } else {
            return false;
        }
        if (label > LABEL_BYTES_MAX)
            return false;
    }
    return label > 0 && text[length - 1] != '-';
}

bool mail_address_valid(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    if (at == NULL || length > MAIL_ADDRESS_BYTES_MAX)
        return false;
    size_t local = (size_t)(at - text);
    return local_valid(text, local) && host_valid(at + 1, length - local - 1);
}

const char *mail_list_next(const char *list, size_t *length)
{
    list += strspn(list, " ");
    *length = strcspn(list, " ");
    return list;
}

bool mail_list_valid(const char *list)
{
    const char *found[MERCHANT_MAILS_MAX];
    size_t lengths[MERCHANT_MAILS_MAX], count = 0, length;
    for (const char *at = mail_list_next(list, &length); length > 0;
         at = mail_list_next(at + length, &length)) {
        if (count == MERCHANT_MAILS_MAX || !mail_address_valid(at, length))
            return false;
        for (size_t i = 0; i < count; i++)
            if (lengths[i] == length && strncasecmp(found[i], at, length) == 0)
                return false;
        found[count] = at;
        lengths[count++] = length;
    }
    return true;
}
